"""Recorded runs as token sequences to learn from, in the very prompts that inference makes.

Responsible for the ids, for which of them are learnt (replies that are worth it, with the token
that ends them, and nothing else) and for where the pictures are. Trains nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.archive import RunRecord
from agent.judging import Verdict
from agent.models.base import Image, Message
from agent.models.qwen3_vl.images import ImageRules
from agent.models.qwen3_vl.positions import ImageSpan
from agent.models.qwen3_vl.prompt import Layouts
from agent.models.qwen3_vl.vocabulary import CALL_CLOSE, CALL_OPEN, THINK_CLOSE, Vocabulary
from agent.reports.redaction import redaction_of
from agent.retelling import Conversation, Exchange, Retelling, conversations
from environments.base import Frame

if TYPE_CHECKING:
    from agent.models.profiles.base import Profile

NO_THOUGHT = f"\n{THINK_CLOSE}\n\n"
"""How a reply of a Thinking edition begins that was not thought about."""

_BEFORE_NAME = re.compile(r"(?<=<)(?=/?\w+>)")
"""Where a tag is cut so that it is encoded as letters."""

_TAG = re.compile(rf"^({CALL_OPEN}|{CALL_CLOSE}|{THINK_CLOSE})$", re.MULTILINE)

_WITHIN = re.compile(r"(?<=<)(?=/?(?:tool_call|think)>)")
"""Where a tag within a text is taken apart, so that no tokenizer finds it."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One conversation as the model reads it.

    Attributes:
        ids: token ids; a picture is held by as many pads as it has visual tokens.
        replies: (start, end) of the tokens that are learnt.
        spans: where the pictures are.
        pictures: the pictures: files of the run, or frames that stand in no file.
        rules: how the pictures are brought to size.
    """

    ids: tuple[int, ...]
    replies: tuple[tuple[int, int], ...]
    spans: tuple[ImageSpan, ...]
    pictures: tuple[Path | Frame, ...]
    rules: ImageRules


def reply_ids(vocabulary: Vocabulary, text: str) -> list[int]:
    """Return a reply as a model writes it, with the token that ends a turn.

    Tags around calls and thoughts are tokens of their own where they stand alone on a line; within
    a call they are letters.
    """
    tags = {
        CALL_OPEN: vocabulary.call_open,
        CALL_CLOSE: vocabulary.call_close,
        THINK_CLOSE: vocabulary.think_close,
    }
    if not vocabulary.thinking:
        del tags[THINK_CLOSE]
    ids: list[int] = []
    for piece in filter(None, _TAG.split(text)):
        if piece in tags:
            ids.append(tags[piece])
        else:
            ids += [i for part in _WITHIN.split(piece) for i in vocabulary.encode(part)]
    return [*ids, vocabulary.control["<|im_end|>"]]


class LessonMaker:
    """Makes lessons for one checkpoint, spoken to by one profile."""

    def __init__(
        self, vocabulary: Vocabulary, rules: ImageRules, profile: Profile, most_tokens: int
    ) -> None:
        """Keep prompts within ``most_tokens``: older pictures go, as they do in a live run."""
        self._vocabulary, self._published = vocabulary, rules
        self._retelling = Retelling(profile, self)
        self._most_tokens = most_tokens
        self._rules = rules
        self._layouts = Layouts(vocabulary, rules)

    @property
    def context_tokens(self) -> int:
        """Tokens that a prompt may have."""
        return self._most_tokens

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Return how many a conversation takes."""
        return len(self._layouts.lay_out(messages).ids)

    def lessons(self, record: RunRecord) -> Iterator[Lesson]:
        """Yield what a run teaches: every step that worked and whose picture can be shown.

        Raises:
            ConfigError: the run cannot be told in the words of the profile.
        """
        profile = self._retelling.profile_for(record)
        self._rules = self._published.within(profile.image_tokens, profile.image_size)
        self._layouts = Layouts(self._vocabulary, self._rules)
        exchanges = list(self._retelling.exchanges(record, redaction_of(record)))
        # A Thinking edition is shown its past replies without their thoughts.
        join = not self._vocabulary.thinking
        for conversation in conversations(exchanges, _worth, join):
            yield self._lesson(conversation, record)

    def _lesson(self, conversation: Conversation, record: RunRecord) -> Lesson:
        messages = conversation.messages
        for message in messages:
            if message.role == "assistant":
                text = str(message.parts[0])
                self._layouts.remember(text, reply_ids(self._vocabulary, text)[:-1])
        prompt = self._layouts.lay_out(messages[:-1])
        ids = (*prompt.ids, *self._target(messages[-1]))
        replies = tuple(self._place(messages, number, ids) for number in conversation.learnt)
        pictures = tuple(_picture(image, record) for image in prompt.images)
        return Lesson(ids, replies, prompt.spans, pictures, self._rules)

    def _target(self, reply: Message) -> list[int]:
        text = str(reply.parts[0])
        if self._vocabulary.thinking and THINK_CLOSE not in text:
            text = NO_THOUGHT + text
        return reply_ids(self._vocabulary, text)

    def _place(
        self, messages: Sequence[Message], number: int, ids: Sequence[int]
    ) -> tuple[int, int]:
        """Return where the tokens of a reply stand."""
        start = len(self._layouts.lay_out(messages[:number]).ids)
        target = self._target(messages[number])
        end = start + len(target)
        assert tuple(ids[start:end]) == tuple(target), "a reply is not where it was laid out"
        return start, end


def _worth(exchange: Exchange) -> bool:
    return exchange.verdict is Verdict.WORKED


def _picture(image: Image, record: RunRecord) -> Path | Frame:
    file = record.picture(f"{image.frame_hash}.png")
    return file if file.is_file() else image.frame
