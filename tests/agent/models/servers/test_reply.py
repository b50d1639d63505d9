"""What of a streamed reply is thought, and what is a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.models.profiles.finding import known_by
from agent.models.servers.address import key_for, read_address
from agent.models.servers.reply import Streamed
from agent.parsing import parse
from tools.computer_use import computer_use

TOLD = '{"name": "computer_use", "arguments": {"action": "wait", "time": 1}}'
CALL = f"<tool_call>\n{TOLD}\n</tool_call>"
TOOLS = [computer_use().spec]


def read(*deltas: dict[str, Any]) -> Streamed:
    chunks = [{"choices": [{"delta": delta}]} for delta in deltas]
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    reply = Streamed(None)
    reply.read(json.dumps(chunk) for chunk in (*chunks, end))
    return reply


def test_a_call_drafted_in_a_thought_that_never_closed_is_not_done() -> None:
    reply = read({"reasoning_content": f"Maybe {CALL} no, that is wrong."})
    assert parse(reply.text, TOOLS).calls == ()
    assert parse(reply.text, TOOLS).error


def test_a_thought_that_came_apart_is_closed_before_the_call() -> None:
    reply = read({"reasoning_content": f"Maybe {CALL} no."}, {"content": f"Wait.\n{CALL}"})
    assert len(parse(reply.text, TOOLS).calls) == 1


def piece(arguments: str, name: str | None = None, index: int = 0) -> dict[str, Any]:
    return {"tool_calls": [{"index": index, "function": {"name": name, "arguments": arguments}}]}


@pytest.mark.parametrize("thought", [{}, {"reasoning": "Maybe."}])
def test_a_call_that_the_server_took_out_of_the_words_is_put_back(thought: dict[str, Any]) -> None:
    told = json.dumps({"action": "wait", "time": 1})
    reply = read(thought, {"content": "Wait."}, piece(told[:9], "computer_use"), piece(told[9:]))
    plan = parse(reply.text, TOOLS)
    assert (plan.thought, plan.error) == ("Wait.", None)
    assert [dict(call.arguments) for call in plan.calls] == [{"action": "wait", "time": 1}]
    alone = read(thought, piece(told, "computer_use"), piece(told, "computer_use", 1))
    assert len(parse(alone.text, TOOLS).calls) == 2


def test_a_call_of_which_the_server_sent_only_half_is_not_done() -> None:
    assert parse(read(piece('{"action": "wa', "computer_use")).text, TOOLS).calls == ()


def test_a_thought_without_tags_can_be_marked_as_one() -> None:
    reply = read({"content": f"Perhaps {CALL}"})
    reply.close_nothing()
    assert parse(reply.text, TOOLS).calls == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://dashscope.evil.example/v1",
        "https://dashscope.evil.example/v1",
        "http://dashscope.aliyuncs.com/compatible-mode/v1",
        "https://evil-dashscope.aliyuncs.com.example/v1",
    ],
)
def test_the_key_of_a_hosted_service_goes_to_its_own_hosts_alone(url: str) -> None:
    keys = {"DASHSCOPE_API_KEY": "sk-secret"}
    assert key_for(read_address(url), keys, lambda _: None).text == ""


def test_the_hosted_service_gets_its_key() -> None:
    own = read_address("https://dashscope-intl.aliyuncs.com/compatible-mode/v1")
    key = key_for(own, {"DASHSCOPE_API_KEY": "sk-secret"}, lambda _: None)
    assert key.text == "sk-secret"


def test_folders_above_a_checkpoint_say_nothing_about_it() -> None:
    assert known_by("/home/me/qwen2.5-vl-work/Qwen3-VL-8B-Instruct") == "qwen3vl-desktop"
