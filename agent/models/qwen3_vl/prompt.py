"""Messages as token ids, in ChatML.

Responsible for the layout that Qwen's chat template gives to plain messages, built straight as ids:
a picture is a run of pads that no tokenizer has to read, and text from outside can never become a
control token. Chooses no words; those are the profile's.

A message's ids depend on nothing but the message, so they are made once. What the model itself said
is put in as it was said (``Layouts.remember``): encoded again it could come out as other tokens,
and the cache behind it would be lost.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_not

from agent.models.base import Image, Message
from agent.models.qwen3_vl.images import ImageRules, token_grid
from agent.models.qwen3_vl.positions import ImageSpan
from agent.models.qwen3_vl.vocabulary import THINK_OPEN, Vocabulary

MOST_LAYOUTS = 512
"""Messages whose ids are kept; a run shows its own over and over, and no others."""


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """A conversation as the model reads it.

    Attributes:
        ids: token ids; a picture is held by as many pads as it has visual tokens.
        spans: where the pictures are, in order.
        images: the pictures themselves, one per span.
    """

    ids: tuple[int, ...]
    spans: tuple[ImageSpan, ...]
    images: tuple[Image, ...]

    @property
    def keyed_spans(self) -> list[tuple[ImageSpan, str]]:
        """Each picture's place and the hash that tells it from others."""
        hashes = [image.frame_hash for image in self.images]
        return list(zip(self.spans, hashes, strict=True))

    def up_to_last_picture(self) -> Prompt:
        """Return the start of the prompt that ends with its last picture; empty without one."""
        end = self.spans[-1].end if self.spans else 0
        return Prompt(self.ids[:end], self.spans, self.images)


class _Layout:
    """Collects ids; text is encoded in runs, for tokens merge across its parts."""

    def __init__(self, vocabulary: Vocabulary, rules: ImageRules) -> None:
        self._vocabulary, self._rules = vocabulary, rules
        self._run = ""
        self.ids: list[int] = []
        self.spans: list[ImageSpan] = []
        self.images: list[Image] = []

    def text(self, text: str) -> None:
        self._run += text

    def control(self, token: str) -> None:
        self.flush()
        self.ids.append(self._vocabulary.control[token])

    def picture(self, image: Image) -> None:
        self.control("<|vision_start|>")
        rows, columns = token_grid(image.frame.shape[0], image.frame.shape[1], self._rules)
        self.spans.append(ImageSpan(len(self.ids), rows, columns))
        self.images.append(image)
        self.ids += [self._vocabulary.control["<|image_pad|>"]] * (rows * columns)
        self.control("<|vision_end|>")

    def message(self, message: Message) -> None:
        self.control("<|im_start|>")
        self.text(f"{message.role}\n")
        for part in message.parts:
            if isinstance(part, str):
                self.text(part)
            else:
                self.picture(part)
        self.control("<|im_end|>")
        self.text("\n")

    def flush(self) -> None:
        self.ids += self._vocabulary.encode(self._run) if self._run else ()
        self._run = ""

    def add(self, other: Prompt) -> None:
        start = len(self.ids)
        self.ids += other.ids
        self.spans += [ImageSpan(start + s.start, s.rows, s.columns) for s in other.spans]
        self.images += other.images

    def finish(self) -> Prompt:
        self.flush()
        return Prompt(tuple(self.ids), tuple(self.spans), tuple(self.images))


class Layouts:
    """The messages of one conversation as ids, each laid out once."""

    def __init__(self, vocabulary: Vocabulary, rules: ImageRules) -> None:
        """Lay out for a vocabulary, with pictures brought to size by these rules."""
        self._vocabulary, self._rules = vocabulary, rules
        self._known: dict[object, tuple[tuple[int, ...], tuple[ImageSpan, ...]]] = {}
        self._last: tuple[tuple[Message, ...], Prompt] | None = None
        self._changing = threading.Lock()

    def copy(self) -> Layouts:
        """Return the same for a second conversation."""
        twin = Layouts(self._vocabulary, self._rules)
        twin._known = dict(self._known)
        return twin

    def lay_out(self, messages: Sequence[Message]) -> Prompt:
        """Return the conversation's ids, ending where the model's reply begins."""
        last = self._last
        if last is None or len(last[0]) != len(messages) or any(map(is_not, last[0], messages)):
            last = self._last = tuple(messages), self._whole(messages)
        return last[1]

    def _whole(self, messages: Sequence[Message]) -> Prompt:
        whole = _Layout(self._vocabulary, self._rules)
        for message in messages:
            ids, spans = self._message(message)
            images = [part for part in message.parts if not isinstance(part, str)]
            whole.add(Prompt(ids, spans, tuple(images)))
        whole.control("<|im_start|>")
        whole.text("assistant\n" + (f"{THINK_OPEN}\n" if self._vocabulary.thinking else ""))
        return whole.finish()

    def remember(self, text: str, ids: Sequence[int]) -> None:
        """Keep the tokens of a reply, for the messages in which it will be shown again.

        Not those of a Thinking edition, whose thoughts are never shown again.
        """
        if self._vocabulary.thinking:
            return
        layout = _Layout(self._vocabulary, self._rules)
        layout.control("<|im_start|>")
        layout.text("assistant\n")
        layout.flush()
        layout.ids += ids
        layout.control("<|im_end|>")
        layout.text("\n")
        self._last = None
        self._known[_key(Message("assistant", (text,)))] = layout.finish().ids, ()

    def _message(self, message: Message) -> tuple[tuple[int, ...], tuple[ImageSpan, ...]]:
        key = _key(message)
        with self._changing:
            found = self._known.pop(key, None) or self._laid_out(message)
            self._known[key] = found  # Used last, forgotten last.
            while len(self._known) > MOST_LAYOUTS:
                del self._known[next(iter(self._known))]
        return found

    def _laid_out(self, message: Message) -> tuple[tuple[int, ...], tuple[ImageSpan, ...]]:
        layout = _Layout(self._vocabulary, self._rules)
        layout.message(message)
        prompt = layout.finish()
        return prompt.ids, prompt.spans


def lay_out(messages: Sequence[Message], vocabulary: Vocabulary, rules: ImageRules) -> Prompt:
    """Return the ids of a conversation of which nothing is known yet."""
    return Layouts(vocabulary, rules).lay_out(messages)


def _key(message: Message) -> object:
    """Return what a message's ids depend on; a picture's hash and size stand for its pixels."""
    parts = tuple(
        part if isinstance(part, str) else (part.frame_hash, part.frame.shape[:2])
        for part in message.parts
    )
    return message.role, parts
