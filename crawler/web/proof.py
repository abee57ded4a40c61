"""What a reader needs to check a version offline, with ``sha256sum`` and ``warcio`` alone."""

from __future__ import annotations

import hashlib
import io
import zipfile

from crawler.items import Version
from storage import layout
from storage.archive import Archive

LIMIT = 200 * 1024 * 1024  # bytes of snapshots in one bundle

README = """\
Version {number} of report {report_id}
{title}
{url}

record.json.gz         what was read, as kept in the archive
snapshots/*.warc.gz    what the portal sent: request and response records (WARC 1.1), as kept in the archive
payloads/*             the entities of the responses with their content coding undone
SHA256SUMS             digests of all these files

Check that nothing was altered on the way here:

    sha256sum -c SHA256SUMS

Check that the records are whole, and that each payload is what the portal sent:

    for f in snapshots/*.warc.gz; do warcio check -v "$f"; done
    for f in snapshots/*.warc.gz; do warcio extract --payload "$f" 0 | sha256sum; echo "$f"; done

The digest printed is the name of the snapshot and of the payload. The record names the same digests
(payload_digest, snapshot, attachments). Times and addresses stand in the WARC records: zcat snapshots/*.warc.gz | less
"""


class TooLarge(Exception):
    """The snapshots of this version are more than one bundle may hold; they can be had one by one."""


def keys(version: Version) -> list[str]:
    """The snapshots a version was read from, the page's own first."""
    return list(dict.fromkeys([version.snapshot, *version.parts, *(file.key for file in version.attachments)]))


def bundle(archive: Archive, version: Version) -> bytes:
    """A zip of the record, its snapshots and their digests. Raises ``TooLarge``; the same version gives the same bytes."""
    files: dict[str, bytes] = {
        "record.json.gz": archive.store.get(layout.version_key(version.report_id, version.number))
    }
    for key in keys(version):
        parsed = layout.parse(key)
        assert isinstance(parsed, layout.SnapshotKey)
        files[f"snapshots/{parsed.payload_digest}.warc.gz"] = archive.store.get(key)
        files[f"payloads/{parsed.payload_digest}"] = archive.snapshot(key).payload
        if sum(map(len, files.values())) > LIMIT:
            raise TooLarge
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    readme = README.format(
        number=version.number, report_id=version.report_id, title=version.reading.title or "", url=version.url
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in {"README.txt": readme.encode(), "SHA256SUMS": sums.encode(), **files}.items():
            info = zipfile.ZipInfo(f"{version.report_id}-v{version.number}/{name}", (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            packed.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
