"""The model in this process as one of Qwen-Agent's: ``get_chat_model({"model_type": "deskhand"})``.

Responsible for their messages in our form and our replies in theirs. What Qwen-Agent makes of a
conversation with tools (its Nous format) is read as it stands, pictures included, so that what was
read once stays cached from call to call; a call is held to the tools' schemas while it is written.
The small embedded checkpoint knows no such format: for it the conversation is said in the words
that it was trained on.

Importing this module registers the class.
"""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import numpy as np
from qwen_agent.llm.base import register_llm
from qwen_agent.llm.function_calling import BaseFnCallModel
from qwen_agent.llm.schema import ASSISTANT, FUNCTION, USER, ContentItem
from qwen_agent.llm.schema import Message as TheirMessage

from agent.models.base import Image, Message, Part
from agent.models.generate_cfg import Wishes
from agent.models.loaded import Loaded
from agent.models.profiles.base import Turn
from agent.models.registry import AUTO, load_model
from environments.base import Stop, frame_hash
from environments.effects import Effect
from environments.errors import ConfigError, ModelError
from tools.computer_use import computer_use
from tools.mobile_use import mobile_use
from tools.schema import ToolSpec

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
ENDING = ("terminate", "answer")
"""Actions after which there is nothing left to call."""


@register_llm("deskhand")
class DeskhandChat(BaseFnCallModel):  # type: ignore[misc]
    """A Qwen3-VL in this process, for any of Qwen-Agent's agents.

    Its configuration: ``model``, a name as after ``--model``, or ``loaded``, what ``load_model``
    returned; ``stop``, which ends a reply within one token; and Qwen-Agent's ``generate_cfg``, of
    which ``generate_cfg.Wishes`` says what is heeded.
    """

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        """Load the model, unless it is loaded.

        Raises:
            ConfigError, ModelError: there is no such model, or it cannot be loaded; without a GPU
                the small embedded checkpoint is used only if it is named.
            Stopped: a stop was asked for.
        """
        super().__init__(
            {key: value for key, value in cfg.items() if key not in ("loaded", "stop")}
        )
        if self.use_raw_api:
            raise ConfigError("Deskhand has no raw API of Qwen-Agent's; leave use_raw_api out.")
        self._stop: Stop = cfg.get("stop") or Stop()
        loaded: Loaded | None = cfg.get("loaded")
        self._loaded = loaded or load_model(self.model or AUTO, stop=self._stop)
        self._wishes = Wishes(self._loaded)
        self._one_at_a_time = threading.Lock()

    @property
    def support_multimodal_input(self) -> bool:
        """It sees pictures."""
        return True

    def _preprocess_messages(self, messages: list[TheirMessage], **how: Any) -> list[TheirMessage]:
        if self._loaded.is_embedded:
            return messages
        prepared: list[TheirMessage] = super()._preprocess_messages(messages, **how)
        return prepared

    def _chat_with_functions(
        self,
        messages: list[TheirMessage],
        functions: list[dict[str, Any]],
        stream: bool,
        delta_stream: bool,
        generate_cfg: dict[str, Any],
        lang: str,
    ) -> list[TheirMessage] | Iterator[list[TheirMessage]]:
        said = [self._said(messages, [spec_of(function) for function in functions], generate_cfg)]
        return iter([said]) if stream else said

    def _chat_stream(
        self, messages: list[TheirMessage], delta_stream: bool, generate_cfg: dict[str, Any]
    ) -> Iterator[list[TheirMessage]]:
        yield [self._said(messages, (), generate_cfg)]

    def _chat_no_stream(
        self, messages: list[TheirMessage], generate_cfg: dict[str, Any]
    ) -> list[TheirMessage]:
        return [self._said(messages, (), generate_cfg)]

    def _said(
        self, messages: Sequence[TheirMessage], specs: Sequence[ToolSpec], wished: Mapping[str, Any]
    ) -> TheirMessage:
        """Return the next message, its call in the text, where Qwen-Agent looks for it."""
        if not self._loaded.is_embedded:
            return _told(self._reply(ours(messages), specs, wished))
        if ended := _how_it_ended(messages):
            return TheirMessage(ASSISTANT, ended)
        task, turns, now = as_steps(messages)
        asked = self._loaded.profile.messages(task, turns, now, specs)
        return TheirMessage(ASSISTANT, self._reply(asked, specs, wished))

    def _reply(
        self, messages: Sequence[Message], specs: Sequence[ToolSpec], wished: Mapping[str, Any]
    ) -> str:
        with self._one_at_a_time:
            model = self._wishes.model(wished, has_tools=bool(specs))
            reply = model.generate(messages, specs, stop=self._stop)
        if specs and reply.finish == "length":
            raise ModelError("The reply was cut short, so that its call may be half of one.")
        return reply.text


