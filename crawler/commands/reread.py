"""``nianbao reread``: the kept snapshots read again with today's extractor. No network.

The context of a page (how its column listed it) is not kept with it. Where a page itself says nothing, what its version
says stands in for that context, so that reading again never forgets what only a list knew.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from crawler.commands import archive_option, json_option, put_json
from crawler.commands.filters import filter_options, filters_of
from crawler.errors import ArchiveError, Unreadable
from crawler.items import Attachment, Context, Kind, Page, Reading, Remark, Version
from crawler.urls import identity

if TYPE_CHECKING:
    from crawler.engines.rereading import Reread
    from pipelines.pool import ReaderPool
    from storage.archive import Archive
    from storage.queries import Filters
    from storage.snapshots import StoredCapture

SHOWN = 20  # failures named one by one
SAME_LOOK = timedelta(seconds=1)


@click.command("reread")
@filter_options
@archive_option
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also what today's extractor has read before: read again and compared, never written.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Reader processes; as many as there are cores."
)
@click.option(
    "--engine", metavar="ADDRESS", help="Have other machines read, e.g. dask://scheduler:8786; portal by portal."
)
@json_option
def command(
    archive: str, everything: bool, workers: int | None, engine: str | None, as_json: bool, **options: Any
) -> int:
    """Read every kept version again with today's extractor, of all kinds unless --kind names some; no network is used.

    What comes out is kept beside the version and is what records show from then on. It is no revision: no version opens
    and no crawl takes it for a change. The same command goes on where it was stopped. Exits 1 where something could
    not be read.
    """
    from pipelines.reading import EXTRACTOR
    from storage import open_archive
    from storage.queries import EVERY_KIND

    filters = filters_of(**options)
    if filters.kinds is None:
        filters = dataclasses.replace(filters, kinds=EVERY_KIND)
    work: Rereader | Reread
    unread: Mapping[str, str] = {}
    interrupted = False
    if engine is None:
        work = Rereader(open_archive(archive), everything=everything)
        asyncio.run(work.run(filters, workers))
    else:
        from crawler.engines.rereading import reread_on

        work = reread_on(engine, archive, filters, everything=everything, workers=workers)
        unread, interrupted = work.given_up, work.interrupted
    found = {name: work.counts[name] for name in ("versions", "written", "current", "same", "differ", "failed")}
    if as_json:
        given_up = {"unread": dict(unread)} if unread else {}  # portals no worker could be had for
        put_json({"extractor": EXTRACTOR, **found, "failures": work.failures, **given_up})
    else:
        for failure in work.failures[:SHOWN]:
            click.echo(
                f"{failure['report_id']} v{failure['version']}: {failure['name']}: {failure['detail']}", err=True
            )
        if len(work.failures) > SHOWN:
            click.echo(f"… and {len(work.failures) - SHOWN} more; --json names them all", err=True)
        for portal, reason in list(unread.items())[:SHOWN]:
            click.echo(f"{portal}: not read: {reason}", err=True)
    counted = ", ".join(f"{count} {name}" for name, count in found.items() if count or name in ("versions", "written"))
    click.echo(f"{EXTRACTOR}: {counted}", err=True)
    if interrupted:
        return 130
    return 1 if work.counts["failed"] or work.counts["differ"] or unread else 0


class Rereader:
    """One ``reread`` over one archive."""

    def __init__(self, archive: Archive, *, everything: bool = False) -> None:
        self.archive = archive
        self.everything = everything
        self.counts: Counter[str] = Counter()
        self.failures: list[dict[str, Any]] = []

    async def run(self, filters: Filters, workers: int | None = None) -> None:
        """Go through the versions asked for; a few are under way at once, so memory does not grow with their number."""
        from crawler.settings import READ_TIMEOUT
        from pipelines.pool import ReaderPool
        from storage.queries import browse

        pool = ReaderPool(READ_TIMEOUT, workers or 0)
        chosen = (selected.version for selected in browse(self.archive, filters, all_versions=True))
        under_way: set[asyncio.Task[None]] = set()
        try:
            while (version := await asyncio.to_thread(next, chosen, None)) is not None:
                self.counts["versions"] += 1
                if self._is_current(version):
                    self.counts["current"] += 1
                    if not self.everything:
                        continue
                under_way.add(asyncio.ensure_future(self._reread(pool, version)))
                if len(under_way) >= 2 * pool.workers:
                    done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
            await asyncio.gather(*under_way)
        finally:
            pool.close()

    def _is_current(self, version: Version) -> bool:
        """Whether today's extractor, or one after it, has read the version."""
        from pipelines.reading import EXTRACTOR
        from storage.layout import extractor_order

        return extractor_order(version.reading.extractor) >= extractor_order(EXTRACTOR)

    async def _reread(self, pool: ReaderPool, version: Version) -> None:
        from pipelines.reading import EXTRACTOR
        from storage.readings import Rereading

        try:
            read = pool.from_thread()
            reading = await asyncio.to_thread(read_again, self.archive, read, version)
            attachments, remarks = await self._attachments(pool, version)
        except (Unreadable, ArchiveError) as error:
            self.counts["failed"] += 1
            self.failures.append(
                {"report_id": version.report_id, "version": version.number, "name": error.name, "detail": str(error)}
            )
            return
        reading = dataclasses.replace(reading, remarks=tuple(dict.fromkeys((*reading.remarks, *remarks))))
        if version.reading.extractor == EXTRACTOR:
            self.counts["same" if _says_the_same(version.reading, reading) else "differ"] += 1
        elif not self._is_current(version):
            again = Rereading(version.report_id, version.number, reading, attachments)
            written = await asyncio.to_thread(self.archive.put_reading, again)
            self.counts["written" if written else "current"] += 1  # another reread may have been first

    async def _attachments(self, pool: ReaderPool, version: Version) -> tuple[tuple[Attachment, ...], list[Remark]]:
        from pipelines.read import DOCUMENT_TEXT_LIMIT
        from pipelines.reading.documents import media_type

        kept: list[Attachment] = []
        remarks: list[Remark] = []
        for file in version.attachments:
            stored = await asyncio.to_thread(self.archive.snapshot, file.key)
            kind = media_type(stored.payload, unquote(urlsplit(file.url).path.rpartition("/")[2]))
            text: str | None = None
            if len(stored.payload) <= DOCUMENT_TEXT_LIMIT:
                try:
                    text = await pool.document_text(stored.payload, kind)
                except Unreadable as error:
                    remarks.append(Remark(f"attachment.{error.name}", f"{error}: {file.url}"))
            kept.append(dataclasses.replace(file, media_type=kind, text=text))
        return tuple(kept), remarks


