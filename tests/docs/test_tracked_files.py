"""What is committed is about the project, not about a machine it was written on."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
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


def plain(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> set[str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {plain(name) for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", text, re.M)}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = re.search(r"^dependencies = \[\n(.*?)^\]", project, re.M | re.S)
    assert wanted is not None
    names = {plain(name) for name in re.findall(r'^\s*"([\w.-]+)', wanted[1], re.M)}
    assert names <= locked("requirements.lock") <= locked("requirements-dev.lock")


def extras() -> set[str]:
    """What the optional extras ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    return {plain(re.split(r"[^\w.-]", requirement)[0]) for requirement in wanted}


def imported(folder: str) -> set[str]:
    """The top-level modules that the code in a folder imports and that are neither ours nor the standard library's."""
    names = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"crawler", "spiders", "pipelines", "storage", "tests", "benchmarks"}


@pytest.mark.parametrize(
    ("folder", "lock"),
    [
        ("crawler", "requirements.lock"),
        ("spiders", "requirements.lock"),
        ("pipelines", "requirements.lock"),
        ("storage", "requirements.lock"),
        ("tests", "requirements-dev.lock"),
        ("benchmarks", "requirements-dev.lock"),
    ],
)
def test_what_is_imported_is_locked(folder: str, lock: str) -> None:
    sources = packages_distributions()
    pinned = locked(lock) | (extras() & locked("requirements-dev.lock"))
    for module in imported(folder):
        assert any(plain(name) in pinned for name in sources.get(module, [])), f"{folder} imports {module}"
