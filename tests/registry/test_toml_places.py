"""The scanner against the parser: whatever tomllib reads, the scanner names in the same place."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spiders.toml_places import Path, nearest, places_of

SAMPLE = """\
# a comment with key = "no"
[province] # [nor.this]
code = "33"

[[portal]]
key = "a"   # behind
columns = [ # first
    "http://a/#x", 'http://b/]',
    # "http://no/"
    "http://c/",
]
seen = [{ url = "http://d/", where = "e, f" },
        { url = "http://g/", where = '''h
i''' }]

[[portal]]
"key" = "b"
note = \"\"\"two
lines \\" with = [signs] \"\"\"\"
verified = 2026-08-20 10:00:00
delay = 1.5
  [[portal.seen]]
  url = "http://j/"
  [portal.extra]
  dotted.key = true
"""


def test_every_key_is_found_on_its_line() -> None:
    places = places_of(SAMPLE)
    lines = {path: place.line for path, place in places.items()}
    assert lines["province", "code"] == 3
    assert lines["portal", 0] == 5
    assert lines["portal", 0, "key"] == 6
    assert lines["portal", 0, "columns"] == 7
    assert lines["portal", 0, "columns", 1] == 8
    assert lines["portal", 0, "columns", 2] == 10
    assert lines["portal", 0, "seen", 1, "where"] == 13
    assert lines["portal", 1, "key"] == 17
    assert lines["portal", 1, "verified"] == 20
    assert lines["portal", 1, "delay"] == 21
    assert lines["portal", 1, "seen", 0, "url"] == 23
    assert lines["portal", 1, "extra", "dotted", "key"] == 25


def test_a_path_that_is_not_there_has_the_place_around_it() -> None:
    places = places_of(SAMPLE)
    missing = nearest(places, ("portal", 1, "name"))
    assert missing is not None
    assert missing.line == 16
    assert nearest(places, ("elsewhere",)) is None


def _leaves(value: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for number, item in enumerate(value) for leaf in _leaves(item, (*path, number))]
    return [(path, value)]


def _spans_say_what_was_parsed(text: str) -> None:
    places = places_of(text)
    for path, value in _leaves(tomllib.loads(text)):
        place = places[path]
        assert tomllib.loads(f"x = {text[place.start : place.end]}")["x"] == value
        assert place.line <= text.count("\n", 0, place.start) + 1


def test_the_sample_reads_the_same_piece_by_piece() -> None:
    _spans_say_what_was_parsed(SAMPLE)
    _spans_say_what_was_parsed(SAMPLE.replace("\n", "\r\n"))


keys = st.sampled_from(["key", "name", "a-b", "c_d", "1"])
texts = st.text(st.sampled_from("ab \"'#[]{},=\\.\n中"), max_size=8)


@st.composite
def values(draw: st.DrawFn, depth: int = 2) -> str:
    kind = draw(
        st.sampled_from(["basic", "literal", "multi", "number", "date", "array", "inline"][: 7 if depth else 5])
    )
    gap = draw(st.sampled_from(["", " ", "\n  ", " # ]}\n"]))
    if kind == "basic":
        return '"' + draw(texts).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if kind == "literal":
        return "'" + draw(texts).replace("'", "").replace("\n", "") + "'"
    if kind == "multi":
        return '"""' + draw(texts).replace("\\", "\\\\").replace('"', '\\"') + '"""'
    if kind == "number":
        return draw(st.sampled_from(["0", "-1", "+2.5", "1e3", "inf", "nan", "0xff", "true"]))
    if kind == "date":
        return draw(st.sampled_from(["2026-08-20", "2026-08-20T10:00:00Z", "2026-08-20 10:00:00+08:00", "10:00:00"]))
    inner = draw(st.lists(values(depth - 1), max_size=3))
    if kind == "array":
        return "[" + gap + f",{gap}".join(inner) + gap + "]"
    # An inline table stays on one line, but for what stands within its values.
    return "{" + ", ".join(f"k{number} = {item}" for number, item in enumerate(inner)) + "}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = []
    for table in draw(st.lists(st.sampled_from(["[[portal]]", "[[portal.seen]]", "[ province ]", ""]), max_size=4)):
        if (table == "[ province ]" and table in lines) or (table == "[[portal.seen]]" and "[[portal]]" not in lines):
            continue
        if table or not lines:
            lines.append(table)
            names = draw(st.lists(keys, unique=True, max_size=3))
            lines += [f"{name} = {draw(values())}" for name in names if name not in ("portal", "seen", "province")]
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", " # end"]))


@given(documents())
def test_whatever_tomllib_reads_stands_where_the_scanner_says(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if "nan" not in text:  # which is not equal to itself
        _spans_say_what_was_parsed(text)
