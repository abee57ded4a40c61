"""The documentation as a website: ``python -m tests.docs.site`` builds it into ``site/``.

The navigation is the folder tree, in the order of ``SECTIONS``; a new page is in it without being entered anywhere. Pages are
written for readers of the repository, too: a link that leaves ``docs/`` or names a mere folder is plain text on the website.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CONFIGURATION = ROOT / "zensical.toml"
SECTIONS = {"how-to": "How to", "reference": "Reference", "explanation": "Explanation", "decisions": "Decisions"}
FIRST = ("index.md", "tutorial.md")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)\s*$", re.S | re.M)


class Unbuildable(Exception):
    """The site could not be built; the message is what the generator said."""


def title_of(page: Path) -> str:
    """The first heading of a page."""
    found = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), re.M)
    if found is None:
        raise Unbuildable(f"{page.relative_to(ROOT)} has no heading of the first level")
    return found[1].replace("`", "")


def navigation(docs: Path) -> list[dict[str, object]]:
    """Every page under its section, by the tree; sections that are not in ``SECTIONS`` come last."""
    places: dict[str, list[Path]] = {}
    for page in sorted(docs.rglob("*.md")):
        parts = page.relative_to(docs).parts
        places.setdefault(parts[0] if len(parts) > 1 else "", []).append(page)
    top = sorted(places.pop("", []), key=lambda page: (FIRST.index(page.name) if page.name in FIRST else 9, page.name))
    listed: list[dict[str, object]] = [_item(page, docs) for page in top]
    for folder in sorted(places, key=lambda name: (list(SECTIONS).index(name) if name in SECTIONS else 99, name)):
        pages = sorted(places[folder], key=lambda page: (page.name != "index.md", page.name))
        listed.append({SECTIONS.get(folder, folder.capitalize()): [_item(page, docs) for page in pages]})
    return listed


def _item(page: Path, docs: Path) -> dict[str, object]:
    title = title_of(page)
    if title.startswith("How to "):  # as the section says
        title = title[7].upper() + title[8:]
    return {title: page.relative_to(docs).as_posix()}


def within(text: str, page: Path, docs: Path) -> str:
    """A page's text with the links that no page of the site answers as plain text; code is left as it is."""

    def kept(found: re.Match[str]) -> str:
        image, label, link = found.groups()
        target = link.partition("#")[0]
        if not target or re.match(r"[a-z]+:", target):
            return found[0]
        place = (page.parent / target).resolve()
        there = place.is_relative_to(docs.resolve()) and not (place.is_dir() and not (place / "index.md").exists())
        return found[0] if image or there else label

    pieces, end = [], 0
    for fence in FENCE.finditer(text):
        pieces += [LINK.sub(kept, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*pieces, LINK.sub(kept, text[end:])])


def build(out: Path) -> None:
    """Build the site into a folder, whole or not at all. Raises ``Unbuildable`` where a page or a link is wrong."""
    with tempfile.TemporaryDirectory(prefix="nianbao-docs-") as scratch:
        staged = Path(scratch, "docs")
        shutil.copytree(DOCS, staged)
        for page in staged.rglob("*.md"):
            original = DOCS / page.relative_to(staged)
            page.write_text(within(original.read_text(encoding="utf-8"), original, DOCS), encoding="utf-8")
        head, mark, rest = CONFIGURATION.read_text(encoding="utf-8").partition("[project]\n")
        Path(scratch, CONFIGURATION.name).write_text(
            f"{head}{mark}nav = {_toml(navigation(DOCS))}\n{rest}", encoding="utf-8"
        )
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--strict"],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode or not Path(scratch, "site", "index.html").exists():
            said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr.partition("Traceback")[0])
            raise Unbuildable(said.strip() or f"zensical ended with {done.returncode}")
        if out.exists():
            shutil.rmtree(out)
        shutil.copytree(Path(scratch, "site"), out)


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k, ensure_ascii=False)} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def main() -> int:
    try:
        build(ROOT / "site")
    except Unbuildable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("site/index.html\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
