"""The read-only web view of an archive, ``nianbao serve``. Needs the extra ``nianbao[serve]``.

    server          the application: routes, the thread that follows the archive, what every answer wears
    shield          the outer wall: hosts, methods, headers, ETags
    parameters      what may be asked, checked before anything is looked up; the OpenAPI document is made of it
    pages, api      what people and what programs are shown
    original        archived pages as they were, inert
    memento         RFC 7089: TimeGates, TimeMaps, mementos
    lookup          questions put to the index
    index           the local SQLite file they are put to, derived from the archive;  tables: what it is made of
    arrivals        what the archive got since;  rows: reports and runs as rows
    looks           what was seen at each address, in it;  standing: agencies × years
    bigrams         any two characters found;  figures: the numbers plotted;  proof: what can be checked offline
    plots, prose    figures drawn as SVG, bodies as HTML;  words: Chinese and English

Nothing here writes to the archive, and nothing a visitor sends becomes a path: keys are formatted in ``storage.layout``
from values that were looked up or matched whole.
"""
