"""What a maintainer must know after a run: one page of text, to a terminal, a webhook or a mailbox.

Where it goes is set by environment variables or ``-s``, never by the registry; a webhook's address is a secret and is
never shown. A message that cannot be delivered is said on standard error and changes nothing else.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from crawler.errors import UsageError

HEADINGS = {
    "broke": "Broke since the last run",
    "blocked": "Refuse us now",
    "shrank": "Fewer columns or entries than before",
    "redesigned": "Look redesigned",
    "fill_rate": "Fields read less often than before",
    "gone": "Reports gone",
    "stalled": "No report on the last year",
    "mended": "Well again",
}
LINES = 12  # under one heading
WIDTH = 150
TIMEOUT = 20  # seconds
WEBHOOKS = ("json", "wecom", "feishu")  # wecom: 企业微信 and 钉钉


def page(summary: Mapping[str, Any]) -> str:
    """A run on one page: figures, what changed for the worse, what is not complete."""
    portals: Mapping[str, Mapping[str, Any]] = summary.get("portals", {})
    totals = summary.get("totals", {})
    ended = Counter(str(portal.get("status")) for portal in portals.values())
    lines = [
        f"nianbao run {summary['run']}" + (", interrupted" if summary.get("interrupted") else ""),
        f"{summary.get('started')} to {summary.get('finished')}, provinces {' '.join(summary.get('provinces', ()))}",
        f"{len(portals)} portals: " + ", ".join(f"{count} {status}" for status, count in ended.most_common()),
        ", ".join(f"{totals.get(name, 0)} {name}" for name in ("entries", "new", "revised", "errors", "requests")),
    ]
    said = summary.get("notices", ())
    for name, heading in HEADINGS.items():
        lines += _under(heading, [f"{n['portal']}: {n['text']}" for n in said if n["name"] == name])
    named = {notice["portal"] for notice in said if notice["name"] in ("broke", "blocked")}
    lines += _under(
        "Not complete, as before",
        [
            f"{key}: {portal.get('status')}: {portal.get('reason')}"
            for key, portal in portals.items()
            if portal.get("status") != "ok" and key not in named
        ],
    )
    return "\n".join(lines) + "\n"


def _under(heading: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"  {line[:WIDTH]}{'…' if len(line) > WIDTH else ''}" for line in lines[:LINES]]
    more = [f"  and {len(lines) - LINES} more"] if len(lines) > LINES else []
    return ["", f"{heading} ({len(lines)})", *shown, *more]


def notify(summary: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Send the page to the webhook and the mailbox that are set; where nothing is, do nothing."""
    webhook, mailbox = _set(settings, "NOTIFY_WEBHOOK"), _set(settings, "NOTIFY_EMAIL")
    if not webhook and not mailbox:
        return
    if _set(settings, "NOTIFY_WHEN", "changed") == "changed" and not summary.get("notices"):
        return
    text = page(summary)
    if webhook:
        _deliver("the webhook", lambda: _post(webhook, _set(settings, "NOTIFY_WEBHOOK_FORMAT", "json"), text, summary))
    if mailbox:
        _deliver("the mail", lambda: _mail(mailbox, settings, text, summary))


def check(settings: Mapping[str, Any]) -> None:
    """What can be known to be wrong before a run, as ``UsageError``."""
    webhook = _set(settings, "NOTIFY_WEBHOOK")
    if webhook and urlsplit(webhook).scheme not in ("http", "https"):
        raise UsageError("NOTIFY_WEBHOOK is no http(s) address")
    if (form := _set(settings, "NOTIFY_WEBHOOK_FORMAT", "json")) not in WEBHOOKS:
        raise UsageError(f"NOTIFY_WEBHOOK_FORMAT is one of {', '.join(WEBHOOKS)}, not {form!r}")
    if (when := _set(settings, "NOTIFY_WHEN", "changed")) not in ("changed", "always"):
        raise UsageError(f"NOTIFY_WHEN is changed or always, not {when!r}")
    if _set(settings, "NOTIFY_EMAIL") and not _set(settings, "SMTP_HOST"):
        raise UsageError("NOTIFY_EMAIL needs SMTP_HOST, the mail server to hand the message to")


def _set(settings: Mapping[str, Any], name: str, default: str = "") -> str:
    return str(settings.get(name) or os.environ.get(f"NIANBAO_{name}") or default)


def _deliver(what: str, send: Any) -> None:
    try:
        send()
    except (OSError, ValueError, smtplib.SMTPException) as error:
        # An HTTP error's own text may hold the address, and that is a secret.
        why = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else type(error).__name__
        sys.stderr.write(f"nianbao crawl: {what} was not delivered ({why}); the run itself is kept\n")


def _message(form: str, text: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    if form == "wecom":
        return {"msgtype": "text", "text": {"content": text}}
    if form == "feishu":
        return {"msg_type": "text", "content": {"text": text}}
    return {
        "text": text,
        "run": summary["run"],
        "totals": summary["totals"],
        "notices": summary.get("notices", []),
    }


def _post(address: str, form: str, text: str, summary: Mapping[str, Any]) -> None:
    data = json.dumps(_message(form, text, summary), ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310 — `check` has seen that it is http(s)
        address, data, {"Content-Type": "application/json; charset=utf-8"}
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        answer.read(1)


def _mail(mailbox: str, settings: Mapping[str, Any], text: str, summary: Mapping[str, Any]) -> None:
    message = EmailMessage()
    message["Subject"] = f"nianbao {summary['run'][:8]}: {len(summary.get('notices', ()))} notices"
    message["From"] = _set(settings, "NOTIFY_FROM", mailbox.split(",")[0])
    message["To"] = mailbox
    message.set_content(text)
    host, port = _set(settings, "SMTP_HOST"), int(_set(settings, "SMTP_PORT", "25"))
    with smtplib.SMTP(host, port, timeout=TIMEOUT) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls()
            server.ehlo()
        if user := _set(settings, "SMTP_USER"):
            server.login(user, os.environ.get("NIANBAO_SMTP_PASSWORD", ""))
        server.send_message(message)
