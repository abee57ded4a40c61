"""Answers that are no pages: refusals, failures and error pages, each by its name.

``recognise`` looks at one answer before anyone reads it and returns (never raises) the error it stands for:

======================  ===================================================================================
``Blocked``             the portal refuses us
``riversafe_<status>``  瑞数: 412 (older 202), or its script page under another status
``jsl_<status>``        加速乐/创宇盾: 521, script that sets ``__jsl_clearance``
``waf_<status>``        a firewall's own words (405 电信云防护 …)
``geo_fence``           refused for where we ask from (奇安信 GeoBL, 境外)
``cookie_challenge``    a wordless page that sets a cookie by script and asks for itself again
``js_challenge``        a wordless page made of script under 202, or with the marks of another known product
``refresh_challenge``   a wordless page that sends back to the same address after a moment
``captcha``             prove you are human
``forbidden_403``       403 without further words
``too_many_requests``   429, or words to that effect; ``retry_after`` where the server says
``same_page``           one answer for every address (``spiders.sameness``)
----------------------  -----------------------------------------------------------------------------------
``Unreadable``          this page cannot be had
``not_found``           404
``gone_410``            410
``soft_404``            an error page under 200
``redirected_home``     sent to the home page instead
``redirected``          a redirect nobody followed
``empty_answer``        nothing, or next to nothing, under 200
``fake_pdf``            text or HTML under a PDF's address; ``fake_document`` under another document's
``server_error``        5xx, or a program's error message under 200
``service_unavailable`` 503; ``retry_after`` where the server says
``maintenance``         closed, moving, being built
``withheld``            not ours to see, or not published yet, in its own words
``login_required``      401, or sent to a login
``partial_answer``      206 nobody asked for
``foreign_coding``      a content coding nobody asked for
``request_timeout``     408
``client_error``        any other 4xx
======================  ===================================================================================

``answer`` holds what can be seen of an answer; each way to recognise one is a module: ``challenges``, ``firewalls``,
``statuses``, ``redirects``, ``bodies``, ``messages``, asked in this order, except that bodies ask messages.

Words are only taken for a refusal where they are all the page has to say: a report that discusses blocked requests or
missing pages is a report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.errors import NianbaoError
from crawler.refusals.answer import Answer, Header
from crawler.refusals.bodies import by_body
from crawler.refusals.challenges import challenge
from crawler.refusals.firewalls import firewall
from crawler.refusals.redirects import by_redirect, is_home
from crawler.refusals.statuses import by_status

LONGEST_SENDING = 8192  # bytes of a page that only sends its reader elsewhere

TRANSIENT = frozenset(
    {
        "too_many_requests",
        "service_unavailable",
        "server_error",
        "request_timeout",
        "empty_answer",
        "partial_answer",
        "truncated",
        "damaged_gzip",
    }
)
"""Names of errors that may be gone a moment later."""


def recognise(
    status: int,
    headers: Sequence[Header],
    body: bytes,
    *,
    url: str,
    requested: str,
    redirects: Sequence[str] = (),
    home: str | None = None,
) -> NianbaoError | None:
    """The refusal or failure an answer stands for; ``None`` for an answer that is to be read.

    ``url`` is where the answer came from, ``requested`` what was asked for first, ``body`` the payload with its content
    coding undone. ``home`` is the portal's home page where that is not the root of its host.
    """
    if status == 304:
        return None
    answer = Answer(status, headers, body, url)
    return (
        challenge(answer)
        or firewall(answer)
        or by_status(answer)
        or by_redirect(answer, requested, redirects, home)
        or by_body(answer, requested, home)
    )


def sent_on(headers: Sequence[Header], body: bytes, *, url: str) -> str | None:
    """Where a page sends its reader that has next to nothing to say itself: by meta refresh, or ``location = '…'``."""
    if len(body) > LONGEST_SENDING:
        return None
    answer = Answer(200, headers, body, url)
    target = next((one for one in answer.targets if re.match(r"https?://[^/]", one, re.I)), None)
    if target is None or answer.comes_back or is_home(target, None) or not answer.shows_nothing_but_the_way_to(target):
        return None
    return target


def is_transient(error: BaseException) -> bool:
    """Whether asking again, a little later, may give another answer."""
    return isinstance(error, NianbaoError) and error.name in TRANSIENT
