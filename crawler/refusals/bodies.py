"""Bodies that are no page and no document: empty ones, foreign codings, ways home, error pages under a file's name."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.errors import NianbaoError, Unreadable
from crawler.refusals.answer import DOOR, FIREWALL_ERROR, FIREWALL_MESSAGE, Answer
from crawler.refusals.messages import MISSING, by_message
from crawler.refusals.redirects import is_home

TINY = 64  # bytes; 3, 13 and 54 byte answers under 200 have been seen
FOREIGN_CODINGS = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})  # RFC 9110 §8.4.1, IANA
_DOCUMENT = re.compile(r"\.(pdf|docx?|wps|xlsx?|et|ofd|zip|rar|7z|rtf)$", re.I)
_OFFICE_MARKUP = re.compile(
    r"urn:schemas-microsoft-com|<w:WordDocument|mso-application|ProgId[^<>]{0,40}(?:Word|Excel)|MIME-Version:", re.I
)


def by_body(answer: Answer, requested: str, home: str | None) -> NianbaoError | None:
    body, url = answer.body, answer.url
    if not body.strip(b"\xef\xbb\xbf \t\r\n\0"):
        return Unreadable(f"empty: {url}", name="empty_answer")
    if coding := _foreign_coding(answer):
        return Unreadable(f"coded as {coding}, which nobody asked for: {url}", name="foreign_coding")
    if fake := _fake_document(answer):
        return fake
    if not answer.text or answer.is_data:
        return None
    if len(body) <= TINY and not DOOR.search(answer.text) and not _DOCUMENT.search(urlsplit(url).path):
        if MISSING.search(answer.words):
            return Unreadable(f"says that it is not there: {url}", name="soft_404")
        if not answer.targets:
            return Unreadable(f"{len(body)} bytes: {url}", name="empty_answer")
    if not answer.is_markup and len(answer.text) > FIREWALL_ERROR:
        return None
    if sent := _sent_home(answer, requested, home):
        return sent
    if answer.is_markup and answer.wordless and not (answer.words or answer.title or answer.script or answer.targets):
        return Unreadable(f"a page without words: {url}", name="empty_answer")
    return by_message(answer)


def _foreign_coding(answer: Answer) -> str | None:
    """A content coding that was not asked for and stands between us and the page; some servers name one and use none."""
    named = (answer.header(b"content-encoding") or b"").decode("latin-1").lower()
    coding = next((c.strip() for c in named.split(",") if c.strip() in FOREIGN_CODINGS), None)
    plain = (
        answer.is_markup or answer.is_data or answer.body.startswith((b"%PDF", b"PK", b"\xd0\xcf\x11\xe0", b"{\\rtf"))
    )
    return None if plain else coding


def _sent_home(answer: Answer, requested: str, home: str | None) -> Unreadable | None:
    if not answer.wordless or is_home(requested, home) or is_home(answer.url, home):
        return None
    if any(is_home(target, home) for target in answer.targets):
        return Unreadable(f"sends its reader to the home page: {answer.url}", name="redirected_home")
    return None


def _fake_document(answer: Answer) -> Unreadable | None:
    """An error page under a document's address."""
    parts = urlsplit(answer.url)
    named = _DOCUMENT.search(unquote(parts.path))
    if named is None and re.search(r"down|attach|file", parts.path, re.I):
        named = next((found for _, value in parse_qsl(parts.query) if (found := _DOCUMENT.search(value))), None)
    if named is None:
        media = (answer.header(b"content-type") or b"").split(b";")[0].strip().lower()
        if media != b"application/pdf":
            return None
        kind = "pdf"
    else:
        kind = named[1].lower()
    if not answer.text or b"%PDF-" in answer.body[:1024] or answer.text.lstrip().startswith("{\\rtf"):
        return None
    if kind in ("doc", "wps", "xls", "et", "rtf"):
        # Word and Excel write HTML and XML under their own names; a page of real length is left to the reader.
        if _OFFICE_MARKUP.search(answer.text[:20_000]) or len(answer.words) > FIREWALL_MESSAGE:
            return None
    elif answer.body[:2] == b"PK" or answer.body[:4] in (b"Rar!", b"7z\xbc\xaf"):
        return None
    name = "fake_pdf" if kind == "pdf" else "fake_document"
    return Unreadable(f"no {kind} but text that begins {answer.text[:40].strip()!r}: {answer.url}", name=name)
