"""Strong index numbers that another work bears, too, where only a part of the sightings was read."""

from __future__ import annotations

from crawler.items import Version
from storage import layout
from storage.archive import Archive
from storage.locations import Whereabouts
from storage.records import COLLISION


def collide(archive: Archive, version: Version, where: Whereabouts) -> None:
    """Add to ``where``, gathered from a part of the sightings, whether another work bears the version's strong number."""
    reading = version.reading
    if not reading.index_number_strong or not reading.index_number:
        return
    number = layout.pointer_value("number", reading.index_number)
    if number in where.collisions:
        return
    for other in archive.pointed("number", number):
        if other != version.report_id and any(_collided(each, number) for each in archive.versions(other)):
            where.collisions[number] = True


def _collided(version: Version, number: str) -> bool:
    return COLLISION in version.flags and layout.pointer_value("number", version.reading.index_number or "") == number
