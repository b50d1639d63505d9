"""What a person sees of a run."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from agent.console import (
    LONGEST_CALL,
    LONGEST_THOUGHT,
    LiveConsole,
    ThoughtStream,
    describe_call,
    describe_timings,
    describe_work,
    printable,
)
from agent.models.base import Reply
from agent.outcome import Outcome
from agent.parsing import Plan
from environments.effects import Effect
from tests.board import Board
from tools.schema import ToolCall, ToolResult


def streamed(pieces: list[str]) -> str:
    stream = ThoughtStream()
    return "".join(stream.take(piece) for piece in pieces)


def test_the_thought_is_shown_without_the_call_however_it_is_cut() -> None:
    reply = 'Click Save.\n<tool_call>\n{"name": "computer_use"}\n</tool_call>'
    for size in range(1, len(reply)):
        pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
        assert streamed(pieces) == "Click Save."


def test_a_smaller_sign_that_begins_no_tag_is_shown() -> None:
    assert streamed(["a < b and ", "then some more text"]) == "a < b and then some more text"


@given(st.lists(st.text()))
def test_no_reply_can_steer_the_terminal_or_fill_it(pieces: list[str]) -> None:
    shown = streamed(pieces)
    assert shown.isprintable()
    assert len(shown) <= LONGEST_THOUGHT


def test_escape_sequences_are_shown_as_spaces() -> None:
    assert printable("\x1b[2Jgone\r\n") == " [2Jgone  "


def test_a_call_is_one_line_with_the_action_first() -> None:
    call = ToolCall("computer_use", {"action": "left_click", "coordinate": [512, 384]})
    assert describe_call(call) == "left_click(coordinate=[512, 384])"


def test_a_long_call_says_that_it_goes_on() -> None:
    told = describe_call(ToolCall("computer_use", {"action": "type", "text": "a" * 10_000}))
    assert told.startswith("type(text='aaaa")
    assert told.endswith("aaaa...)")
    assert len(told) == LONGEST_CALL + len("...)")


def test_the_split_names_its_stages_in_the_order_in_which_they_are_spent() -> None:
    timings = {"decode": 30.0, "capture": 2.0, "parse": 1.0, "other": 4.0}
    assert describe_timings(timings) == "capture 2 | decode 30 | parse 1 | other 4 | total 37 ms"


def test_stages_that_took_no_time_are_left_out() -> None:
    assert describe_timings({"capture": 2.0, "vision": 0.0, "act": 0.2}) == "capture 2 | total 2 ms"


def test_the_work_is_told_in_words_and_what_was_not_done_is_left_out() -> None:
    counters = {
        "frames_encoded": 1, "frames_reused": 4, "tokens_prefilled": 2150, "tokens_reused": 14_830,
        "forwards": 28, "tokens_generated": 60, "tokens_forced": 33, "drafts_proposed": 0,
        "drafts_accepted": 0, "bytes_moved": 6_220_800, "context_tokens": 16_980, "new": 7,
    }  # fmt: skip
    assert describe_work(counters) == (
        "screens 1 encoded, 4 from memory"
        " | tokens 16,980 in context, 14,830 from memory, 2,150 read, 60 written, 33 of them forced"
        " | passes 28 | 6.2 MB moved | new 7"
    )
    assert describe_work(dict.fromkeys(counters, 0)) == ""


@pytest.mark.parametrize(("verbose", "shown"), [(True, True), (False, False)])
def test_the_work_is_shown_when_asked_for(verbose: bool, shown: bool) -> None:
    out = io.StringIO()
    live = LiveConsole(Console(file=out, width=60), verbose)
    live.on_plan(Reply("...", counters={"forwards": 28}), Plan("Click Save."))
    assert ("passes 28" in out.getvalue()) == shown


@pytest.mark.parametrize(("verbose", "shown"), [(True, True), (False, False)])
def test_the_reason_of_a_verdict_and_the_rule_of_the_wait_are_shown_when_asked_for(
    verbose: bool, shown: bool
) -> None:
    out = io.StringIO()
    live = LiveConsole(Console(file=out, width=60), verbose)
    call = ToolCall("computer_use", {"action": "left_click"})
    looked = replace(Board().observe(), settled_by="quiet")
    told = "suspected no-op: nothing changed"
    live.on_result(call, ToolResult(told, effect=Effect.NO_OP, observation=looked))
    line = "\n         nothing changed | settled: quiet\n"
    assert (line in out.getvalue()) == shown


@pytest.fixture
def lines() -> list[str]:
    """What a console printed for one step: a thought, a call, a refusal and an outcome."""
    out = io.StringIO()
    live = LiveConsole(Console(file=out, width=60))
    live.on_observation(None)  # type: ignore[arg-type] # the console looks at no pixels
    live.on_text("Click [bold]Save[/bold]. <tool")
    live.on_text('_call>{"name": ')
    call = ToolCall("computer_use", {"action": "left_click", "coordinate": [1, 2]})
    live.on_plan(Reply("..."), Plan("Click Save.", (call,)))
    live.on_result(call, ToolResult("confirmed", effect=Effect.CONFIRMED))
    live.on_result(call, ToolResult("off the screen", is_error=True))
    live.on_outcome(Outcome("unknown", "The model believes so; not checked."))
    return out.getvalue().splitlines()


def test_markup_in_a_thought_stays_text(lines: list[str]) -> None:
    assert lines[0].rstrip() == "Step 1   Click [bold]Save[/bold]."


def test_effects_and_refusals_stand_behind_their_call(lines: list[str]) -> None:
    assert lines[1].strip() == "left_click(coordinate=[1, 2])  ->  confirmed"
    assert lines[2].strip() == "left_click(coordinate=[1, 2])  ->  refused: off the screen"


def test_the_last_line_is_the_outcome(lines: list[str]) -> None:
    assert lines[-1] == "unknown: The model believes so; not checked."


def test_a_notice_stands_on_a_line_of_its_own_before_the_thought() -> None:
    out = io.StringIO()
    live = LiveConsole(Console(file=out, width=60))
    live.on_observation(None)  # type: ignore[arg-type] # the console looks at no pixels
    live.on_notice("The older half of the screenshots is left out.")
    live.on_plan(Reply("..."), Plan("Click Save."))
    first, second = out.getvalue().splitlines()
    assert first == "Step 1   The older half of the screenshots is left out."
    assert second.strip() == "Click Save."


def test_a_notice_while_a_call_is_being_done_stands_between_the_call_and_its_end() -> None:
    out = io.StringIO()
    live = LiveConsole(Console(file=out, width=60))
    call = ToolCall("computer_use", {"action": "wait", "time": 1})
    live.on_observation(None)  # type: ignore[arg-type] # the console looks at no pixels
    live.on_plan(Reply("..."), Plan("Wait.", (call,)))
    live.on_notice("You are using the mouse.")
    live.on_result(call, ToolResult("done", effect=Effect.UNVERIFIABLE))
    last = out.getvalue().splitlines()[-2:]
    assert last[0].strip() == "wait(time=1)"
    assert last[1].strip() == "You are using the mouse.  ->  unverifiable"
