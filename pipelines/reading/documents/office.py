"""Documents that a program has to turn into one that can be read here: LibreOffice keeps tables, antiword text alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from crawler.errors import Unreadable
from crawler.items import Remark
from pipelines.reading.blocks import Block, Paragraph
from pipelines.reading.documents.bounds import Deadline
from pipelines.reading.documents.programs import found, run

SECONDS = 60
# Nothing that a document holds is run, and nothing it links to is fetched.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel"
 oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link"
 oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link"
 oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


def read_by_program(data: bytes, deadline: Deadline, *, sheets: bool = False) -> tuple[list[Block], list[Remark]]:
    """Blocks of a document in a format that is not read here.

    Raises ``Unreadable``, ``converter_missing`` where no program for it is installed.
    """
    deadline.check()
    with tempfile.TemporaryDirectory(prefix="nianbao-doc-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source = folder / "document"
        source.write_bytes(data)
        office = found("soffice", "libreoffice")
        if office is not None:
            return _by_libreoffice(office, source, deadline, sheets=sheets)
        antiword = found("antiword")
        if antiword is not None and not sheets:
            return _by_antiword(antiword, source, deadline)
    package = "libreoffice-calc-nogui" if sheets else "libreoffice-writer-nogui"
    raise Unreadable(f"this format needs LibreOffice (soffice; in Debian {package})", name="converter_missing")


def _by_libreoffice(office: str, source: Path, deadline: Deadline, *, sheets: bool) -> tuple[list[Block], list[Remark]]:
    """With a profile of its own: two that share one wait for each other, or the second gives up."""
    profile = source.parent / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    to = "xlsx" if sheets else "docx"
    options = ["--headless", "--norestore", "--nolockcheck", "--convert-to", to, "--outdir", str(source.parent)]
    run(
        [office, f"-env:UserInstallation={profile.as_uri()}", *options, str(source)],
        source.parent,
        SECONDS,
        deadline,
        {"HOME": str(source.parent), "SAL_USE_VCLPLUGIN": "svp"},
    )
    converted = source.with_suffix(f".{to}")
    if not converted.exists():
        raise Unreadable("LibreOffice cannot read the document", name="document_damaged")
    note = Remark("document.converted", "by LibreOffice")
    if sheets:
        from pipelines.reading.documents.sheets import read_xlsx

        blocks, notes = read_xlsx(converted.read_bytes(), deadline)
    else:
        from pipelines.reading.documents.word import read_docx

        blocks, notes = read_docx(converted.read_bytes(), deadline)
    return blocks, [*notes, note]


def _by_antiword(antiword: str, source: Path, deadline: Deadline) -> tuple[list[Block], list[Remark]]:
    text = run([antiword, "-w", "0", "-m", "UTF-8.txt", str(source)], source.parent, SECONDS, deadline)
    lines = text.decode("utf-8", "replace").splitlines()
    paragraphs: list[Block] = [Paragraph(line.strip()) for line in lines if line.strip()]
    detail = "by antiword: tables are lines of text, and wide ones are missing"
    return paragraphs, [Remark("document.converted", detail)]
