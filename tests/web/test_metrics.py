"""What Prometheus is told of the web view."""

from __future__ import annotations

import httpx

from tests.deploy.test_watching import parsed
from tests.web.conftest import Filled


def test_the_web_view_counts_its_answers_by_page_and_never_by_address(client: httpx.Client, filled: Filled) -> None:
    for path in ("/", "/search?q=教育", "/nothing/at/all", "/search?year=x", f"/reports/{filled.ids['gone']}"):
        client.get(path)
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    metrics = parsed(answer.text)
    counted = metrics["nianbao_http_requests_total"]
    assert counted[("page", "search"), ("status", "200")] >= 1
    assert counted[("page", "search"), ("status", "400")] >= 1
    assert counted[("page", "none"), ("status", "404")] >= 1
    assert not any("nothing" in value or "/" in value for labels in counted for _, value in labels)
    assert metrics["nianbao_archive_reports"][()] > 10
    assert metrics["nianbao_last_crawls"] == {(("status", "blocked"),): 1, (("status", "ok"),): 1}
    assert metrics["nianbao_index_building"][()] == 0
    assert metrics["nianbao_index_update_timestamp_seconds"][()] > metrics["nianbao_last_run_end_timestamp_seconds"][()]
