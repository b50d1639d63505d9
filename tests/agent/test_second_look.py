"""The second look: it lowers a claim, never raises one, and is asked only where it matters."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agent.models.base import Image
from agent.models.scripted import ScriptedModel
from agent.outcome import Evidence, Outcome, StateCheck
from agent.second_look import VERDICT, SecondLook
from environments.base import Observation
from tests.agent.replies import DONE, GIVE_UP, agent, click, reply
from tests.board import Board

HOLDS = StateCheck("board", lambda _: Evidence(True, "the mark is there"))
FAILS = StateCheck("board", lambda _: Evidence(False, "there is no mark"))
CANNOT = StateCheck("board", lambda _: Evidence(None, "the board is away"))


def verdict(done: str, words: str = "The board is black.") -> str:
    body = json.dumps({"name": "verdict", "arguments": {"done": done}})
    return f"{words}\n<tool_call>\n{body}\n</tool_call>"


def ended(*replies: str, check: StateCheck | None = None) -> tuple[Outcome, ScriptedModel, Board]:
    board = Board()
    it = agent(board, replies)
    assert isinstance(it.model, ScriptedModel)
    it = replace(it, second_look=SecondLook(it.model))
    return it.run("Mark it", board.stop, check), it.model, board


@pytest.mark.parametrize("check", [None, CANNOT])
@pytest.mark.parametrize(
    ("said", "status"),
    [("yes", "unknown"), ("unclear", "unknown"), ("no", "failed")],
)
def test_without_a_check_the_second_look_can_only_lower_the_claim(
    check: StateCheck | None, said: str, status: str
) -> None:
    outcome, _, _ = ended(DONE, verdict(said), check=check)
    assert outcome.status == status
    assert outcome.second_look == f"{said}: The board is black."


def test_a_claim_that_is_taken_back_says_why() -> None:
    outcome, _, _ = ended(DONE, verdict("no", "There is no mark on the board."))
    assert "took its claim back" in outcome.reason
    assert "There is no mark on the board." in outcome.reason


@pytest.mark.parametrize(("check", "status"), [(HOLDS, "success"), (FAILS, "failed")])
def test_a_check_decides_alone(check: StateCheck, status: str) -> None:
    outcome, model, _ = ended(DONE, verdict("no"), check=check)
    assert (outcome.status, outcome.second_look) == (status, "")
    assert len(model.prompts) == 1


def test_a_model_that_gives_up_is_not_asked_and_its_reason_is_kept() -> None:
    outcome, model, _ = ended(GIVE_UP, verdict("yes"))
    assert outcome.status == "failed"
    assert outcome.reason.endswith("could not do the task: It cannot be done.")
    assert len(model.prompts) == 1


def test_a_check_that_does_not_hold_says_what_it_found() -> None:
    outcome, _, _ = ended(DONE, check=FAILS)
    assert outcome.reason.endswith("does not confirm it: there is no mark.")


@pytest.mark.parametrize(
    "answer",
    ["Yes, it is done.", reply(action="terminate", status="success"), verdict("perhaps"), ""],
)
def test_an_answer_that_is_no_verdict_changes_nothing(answer: str) -> None:
    outcome, _, _ = ended(DONE, answer)
    assert (outcome.status, outcome.second_look) == ("unknown", "gave no verdict")


def test_a_model_that_cannot_answer_leaves_the_claim_as_it_is() -> None:
    outcome, _, _ = ended(DONE)
    assert (outcome.status, outcome.ended_by) == ("unknown", "claim")
    assert outcome.second_look.startswith("could not be taken")


def test_the_question_shows_a_fresh_look_and_nothing_the_model_said() -> None:
    _, model, board = ended(click(500), reply(action="answer", text="It is 42."), verdict("yes"))
    system, asked = model.prompts[-1]
    picture, text = asked.parts
    assert isinstance(picture, Image)
    assert isinstance(text, str)
    assert picture.frame_hash == board.observe().frame_hash
    assert "Task: Mark it" in text
    assert '"It is 42."' in text
    assert "Click at 500." not in text
    assert VERDICT.description in str(system.parts[0])


def test_the_screen_is_looked_at_once_for_check_and_question() -> None:
    seen = list[Observation]()

    def test(observation: Observation) -> Evidence:
        seen.append(observation)
        return Evidence(None, "cannot tell")

    _, model, board = ended(DONE, verdict("yes"), check=StateCheck("board", test))
    assert board.looks == 2
    picture = model.prompts[-1][1].parts[0]
    assert isinstance(picture, Image)
    assert picture.frame is seen[0].frame
