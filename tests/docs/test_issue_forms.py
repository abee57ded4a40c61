"""The forms for issues: they are forms, and what they ask for has the names the program gives it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from crawler.items import PortalStatus
from storage.records import FIELDS

ROOT = Path(__file__).parents[2]
FORMS = sorted(file for file in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if file.name != "config.yml")
KINDS = {"markdown", "input", "textarea", "dropdown", "checkboxes"}


def form(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / name).read_text("utf-8"))
    return found


def asked(name: str) -> dict[str, dict[str, Any]]:
    return {field["id"]: field for field in form(name)["body"] if "id" in field}


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_a_form_has_what_a_form_needs(file: Path) -> None:
    about = form(file.name)
    assert about["name"]
    assert about["description"]
    assert about.get("title") != "", "GitHub takes no empty title"
    fields = about["body"]
    ids = [field["id"] for field in fields if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 1
    assert any(field.get("validations", {}).get("required") for field in fields)
    for field in fields:
        assert field["type"] in KINDS
        assert field["attributes"].get("label") or field["type"] == "markdown"


def test_there_is_a_form_for_each_kind_of_issue() -> None:
    assert {file.stem for file in FORMS} == {"portal-broken", "new-portal", "wrong-reading", "feature"}


def test_a_broken_portal_is_told_by_its_status() -> None:
    assert set(asked("portal-broken.yml")["status"]["attributes"]["options"]) == set(PortalStatus)


def test_a_wrong_reading_is_told_by_report_and_snapshot() -> None:
    fields = asked("wrong-reading.yml")
    assert all(fields[name]["validations"]["required"] for name in ("report", "snapshot", "extractor"))
    named = {name for field in fields.values() for name in re.findall(r"field `(\w+)`", str(field["attributes"]))}
    assert named == {"snapshot", "extractor"}
    assert named <= {field.name for field in FIELDS}
