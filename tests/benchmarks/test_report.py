"""Rates come with their interval, and what broke is not among them."""

import pytest

from benchmarks.base import Kind, TaskResult
from benchmarks.report import by_group, stage_medians, tally, wilson


def result(kind: Kind, group: str = "a", **stages: float) -> TaskResult:
    return TaskResult(key="k", group=group, seed=1, kind=kind, steps_ms=(stages,))


def test_the_interval_is_wilsons() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_errors_and_stops_are_in_no_rate_and_timeouts_are() -> None:
    count = tally(map(result, Kind))
    assert (count.successes, count.played, count.timeouts, count.errors) == (1, 3, 1, 1)
    assert "1 broke and are not counted" in count.words()


def test_groups_are_counted_apart() -> None:
    results = [result(Kind.SUCCESS, "b"), result(Kind.AGENT_FAIL), result(Kind.SUCCESS)]
    assert {group: count.rate for group, count in by_group(results).items()} == {"b": 1, "a": 0.5}


def test_stages_are_summed_up_by_their_median() -> None:
    results = [result(Kind.SUCCESS, wall=wall) for wall in (1.0, 2.0, 90.0)]
    assert stage_medians(results) == {"wall": 2.0}
