"""The registry that comes with nianbao."""

import re

import pytest

from crawler.urls import host_of
from spiders import divisions, platforms, registry
from spiders.registry_file import PLATFORM_NAMES


@pytest.fixture(scope="module")
def packaged() -> registry.Registry:
    return registry.load()


def test_it_has_no_fault() -> None:
    assert [str(fault) for fault in registry.check()] == []


def test_every_province_has_its_file_and_the_portal_of_its_government(packaged: registry.Registry) -> None:
    elsewhere = {"66", "71", "81", "82"}
    provinces = {code: province for code, province in divisions.provinces().items() if code not in elsewhere}
    assert len(provinces) == 31
    files = {file.name for file in registry.files_of(registry.PACKAGED)}
    assert files == {f"{code}-{province.pinyin}.toml" for code, province in provinces.items()}
    for code, province in provinces.items():
        government = next(portal for portal in packaged.portals if portal.division == f"{code}0000")
        assert government.name == f"{province.name}人民政府"


@pytest.mark.parametrize(
    ("key", "division"),
    [("jinyun", "331122"), ("zhangdian", "370303"), ("xianning-scjgj", "421200"), ("daxinganling", "232700")],
)
def test_the_first_reports_portals_are_there(packaged: registry.Registry, key: str, division: str) -> None:
    assert packaged.portal(key).division == division


def test_a_portals_name_goes_with_its_division(packaged: registry.Registry) -> None:
    zones = {"tjftz", "yangling"}  # bodies of a zone, not of the division they lie in
    for portal in packaged.portals:
        name = divisions.name_of(portal.division)
        assert name is not None
        assert portal.key in zones or name in portal.name or divisions.short_name(name) in portal.name, portal


def test_only_government_hosts_are_in_it(packaged: registry.Registry) -> None:
    """Copies on hijacked domains carry altered reports; a bare address must be named here to be let in."""
    for portal in packaged.portals:
        for host in registry.own_hosts(portal):
            assert host.endswith(".gov.cn") or host == "1.25.240.11:8082", portal
    for key, known in packaged.provenance.items():
        for seen in known.seen:
            assert re.sub(r":\d+$", "", host_of(seen.url)).endswith(".gov.cn") or key == "wulateqianqi", seen


def test_every_entry_says_where_its_address_was_seen(packaged: registry.Registry) -> None:
    for portal in packaged.portals:
        known = packaged.provenance[portal.key]
        assert known.seen or known.verified, portal.key


def test_the_registry_knows_the_platforms_there_are() -> None:
    assert {platform.name for platform in platforms.PLATFORMS} <= set(PLATFORM_NAMES)
