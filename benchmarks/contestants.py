"""Other crawlers on the same portals, each in a process of its own: ``python contestants.py NAME TASK.json``.

Runs under whatever interpreter has the crawler, so it imports the standard library alone until it is known who runs.
The task names columns, the addresses of the entries with a sentence of each (with ``told`` these are asked for and no
list is read), and where the answer goes: a line an entry
that was fetched, with a digest of all this crawler could tell two states of it apart by, and whether the sentence was
in its text.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

# What whoever tunes Scrapy for a crawl like this switches off: what it does not need and what keeps it waiting.
TUNED = {
    "COOKIES_ENABLED": False,
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "HTTPCOMPRESSION_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "CONCURRENT_ITEMS": 1,
    "CONCURRENT_REQUESTS": 32,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
    "SPIDER_MIDDLEWARES": {
        "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
        "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
        "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
        "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    },
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": None,
    },
    "EXTENSIONS": {
        "scrapy.extensions.corestats.CoreStats": None,
        "scrapy.extensions.logstats.LogStats": None,
        "scrapy.extensions.memusage.MemoryUsage": None,
    },
}


class Answer:
    """The file of what was fetched."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.probes: dict[str, str] = task["entries"]
        self._file = Path(task["answer"]).open("w", encoding="utf-8")  # noqa: SIM115 - closed with the process

    def put(self, url: str, text: str | bytes, told: str | None = None) -> None:
        """``text`` is what the crawler keeps of the page; ``told`` what it reads as the page's text."""
        if url not in self.probes:
            return
        kept = text.encode("utf-8", "replace") if isinstance(text, str) else text
        said = None if told is None else bare(self.probes[url]) in bare(told)
        self._file.write(json.dumps({"url": url, "key": hashlib.sha256(kept).hexdigest(), "said": said}) + "\n")

    def close(self) -> None:
        self._file.close()


def bare(text: str) -> str:
    """Without markup and white space: a sentence is found whatever wraps its digits."""
    return re.sub(r"<[^>]*>|\s", "", text)


# ---------------------------------------------------------------- Scrapy


def scrapy_spider(task: dict[str, Any], settings: dict[str, Any], inline: bool = False) -> None:
    """The spider anyone writes: follow every link of a column but the menus', keep the pages."""
    scrapy: Any = import_module("scrapy")
    extractor = import_module("scrapy.linkextractors").LinkExtractor(deny=(r"/menu/", r"/zfxxgk/", r"/bsfw/"))
    process_of = import_module("scrapy.crawler").CrawlerProcess
    extract = import_module("trafilatura").extract if inline else None
    answer = Answer(task)

    class Columns(scrapy.Spider):  # type: ignore[misc]
        name = "columns"
        start_urls = list(answer.probes) if task.get("told") else task["columns"]

        def parse(self, response: Any) -> Iterator[Any]:
            if response.url in answer.probes:
                if extract is None:
                    answer.put(response.url, response.body, response.text)
                else:
                    text = extract(response.body, url=response.url, include_tables=True, with_metadata=True) or ""
                    answer.put(response.url, _without_date(text), text)
                yield {"url": response.url, "body": response.text}
                return
            for link in extractor.extract_links(response):
                yield scrapy.Request(link.url, self.parse)

    process = process_of({"LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False, **settings})
    process.crawl(Columns)
    process.start()
    answer.close()


def _without_date(text: str) -> str:
    # trafilatura prints the day it guesses; what is compared is the text.
    return text.split("---", 2)[-1]


def bare_scrapy(task: dict[str, Any]) -> None:
    scrapy_spider(task, {})


def tuned_scrapy(task: dict[str, Any]) -> None:
    scrapy_spider(task, TUNED)


def inline_scrapy(task: dict[str, Any]) -> None:
    scrapy_spider(task, {}, inline=True)


def deltafetch(task: dict[str, Any]) -> None:
    """An entry once kept is never asked for again."""
    middlewares = {"scrapy_deltafetch.DeltaFetch": 100}
    scrapy_spider(
        task, {"SPIDER_MIDDLEWARES": middlewares, "DELTAFETCH_ENABLED": True, "DELTAFETCH_DIR": task["state"]}
    )


# ---------------------------------------------------------------- news-please


def newsplease(task: dict[str, Any]) -> None:
    """Told every address: its own crawler follows news sites, not columns."""
    please = import_module("newsplease").NewsPlease
    answer = Answer(task)
    urls = list(task["entries"])
    for start in range(0, len(urls), 200):
        found = please.from_urls(urls[start : start + 200], request_args={"timeout": 60}, fetch_images=False)
        for url, article in found.items():
            text = getattr(article, "maintext", None) or ""
            if article:
                answer.put(url, text, text)
    answer.close()


CONTESTANTS = {
    "bare": bare_scrapy,
    "tuned": tuned_scrapy,
    "inline": inline_scrapy,
    "deltafetch": deltafetch,
    "newsplease": newsplease,
}

if __name__ == "__main__":
    CONTESTANTS[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
