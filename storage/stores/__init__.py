"""Where objects are kept: the promise every store makes, and a directory that keeps it.

Keys are written once. ``create`` acknowledges only what would survive a power cut, and of any number of writers of one
key exactly one is told ``True``. Only what can be derived again may be replaced (``catalogue/``) or deleted
(``catalogue/``, ``index/``), and what has done its service (``leases/``; ``jottings/``, which is written over, too).

``create_soon`` is for pointers (``index/``), many to a page and of no use to anyone before the sighting that follows
them: whole and seen by everyone at once, sure to survive a power cut only after the next ``settle``.

    promise     what every store promises
    keys        which keys it can hold, which may be replaced or deleted
    directory   a directory that keeps the promise;  files: one file, whole or not at all
"""

from storage.stores.directory import DirectoryStore
from storage.stores.keys import check_deletable, check_key, check_later, check_replaceable
from storage.stores.promise import KeyRefused, Listed, Missing, ObjectStore, Refused

__all__ = [
    "DirectoryStore",
    "KeyRefused",
    "Listed",
    "Missing",
    "ObjectStore",
    "Refused",
    "check_deletable",
    "check_key",
    "check_later",
    "check_replaceable",
]
