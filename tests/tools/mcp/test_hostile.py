"""Servers that mean harm: the run loses their tools, or a call, and nothing else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from environments.base import Stop
from environments.errors import Stopped, ToolError
from environments.geometry import Screen
from tools.mcp.choosing import MOST_TOOLS
from tools.mcp.client import MOST_LISTED, joined
from tools.mcp.configuration import JoinedServer
from tools.schema import Errand, Tool

PROGRAM = Path(__file__).with_name("hostile.py")
OURS = ("computer_use", "person")


def hostile(how: str) -> JoinedServer:
    return JoinedServer(command=sys.executable, args=("-S", str(PROGRAM), how))


@contextmanager
def opened(told: list[str], stop: Stop | None = None, **servers: str) -> Iterator[dict[str, Tool]]:
    wanted = {name: hostile(how) for name, how in servers.items()}
    with joined(wanted, OURS, stop or Stop(), told.append) as tools:
        yield {tool.spec.name: tool for tool in tools}


def errand(tool: Tool) -> Errand:
    does = tool.prepare({}, Screen(100, 100), 1000).does
    assert isinstance(does, Errand)
    return does


@pytest.mark.parametrize("how", ["a line without end", "progress without end"])
def test_who_sends_without_end_is_cut_off_and_stays_so(how: str) -> None:
    with opened([], bad=how) as tools:
        harm = errand(tools["harm"])
        with pytest.raises(ToolError, match="sent more than 16 MB"):
            harm.run()
        with pytest.raises(ToolError, match=r"ended|closed"):
            harm.run()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("asks us", r"\[True, True\]"),
        ("another's answer", "mine"),
        ("answers for ever", r'"a": "a+!"'),
    ],
)
def test_questions_wrong_answers_and_traps_for_a_check_do_no_harm(how: str, said: str) -> None:
    with opened([], bad=how) as tools:
        assert _found(said, errand(tools["harm"]).run())


def _found(pattern: str, text: str) -> bool:
    import re

    return re.search(pattern, text) is not None


def test_tools_that_change_after_they_were_offered_are_those_that_were_offered() -> None:
    with opened([], bad="changes its tools") as tools:
        harm = errand(tools["harm"])
        assert "| changed" in harm.run()
        assert "| changed" in harm.run()
        assert set(tools) == {"harm"}
        assert errand(tools["harm"]).classified == harm.classified


def test_a_server_that_does_not_go_is_ended_with_the_run() -> None:
    with opened([], bad="does not go") as tools:
        assert "harm" in tools


def test_a_server_that_complains_without_end_and_never_starts_is_left_by_a_stop() -> None:
    stop = Stop()
    threading.Thread(target=stop.set, args=("You stopped it.",)).start()
    with pytest.raises(Stopped), opened([], stop, bad="complains without end"):
        pass


def test_a_stop_while_a_server_says_nothing_ends_it() -> None:
    stop = Stop()
    threading.Thread(target=stop.set, args=("You stopped it.",)).start()
    with pytest.raises(Stopped), opened([], stop, bad="says nothing", worse="does not go"):
        pass


@pytest.mark.parametrize("how", ["many", "pages without end"])
def test_of_tools_without_end_some_are_offered_and_the_rest_is_told(how: str) -> None:
    told: list[str] = []
    with opened(told, bad=how, good="fine") as tools:
        assert "harm" in tools or "good_harm" in tools
        assert len(tools) <= MOST_TOOLS
    if how == "many":
        assert (
            f"Of {MOST_LISTED + 1} tools of MCP servers {MOST_LISTED + 1 - len(tools)}" in told[0]
        )


def test_a_tool_that_cannot_be_told_to_a_model_is_left_out_and_named_with_the_reason() -> None:
    told: list[str] = []
    with opened(told, bad="schemas") as tools:
        assert set(tools) == {"good"}
    (notice,) = told
    assert "3 are left out" in notice
    for words in ("'circle' of 'bad' (its schema refers to itself", "elsewhere", "too long, or"):
        assert words in notice


def test_names_that_read_like_ours_or_anothers_get_their_servers_name() -> None:
    with opened([], bad="shadows", desk="fine") as tools:
        assert set(tools) == {"bad_Computer-Use", "bad_person", "bad_desk_open", "fine", "harm"}
