"""Our model as one of Qwen-Agent's, and our tools as its tools."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qwen_agent.agents import FnCallAgent
from qwen_agent.llm.fncall_prompts.nous_fncall_prompt import NousFnCallPrompt
from qwen_agent.llm.schema import ContentItem
from qwen_agent.llm.schema import Message as TheirMessage
from qwen_agent.tools.base import ToolServiceError

from agent.archive import list_runs
from agent.models.base import Image, Message, Reply
from agent.models.loaded import Loaded
from agent.models.profiles.base import Profile
from agent.models.profiles.described import Described
from agent.models.profiles.finding import load_profile
from agent.models.qwen_agent_llm import DeskhandChat, ours, picture
from agent.models.servers.address import Address, Key
from agent.models.servers.connecting import Found
from agent.models.servers.model import ServedModel
from agent.models.servers.patience import Patience
from agent.models.servers.replying import Server
from agent.models.servers.wire import Line
from agent.parsing import parse
from agent.qwen_agent_screen import opened_screen
from environments.base import Stop
from environments.errors import ConfigError, ModelError
from tests.board import Board
from tools.computer_use import computer_use
from tools.qwen_agent import Screen
from tools.qwen_agent import picture as picture_item
from tools.schema import ToolSpec

SPEC = computer_use().spec
FUNCTION = {"name": SPEC.name, "description": SPEC.description, "parameters": SPEC.parameters}


@dataclass
class Said:
    """A model that says one thing and remembers what it was told."""

    text: str
    heard: list[Sequence[Message]] = field(default_factory=list)
    offered: list[Sequence[ToolSpec]] = field(default_factory=list)
    name: str = "said"
    profile: str = "qwen3vl-desktop"

    def generate(self, messages: Sequence[Message], tools: Sequence[ToolSpec], **_: Any) -> Reply:
        self.heard.append(messages)
        self.offered.append(tools)
        return Reply(self.text)


class Held(Board):
    """A board that can keep keys down."""

    is_let_go = False

    def keep_notes_in(self, path: Path) -> None:
        path.touch()

    def let_go(self) -> None:
        self.is_let_go = True


def chat(model: Said) -> DeskhandChat:
    return DeskhandChat({"loaded": Loaded(model, load_profile(model.profile), False)})


def call(**arguments: Any) -> str:
    told = json.dumps({"name": "computer_use", "arguments": arguments})
    return f"I do it.\n<tool_call>\n{told}\n</tool_call>"


def asked() -> list[dict[str, Any]]:
    shot = picture_item(np.full((32, 64, 3), 7, np.uint8)).image
    content = [{"text": "Open it"}, {"image": shot}]
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": content}]


def test_the_model_hears_what_qwen_agents_own_format_says() -> None:
    model = Said(call(action="wait", time=1))
    messages = asked()
    *_, said = chat(model).chat(messages, functions=[FUNCTION])
    theirs = NousFnCallPrompt().preprocess_fncall_messages(
        messages=[
            TheirMessage("system", [ContentItem(text="Be brief.")]),
            TheirMessage("user", [ContentItem(**part) for part in messages[1]["content"]]),
        ],
        functions=[FUNCTION],
        lang="en",
    )
    texts = ["".join(item.text or "" for item in message.content) for message in theirs]
    # What Qwen-Agent says of a picture's address before it words the tools.
    assert isinstance(model.heard[0][1].parts[0], str)
    told = model.heard[0][1].parts[0].partition(")) ")
    heard = model.heard[0]
    assert [message.role for message in heard] == ["system", "user"]
    assert heard[0].parts == (texts[0],)
    assert told[0].startswith("(Uploaded ![image](")
    assert told[2] == texts[1]
    assert isinstance(heard[1].parts[1], Image)
    assert heard[1].parts[1].frame.shape == (32, 64, 3)
    assert model.offered[0] == [SPEC], "the call is held to our own strict schema"
    assert said[-1]["function_call"]["name"] == "computer_use"


@pytest.mark.parametrize(
    "arguments",
    [
        {"action": "left_click", "coordinate": [500, 20]},
        {"action": "type", "text": 'say "hi"\nto {them}'},
        {"action": "key", "keys": ["ctrl", "s"]},
        {"action": "terminate", "status": "failure"},
    ],
)
def test_a_call_is_read_as_qwen_agent_reads_it(arguments: dict[str, Any]) -> None:
    reply = call(**arguments)
    *_, said = chat(Said(reply)).chat(asked(), functions=[FUNCTION])
    (read,) = parse(reply, [SPEC]).calls
    assert json.loads(said[-1]["function_call"]["arguments"]) == read.arguments == arguments


def test_what_a_thought_drafts_is_no_call() -> None:
    reply = f"Perhaps {call(action='left_click', coordinate=[1, 1])} no.\n</think>\n\n"
    *_, said = chat(Said(reply + call(action="wait", time=1))).chat(asked(), functions=[FUNCTION])
    calls = [message["function_call"] for message in said if message.get("function_call")]
    assert [json.loads(each["arguments"])["action"] for each in calls] == ["wait"]
    *_, said = chat(Said(f"<think>\n{reply[:60]}")).chat(asked(), functions=[FUNCTION])
    assert not any(message.get("function_call") for message in said)


def test_what_a_program_held_down_comes_up_when_it_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    board = Held()
    with opened_screen(board, stop=Stop(), ask="nobody", preset="autonomous"):
        assert not board.is_let_go
    assert board.is_let_go


def test_a_conversation_without_tools_is_answered_in_words() -> None:
    *_, said = chat(Said("It is dark.")).chat(asked())
    assert said[-1]["content"] == "It is dark."


@pytest.mark.parametrize(
    "source", ["https://example.org/a.png", "/no/such.png", "data:image/png;base64,xx"]
)
def test_a_picture_that_is_not_here_is_refused_and_never_fetched(source: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        picture(source)


def test_a_sound_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="only text and pictures"):
        ours([TheirMessage("user", [ContentItem(audio="a.wav")])])


def test_calls_go_through_the_rules_and_tell_what_came_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    board = Board()
    with opened_screen(board, stop=Stop(), ask="nobody", preset="read_only") as screen:
        tool = next(tool for tool in screen.tools if tool.name == "computer_use")
        told = tool.call('{"action": "type", "text": "hello"}')
        assert "not allowed" in told[0].text
        assert told[1].image.startswith("data:image/png;base64,")
        assert "no action" in tool.call({"action": "fly"})[0].text
        assert "could not be read" in tool.call("click it")
    assert len(list((tmp_path / "runs").iterdir())) == 1, "the calls are journaled"


def test_a_stop_ends_an_agent_of_qwen_agents_and_the_journal_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # Where Qwen-Agent makes a folder.
    stop, model, screens = Stop(), Said(call(action="wait", time=1)), list[Screen]()

    def program() -> None:
        board = Board(stop=stop)
        with opened_screen(board, stop=stop, ask="nobody", preset="autonomous") as screen:
            agent = FnCallAgent(llm=chat(model), function_list=screen.tools)
            screens.append(screen)
            screen.look()
            stop.set("enough")
            list(agent.run(asked()))

    with pytest.raises(ToolServiceError, match="enough"):
        program()
    assert len(model.heard) == 1
    (summary,) = list_runs(tmp_path / "runs")
    assert (summary.status, summary.reason) == ("stopped", "enough")
    with pytest.raises(ConfigError, match="closed with its block"):
        screens[0].look()


def test_a_program_that_breaks_leaves_a_run_that_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    with pytest.raises(KeyError), opened_screen(Board(), ask="nobody"):
        raise KeyError("theirs")
    assert list_runs(tmp_path / "runs")[0].status == "failed"


def conversing(said: list[Described], model: Any = None) -> DeskhandChat:
    """Return a chat that notes every conversation which is begun."""

    def converse(profile: Profile) -> Any:
        assert isinstance(profile, Described)
        said.append(profile)
        return model or Said(call(action="wait", time=1))

    profile = load_profile("qwen3vl-desktop")
    return DeskhandChat({"loaded": Loaded(converse(profile), profile, False, converse=converse)})


def test_the_bound_of_a_reply_is_kept_and_a_conversation_lasts_as_long_as_it() -> None:
    begun: list[Described] = []
    model = conversing(begun)
    for most in (100, 100, 7):
        list(model.chat(asked(), functions=[FUNCTION], extra_generate_cfg={"max_tokens": most}))
    caps = [(profile.thought_tokens, profile.call_tokens) for profile in begun[1:]]
    assert caps == [(100, 100), (7, 7)]
    list(model.chat(asked(), extra_generate_cfg={"max_tokens": 5000}))
    assert begun[-1].thought_tokens == 5000
    list(model.chat(asked()))
    assert begun[-1].thought_tokens == 2048, "an answer in words is not cut like a thought"


def test_what_is_not_heeded_is_said_once() -> None:
    model = conversing([])
    wishes = {"temperature": 0.7, "top_k": 5, "seed": 3, "stop": ["x"], "top_p": 1}
    with pytest.warns(UserWarning, match="does not heed temperature, top_k of generate_cfg"):
        list(model.chat(asked(), extra_generate_cfg=wishes))
    list(model.chat(asked(), extra_generate_cfg={**wishes, "temperature": 0}))


def test_a_server_is_asked_to_draw_as_the_program_wishes() -> None:
    begun: list[Described] = []
    line = Line(Address("http://127.0.0.1:9/v1"), Key())
    server = Server(line, Found("vllm", "", "m"), Patience(tries=1))
    served = ServedModel(server, load_profile("qwen3vl-desktop"))
    model = conversing(begun, served)
    wishes = {"temperature": 0.7, "top_p": 0.5}
    with pytest.raises(ModelError, match="does not answer"):
        list(model.chat(asked(), extra_generate_cfg=wishes))
    assert begun[-1].description.sampling.model_dump() == wishes


@pytest.mark.parametrize("most", [0, -1, "many", 10**9])
def test_a_bound_that_makes_no_sense_is_refused_in_a_sentence(most: object) -> None:
    with pytest.raises(ConfigError, match="generate_cfg cannot be kept"):
        list(conversing([]).chat(asked(), extra_generate_cfg={"max_tokens": most}))


def test_words_behind_a_stop_word_are_cut() -> None:
    model = DeskhandChat(
        {"loaded": Loaded(Said("One. Two."), load_profile("qwen3vl-desktop"), False)}
    )
    *_, said = model.chat(asked(), extra_generate_cfg={"stop": ["Two"]})
    assert said[-1]["content"] == "One. "


def test_importing_deskhand_does_not_import_qwen_agent() -> None:
    code = "import agent.api, agent.assembly, agent.cli, sys; sys.exit('qwen_agent' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
