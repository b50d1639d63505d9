"""What a model wrote, as a Plan: thought and calls, or an error addressed to the model.

Responsible for reading every form in which Qwen's models and their relatives write tool calls. It
never raises and never turns what it cannot read into something else: a reply of which one call is
unreadable has no calls at all. Whether a call makes sense is decided behind it, in ``tools``.

The forms, in the order tried: everything up to ``</think>`` is thought; JSON in ``<tool_call>``
tags, closed or not; ``<action>`` as UI-Venus writes it; ``<function=..><parameter=..>`` as Qwen3.5
does; JSON in a fence or bare.
Each JSON text is read strictly first and leniently (``agent.leniency``) after. The time is linear
in the length of the reply: every search runs forward once, and no text longer than
``leniency.LONGEST`` is read as a call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent import actions_spoken
from agent.coercion import coerce
from agent.leniency import LONGEST, Unreadable, read_object
from tools.schema import ToolCall, ToolSpec

MOST_CALLS = 8
"""More calls than this in one reply are a model running wild, not a plan."""

_OPEN, _CLOSE = "<tool_call>", "</tool_call>"
_THINK, _THOUGHT = "<think>", "</think>"
_HINT = (
    'Write one call as <tool_call>{"name": ..., "arguments": {...}}</tool_call> '
    "and nothing after it."
)
_ACTION_HINT = "Write one action as <action>Click(box=(500, 500))</action>."
_FUNCTION = re.compile(r"<function=\s{0,8}[\"']?([\w.-]{1,64})")
_PARAMETER = re.compile(r"<parameter=\s{0,8}[\"']?([\w.-]{1,64})[\"']?\s{0,8}>")
_BARE = re.compile(r"\{\s{0,16}[\"']?(?:name|action|arguments|type|function)[\"']?\s{0,8}:")
_LONGEST_THOUGHT = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """One parsed reply.

    Attributes:
        thought: the free text before the first call, on one line.
        calls: what to do, in order; empty if there is an error.
        error: what is wrong with the reply and how to write it instead, for the model.
    """

    thought: str
    calls: tuple[ToolCall, ...] = ()
    error: str | None = None


def parse(reply: str, tools: Sequence[ToolSpec], *, is_cut: bool = False) -> Plan:
    """Return what the reply says; ``tools`` tell which arguments are text and which are not.

    Of a reply that was cut at the cap nothing is done: its last text may be half of what was meant.
    """
    thinking, spoken = _after_thinking(reply)
    thought = _one_line(_before_calls(spoken)) or _one_line(thinking)
    hint = _ACTION_HINT if actions_spoken.OPEN in spoken else _HINT
    if is_cut:
        return Plan(thought, error=f"The reply was too long and was cut: write less. {hint}")
    try:
        return Plan(thought, tuple(_calls(spoken, tools)))
    except Unreadable as error:
        return Plan(thought, error=f"The reply could not be read: {error}. {hint}")


def _calls(spoken: str, tools: Sequence[ToolSpec]) -> list[ToolCall]:
    if actions_spoken.OPEN in spoken and _OPEN not in spoken:
        return actions_spoken.read_actions(spoken, tools)
    return [_call(value, tools) for value in _values(spoken)]


def _after_thinking(reply: str) -> tuple[str, str]:
    """Return (thinking, rest); of a thought that never closed, what follows is no call.

    The tags count only outside of calls: inside one they are text that somebody wants typed.
    """
    head = reply.partition(_OPEN)[0]
    end = head.rfind(_THOUGHT) if _THOUGHT in head else _end_behind_calls(reply)
    if end < 0:
        before, opened, thinking = head.partition(_THINK)
        return (reply[len(before) + len(opened) :], before) if opened else ("", reply)
    thinking, rest = reply[:end].replace(_THINK, "", 1), reply[end + len(_THOUGHT) :]
    if _THINK not in rest.partition(_OPEN)[0]:
        return thinking, rest
    again, spoken = _after_thinking(rest)  # It began anew, as when it was asked to go on.
    return f"{thinking} {again}", spoken


def _end_behind_calls(reply: str) -> int:
    """Return where a thought ends that drafted calls, -1 if the last end stands inside a call."""
    end = reply.rfind(_THOUGHT)
    before = reply[: max(end, 0)]
    opened = before.rfind(_OPEN)
    if opened <= before.rfind(_CLOSE):
        return end
    body = before[opened + len(_OPEN) :].lstrip()
    is_call = body.startswith(("{", "<function")) and not _is_whole(body)
    return -1 if is_call and not _begins_anew(reply[end:]) else end


def _is_whole(body: str) -> bool:
    """Tell whether a call ends although its closing tag is missing."""
    if body.startswith("<function"):
        return "</function>" in body
    try:
        return bool(read_object(body, 0))
    except Unreadable:
        return False


def _begins_anew(text: str) -> bool:
    """Tell whether another call begins before one has ended: so the first was never finished."""
    head, opened, _ = text.partition(_OPEN)
    return bool(opened) and _CLOSE not in head


def _before_calls(spoken: str) -> str:
    starts = [max(spoken.find(_OPEN), spoken.find(actions_spoken.OPEN))]
    if starts == [-1]:
        found = (_FUNCTION.search(spoken), _BARE.search(spoken))
        starts = [match.start() for match in found if match] or [len(spoken)]
    return spoken[: min(starts)].removesuffix("```json\n").removesuffix("```\n")


def _values(spoken: str) -> list[Mapping[str, Any]]:
    """Return the JSON value of every call, raising ``Unreadable`` unless all can be read."""
    _, *blocks = spoken.split(_OPEN, MOST_CALLS + 1)
    values = [_tagged(block) for block in blocks[:MOST_CALLS]] if blocks else _untagged(spoken)
    if not values:
        raise Unreadable("it holds no tool call")
    if len(blocks) > MOST_CALLS or len(values) > MOST_CALLS:
        raise Unreadable(f"it holds more than {MOST_CALLS} calls")
    return values


def _tagged(block: str) -> Mapping[str, Any]:
    text, closed, _ = block.partition(_CLOSE)
    if function := _FUNCTION.search(text):
        return _function(text, function)
    start = text.find("{")
    if start < 0:
        raise Unreadable("a tool call holds no JSON object")
    # Only a model that wrote the closing tag meant the call to end where it ends.
    return read_object(text, start, complete=bool(closed))[0]


def _untagged(text: str) -> list[Mapping[str, Any]]:
    if function := _FUNCTION.search(text):
        return [_function(text, function)]
    values: list[Mapping[str, Any]] = []
    found = _BARE.search(text)
    while found and len(values) <= MOST_CALLS:
        value, end = read_object(text, found.start())
        values.append(value)
        found = _BARE.search(text, end)
    return values


def _function(block: str, function: re.Match[str]) -> dict[str, Any]:
    """Read ``<function=NAME><parameter=KEY>VALUE</parameter>...</function>``."""
    body, closed, _ = block[function.end() : function.end() + LONGEST].partition("</function>")
    if not closed:
        raise Unreadable("a <function=...> never closes")
    arguments: dict[str, str] = {}
    name = _PARAMETER.search(body)
    while name:
        end = body.find("</parameter>", name.end())
        if end < 0 or name[1] in arguments:
            raise Unreadable("a <parameter=...> never closes or comes twice")
        # The template puts one line break on either side of a value; any more belong to it.
        arguments[name[1]] = body[name.end() : end].removeprefix("\n").removesuffix("\n")
        name = _PARAMETER.search(body, end)
    return {"name": function[1], "arguments": arguments}


def _call(value: Mapping[str, Any], tools: Sequence[ToolSpec]) -> ToolCall:
    inner = value.get("function")
    value = inner if isinstance(inner, Mapping) else value
    name, arguments = value.get("name"), value.get("arguments", value.get("parameters"))
    if name is None and arguments is None and "action" in value:
        name, arguments = _owner(value["action"], tools), value
    if isinstance(arguments, str):
        arguments = read_object(arguments.lstrip(), 0)[0]
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        raise Unreadable('a call needs "name" (a string) and "arguments" (an object)')
    return ToolCall(name, coerce(arguments, _properties(name, tools)))


def _owner(action: object, tools: Sequence[ToolSpec]) -> str | None:
    """Name the only tool that knows an action which was written without the tool's name."""
    owners = [
        tool.name
        for tool in tools
        if action in tool.parameters.get("properties", {}).get("action", {}).get("enum", ())
    ]
    return owners[0] if len(owners) == 1 else None


def _properties(name: str, tools: Sequence[ToolSpec]) -> Mapping[str, Any]:
    for tool in tools:
        if tool.name == name:
            properties = tool.parameters.get("properties", {})
            return properties if isinstance(properties, Mapping) else {}
    return {}


def _one_line(text: str) -> str:
    return " ".join(text[: 2 * _LONGEST_THOUGHT].split())[:_LONGEST_THOUGHT]
