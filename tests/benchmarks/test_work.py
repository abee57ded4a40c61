"""The reader and the rule do not become slower unnoticed: their work is counted, not timed."""

from __future__ import annotations

import pytest

from benchmarks import work

MORE, LESS = 1.10, 0.60  # of the budget


@pytest.fixture(scope="module")
def counts() -> dict[str, work.Counts]:
    return work.fresh()


def test_reading_and_judging_stay_within_their_budget(counts: dict[str, work.Counts]) -> None:
    budget = work.budget()
    if budget is None:
        pytest.skip(f"no budget is recorded for Python {work.PYTHON}: python -m benchmarks.work --write")
    assert set(counts) == set(budget), "other works are counted than were recorded: python -m benchmarks.work --write"
    over = [
        f"{name}: {counts[name][kind]:,} {kind}, budget {allowed:,} ({counts[name][kind] / max(allowed, 1):.2f} times)"
        for name, kinds in budget.items()
        for kind, allowed in kinds.items()
        if counts[name][kind] > allowed * MORE
    ]
    assert not over, (
        "reading or judging does more than it used to. Find out what (python -m benchmarks.work shows the counts); where it "
        "is worth its price, record the new budget with `python -m benchmarks.work --write`:\n  " + "\n  ".join(over)
    )
    spare = [
        f"{name}: {counts[name][kind]:,} {kind}, budget {allowed:,}"
        for name, kinds in budget.items()
        for kind, allowed in kinds.items()
        if counts[name][kind] < allowed * LESS
    ]
    assert not spare, "it has become quicker: keep it so with `python -m benchmarks.work --write`:\n  " + "\n  ".join(
        spare
    )


def test_a_script_four_times_as_long_is_four_times_the_work(counts: dict[str, work.Counts]) -> None:
    short, long = (counts[f"list beside a script of {parts} parts"] for parts in (20, 80))
    assert long["characters"] < short["characters"] * 4.2
    assert long["calls"] < short["calls"] * 4.2


def test_the_counts_are_the_same_each_time(counts: dict[str, work.Counts]) -> None:
    assert work.fresh() == counts
