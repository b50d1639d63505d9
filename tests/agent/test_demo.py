"""The demo tries a failed task once more, on the next seed, and counts only what was verified."""

from agent.demo import PHONE_DEMO, Perform, all_verified, demonstrate
from agent.outcome import Outcome, Status
from environments.practice.templates import DEMO

FIRST = next(iter(DEMO))


def performing(*statuses: Status) -> Perform:
    """End the tries with these statuses, and those after them with success."""
    remaining = iter(statuses)
    return lambda template, seed, number: Outcome(next(remaining, "success"), "")


def test_three_successes_need_three_tries() -> None:
    tries = list(demonstrate(1, performing()))
    assert [(t.template, t.seed) for t in tries] == [(name, 1) for name in DEMO]
    assert all_verified(tries)


def test_a_failed_task_is_tried_once_more_on_the_next_seed() -> None:
    tries = list(demonstrate(5, performing("failed")))
    assert [t.seed for t in tries if t.template == FIRST] == [5, 6]
    assert all_verified(tries)


def test_a_task_that_failed_twice_is_left_and_the_demo_goes_on_unverified() -> None:
    tries = list(demonstrate(1, performing("failed", "unknown")))
    assert len(tries) == 4
    assert not all_verified(tries)


def test_a_stop_by_a_person_ends_the_demo() -> None:
    tries = list(demonstrate(1, performing("stopped")))
    assert len(tries) == 1
    assert not all_verified(tries)


def test_the_phone_counts_where_it_is_wanted() -> None:
    wanted = [*DEMO, *PHONE_DEMO]
    tries = list(demonstrate(1, performing(), wanted))
    assert [t.template for t in tries] == wanted
    assert all_verified(tries, wanted)
    assert not all_verified(tries[:-1], wanted)
