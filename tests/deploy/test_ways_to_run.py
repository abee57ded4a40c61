"""The ways nianbao is run: as a wheel, in a container, by systemd, cron and Kubernetes. No Docker daemon is needed."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import boto3
import click
import pytest
import yaml

from crawler import cli
from crawler.samples import serve

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
RUNS_AS = 10001


def documents(name: str) -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")) if document]


def check_call(words: list[str]) -> None:
    """Fails where a command line names what nianbao does not have."""
    name, *rest = words
    command = cli.nianbao.get_command(click.Context(cli.nianbao), name)
    assert command is not None, name
    assert command.params
    command.make_context(name, [_here(word.replace("%i", "33")) for word in rest], resilient_parsing=False)


def _here(word: str) -> str:
    """A file in a folder of the machine that the unit is for, as one on this machine."""
    path = Path(word)
    return str(Path(tempfile.gettempdir(), path.name)) if path.is_absolute() and not path.parent.is_dir() else word


# ---------------------------------------------------------------- a wheel


def installed(folder: Path) -> Path:
    """The wheel, built as pip and pipx build it; what it installs lies beside it in ``site``."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    built = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)],
                   check=True, capture_output=True, timeout=120)  # fmt: skip
    return wheel


SHOW = """
import pathlib, sys
import crawler
from crawler.web.index import Index
from crawler.web.server import application
from starlette.testclient import TestClient
from storage import open_archive
assert pathlib.Path(crawler.__file__).is_relative_to(sys.argv[1])
archive = open_archive("archive")
index = Index(pathlib.Path("index.sqlite"), archive.uri)
index.refresh(archive)
page = TestClient(application(archive, index)).get("/?lang=en")
print(page.status_code, page.text)
"""


def test_a_wheel_is_whole_and_crawls_and_shows_outside_a_checkout(tmp_path: Path) -> None:
    wheel = installed(tmp_path)
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("crawler", "spiders", "pipelines", "storage"):
        kept = subprocess.run(["git", "ls-files", package], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        there = {name for name in kept.splitlines() if (ROOT / name).exists()}
        assert there <= names, there - names
    assert not {name.split("/")[0] for name in names} & {"tests", "docs", "benchmarks"}

    def run(*words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "HOME": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    program = str(tmp_path / "site" / "bin" / "nianbao")
    assert len(json.loads(run(program, "portals", "--json"))) > 3, "the registry is in the wheel"
    with serve(portals=["lanxi-scjg"]) as site:
        site.write_registry(tmp_path / "portals")
        run(program, "crawl", "--portals", "portals", "--archive", "archive")
    shown = run("-c", SHOW, str(tmp_path))
    assert shown.startswith("200 ")
    assert "/static/style-" in shown


# ---------------------------------------------------------------- a container


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def test_the_image_is_made_of_what_is_there_and_runs_as_nobody() -> None:
    made = instructions()
    for name, rest in made:
        if name == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            for source in sources:
                assert (ROOT / source).exists(), source
    last = [rest for name, rest in made if name == "FROM"][-1]
    assert "slim" in last
    assert " AS " not in last
    users = [rest for name, rest in made if name == "USER"]
    assert users == [f"{RUNS_AS}:{RUNS_AS}"]
    assert [rest for name, rest in made if name == "ENTRYPOINT"] == ['["nianbao"]']
    installs = [rest for name, rest in made if name == "RUN" and "pip install" in rest]
    assert "--require-hashes" in installs[0]
    assert all("--require-hashes" in rest or "--no-deps" in rest for rest in installs)


def test_what_the_image_needs_is_not_ignored() -> None:
    kept = {
        line[1:] for line in (DEPLOY / "Containerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = {source for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")
              for source in rest.split()[:-1]}  # fmt: skip
    assert copied == kept


def pins(lock: Path) -> dict[str, set[str]]:
    found = {}
    for requirement in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip()):
        found[requirement.split(" ", 1)[0]] = set(re.findall(r"sha256:[0-9a-f]{64}", requirement))
    return found


def test_the_images_lock_is_the_one_that_was_tested() -> None:
    image, tested = pins(DEPLOY / "requirements.lock"), pins(ROOT / "requirements-dev.lock")
    assert {name: tested.get(name) for name in image} == image
    assert set(pins(ROOT / "requirements.lock")) <= set(image)
    assert {"starlette", "jinja2", "uvicorn"} <= {name.split("==")[0] for name in image}


# ---------------------------------------------------------------- compose


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    (found,) = documents("compose.yaml")
    return found


def test_the_parts_of_the_compose_file_fit_together(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"store", "crawl", "web"} <= set(services)
    for service in services.values():
        for needed in service.get("depends_on", ()):
            assert needed in services
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists(), volume
        assert not any(port for port in service.get("ports", ()) if not port.startswith("127.0.0.1:")), "only loopback"
        if "build" in service:
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).resolve().exists()
            assert service["read_only"]
    environment = services["crawl"]["environment"]
    (keys,) = json.loads((DEPLOY / "s3.json").read_text())["identities"]
    assert keys["credentials"] == [
        {"accessKey": environment["AWS_ACCESS_KEY_ID"], "secretKey": environment["AWS_SECRET_ACCESS_KEY"]}
    ]
    check_call([*services["crawl"]["entrypoint"][1:], "--province", "33"])
    check_call(services["web"]["command"])


