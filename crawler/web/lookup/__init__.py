"""Questions put to the index.

results     which reports are asked for, page by page and counted;  excerpts: the stretch that shows it
sighted     what was seen of a report, or at an address
coverage    agencies × years
crawls      runs, and how each portal did in them
holdings    all of it in a few numbers, and what happened last
numbers     the figures of the statutory tables
"""

from crawler.web.lookup.coverage import agencies, marks, provinces_held
from crawler.web.lookup.crawls import changes, last_crawls, run, runs, unread
from crawler.web.lookup.excerpts import excerpt
from crawler.web.lookup.holdings import latest, totals
from crawler.web.lookup.numbers import Compared, Point, compared, named, series, years_of
from crawler.web.lookup.results import PARAMETER_OF, Counted, Found, counted, every, search
from crawler.web.lookup.sighted import captures, looks, whereabouts, year_before

__all__ = [
    "PARAMETER_OF",
    "Compared",
    "Counted",
    "Found",
    "Point",
    "agencies",
    "captures",
    "changes",
    "compared",
    "counted",
    "every",
    "excerpt",
    "last_crawls",
    "latest",
    "looks",
    "marks",
    "named",
    "provinces_held",
    "run",
    "runs",
    "search",
    "series",
    "totals",
    "unread",
    "whereabouts",
    "year_before",
    "years_of",
]
