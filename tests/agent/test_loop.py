"""The loop: what it looks at, what it does, and how every run ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent.limits import Limits
from agent.listener import Listener, Listeners
from agent.models.base import Reply
from agent.models.scripted import ScriptedModel
from agent.outcome import CRASHED, Evidence, Outcome, StateCheck, exit_code_of
from agent.parsing import Plan
from agent.step import Run, Step
from environments.actions import Click
from environments.base import Observation
from environments.errors import ConfigError, DeviceDisconnectedError, JournalError
from environments.geometry import InputPoint
from tests.agent.replies import DONE, GIVE_UP, USELESS, agent, click, reply
from tests.board import Board
from tools.schema import ToolCall, ToolResult

HOLDS = StateCheck("board", lambda _: Evidence(True, "the mark is there"))
FAILS = StateCheck("board", lambda _: Evidence(False, "there is no mark"))
CANNOT = StateCheck("board", lambda _: Evidence(None, "the board is away"))


class Diary(Listener):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.steps: list[Step] = []
        self.outcomes: list[Outcome] = []

    def on_observation(self, observation: Observation) -> None:
        self.heard.append("observation")

    def on_text(self, text: str) -> None:
        if self.heard[-1] != "text":
            self.heard.append("text")

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        self.heard.append("plan")

    def on_result(self, call: ToolCall, result: ToolResult) -> None:
        self.heard.append("result")

    def on_step(self, step: Step) -> None:
        self.heard.append("step")
        self.steps.append(step)

    def on_outcome(self, outcome: Outcome) -> None:
        self.heard.append("outcome")
        self.outcomes.append(outcome)


def test_a_claim_that_a_check_confirms_is_a_success() -> None:
    board = Board()
    outcome = agent(board, [click(500), DONE]).run("Mark it", board.stop, HOLDS)
    assert (outcome.status, outcome.evidence) == ("success", "the mark is there")
    assert (outcome.claim, outcome.checked_by) == ("success", "board")
    assert board.done == [Click(InputPoint(50, 25))]


@pytest.mark.parametrize(
    ("replies", "check", "status", "code"),
    [
        ([DONE], HOLDS, "success", 0),
        ([DONE], FAILS, "failed", 1),
        ([DONE], None, "unknown", 3),
        ([DONE], CANNOT, "unknown", 3),
        ([GIVE_UP], HOLDS, "failed", 1),
        ([GIVE_UP], None, "failed", 1),
        ([reply(action="answer", text="42")], None, "unknown", 3),
        ([click(n * 10) for n in range(3)], HOLDS, "failed", 7),
        (["Success! The task is done."] * 3, HOLDS, "failed", 7),
        ([USELESS] * 12, HOLDS, "failed", 7),
        ([click(1)], HOLDS, "failed", 6),
    ],
)
def test_no_way_of_ending_but_a_confirmed_claim_is_a_success(
    replies: Sequence[str], check: StateCheck | None, status: str, code: int
) -> None:
    board = Board()
    outcome = agent(board, replies, Limits(max_steps=3)).run("Mark it", board.stop, check)
    assert outcome.status == status
    assert exit_code_of(outcome) == code


def test_the_check_is_made_after_a_fresh_look() -> None:
    board, seen = Board(), list[str]()

    def verify(observation: Observation) -> Evidence:
        seen.append(str(observation.foreground))
        return Evidence(True, "")

    board.foreground = "at first"
    diary = Diary()
    diary.on_plan = lambda reply, plan: setattr(board, "foreground", "at last")  # type: ignore[method-assign]
    agent(board, [DONE], listener=diary).run("x", board.stop, StateCheck("c", verify))
    assert seen == ["at last"]


def test_an_answer_reaches_the_outcome() -> None:
    board = Board()
    outcome = agent(board, [reply(action="answer", text="42")]).run("How many?", board.stop)
    assert outcome.answer == "42"


def test_the_look_after_an_action_is_the_next_step_s_look() -> None:
    board, diary = Board(), Diary()
    agent(board, [click(100), click(200), DONE], listener=diary).run("Mark", board.stop)
    assert board.looks == 3, "one at the start, one after each click"
    first, second, _ = diary.steps
    assert second.observation is not None
    assert second.observation is first.results[0].observation


def test_listeners_hear_everything_in_order() -> None:
    board, diary = Board(), Diary()
    agent(board, [click(100), DONE], listener=Listeners(Listener(), diary)).run("x", board.stop)
    turn = ["observation", "text", "plan", "result", "step"]
    assert diary.heard == [*turn, *turn, "outcome"]


def test_a_step_s_timings_are_split_by_stage() -> None:
    board, diary = Board(), Diary()
    agent(board, [click(100), DONE], listener=diary).run("x", board.stop)
    assert list(diary.steps[0].timings_ms) == ["capture", "settle", "parse", "act"]
    assert diary.steps[0].timings_ms["settle"] == 4.0, "the first step takes two looks"
    assert list(diary.steps[1].timings_ms) == ["parse"]


def test_an_unreadable_reply_is_fed_back_and_may_be_mended_twice() -> None:
    board = Board()
    model = ScriptedModel(["Hm.", "Hm?", DONE])
    it = replace(agent(board, []), model=model)
    assert it.run("x", board.stop, HOLDS).status == "success"
    again = model.prompts[1]
    assert again[-2].parts == ("Hm.",)
    assert "could not be read" in str(again[-1].parts[1])


def test_a_third_unreadable_reply_in_a_row_ends_the_run() -> None:
    board = Board()
    outcome = agent(board, ["Hm."] * 3 + [DONE]).run("x", board.stop, HOLDS)
    assert outcome.status == "failed"
    assert "could not be read 3 times" in outcome.reason


def test_unreadable_replies_count_anew_after_a_readable_one() -> None:
    board = Board()
    replies = ["Hm.", "Hm.", click(1), "Hm.", "Hm.", DONE]
    assert agent(board, replies).run("x", board.stop, HOLDS).status == "success"


def test_a_reply_of_100_000_characters_is_one_more_unreadable_reply() -> None:
    board = Board()
    outcome = agent(board, ["success " * 12_500, DONE]).run("x", board.stop, HOLDS)
    assert outcome.status == "success"
    assert not board.done


def test_a_refused_call_is_told_to_the_model_and_stops_the_calls_behind_it() -> None:
    board, diary = Board(), Diary()
    off = reply(action="left_click", coordinate=[5000, 1]) + click(100)
    agent(board, [off, DONE], listener=diary).run("x", board.stop)
    assert [result.is_error for result in diary.steps[0].results] == [True]
    assert not board.done


def test_calls_behind_an_ending_are_not_made() -> None:
    board = Board()
    agent(board, [DONE + click(100)]).run("x", board.stop)
    assert not board.done


def test_a_stop_before_an_action_ends_the_run_with_nothing_done() -> None:
    board = Board()
    board.before_action = lambda: board.stop.set("you pressed Ctrl-C") or board.stop.check()  # type: ignore[func-returns-value]
    outcome = agent(board, [click(1), DONE]).run("x", board.stop, HOLDS)
    assert (outcome.status, outcome.reason) == ("stopped", "you pressed Ctrl-C")
    assert exit_code_of(outcome) == 4
    assert not board.done


def test_a_keyboard_interrupt_is_a_stop_too() -> None:
    board = Board()

    def interrupt() -> None:
        raise KeyboardInterrupt

    board.before_action = interrupt
    outcome = agent(board, [click(1)]).run("x", board.stop)
    assert (outcome.status, exit_code_of(outcome)) == ("stopped", 4)


@pytest.mark.parametrize(
    ("error", "code"),
    [(DeviceDisconnectedError("The display went away."), 5), (JournalError("Disk full."), 1)],
)
def test_an_error_that_ends_the_run_is_its_outcome(error: Exception, code: int) -> None:
    board = Board()

    def fail() -> None:
        raise error

    board.before_action = fail
    outcome = agent(board, [click(1), DONE]).run("x", board.stop, HOLDS)
    assert (outcome.status, outcome.reason) == ("failed", str(error))
    assert exit_code_of(outcome) == code


def test_a_bug_surfaces_after_the_listeners_have_heard_of_the_crash() -> None:
    board, diary = Board(), Diary()

    def fail() -> None:
        raise ZeroDivisionError

    board.before_action = fail
    with pytest.raises(ZeroDivisionError):
        agent(board, [click(1)], listener=diary).run("x", board.stop)
    assert diary.outcomes == [CRASHED]


def test_an_empty_task_is_refused_before_anything_is_looked_at() -> None:
    board = Board()
    with pytest.raises(ConfigError, match="empty"):
        agent(board, []).run("  \n", board.stop)
    assert board.looks == 0


def test_wrong_usage_has_its_own_exit_code() -> None:
    assert exit_code_of(ConfigError("x")) == 2
    assert exit_code_of(ZeroDivisionError()) == 1
    assert exit_code_of(DeviceDisconnectedError("x")) == 5


def test_the_pictures_of_old_steps_are_let_go() -> None:
    board = Board()
    run = Run("x", board.stop, 0.0)
    it = agent(board, [click(n * 20) for n in range(10)])
    for _ in range(10):
        it.step(run)
    kept = [step.observation is not None for step in run.steps]
    # At the ninth past screenshot all but two were let go; another has been taken since.
    assert kept == [False] * 7 + [True] * 3
