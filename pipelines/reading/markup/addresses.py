"""A reference of a page → the address it leads to."""

from __future__ import annotations

from urllib.parse import urljoin

from crawler.urls import host_of


def join(base: str, reference: str) -> str:
    """An absolute address; ``""`` where the reference leads to none that can be taken apart (``http://[填写]/``)."""
    try:
        url = urljoin(base, reference.strip())
        return url if host_of(url) or not url.startswith(("http:", "https:")) else ""
    except ValueError:
        return ""
