"""What a newcomer gets wrong in ten lines is told in a sentence, and the run is closed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent import DesktopEnvironment, Stop, run
from agent.archive import list_runs
from agent.config import HOME_VARIABLE
from agent.models.base import Reply
from agent.models.scripted import ScriptedModel
from environments.actions import PressKeys
from environments.base import Observation
from environments.errors import CaptureError, ConfigError, DeviceError
from environments.geometry import Screen
from tests.agent.replies import DONE
from tests.board import Board
from tools.schema import Request, Tool, ToolSpec

NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
SAVE = f"Saving.\n<tool_call>\n{json.dumps({'name': 'save', 'arguments': {}})}\n</tool_call>"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path / "runs"


class Saying:
    """A model that returns what it was given."""

    name, profile = "own", "qwen3vl-desktop"

    def __init__(self, what: Any) -> None:
        self.what = what

    def generate(self, *_: Any, **__: Any) -> Any:
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


def tool(prepare: Callable[..., Any], name: str = "save") -> Tool:
    return Tool(ToolSpec(name, "Save.", NOTHING, NOTHING), prepare)


def press(*_: Any) -> Request:
    return Request(PressKeys(("ctrl", "s")))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"model": None}, "None is no model: it has no name"),
        ({"model": Saying}, r"Saying is a class; give one of its objects: Saying\(...\)"),
        ({"on": Board}, "Board is a class"),
        ({"on": 5}, "5 is no screen: it has no observe"),
        ({"on": "virtul"}, "Did you mean 'virtual'"),
        ({"model": "emdedded"}, "There is no model 'emdedded'"),
        ({"tools": [press]}, "is no tool: give Tool"),
        ({"tools": [tool(press, "computer_use")]}, "Two tools are called 'computer_use'"),
        ({"tools": [tool(press), tool(press)]}, "Two tools are called 'save'"),
        ({"max_step": 3}, "no setting 'max_step'. Did you mean 'max_steps'"),
        ({"max_steps": "many"}, "max-steps is not usable"),
    ],
)
def test_what_is_no_part_of_a_run_is_refused_in_a_sentence(
    given: dict[str, Any], told: str, home: Path
) -> None:
    usual = {"on": Board(), "model": ScriptedModel([DONE])}
    with pytest.raises(ConfigError, match=told):
        run("Save", **{**usual, **given})
    assert all(summary.status == "failed" for summary in list_runs(home)), "none is left open"


@pytest.mark.parametrize("what", [None, "hello", Reply(5)])  # type: ignore[arg-type]
def test_a_model_that_returns_no_reply_is_told_what_to_return(what: object) -> None:
    outcome = run("Save", on=Board(), model=Saying(what)).outcome
    assert (outcome.status, outcome.ended_by) == ("failed", "model")
    assert "must return a Reply with a text" in outcome.reason


@pytest.mark.parametrize("text", ["", "\x00\ud800 <tool_call>{", "<tool_call></tool_call>" * 9])
def test_a_model_that_talks_nonsense_reaches_the_limit(text: str) -> None:
    outcome = run("Save", on=Board(), model=Saying(Reply(text)), max_steps=2).outcome
    assert (outcome.status, outcome.ended_by) == ("failed", "limit")


@pytest.mark.parametrize("what", [None, "saved"])
def test_a_tool_that_asks_for_nothing_is_told_what_to_return(what: object) -> None:
    tools = [tool(lambda *_: what)]
    outcome = run("Save", on=Board(), model=ScriptedModel([SAVE]), tools=tools).outcome
    assert outcome.status == "failed"
    assert "it must return what is to be done" in outcome.reason


def broken(*_: Any) -> Request:
    raise KeyError("price")


class Dark(Board):
    """A screen whose camera is off."""

    def observe(self) -> Observation:
        raise OSError("price")


@pytest.mark.parametrize(
    "given",
    [{"model": Saying(ValueError("price"))}, {"tools": [tool(broken)]}, {"on": Dark()}],
    ids=["model", "tool", "screen"],
)
def test_what_breaks_in_a_part_of_ones_own_surfaces_with_what_to_do(
    given: dict[str, Any], home: Path
) -> None:
    usual = {"on": Board(), "model": ScriptedModel([SAVE])}
    with pytest.raises((ValueError, KeyError, OSError), match="price") as caught:
        run("Save", **{**usual, **given})
    assert "let a tool raise ToolError" in caught.value.__notes__[0]
    (summary,) = list_runs(home)
    assert summary.status == "failed"
    assert "in a part of your own" in summary.reason


@pytest.mark.parametrize(
    "frame", [None, np.zeros((9, 9)), np.zeros((9, 9, 3)), np.zeros((9, 9, 4), np.uint8)]
)
def test_a_frame_that_is_no_picture_is_refused_where_it_is_made(frame: Any) -> None:
    with pytest.raises(CaptureError, match=r"\(height, width, 3\) of uint8"):
        Observation(frame, Screen(9, 9), 0.0)


def test_a_screen_that_a_run_has_is_not_given_to_a_second_one() -> None:
    board = Board()

    class Greedy(Saying):
        def generate(self, *_: Any, **__: Any) -> Reply:
            with pytest.raises(ConfigError, match="Another run of this program uses the same"):
                run("Save", on=board, model=ScriptedModel([DONE]))
            return Reply(DONE)

    assert run("Save", on=board, model=Greedy(None)).outcome.status == "unknown"
    assert run("Save", on=board, model=ScriptedModel([DONE])).outcome.status == "unknown"


@pytest.mark.usefixtures("x_display")
def test_a_screen_that_was_closed_is_told_so(home: Path) -> None:
    screen = DesktopEnvironment.open("virtual:320x240", Stop())
    screen.close()
    with pytest.raises(DeviceError, match="was closed; open it again"):
        run("Save", on=screen, model=ScriptedModel([DONE]))
    assert list_runs(home)[0].status == "failed"