# ---------------------------------------------------------------- one version


def read_again(archive: Archive, read: Callable[[Page, Sequence[Page]], Reading], version: Version) -> Reading:
    """What today's extractor makes of a version, its further pages, frames and documents. Blocking.

    Raises ``Unreadable``, and ``ArchiveError`` where a snapshot is missing or damaged.
    """
    from pipelines.stored import needed_documents, wanted_parts

    main = archive.snapshot(version.snapshot)
    page = _page(version, main)
    reading = read(page, ())
    kept = _kept_parts(archive, version, wanted_parts(reading))
    parts = [_part(page, url, stored, None) for url, stored in kept.items()]
    needed = needed_documents(reading)
    documents = (file for file in version.attachments if identity(file.url) in needed)
    parts.extend(_part(page, file.url, archive.snapshot(file.key), file.name) for file in documents)
    if parts:
        reading = read(page, parts)
    had = {*(identity(url) for url in kept), *(identity(file.url) for file in version.attachments)}
    lacking = [url for url in wanted_parts(reading) if identity(url) not in had]
    lacking += sorted(needed - had)
    lost = [remark for remark in version.reading.remarks if remark.code == "belonging.lost"]
    remarks = (*reading.remarks, *lost, *(Remark("reread.not_kept", url) for url in lacking))
    return dataclasses.replace(reading, remarks=tuple(dict.fromkeys(remarks)))


def _kept_parts(archive: Archive, version: Version, wanted: Sequence[str]) -> dict[str, StoredCapture]:
    """Address → what was kept of it, in reading order.

    Equal bytes are kept once, under the address they were first seen at: what no address leads to is matched in order,
    where as many are wanted as are left.
    """
    stored = [archive.snapshot(key) for key in version.parts]
    by_address = {identity(part.url): part for part in stored}
    found = {url: by_address[identity(url)] for url in wanted if identity(url) in by_address}
    left_over = [part for part in stored if part not in found.values()]
    missing = [url for url in wanted if url not in found]
    if len(left_over) == len(missing):
        found.update(zip(missing, left_over, strict=True))
    return {url: found[url] for url in wanted if url in found}


def _page(version: Version, stored: StoredCapture) -> Page:
    own = abs(stored.time - version.first_seen) <= SAME_LOOK
    page = Page(
        url=stored.url if own else version.url,  # after redirects, unless the same bytes were first kept elsewhere
        payload=stored.payload,
        content_type=stored.content_type,
        division=version.division,
        platform=version.platform,
    )
    return (version.context or _guessed_context(version)).given(page)


def _guessed_context(version: Version) -> Context:
    """Of a version that was filed before contexts were kept: what was read and is not printed came from its list."""
    known = version.reading
    printed = {" ".join(value.split()) for value in known.metadata.values()}
    facts = {
        "索引号": known.index_number,
        "文号": known.document_number,
        "发布机构": known.publisher,
        "发布日期": known.published_on.isoformat() if known.published_on else None,
    }
    from_list = known.details.get("title_source") == "entry" or known.details.get("found_by") == "document"
    return Context(
        entry_title=known.title if from_list else None,
        entry_facts={
            label: value for label, value in facts.items() if value and " ".join(value.split()) not in printed
        },
        column_title="政府信息公开工作年度报告" if known.kind is Kind.ANNUAL_REPORT else None,
        column_year=known.report_year,
        column_agency=known.agency,
    )


def _part(page: Page, url: str, stored: StoredCapture, name: str | None) -> Page:
    return dataclasses.replace(
        page, url=url, payload=stored.payload, content_type=stored.content_type, entry_title=name
    )


def _says_the_same(one: Reading, other: Reading) -> bool:
    return (one.body_digest, one.metadata_digest, one.kind, one.statistics) == (
        other.body_digest,
        other.metadata_digest,
        other.kind,
        other.statistics,
    )
