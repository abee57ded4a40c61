"""What watches a run.

``run``       settles every portal at the end and writes the run summary, last of all
``progress``  the progress table on a terminal
"""
