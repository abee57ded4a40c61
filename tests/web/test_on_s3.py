"""The web view of an archive in a bucket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from crawler.web.index import Index
from storage import open_archive
from tests.web.conftest import Filled, running


@pytest.mark.parametrize("server", ["moto", "ceph"])
def test_a_bucket_is_shown_as_a_directory_is(
    server: str,
    request: pytest.FixtureRequest,
    bucket: Callable[[str], str],
    filled: Filled,
    client: httpx.Client,
    tmp_path: Path,
) -> None:
    where = request.getfixturevalue(server)
    name = bucket(where if isinstance(where, str) else f"http://{where[0]}:{where[1]}")
    copied = open_archive(f"s3://{name}/kept", create=True)
    for listed in filled.archive.store.list(""):
        copied.store.create(listed.key, filled.archive.store.get(listed.key))
    index = Index(tmp_path / "index.sqlite", copied.uri)
    assert index.refresh(copied)
    report = f"/reports/{filled.ids['lanxi-gov-2023']}"
    digest = filled.archive.version(filled.ids["hostile"], 1).payload_digest
    with running(copied, index) as address, httpx.Client(base_url=address, trust_env=False, timeout=30) as remote:
        for path in ("/coverage", "/search?q=教育", f"{report}/diff", f"/original/{digest}", f"/snapshots/{digest}.warc.gz",
                     f"{report}/proof.zip", f"/api/v1{report}"):  # fmt: skip
            there, here = remote.get(path), client.get(path)
            assert there.status_code == here.status_code == 200, path
            if not path.startswith(("/coverage", "/search", report)) or path.endswith(".zip"):
                assert there.content == here.content, path
        counted = [each.get("/api/v1/reports?kind=all").json()["facets"] for each in (remote, client)]
        assert counted[0] == counted[1]
        assert remote.get(f"{report}?version=99").status_code == 404
