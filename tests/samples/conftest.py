"""A client that sees the samples as any client would: http.client, lxml, nothing of the project."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import lxml.html
import pytest

from crawler.samples import SampleSite, serve


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body

    @property
    def text(self) -> str:
        declared = re.search(r"charset=([\w-]+)", self.headers.get("Content-Type", "") + ";charset=utf-8")
        assert declared
        return self.content.decode({"gb2312": "gb18030"}.get(declared[1].lower(), declared[1]))

    @property
    def shown(self) -> str:
        """The page's text without white space."""
        return squeezed(lxml.html.fromstring(self.text).text_content())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


Fetch = Callable[..., Answer]


@pytest.fixture(scope="session")
def fetch() -> Fetch:
    def get(url: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes | None = None) -> Answer:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target or "/", body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    return get


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    """The demo's portals and the families, as they stand; for tests that change nothing."""
    with serve(portals=["core", "families"]) as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[SampleSite]:
    """The demo's portals, to be changed."""
    with serve() as running:
        yield running
