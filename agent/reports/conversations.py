"""Runs as material to learn from: supervised conversations, and pairs of a worse and a better step.

Responsible for the forms in which other programs take them, redacted like every export, in the very
prompts of a profile (``agent.retelling``):

- "conversations": what Qwen's own fine-tuning reads (QwenLM/Qwen3-VL at 9658872,
  qwen-vl-finetune/README.md and qwenvl/data/data_processor.py): "image" and "conversations" from
  "human" and "gpt", with ``<image>`` where a picture stands. That program knows no system turn, so
  the system's words open the first question; and it learns every reply, so a conversation that
  shows one that is not worth it is left out.
- "messages": what ms-swift reads (docs, Custom-dataset): "images" and "messages" with the system's
  words in their place; ``"loss": false`` marks replies that are shown but not to be learnt.
- "preferences": the same with a "rejected_response", for DPO: on one screen, what was done in vain,
  and what was done next there and worked.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agent.archive import RunRecord
from agent.judging import Verdict, repairs
from agent.models.base import Image, Message
from agent.reports.export import PICTURES, written
from agent.reports.redaction import REFERENCE, Redaction, redacted, redaction_of
from agent.retelling import Conversation, Exchange, Retelling, conversations, said
from environments.errors import ConfigError

Form = Literal["conversations", "messages", "preferences"]
PLACE = "<image>"
_TAGS = re.compile(r"<(?=(?:image|video|audio)>|\|)")
"""What the readers of these files take for a picture or for the end of a turn."""


@dataclass(frozen=True, slots=True)
class Exported:
    """Where the lines are, and how many."""

    path: Path
    lines: int


def export_lessons(
    records: Sequence[RunRecord], folder: Path, form: Form, retelling: Retelling
) -> Exported:
    """Write runs in a form into a new or empty folder.

    Raises:
        ConfigError: the folder holds something or cannot be written; a run cannot be told again;
            or nothing of the runs is worth a line.
    """
    written_lines = 0

    def lines() -> Iterator[dict[str, Any]]:
        nonlocal written_lines
        for record in records:
            for line in _lines(record, folder, form, retelling):
                written_lines += 1
                yield line
        if not written_lines:
            raise ConfigError(_nothing(form))

    return Exported(written(lines(), folder, f"{form}.jsonl"), written_lines)


def _nothing(form: Form) -> str:
    if form == "preferences":
        return "In these runs no step failed and was repaired on the same screen; there is no pair."
    return "Nothing in these runs worked and can be shown, so there is nothing to learn from."


def _lines(
    original: RunRecord, folder: Path, form: Form, retelling: Retelling
) -> Iterator[dict[str, Any]]:
    redaction = redaction_of(original)
    record = redacted(original, redaction)
    worth = worth_learning(original)
    exchanges = list(retelling.exchanges(record, redaction))
    gallery = _Gallery(record, redaction, folder)
    if form == "preferences":
        yield from _pairs(record, exchanges, worth, gallery)
        return
    make = _conversation if form == "conversations" else _messages
    for conversation in conversations(exchanges, worth):
        line = make(conversation, gallery)
        if line is not None:
            yield {"id": _name(record, conversation.first, conversation.last), **line}


def worth_learning(record: RunRecord) -> Callable[[Exchange], bool]:
    """Return who tells which replies of a run, as it was recorded, may be learnt from an export.

    Not one that used a secret: its name is not in the export, so that nobody could use it.
    """
    secret = {
        step.number
        for step in record.steps
        if REFERENCE.search(f"{step.reply} {[call.arguments for call in step.calls]}")
    }
    return lambda exchange: exchange.verdict is Verdict.WORKED and exchange.step.index not in secret


def _name(record: RunRecord, first: int, last: int) -> str:
    return f"{record.summary.id}/{first + 1}-{last + 1}"


def _conversation(conversation: Conversation, gallery: _Gallery) -> dict[str, Any] | None:
    messages = conversation.messages
    replies = tuple(n for n, message in enumerate(messages) if message.role == "assistant")
    if replies != conversation.learnt:
        return None
    system = "".join(_text(m, gallery) for m in messages if m.role == "system")
    turns = [
        {"from": "gpt" if m.role == "assistant" else "human", "value": _text(m, gallery)}
        for m in messages
        if m.role != "system"
    ]
    turns[0]["value"] = "\n\n".join(filter(None, (system, turns[0]["value"])))
    return {"image": gallery.names(messages), "conversations": turns}


def _messages(conversation: Conversation, gallery: _Gallery) -> dict[str, Any]:
    messages = conversation.messages
    said: list[dict[str, Any]] = [{"role": m.role, "content": _text(m, gallery)} for m in messages]
    for number, message in enumerate(messages):
        if message.role == "assistant" and number not in conversation.learnt:
            said[number]["loss"] = False
    return {"messages": said, "images": gallery.names(messages)}


def _pairs(
    record: RunRecord,
    exchanges: Sequence[Exchange],
    worth: Callable[[Exchange], bool],
    gallery: _Gallery,
) -> Iterator[dict[str, Any]]:
    steps, judged = [e.step for e in exchanges], [e.verdict for e in exchanges]
    for failed, repaired in repairs(steps, judged):
        bad, good = exchanges[failed], exchanges[repaired]
        if not worth(good) or REFERENCE_GONE in bad.step.reply.text:
            continue
        messages = (*bad.messages, said(good))
        told = [{"role": m.role, "content": _text(m, gallery)} for m in messages]
        yield {
            "id": _name(record, bad.step.index, good.step.index),
            "messages": told,
            "rejected_response": _harmless(bad.step.reply.text),
            "images": gallery.names(messages),
            "why": bad.verdict.value,
        }


REFERENCE_GONE = "[secret "
"""How a redacted text names a secret."""


def _text(message: Message, gallery: _Gallery) -> str:
    parts = (PLACE if isinstance(part, Image) else _harmless(part) for part in message.parts)
    return "".join(parts)


def _harmless(text: str) -> str:
    """Return a text in which nothing reads like a picture's place or a token of control."""
    return _TAGS.sub("< ", text)


class _Gallery:
    """The pictures of one run in the folder, each written when it is first named."""

    def __init__(self, record: RunRecord, redaction: Redaction, folder: Path) -> None:
        self._record, self._redaction, self._folder = record, redaction, folder
        self._written: set[str] = set()

    def names(self, messages: Sequence[Message]) -> list[str]:
        """Return where the pictures of a conversation lie, in their order."""
        parts = (part for message in messages for part in message.parts)
        return [self._name(part) for part in parts if isinstance(part, Image)]

    def _name(self, image: Image) -> str:
        file = f"{image.frame_hash}.png"
        name = f"{PICTURES}/{self._record.summary.id}/{file}"
        if name not in self._written:
            self._write(image, file, self._folder / name)
            self._written.add(name)
        return name

    def _write(self, image: Image, file: str, path: Path) -> None:
        """Write what the model is shown; what the run saved itself is copied as it is."""
        from PIL import Image as Pictures

        path.parent.mkdir(parents=True, exist_ok=True)
        own = self._record.picture(file)
        boxes = self._redaction.boxes(file)
        if own.is_file() and boxes is not None and not boxes:
            shutil.copyfile(own, path)
        else:
            Pictures.fromarray(image.frame).save(path, "PNG")