def _told(reply: str) -> TheirMessage:
    """Return a reply with its thought apart, so that nobody takes what it drafts for a call."""
    thought, closed, spoken = reply.rpartition(THINK_CLOSE)
    if not closed and spoken.startswith(THINK_OPEN):
        thought, spoken = spoken, ""
    thought = thought.removeprefix(THINK_OPEN).strip()
    return TheirMessage(ASSISTANT, spoken.lstrip(), reasoning_content=thought or None)


def spec_of(function: Mapping[str, Any]) -> ToolSpec:
    """Return a function of Qwen-Agent's as a tool of ours; ours come back as they were."""
    for own in (computer_use().spec, mobile_use().spec):
        if function["name"] == own.name and function["description"] == own.description:
            return own
    parameters = function.get("parameters") or {"type": "object", "properties": {}}
    return ToolSpec(function["name"], function.get("description", ""), parameters, parameters)


def ours(messages: Sequence[TheirMessage]) -> list[Message]:
    """Return messages that need no more wording as ours; text that follows text is one text.

    Raises:
        ConfigError: a message holds a file, a sound or a film.
    """
    roles = {"function": "user"}
    return [
        Message(roles.get(message.role, message.role), tuple(_parts(message.content)))
        for message in messages
    ]


def _parts(content: str | Sequence[ContentItem]) -> list[Part]:
    if isinstance(content, str):
        return [content] if content else []
    parts: list[Part] = []
    for item in content:
        assert isinstance(item, ContentItem)
        kind, value = item.get_type_and_value()
        if kind == "text" and parts and isinstance(parts[-1], str):
            parts[-1] += value
        elif kind == "text":
            parts.append(value)
        elif kind == "image":
            parts.append(picture(value))
        else:
            raise ConfigError(f"A message holds a {kind}; only text and pictures can be read.")
    return parts


def picture(source: str) -> Image:
    """Return the picture at a path, a file address or in a data URI; nothing is fetched.

    Raises:
        ConfigError: it is somewhere else, or no picture.
    """
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        with Pillow.open(_opened(source)) as found:
            frame = np.asarray(found.convert("RGB"))
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise ConfigError(f"The picture {source!r:.60} cannot be read: {error}.") from error
    frame.flags.writeable = False
    return Image(frame, frame_hash(frame))


def _opened(source: str) -> io.BytesIO | Path:
    if source.startswith("data:"):
        return io.BytesIO(base64.b64decode(source.partition(",")[2], validate=True))
    if source.startswith("file://"):
        return Path(unquote(urlparse(source).path))
    if "://" in source:
        raise ValueError("pictures are not fetched from the network; give a path or a data URI")
    return Path(source)


def as_steps(messages: Sequence[TheirMessage]) -> tuple[str, list[Turn], Image]:
    """Return a conversation with tools as a task, the steps so far and the screen of now.

    Raises:
        ModelError: there is no task, or no picture of the screen.
    """
    task, thought, seen, turns = "", "", list[Image](), list[Turn]()
    for message in messages:
        parts = _parts(message.content)
        words = " ".join(part for part in parts if isinstance(part, str)).strip()
        if message.role == USER:
            task = words or task
        elif message.role == ASSISTANT and message.function_call:
            turns.append(Turn(None, "", words or thought, ""))
        elif message.role == ASSISTANT:
            thought = words  # Qwen-Agent keeps it as a message of its own before the call.
        elif message.role == FUNCTION and turns:
            turns[-1] = _with_outcome(turns[-1], words)
        seen += [part for part in parts if isinstance(part, Image)]
    if not task or not seen:
        raise ModelError(
            "The embedded checkpoint needs a task in words and a picture of the screen; put "
            "screen.look() into the message of the user."
        )
    return task, turns, seen[-1]


def _with_outcome(turn: Turn, words: str) -> Turn:
    verdict = next((effect.value for effect in Effect if words.startswith(effect.value)), "")
    return Turn(None, turn.reply, turn.thought, words, is_error=not verdict, verdict=verdict)


def _how_it_ended(messages: Sequence[TheirMessage]) -> str:
    """Return what is left to say after a call that ended the task; empty if there was none."""
    called = [message.function_call for message in messages if message.function_call]
    if not called or messages[-1].role != FUNCTION:
        return ""
    arguments = json.loads(called[-1].arguments)
    if arguments.get("action") not in ENDING:
        return ""
    claim = arguments.get("text") or arguments.get("status", "success")
    return f"The model ends the task and says: {claim}. Nobody has checked it."
