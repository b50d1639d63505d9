"""Limits: when a run that does not end itself is ended, and when it is not."""

from __future__ import annotations

from agent.limits import Limits
from agent.step import Run
from environments.errors import PersonFirstError
from tests.agent.replies import USELESS, agent, click, reply
from tests.board import Board

WAIT = reply(action="wait", time=1)


def played(replies: list[str], limits: Limits, board: Board | None = None) -> list[str]:
    """Return the reason after each step, empty while the run may go on."""
    board = board or Board()
    it, run = agent(board, replies, limits), Run("x", board.stop, started_s=0.0)
    reasons = []
    for _ in replies:
        it.step(run)
        limit = limits.reached(run)
        reasons.append(limit.reason if limit else "")
    return reasons


def test_the_step_limit_ends_a_run_at_that_step() -> None:
    reasons = played([click(100), click(200)], Limits(max_steps=2, clock=lambda: 0.0))
    assert reasons == ["", "The limit of 2 steps was reached."]


def test_the_minutes_are_counted_by_the_clock_that_was_given() -> None:
    now = iter([60.0, 119.0, 120.0])
    limits = Limits(max_minutes=2, clock=lambda: next(now))
    reasons = played([click(100), click(200), click(300)], limits)
    assert reasons == ["", "", "The limit of 2 minutes was reached."]


def test_a_loop_ends_the_run_as_a_loop_after_the_model_was_told_four_times() -> None:
    limits = Limits(clock=lambda: 0.0)
    for useless in (USELESS, WAIT):
        reasons = played([useless] * 9, limits)
        assert reasons[:8] == [""] * 8
        expected = "The last 8 calls were all made on the very same screens before."
        assert reasons[8] == f"The run went round in circles: {expected}"


def test_identical_calls_that_change_the_screen_may_go_on() -> None:
    assert played([click(100)] * 6, Limits(clock=lambda: 0.0)) == [""] * 6


def test_another_call_in_between_starts_the_count_anew() -> None:
    assert played([USELESS, USELESS, WAIT, USELESS, USELESS], Limits(clock=lambda: 0.0)) == [""] * 5


def test_the_same_refused_call_is_a_loop_too() -> None:
    refused = reply(action="left_click", coordinate=[5000, 0])
    assert played([refused] * 11, Limits(clock=lambda: 0.0))[-1].startswith("The run went round")


def test_a_person_is_asked_before_a_loop_ends_the_run_and_the_answer_starts_it_anew() -> None:
    board, asked = Board(), list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return "Click on the left."

    limits = Limits(clock=lambda: 0.0, ask=ask)
    assert played([USELESS] * 15, limits, board) == [""] * 15
    assert len(asked) == 1
    assert "The task is: x" in asked[0]


def test_a_call_that_a_person_kept_from_being_done_may_be_asked_for_again() -> None:
    board = Board()

    def person() -> None:
        raise PersonFirstError("A person used the mouse.")

    board.before_action = person
    assert played([click(100)] * 5, Limits(clock=lambda: 0.0), board) == [""] * 5
