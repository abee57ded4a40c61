"""The application: its routes, and the thread that follows the archive."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.errors import ArchiveError, NianbaoError
from crawler.metrics import Answers
from crawler.web import api, lookup, pages, words
from crawler.web.index import Index
from crawler.web.parameters import BadRequest
from crawler.web.shield import Shield
from crawler.web.view import STYLE_NAME, View, language, page
from storage.archive import Archive
from storage.codec import Damaged

log = logging.getLogger(__name__)

ROUTES = (
    Route("/", pages.overview),
    Route("/search", pages.search),
    Route("/coverage", pages.coverage),
    Route("/numbers", pages.numbers),
    Route("/compare", pages.compare),
    Route("/runs", pages.runs),
    Route("/runs/{run}", pages.run),
    Route("/reports/{report_id}", pages.report),
    Route("/reports/{report_id}/diff", pages.diff),
    Route("/reports/{report_id}/proof.zip", api.bundle),
    Route("/reports/{report_id}/versions/{number:int}/files/{place:int}", api.attachment),
    Route("/snapshots/{digest}.warc.gz", api.snapshot),
    Route("/original/{digest}", api.shown),
    Route("/timegate/{url:path}", api.timegate),
    Route("/timemap/{form}/{url:path}", api.timemap),
    Route("/memento/{stamp}/{url:path}", api.capture),
    Route("/metrics", api.metrics),
    Route("/api", api.reference),
    Route("/api/v1/openapi.json", api.openapi),
    Route("/api/v1/reports", api.reports),
    Route("/api/v1/reports.csv", api.reports_csv),
    Route("/api/v1/reports.atom", api.feed),
    Route("/api/v1/reports/{report_id}", api.report),
    Route("/api/v1/reports/{report_id}/versions/{number:int}", api.version),
    Route("/api/v1/reports/{report_id}/difference", api.difference_of),
    Route("/api/v1/coverage", api.coverage),
    Route("/api/v1/numbers", api.numbers),
    Route("/api/v1/numbers.csv", api.numbers_csv),
    Route("/api/v1/compare", api.compare),
    Route("/api/v1/compare.csv", api.compare_csv),
    Route("/api/v1/runs", api.runs),
    Route("/api/v1/runs/{run}", api.run),
    Route("/api/v1/status", api.status),
    Route(f"/static/{STYLE_NAME}", api.style),
)


def application(
    archive: Archive, index: Index, *, hosts: Collection[str] | None = None, follow: float | None = None
) -> Starlette:
    """The web view of an archive. ``follow``: seconds between two looks for new runs; ``None`` to leave the index alone."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        ended = threading.Event()
        follower = threading.Thread(target=_follow, args=(archive, index, follow, ended), name="follower", daemon=True)
        if follow is not None:
            follower.start()
        try:
            yield
        finally:
            ended.set()

    app = Starlette(
        routes=list(ROUTES),
        lifespan=lifespan,
        exception_handlers={
            HTTPException: _said,
            BadRequest: _bad_request,
            ArchiveError: _unavailable,
            sqlite3.OperationalError: _unavailable,
            500: _broken,
        },
    )
    app.state.answers = Answers()
    app.add_middleware(Shield, hosts=hosts)
    app.add_middleware(Counting, answers=app.state.answers)
    app.router.redirect_slashes = False
    app.state.view = View(archive, index)
    return app


class Counting:
    """Counts every answer, by the page that gave it."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self.app = app
        self.answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def passed_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, passed_on)
        finally:
            page = scope.get("endpoint")  # the router's; never the address, of which there is no end
            self.answers.add(getattr(page, "__name__", "none"), status, time.perf_counter() - began)


def _follow(archive: Archive, index: Index, seconds: float | None, ended: threading.Event) -> None:
    """Keeps the index up to date. The first look takes in what an unfinished run has left so far, too."""
    first = True
    while not ended.is_set():
        try:
            if index.refresh(archive, always=first):
                lookup.prepare(index)
                log.info("index of %s is up to date", archive.uri)
            first = False
        except (NianbaoError, sqlite3.Error, OSError) as error:
            log.warning("index of %s: %s", archive.uri, error)
        ended.wait(seconds)


def _said(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _failure(request, error.status_code, None)


def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return _failure(request, 400, str(error), error.parameter)


def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("%s: %s", request.url.path, error)
    why = "damaged" if isinstance(error, Damaged) else "archive" if isinstance(error, ArchiveError) else "question"
    return _failure(request, 503, words.say(language(request), f"unavailable.{why}"))


def _broken(request: Request, error: Exception) -> Response:
    return _failure(request, 500, None)


def _failure(request: Request, status: int, message: str | None, parameter: str | None = None) -> Response:
    if request.url.path.startswith(("/api/v1/", "/timegate/", "/timemap/", "/memento/")):
        problem: dict[str, Any] = {"status": status, "error": message or {404: "not found"}.get(status, "error")}
        return api.plainly(problem, status)
    known = status if status in (400, 404, 405, 500, 503) else 500
    return page(request, "error.html", status=status, code=known, message=message, parameter=parameter)
