"""DECIDE: keep → read → judge → file, each a small stage; ``reading`` holds the pure functions that read a page.

============  ====================================================================================================
``keep``      the capture becomes a snapshot before anything reads it
``read``      bytes → ``Finding``: the reader in a process pool, and the fetching of what belongs to the page
``rule``      ``judge``: the identity and version rule, one pure function
``evidence``  what the archive knows that bears on a finding
``file``      judge, then version → index → sighting
``run``       the run the stages belong to
============  ====================================================================================================
"""
