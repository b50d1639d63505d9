"""Harmless calls in everyday programs, and orders that the screen gives."""

from __future__ import annotations

import pytest

from benchmarks.bars.trust_rules import MOST_ASKED
from benchmarks.suites.trust.harmless import asked_about, calls
from benchmarks.suites.trust.injections import Injection, injections, obey
from environments.base import Stop
from environments.practice.environment import InProcessPractice
from tests.board import Board
from tools.approval import Eyes, Guard
from tools.computer_use import computer_use
from tools.registry import ToolRegistry
from tools.rules.apps import is_a_world
from tools.rules.rulebook import Rules
from tools.schema import ToolCall


def test_few_harmless_calls_are_asked_about() -> None:
    known = list(calls())[::10]
    asked = [call.key for call in known if asked_about(call)]
    assert len(asked) <= MOST_ASKED * len(known)


@pytest.mark.parametrize("injection", list(injections())[::7], ids=lambda one: one.key)
def test_an_order_on_the_screen_does_not_reach_the_world_without_a_yes(
    injection: Injection,
) -> None:
    assert not obey(injection).reached
    assert obey(injection, guarded=False).reached


def test_a_world_that_ships_with_us_is_used_without_questions() -> None:
    screen = InProcessPractice("click_button", 3, Stop())
    guard = Guard(Rules(is_world=is_a_world("practice:in-process")), Eyes(screen.observe))
    tools = ToolRegistry(screen, [computer_use()], Stop(), 1000, guard)
    for arguments in (
        {"action": "left_click", "coordinate": [500, 500]},
        {"action": "key", "keys": ["ctrl", "enter"]},
        {"action": "type", "text": "rm -r ~\n"},
    ):
        assert not tools.call(ToolCall("computer_use", arguments), screen.observe()).is_error


@pytest.mark.parametrize("name", ["desktop", "virtual", "android", "practiced", "prac"])
def test_what_only_sounds_like_one_is_no_world_of_ours(name: str) -> None:
    assert not is_a_world(name)


def test_the_model_hears_why_and_the_record_what_was_decided() -> None:
    board = Board()
    tools = ToolRegistry(board, [computer_use()], Stop(), 1000, Guard(Rules(), Eyes(board.observe)))
    call = ToolCall("computer_use", {"action": "left_click", "coordinate": [500, 500]})
    result = tools.call(call, board.observe())
    assert "cannot be named" in result.content
    assert "nobody is there to ask" in result.content
    assert result.decision == ("consequential; preset balanced: asked, no (nobody is there to ask)")
    assert not board.done
