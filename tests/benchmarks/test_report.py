"""Rates come with their interval, and what broke is not among them."""

import pytest

from benchmarks.base import Kind, TaskResult
from benchmarks.header import About, Header, Player, header
from benchmarks.report import by_group, stage_medians, standing, tally, wilson


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
    assert count.words() == (
        "0.333  [0.06, 0.79]  1/3, 1 timed out, 1 broke and are not counted (else 0.250 [0.05, "
        "0.70]), 1 stopped"
    )


def test_where_nothing_counts_there_is_no_rate_and_no_zero() -> None:
    count = tally([result(Kind.ENV_ERROR), result(Kind.STOPPED)])
    assert count.words().startswith("-      [0.00, 1.00]  0/0, 1 broke")
    assert count.data()["rate"] is None


def test_what_a_run_still_lacks_is_told_and_why() -> None:
    results = [result(Kind.SUCCESS), result(Kind.ENV_ERROR), result(Kind.STOPPED)]
    assert standing(headed(5), results) == (
        "incomplete: 1 of 5 episodes count (1 broke, 1 stopped, 2 not played yet); the same "
        "command plays the others.",
    )
    assert standing(headed(1), results[:1]) == ()


def test_a_run_of_some_episodes_is_no_figure_of_its_protocol() -> None:
    some = headed(2, whole=625, strays=1)
    assert standing(some, [result(Kind.SUCCESS)] * 2) == (
        "partial: 1 of 625 episodes and 1 others of p: no figure of that protocol.",
    )


def headed(episodes: int, whole: int = 0, strays: int = 0) -> Header:
    about = About("s", preset="p", whole=whole, strays=strays)
    return header(about, Player("oracle"), map(str, range(episodes)))


def test_groups_are_counted_apart() -> None:
    results = [result(Kind.SUCCESS, "b"), result(Kind.AGENT_FAIL), result(Kind.SUCCESS)]
    assert {group: count.rate for group, count in by_group(results).items()} == {"b": 1, "a": 0.5}


def test_stages_are_summed_up_by_their_median() -> None:
    results = [result(Kind.SUCCESS, wall=wall) for wall in (1.0, 2.0, 90.0)]
    assert stage_medians(results) == {"wall": 2.0}
