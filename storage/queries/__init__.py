"""What the archive holds, chosen and streamed: the one way records leave it.

``select`` reads the sightings for where each report stands, then goes through the reports in the order of their ids, one
version in memory at a time; where reports are many, where they stand is kept in a temporary file (``storage.shelf``). It
answers for now, for the archive as it was at a time (``as_of``), or for what has come since a cursor: additions,
revisions, new and lost locations, disappearances and returns. It reads what bears on the portals, provinces or reports
named, or on what has come since; all there is, where all is asked for.

Records are given as the newest extractor read them. That a version was read again is no news of the agency: it is not
given again to a cursor.

    filters      which records are asked for
    bearings     what bears on a question, by the index
    selection    the versions asked for, streamed
    histories    one report with everything known of it
    collisions   index numbers that two works bear
"""

from storage.queries.bearings import Bearing, asked_portals, batches, bearing, read_batch
from storage.queries.filters import ANNUAL_REPORTS, EVERY_KIND, Filters
from storage.queries.histories import History, history
from storage.queries.selection import Selected, Selection, browse, select

__all__ = [
    "ANNUAL_REPORTS",
    "EVERY_KIND",
    "Bearing",
    "Filters",
    "History",
    "Selected",
    "Selection",
    "asked_portals",
    "batches",
    "bearing",
    "browse",
    "history",
    "read_batch",
    "select",
]
