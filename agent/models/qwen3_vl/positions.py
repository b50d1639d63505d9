"""Where each token stands for Qwen3-VL's rotary embedding in three dimensions.

Responsible for the explicit (time, row, column) positions of text and pictures, so that nothing
depends on ``rope_deltas``, which is state of the model and wrong for a second conversation
(transformers issue 43952).

A text token stands at (p, p, p) and moves p on by one. A picture at p has its tokens at
(p, p + row, p + column) and moves p on by the longer side of its grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class ImageSpan:
    """A picture among the tokens: where it starts and the grid of its tokens."""

    start: int
    rows: int
    columns: int

    @property
    def end(self) -> int:
        """First token after the picture."""
        return self.start + self.rows * self.columns


def positions_of(length: int, spans: Sequence[ImageSpan], first: int = 0) -> tuple[Tensor, int]:
    """Return (3, length) positions of a stretch of tokens and the position that follows it.

    Args:
        length: tokens in the stretch.
        spans: its pictures in order, counted from the stretch's own start.
        first: position of its first token; what an earlier stretch returned.
    """
    import torch

    if not spans:
        return _text(length, first), first + length
    parts, at, position = [], 0, first
    for span in spans:
        parts += [_text(span.start - at, position), _picture(span, position + span.start - at)]
        position += span.start - at + max(span.rows, span.columns)
        at = span.end
    parts.append(_text(length - at, position))
    return torch.cat(parts, 1), position + length - at


def advance(length: int, spans: Sequence[ImageSpan]) -> int:
    """Return the position that follows ``length`` tokens with these pictures among them."""
    saved = sum(s.end - s.start - max(s.rows, s.columns) for s in spans)
    return length - saved


def _text(count: int, position: int) -> Tensor:
    import torch

    return torch.arange(position, position + count).expand(3, -1)


def _picture(span: ImageSpan, position: int) -> Tensor:
    import torch

    rows = torch.arange(span.rows).repeat_interleave(span.columns)
    columns = torch.arange(span.columns).repeat(span.rows)
    return torch.stack([torch.zeros_like(rows), rows, columns]) + position