def test_the_compose_files_words_make_a_bucket_crawl_into_it_and_show_it(
    compose: dict[str, Any], moto: tuple[str, int], tmp_path: Path
) -> None:
    endpoint = f"http://{moto[0]}:{moto[1]}"
    services = compose["services"]
    environment = {
        **os.environ,
        **services["crawl"]["environment"],
        "AWS_ENDPOINT_URL_S3": endpoint,
        "CONTACT": "you@example.org",
    }
    made = subprocess.run(
        [sys.executable, "-c", *services["bucket"]["command"]], env=environment, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    with serve(portals=["lanxi-scjg"]) as site:
        site.write_registry(tmp_path)
        words = [
            word.replace("${CONTACT:?a web or mail address of yours}", "you@example.org")
            for word in services["crawl"]["entrypoint"][1:]
        ]
        crawled = subprocess.run([sys.executable, "-m", "crawler.cli", *words, "--portals", str(tmp_path)], env=environment,
                                 capture_output=True, text=True, timeout=120)  # fmt: skip
        assert crawled.returncode == 0, crawled.stderr
        assert "you@example.org" in site.requests["lanxi-scjg"][0].headers["User-Agent"]
    store = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1"
    )
    assert store.list_objects_v2(Bucket="nianbao", Prefix="archive/runs/")["KeyCount"] == 1


# ---------------------------------------------------------------- systemd, cron, Kubernetes


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8").replace("/opt/nianbao/bin/nianbao", sys.executable)
        (tmp_path / unit.name.replace("@.", "@33.")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stderr, done.stderr


def test_the_units_call_what_there_is() -> None:
    for unit in (DEPLOY / "systemd").glob("*.service"):
        (call,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(encoding="utf-8"), re.M)
        program, *words = shlex.split(call)
        assert program.endswith("/nianbao")
        check_call(words)


def test_the_crontab_calls_what_there_is() -> None:
    lines = [line for line in (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines() if re.match(r"[\d*]", line)]
    assert lines
    for line in lines:
        *when, call = line.split(None, 5)
        for field, (low, high) in zip(when, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)), strict=True):
            assert all(low <= int(number) <= high for number in re.findall(r"\d+", field)), line
            assert re.fullmatch(r"\*|\d+(-\d+)?", field), line
        check_call(
            shlex.split(
                call.partition("nianbao ")[2] if call.startswith("nianbao") else call.rpartition(" nianbao ")[2]
            )
        )


def containers() -> list[dict[str, Any]]:
    found = []
    for document in [*documents("kubernetes/crawl.yaml"), *documents("kubernetes/web.yaml")]:
        template = document["spec"].get("jobTemplate", document)["spec"].get("template")
        if template:
            assert template["spec"]["securityContext"]["runAsUser"] == RUNS_AS
            assert template["spec"]["automountServiceAccountToken"] is False
            mounted = {mount["name"] for each in template["spec"]["containers"] for mount in each["volumeMounts"]}
            assert mounted == {volume["name"] for volume in template["spec"]["volumes"]}
            found += template["spec"]["containers"]
    return found


def test_kubernetes_calls_what_there_is_as_nobody_in_particular() -> None:
    found = containers()
    assert len(found) == 2
    (secret,) = documents("kubernetes/secret.yaml")
    for container in found:
        check_call([word.replace("$(CONTACT)", "you@example.org") for word in container["args"]])
        assert all(isinstance(word, str) for word in container["args"]), "Kubernetes takes no numbers"
        assert set(re.findall(r"\$\((\w+)\)", " ".join(container["args"]))) <= set(secret["stringData"])
        assert container["envFrom"] == [{"secretRef": {"name": secret["metadata"]["name"]}}]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["allowPrivilegeEscalation"] is False


def test_a_province_is_told_apart_in_every_place_that_is_marked() -> None:
    text = (DEPLOY / "kubernetes" / "crawl.yaml").read_text(encoding="utf-8")
    marked = re.findall(r"^.*# province$", text, re.M)
    assert len(marked) == 3
    assert all("33" in line for line in marked)
    assert "33" not in re.sub(r"^.*# province$", "", text, flags=re.M)
    (other,) = yaml.safe_load_all(text.replace("33", "37"))
    assert other["metadata"]["labels"]["nianbao/province"] == "37"


def test_alerts_ask_for_metrics_that_there_are() -> None:
    from crawler.metrics import Counted, exposition, of_index, of_run

    totals = {"reports": 0, "versions": 0, "agencies": 0}
    there = exposition([*of_run("r", 1.0, [Counted("p", "33", {}, "ok")], finished=2.0), *of_index(1.0, building=False, failed=False,
                                                                                                   totals=totals)])  # fmt: skip
    (rules,) = documents("prometheus-rules.yaml")
    for rule in rules["groups"][0]["rules"]:
        for name in re.findall(r"nianbao_\w+", rule["expr"]):
            assert re.search(rf"^{name}[{{ ]", there, re.M), name
