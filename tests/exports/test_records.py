"""One version of one report as an exported record."""

from __future__ import annotations

from datetime import date

from crawler.items import Attachment, Kind
from storage.queries import Filters, select
from storage.records import FIELDS

CONTRACT = [
    "report_id",
    "version",
    "changed",
    "province",
    "division",
    "portal",
    "platform",
    "url",
    "locations",
    "title",
    "kind",
    "report_year",
    "agency",
    "publisher",
    "index_number",
    "index_number_kind",
    "document_number",
    "published_on",
    "signed_on",
    "metadata",
    "body",
    "body_source",
    "sections",
    "statistics",
    "checks",
    "attachments",
    "body_digest",
    "payload_digest",
    "snapshot",
    "extractor",
    "first_seen",
    "last_seen",
    "status",
]


def records(archive, **filters):
    return [selected.record for selected in select(archive, Filters(**filters))]


def only(archive, **filters):
    (record,) = records(archive, **filters)
    return record


def empty_strings(value, place=""):
    if value == "":
        yield place
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from empty_strings(item, f"{place}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from empty_strings(item, f"{place}[{number}]")


def test_a_record_has_the_fields_of_the_contract_first_and_in_order(archive, hand):
    hand.file("aa01")
    assert list(only(archive))[: len(CONTRACT)] == CONTRACT
    assert list(only(archive)) == [field.name for field in FIELDS]


def test_what_is_inside_an_object_is_what_the_field_list_says(archive, hand):
    attachment = Attachment("附件", "http://www.mou.gov.cn/a.doc", "application/msword", 3, hand.sha256("a"), "k", None)
    hand.file("aa01", attachments=(attachment,))
    record = only(archive)
    for field in FIELDS:
        if field.type == "list of objects":
            assert record[field.name], field.name
            for item in record[field.name]:
                assert list(item) == [inner.name for inner in field.fields]


def test_absent_is_null_and_never_an_empty_string(archive, hand):
    hand.file("aa01", metadata={"索引号": "", "文号": ""}, title="", publisher="", platform="", statistics={})
    record = only(archive)
    assert list(empty_strings(record)) == []
    assert record["metadata"] == {"索引号": None, "文号": None}
    assert record["statistics"] is None
    assert record["platform"] is None


def test_digests_times_and_dates_are_written_as_the_contract_says(archive, hand):
    version = hand.file("aa01")
    record = only(archive)
    assert record["payload_digest"] == f"sha256:{version.payload_digest}"
    assert record["body_digest"] == f"sha256:{version.reading.body_digest}"
    assert record["first_seen"] == "2023-01-20T02:00:00+00:00"
    assert record["published_on"] == date(2023, 1, 18).isoformat()


def test_copies_are_locations_each_with_its_own_index_number(archive, hand):
    version = hand.file("aa01")
    copy = "http://other.gov.cn/x.html"
    hand.sight(hand.seen(version, "copy", run="run-2", portal="other", url=copy, time=hand.day(3), index_number="K-7"))
    hand.sight(hand.seen(version, "unchanged", run="run-3", time=hand.day(5)))
    here, there = only(archive)["locations"]
    assert here == {
        "url": version.url,
        "portal": "mou",
        "index_number": "11331122002649999X/2023-00012",
        "first_seen": "2023-01-20T02:00:00+00:00",
        "last_seen": "2023-01-25T02:00:00+00:00",
    }
    assert (there["url"], there["portal"], there["index_number"]) == (copy, "other", "K-7")


def test_one_address_under_two_spellings_is_one_location(archive, hand):
    version = hand.file("aa01", url="http://www.mou.gov.cn/t20230118_1.html")
    hand.sight(
        hand.seen(version, "unchanged", run="run-2", url="https://mou.gov.cn/t20230118_1_wap.html", time=hand.day(1))
    )
    assert len(only(archive)["locations"]) == 1


def test_an_attachment_is_no_location(archive, hand):
    version = hand.file("aa01")
    hand.sight(hand.seen(version, "attachment", run="run-2", url="http://www.mou.gov.cn/a.doc"))
    assert [place["url"] for place in only(archive)["locations"]] == [version.url]


def test_being_listed_shows_that_the_link_stands_and_confirms_no_content(archive, hand):
    version = hand.file("aa01")
    hand.sight(hand.seen(version, "listed", run="run-2", time=hand.day(9), status=None, report_id=None, version=None))
    record = only(archive)
    assert record["last_seen"] == "2023-01-20T02:00:00+00:00"
    assert record["locations"][0]["last_seen"] == "2023-01-29T02:00:00+00:00"


def test_not_modified_confirms_the_version_its_address_showed_last(archive, hand):
    first = hand.file("aa01")
    hand.file("aa01", 2, run="run-2", time=hand.day(2))
    copy = "http://other.gov.cn/x.html"
    hand.sight(hand.seen(first, "copy", run="run-1", portal="other", url=copy, time=hand.day(1)))
    hand.sight(
        hand.seen(
            first, "not_modified", run="run-3", portal="other", url=copy, time=hand.day(9), report_id=None, version=None
        )
    )
    seen = [
        selected.record["last_seen"][:10] for selected in select(archive, Filters(), all_versions=True)
    ]  # the copy still shows version 1
    assert seen == ["2023-01-29", "2023-01-22"]


def test_a_report_is_live_while_it_stands_anywhere(archive, hand):
    version = hand.file("aa01")
    copy = "http://other.gov.cn/x.html"
    hand.sight(hand.seen(version, "copy", run="run-2", portal="other", url=copy, time=hand.day(1)))
    hand.sight(hand.seen(version, "gone", run="run-3", time=hand.day(30), report_id=None, version=None))
    assert only(archive)["status"] == "live"
    hand.sight(hand.seen(version, "missing", run="run-4", portal="other", url=copy, time=hand.day(31), version=None))
    assert only(archive)["status"] == "missing"
    hand.sight(hand.seen(version, "gone", run="run-5", portal="other", url=copy, time=hand.day(50), version=None))
    assert only(archive)["status"] == "gone"
    hand.sight(hand.seen(version, "unchanged", run="run-6", time=hand.day(60)))
    assert only(archive)["status"] == "live"


def test_an_error_met_while_looking_says_nothing_of_the_report(archive, hand):
    version = hand.file("aa01")
    hand.sight(hand.seen(version, "soft_404", run="run-2", time=hand.day(1)))
    record = only(archive)
    assert (record["status"], record["last_seen"][:10]) == ("live", "2023-01-20")


def test_a_report_whose_address_shows_another_work_by_now_is_missing(archive, hand):
    old = hand.file("aa01", url="http://www.mou.gov.cn/ndbg.html")
    hand.file("bb01", url=old.url, time=hand.day(365), run="run-2", report_year=2023)
    status = {record["report_id"]: record["status"] for record in records(archive)}
    assert status == {"aa01": "missing", "bb01": "live"}


def test_another_portals_miss_says_nothing_of_a_location(archive, hand):
    version = hand.file("aa01")
    hand.sight(hand.seen(version, "missing", run="run-2", portal="other", time=hand.day(3)))
    assert only(archive)["status"] == "live"


def test_a_version_whose_sighting_is_not_yet_written_is_a_record_all_the_same(archive, hand):
    version = hand.version("aa01")
    record = only(archive)
    assert [place["url"] for place in record["locations"]] == [version.url]
    assert (record["status"], record["last_seen"]) == ("live", record["first_seen"])


def test_other_kinds_are_given_only_when_asked_for(archive, hand):
    hand.file("aa01")
    hand.file("bb01", kind=Kind.NOTICE)
    assert [record["report_id"] for record in records(archive)] == ["aa01"]
    assert [record["report_id"] for record in records(archive, kinds=("all",))] == ["aa01", "bb01"]
    assert [record["report_id"] for record in records(archive, kinds=("notice",))] == ["bb01"]
