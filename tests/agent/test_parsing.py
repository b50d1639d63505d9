"""The parser: every published form is read, and nothing else is made into a call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.leniency import LONGEST
from agent.parsing import MOST_CALLS, Plan, parse
from tools.computer_use import computer_use
from tools.schema import ToolCall

TOOLS = [computer_use().spec]
CLICK = ToolCall("computer_use", {"action": "left_click", "coordinate": [512, 384]})
JSON_CLICK = (
    '{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": [512, 384]}}'
)


def call_text(**arguments: Any) -> str:
    body = json.dumps({"name": "computer_use", "arguments": arguments})
    return f"<tool_call>\n{body}\n</tool_call>"


READABLE = {
    "the trained form": f"Save it.\n<tool_call>\n{JSON_CLICK}\n</tool_call>",
    "no closing tag": f"<tool_call>\n{JSON_CLICK}",
    "thinking edition": f"I might <tool_call> now.</think>\n<tool_call>{JSON_CLICK}</tool_call>",
    "an opened thought": f"<think>Hm.</think><tool_call>{JSON_CLICK}</tool_call>",
    "words after the call": f"<tool_call>{JSON_CLICK}</tool_call> Done.",
    "a fence": f"Click it.\n```json\n{JSON_CLICK}\n```",
    "a bare object": f"Action: click it.\n{JSON_CLICK}",
    "a bare line without a name": '{"action": "left_click", "coordinate": [512, 384]}',
    "tagged without a name": (
        '<tool_call>{"action": "left_click", "coordinate": [512, 384]}</tool_call>'
    ),
    "OpenAI's wrapping": f'<tool_call>{{"type": "function", "function": {JSON_CLICK}}}</tool_call>',
    "parameters for arguments": (
        f"<tool_call>{JSON_CLICK.replace('arguments', 'parameters')}</tool_call>"
    ),
    "single quotes": f"<tool_call>{JSON_CLICK.replace(chr(34), chr(39))}</tool_call>",
    "trailing commas": f"<tool_call>{JSON_CLICK.replace(']', ',],')}</tool_call>",
    "unquoted keys": (
        "<tool_call>{name: 'computer_use', arguments: "
        "{action: 'left_click', coordinate: [512, 384]}}</tool_call>"
    ),
    "a closing brace too few": f"<tool_call>\n{JSON_CLICK[:-1]}\n</tool_call>",
    "a closing brace too many": f"<tool_call>\n{JSON_CLICK}}}\n</tool_call>",
    "arguments as text": "<tool_call>"
    + json.dumps({"name": "computer_use", "arguments": json.dumps(CLICK.arguments)})
    + "</tool_call>",
    "decimals": call_text(action="left_click", coordinate=[512.0, 384.3]),
    "numbers as text": call_text(action="left_click", coordinate=["512", " 384"]),
    "a point as text": call_text(action="left_click", coordinate="[512, 384]"),
    "a tuple as text": call_text(action="left_click", coordinate="(512, 384)"),
    "a box": call_text(action="left_click", coordinate=[502, 380, 522, 388]),
    "Qwen3.5": (
        "<tool_call>\n<function=computer_use>\n<parameter=action>\nleft_click\n</parameter>\n"
        "<parameter=coordinate>\n[512, 384]\n</parameter>\n</function>\n</tool_call>"
    ),
    "Qwen3.5 without tags": (
        "Go.\n<function=computer_use><parameter=action>left_click</parameter>"
        "<parameter=coordinate>[512, 384]</parameter></function>"
    ),
}


@pytest.mark.parametrize("reply", READABLE.values(), ids=READABLE.keys())
def test_every_published_form_is_read_as_the_same_call(reply: str) -> None:
    plan = parse(reply, TOOLS)
    assert plan.error is None
    assert plan.calls == (CLICK,)


UNREADABLE = {
    "nothing": "",
    "prose": "The task is done. Success!",
    "prose about terminate": 'I call terminate with status "success".',
    "a thought without end": f"<think>First <tool_call>{JSON_CLICK}</tool_call>",
    "an empty call": "<tool_call></tool_call>",
    "a call cut in a number": "<tool_call>" + JSON_CLICK[:-4],
    "a call cut before its point": '<tool_call>{"name": "computer_use", "arguments": {"action": '
    '"left_click"',
    "text cut in a string": '<tool_call>{"name": "computer_use", "arguments": {"action": "type", '
    '"text": "half of it}}</tool_call>',
    "crossed brackets": '<tool_call>{"name": "computer_use", "arguments": [}]</tool_call>',
    "the same key twice": '<tool_call>{"name": "computer_use", "arguments": {"action": "terminate",'
    ' "action": "wait"}}</tool_call>',
    "no name that is known to own it": '{"action": "fly"}',
    "arguments that are a list": '<tool_call>{"name": "computer_use", "arguments": []}</tool_call>',
    "one good call and one broken": f"<tool_call>{JSON_CLICK}</tool_call><tool_call>{{</tool_call>",
    "too many calls": f"<tool_call>{JSON_CLICK}</tool_call>" * (MOST_CALLS + 1),
    "too many bare calls": JSON_CLICK * (MOST_CALLS + 1),
    "a parameter without end": "<function=computer_use><parameter=action>wait</function>",
    "a deep nest": '<tool_call>{"name": ' + "[" * 5000 + "</tool_call>",
}


@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_becomes_an_error_for_the_model_and_no_call(reply: str) -> None:
    plan = parse(reply, TOOLS)
    assert plan.calls == ()
    assert plan.error is not None
    assert "<tool_call>" in plan.error
    assert len(plan.error) < 400


def test_several_calls_keep_their_order() -> None:
    texts = [call_text(action="wait", time=n) for n in range(3)]
    plan = parse("Slowly.\n" + "\n".join(texts), TOOLS)
    assert [call.arguments["time"] for call in plan.calls] == [0, 1, 2]


def test_a_key_glued_to_its_value_is_taken_apart() -> None:
    reply = (
        '<tool_call>{"name": "computer_use", "arguments": '
        '{"action": "key", "keys=["ctrl", "c"]}}</tool_call>'
    )
    expected = ToolCall("computer_use", {"action": "key", "keys": ["ctrl", "c"]})
    assert parse(reply, TOOLS).calls == (expected,)


def test_text_to_type_is_never_changed() -> None:
    for text in (
        "[1, 2]",
        "12",
        "a=[1]",
        '{"name=[',
        "line\nline",
        "</think",
        "don't",
        "{'a': 1,}",
    ):
        plan = parse(call_text(action="type", text=text), TOOLS)
        assert plan.calls[0].arguments["text"] == text, text


def test_text_to_type_is_never_changed_in_the_xml_form() -> None:
    for text in ("[1, 2]", " 12 ", "a\nb", "<b>", "\n"):
        reply = (
            "<tool_call><function=computer_use><parameter=action>type</parameter>"
            f"<parameter=text>\n{text}\n</parameter></function></tool_call>"
        )
        assert parse(reply, TOOLS).calls[0].arguments["text"] == text


def test_shares_of_the_screen_are_left_for_the_tool_to_refuse() -> None:
    plan = parse(call_text(action="left_click", coordinate=[0.5, 0.25]), TOOLS)
    assert plan.calls[0].arguments["coordinate"] == [0.5, 0.25]


def test_the_thought_is_the_text_before_the_call_on_one_line() -> None:
    assert parse(f"Open the\n file menu.\n{call_text(action='wait')}", TOOLS).thought == (
        "Open the file menu."
    )
    assert parse(f"Hm.\n</think>\n\n{call_text(action='wait')}", TOOLS).thought == "Hm."
    assert parse("No call at all.", TOOLS).thought == "No call at all."


def test_an_unknown_tool_is_left_for_the_registry_to_refuse() -> None:
    reply = '<tool_call>{"name": "fly", "arguments": {"to": "the moon"}}</tool_call>'
    assert parse(reply, TOOLS) == Plan("", (ToolCall("fly", {"to": "the moon"}),))


FRAGMENTS = st.sampled_from(
    [
        *("<tool_call>", "</tool_call>", "<think>", "</think>", "<function=", "<parameter=", ">"),
        *("{", "}", "[", "]", '"', "'", "\\", ",", ":", "name", "arguments", "action", "terminate"),
        *("success", "computer_use", "```json", "\n", " ", "=[", "1e999", "\ud800", JSON_CLICK),
    ]
)


@given(st.lists(FRAGMENTS | st.text(max_size=5), max_size=40).map("".join))
def test_whatever_is_written_the_parser_answers_with_calls_or_an_error(reply: str) -> None:
    plan = parse(reply, TOOLS)
    assert bool(plan.calls) != bool(plan.error)


@given(
    st.text(),
    st.fixed_dictionaries({"action": st.just("type"), "text": st.text(min_size=1, max_size=200)}),
)
@settings(max_examples=200)
def test_every_well_formed_call_is_read_back_exactly(
    thought: str, arguments: dict[str, Any]
) -> None:
    thought = thought.replace("<", "").replace("{", "")
    plan = parse(thought + call_text(**arguments), TOOLS)
    assert plan.calls == (ToolCall("computer_use", arguments),)


@given(st.integers(1, len(JSON_CLICK) - 1))
def test_a_reply_cut_anywhere_never_becomes_a_call(length: int) -> None:
    assert parse(f"<tool_call>{JSON_CLICK[:length]}", TOOLS).calls == ()


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "{", '{"a":', '"', '\\"', "'", "<tool_call>", "<think>", "</think>", "<function=a>"),
        *('{"name":', '{"name":"', "<parameter=a>", '{"action": "', "{'name': '\\'", "```json\n"),
        *(JSON_CLICK, "<tool_call>{", '<tool_call>{"a": "\\', "\ud800"),
        "<function=a><parameter=b>",
    ],
)
def test_a_reply_of_100_000_characters_gets_an_answer(piece: str) -> None:
    # A search that is not linear would run into the suite's time limit here, not past a bar.
    reply = (piece * 100_000)[:100_000]
    plan = parse(reply, TOOLS)
    assert bool(plan.calls) != bool(plan.error)
    assert len(plan.thought) <= 2_000


def test_a_call_longer_than_any_valid_one_is_refused() -> None:
    plan = parse(call_text(action="type", text="a" * LONGEST), TOOLS)
    assert plan.calls == ()
    assert plan.error is not None


def test_nothing_of_a_reply_that_was_cut_is_done() -> None:
    call = '{"name": "computer_use", "arguments": {"action": "wait", "time": 1}}'
    plan = parse(f"Wait.\n<tool_call>\n{call}\n</tool_call>", TOOLS, is_cut=True)
    assert plan.calls == ()
    assert plan.error is not None
    assert "cut" in plan.error


@pytest.mark.parametrize("text", ["<think>", "</think>", "<think>no</think>"])
@pytest.mark.parametrize("thought", ["", "Now.</think>\n", "<think>Now.</think>"])
def test_tags_of_thinking_inside_a_call_are_text_to_type(thought: str, text: str) -> None:
    call = json.dumps({"name": "computer_use", "arguments": {"action": "type", "text": text}})
    plan = parse(f"{thought}<tool_call>\n{call}\n</tool_call>", TOOLS)
    assert [dict(call.arguments) for call in plan.calls] == [{"action": "type", "text": text}]


def test_a_call_that_was_only_drafted_in_a_thought_is_not_made() -> None:
    drafted = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "wait"}}\n</tool_call>'
    for reply in (
        f"Maybe {drafted} or not.</think>",
        f"<think>{drafted}</think>",
        "<think>" + drafted,
        f"Cut.\n</think>\n\n<think>\nAnew: {drafted}",
        f"Cut.\n</think>\n\nMaybe <think>\n{drafted} or not.\n</think>\n\nI do not know.",
        f"Maybe {drafted.removesuffix('</tool_call>')} or not.\n</think>\n\nI do not know.",
        "Maybe <tool_call><function=computer_use><parameter=action>wait</parameter></function> "
        "or not.</think>I do not know.",
    ):
        assert parse(reply, TOOLS).calls == ()


@pytest.mark.parametrize("drafted", [call_text(action="wait"), call_text(action="wait")[:-30]])
@pytest.mark.parametrize("anew", ["", "<think>\nOnce more: {drafted}\n</think>\n"])
def test_what_follows_on_a_thought_with_drafts_is_done_and_nothing_else(
    drafted: str, anew: str
) -> None:
    again = anew.format(drafted=drafted)
    reply = f"Maybe {drafted} or\n</think>\n\n{again}Save.\n<tool_call>{JSON_CLICK}</tool_call>"
    plan = parse(reply, TOOLS)
    assert (plan.error, plan.calls, plan.thought) == (None, (CLICK,), "Save.")
