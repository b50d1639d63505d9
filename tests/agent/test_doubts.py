"""Doubts: what may have been done is refused once, and asked about where it is grave."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from agent.config import settings_from
from agent.doubts import Doubts
from agent.recall import Past
from agent.resume import guarded
from environments.base import Observation
from tests.agent.replies import DONE, agent, click
from tests.board import Board
from tools.approval import AllowAll, Verdict
from tools.asking import Heard, Inquiry
from tools.computer_use import computer_use
from tools.registry import ToolRegistry
from tools.schema import Request, ToolCall, ToolResult

SEND = ToolCall("computer_use", {"action": "left_click", "coordinate": [500, 500]})
NEARLY = ToolCall("computer_use", {"action": "left_click", "coordinate": [510, 490]})
OTHER = ToolCall("computer_use", {"action": "left_click", "coordinate": [900, 500]})


@dataclass
class Rules:
    """Allows everything and says what it is."""

    decision: str

    def review(self, call: ToolCall, request: Request, observation: Observation) -> Verdict:
        return Verdict(True, decision=self.decision)


@dataclass
class Person:
    """Answers as told."""

    answer: str | None
    asked: list[Inquiry] = field(default_factory=list)

    def ask(self, inquiry: Inquiry) -> Heard:
        self.asked.append(inquiry)
        return Heard(self.answer, "at the terminal")


def asked(calls: list[ToolCall], decision: str, person: Person) -> tuple[list[ToolResult], Board]:
    board = Board()
    doubts = Doubts([SEND], Rules(decision), person)
    tools = ToolRegistry(board, [computer_use()], board.stop, 1000, doubts)
    return [tools.call(call, board.observe()) for call in calls], board


@pytest.mark.parametrize("again", [SEND, NEARLY])
def test_what_may_have_been_done_is_refused_once_and_then_allowed(again: ToolCall) -> None:
    results, board = asked([again, again], "edit; the rules: allowed", Person(None))
    assert [result.is_error for result in results] == [True, False]
    assert "Look at the screen" in results[0].content
    assert len(board.done) == 1


def test_everything_else_is_left_to_the_rules() -> None:
    results, board = asked([OTHER, OTHER], "edit; the rules: allowed", Person(None))
    assert [result.is_error for result in results] == [False, False]
    assert len(board.done) == 2


@pytest.mark.parametrize(("answer", "done"), [("yes", 1), ("no", 0), (None, 0), ("later", 0)])
def test_what_cannot_be_taken_back_needs_a_yes_whatever_the_rules_allow(
    answer: str | None, done: int
) -> None:
    person = Person(answer)
    results, board = asked([SEND, SEND], "consequential: send; autonomous: allowed", person)
    assert len(board.done) == done
    assert len(person.asked) == 1
    assert "not known whether it was done" in person.asked[0].text
    assert "not known" in results[1].decision


def test_a_person_who_was_asked_by_the_rules_is_not_asked_again() -> None:
    person = Person("no")
    words = "consequential: send; balanced: asked, yes at the terminal"
    _, board = asked([SEND, SEND], words, person)
    assert (len(board.done), person.asked) == (1, [])


def test_each_time_what_cannot_be_taken_back_is_asked_about_anew() -> None:
    person = Person("yes")
    asked([SEND, SEND, SEND], "consequential: pay; autonomous: allowed", person)
    assert len(person.asked) == 2


def test_a_run_without_doubts_keeps_its_own_rules() -> None:
    past = Past("x", settings_from(task="x"), (), (), ())
    rules = AllowAll()
    assert guarded(rules, past) is guarded(rules, None) is rules
    assert guarded(rules, Past("x", past.settings, (), (SEND,), ())) is not rules


def test_a_model_that_repeats_itself_blindly_after_a_crash_does_it_once_at_most() -> None:
    board = Board()
    doubts = Doubts([SEND], AllowAll())
    tools = ToolRegistry(board, [computer_use()], board.stop, 1000, doubts)
    it = replace(agent(board, [click(500), click(900), DONE]), tools=tools)
    it.run("x", board.stop)
    assert len(board.done) == 1
