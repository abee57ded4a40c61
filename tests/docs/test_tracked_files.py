"""What is committed is about the project, not about a machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Written so that they do not find themselves.
REGISTRY_HOST = re.compile(r"py[p]i\.org|pytho[n]hosted\.org|registry\.np[m]js|de[b]\.debian\.org", re.I)
MACHINE_PATH = re.compile(r"(?<![\w./:-])/(?:[w]ork|[r]oot|[U]sers|[h]ome/[a-z]+)/[\w.]")


def tracked() -> list[Path]:
    """Every text file that is committed, or would be."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file() and b"\0" not in file.read_bytes()[:8000]]


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in tracked()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert found(REGISTRY_HOST) == []


def test_no_file_names_a_path_of_a_machine() -> None:
    assert found(MACHINE_PATH) == []


def test_patterns_find_what_they_look_for() -> None:
    assert REGISTRY_HOST.search("https://py" + "pi.org/simple")
    assert MACHINE_PATH.search('open("/ho' + 'me/someone/x")')
    assert not MACHINE_PATH.search("http://example.gov.cn/work/index.html")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_by_hash_and_name_no_source(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.M)
    requirements = re.split(r"\n(?=\S)", text.strip())
    pinned = [requirement for requirement in requirements if not requirement.startswith("#")]
    assert len(pinned) > 30
    for requirement in pinned:
        assert re.match(r"[\w.-]+(?:\[[\w,-]+\])?==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_the_locks_hold_what_the_project_asks_for() -> None:
    wanted = re.search(
        r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M | re.S
    )
    assert wanted is not None
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r'^\s*"([\w.-]+)', wanted[1], re.M)}
    for lock in ("requirements.lock", "requirements-dev.lock"):
        pinned = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (ROOT / lock).read_text(encoding="utf-8"), re.M)
        assert names <= {re.sub(r"[-_.]+", "-", name).lower() for name in pinned}, lock
