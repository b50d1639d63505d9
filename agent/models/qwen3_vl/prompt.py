"""Messages as token ids, in ChatML.

Responsible for the layout that Qwen's chat template gives to plain messages, built straight as ids:
a picture is a run of pads that no tokenizer has to read, and text from outside can never become a
control token. Chooses no words; those are the profile's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.models.base import Image, Message
from agent.models.qwen3_vl.images import ImageRules, token_grid
from agent.models.qwen3_vl.positions import ImageSpan
from agent.models.qwen3_vl.vocabulary import Vocabulary


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
        self.ids += self._vocabulary.encode(self._run) if self._run else ()
        self._run = ""
        self.ids.append(self._vocabulary.control[token])

    def picture(self, image: Image) -> None:
        self.control("<|vision_start|>")
        rows, columns = token_grid(image.frame.shape[0], image.frame.shape[1], self._rules)
        self.spans.append(ImageSpan(len(self.ids), rows, columns))
        self.images.append(image)
        self.ids += [self._vocabulary.control["<|image_pad|>"]] * (rows * columns)
        self.control("<|vision_end|>")

    def finish(self) -> Prompt:
        self.ids += self._vocabulary.encode(self._run) if self._run else ()
        return Prompt(tuple(self.ids), tuple(self.spans), tuple(self.images))


def lay_out(messages: Sequence[Message], vocabulary: Vocabulary, rules: ImageRules) -> Prompt:
    """Return the conversation's ids, ending where the model's reply begins."""
    layout = _Layout(vocabulary, rules)
    for message in messages:
        layout.control("<|im_start|>")
        layout.text(f"{message.role}\n")
        for part in message.parts:
            if isinstance(part, str):
                layout.text(part)
            else:
                layout.picture(part)
        layout.control("<|im_end|>")
        layout.text("\n")
    layout.control("<|im_start|>")
    layout.text("assistant\n" + ("<think>\n" if vocabulary.thinking else ""))
    return layout.finish()
