"""The mobile profile of Qwen3-VL: the words that reach the model, byte for byte."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np

from agent.models.base import Image, Message
from agent.models.loaded import Loaded
from agent.models.profiles.base import Turn
from agent.models.profiles.described import Described
from agent.models.profiles.finding import load_profile
from agent.models.registry import load_model
from agent.models.scripted import ScriptedModel
from tools.mobile_use import mobile_use

PROFILE = load_profile("qwen3vl-mobile")
assert isinstance(PROFILE, Described)
RESPONSE_FORMAT = PROFILE.description.system.partition("{{ tools }}\n\n")[2]
LINES = PROFILE.description.lines
TOOLS = [mobile_use(PROFILE.grid).spec]
FRAME = np.zeros((8, 4, 3), np.uint8)


def image(name: str) -> Image:
    return Image(FRAME, name)


def turn(number: int, shown: bool = True) -> Turn:
    thought = f"Thought: It is {number}. Action: Tap number {number}."
    return Turn(image(str(number)) if shown else None, f"reply {number}", thought, "confirmed")


def conversation(turns: list[Turn]) -> list[Message]:
    return PROFILE.messages("Open the notes", turns, image("now"), TOOLS)


def shape(messages: list[Message]) -> list[str]:
    return [
        message.role + ":" + "".join("I" if isinstance(p, Image) else "t" for p in message.parts)
        for message in messages
    ]


def test_the_response_format_has_the_bytes_of_the_published_cookbook() -> None:
    digest = sha256(RESPONSE_FORMAT.encode()).hexdigest()
    assert digest == "4b8e59c3c60c313037586f62c6601c63c9be0cd5f38cbbd08bd51714631bc850"
    system = conversation([])[0].parts[0]
    assert isinstance(system, str)
    assert system.startswith("\n\n# Tools\n\nYou may call")
    assert system.endswith(f"</tool_call>\n\n{RESPONSE_FORMAT}")


def test_the_grid_of_the_profile_is_the_resolution_that_its_tool_declares() -> None:
    assert PROFILE.grid == 999
    assert "The screen's resolution is 999x999." in TOOLS[0].description


def test_the_first_turn_is_the_query_and_then_the_picture() -> None:
    messages = conversation([])
    assert shape(messages) == ["system:t", "user:tI"]
    assert messages[1].parts[0] == (
        "The user query: Open the notes.\nTask progress (You have done the following operation on "
        "the current device): .\n"
    )


def test_the_latest_steps_are_raw_turns_each_answered_by_picture_and_result() -> None:
    messages = conversation([turn(1), turn(2)])
    assert shape(messages) == [
        "system:t", "user:tI", "assistant:t", "user:It", "assistant:t", "user:It",
    ]  # fmt: skip
    assert messages[2].parts == ("reply 1",)
    assert messages[3].parts[1] == "Result: confirmed"


def test_older_steps_are_told_by_their_action_and_what_came_of_it() -> None:
    messages = conversation([turn(1, shown=False), turn(2)])
    text = messages[1].parts[0]
    assert isinstance(text, str)
    assert "device): Step 1: Tap number 1.; .\n" in text, "what went well needs no word more"
    assert "It is 1" not in text


def test_a_long_run_leaves_out_its_oldest_steps_and_says_so() -> None:
    text = conversation([turn(n, shown=False) for n in range(1, LINES + 6)])[1].parts[0]
    assert isinstance(text, str)
    assert "(Steps 1 to 5 are left out.)" in text
    assert "Step 5:" not in text
    assert f"Step {LINES + 5}:" in text


def test_a_published_model_is_spoken_to_as_befits_the_kind_of_screen() -> None:
    desktop = load_profile("qwen3vl-desktop")
    loaded = Loaded(ScriptedModel([]), desktop, False)
    phone = loaded.suited("phone")
    assert (phone.profile.name, phone.profile.grid) == ("qwen3vl-mobile", 999)
    assert phone.suited("desktop").profile is desktop
    assert loaded.suited("desktop") is loaded


def test_the_embedded_checkpoint_keeps_its_own_profile_on_a_phone() -> None:
    loaded = Loaded(ScriptedModel([]), load_profile("embedded"), True)
    assert loaded.suited("phone") is loaded


def test_another_conversation_with_a_script_begins_at_its_beginning(tmp_path: Path) -> None:
    script = tmp_path / "s.json"
    script.write_text('["hello"]')
    loaded = load_model(f"scripted:{script}")
    phone = loaded.suited("phone")
    assert phone.model.profile == "qwen3vl-mobile"
    assert phone.another().model is not phone.model
