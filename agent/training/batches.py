"""Samples as the tensors of one optimizer step.

Responsible for the layout of a batch: pictures as patches, then several questions about each that
share its tokens and cannot see each other. Knows no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from agent.models.qwen3_vl.positions import ImageSpan, positions_of
from agent.training.samples import PRACTICE, Grids, Sample, Segment

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

LOOKS = ("label", "point")
"""Where from a head is taught to look at the target: its label, and the digits of its point."""

MASKED = -1e9
PLAN_STRIDE, BATCH_STRIDE = 16, 32
"""Lengths are rounded up to these, so that few different shapes occur."""


@dataclass
class Batch:
    """Tensors of one batch; B screens, L positions, P patches.

    Attributes:
        pixels: (B, P, 768) float, one temporal slice, normalised, patches in merge order.
        shapes: the grids that a picture can have, of T tokens each.
        grids: (B,) index into them.
        labels: (B, T) index into ``NAMES`` or -1.
        ids: (B, L); the picture's place is held by image pads.
        positions: (3, B, L) for mRoPE.
        mask: (B, 1, L, L) additive.
        weights: (B, L) loss weight of predicting the token that stands there.
        looks: for each of ``LOOKS`` pairs of (n, 2) positions and (n, T) wanted tokens; where none
            is wanted, away from the picture.
    """

    shapes: Grids
    pixels: Tensor
    grids: Tensor
    labels: Tensor
    ids: Tensor
    positions: Tensor
    mask: Tensor
    weights: Tensor
    looks: dict[str, tuple[Tensor, Tensor]]

    def to(self, device: str) -> Batch:
        """Return the batch on a device."""
        looks = {name: (at.to(device), to.to(device)) for name, (at, to) in self.looks.items()}
        held: Any = {n: v.to(device) for n, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, looks=looks, **held)


@dataclass
class Plans:
    """Questions without their picture: (N, L) ids and loss weights, (3, N, L) positions."""

    ids: Tensor
    weights: Tensor
    positions: Tensor

    def to(self, device: str) -> Plans:
        """Return them on a device."""
        return Plans(*(value.to(device) for value in (self.ids, self.weights, self.positions)))


class Collator:
    """Lays samples out as one batch: picture first, then the questions one after the other.

    Attributes:
        prefix: ids that stand before every question, the picture's pads among them.
        picture_at: index of the first pad.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, shapes: Grids = PRACTICE) -> None:
        """Prepare the tokens that stand around every picture of some shapes of equal area."""
        pad = tokenizer.convert_tokens_to_ids("<|image_pad|>")
        start = tokenizer.encode("<|im_start|>user\n<|vision_start|>", add_special_tokens=False)
        end = tokenizer.encode("<|vision_end|>", add_special_tokens=False)
        self._shapes, self._picture = shapes, shapes[0][0] * shapes[0][1]
        self.prefix = [*start, *[pad] * self._picture, *end]
        self.picture_at = len(start)
        self._padding = int(tokenizer.pad_token_id)
        laid = [
            positions_of(len(self.prefix), [ImageSpan(self.picture_at, *grid)]) for grid in shapes
        ]
        self._heads = torch.stack([head for head, _ in laid], 1)
        self._next = laid[0][1]  # The same for all: a picture counts by its longer side.

    def plans(self, segments: Sequence[Segment]) -> Plans:
        """Lay out questions as they stand in a batch, the visual tokens left out."""
        kept = [*range(self.picture_at), *range(self.picture_at + self._picture, len(self.prefix))]
        prefix = torch.tensor(self.prefix)[kept]
        length = _rounded(len(kept) + max(len(s.ids) for s in segments), PLAN_STRIDE)
        ids = torch.full((len(segments), length), self._padding)
        weights = torch.zeros(len(segments), length)
        ids[:, : len(kept)] = prefix
        for row, segment in enumerate(segments):
            span = slice(len(kept), len(kept) + len(segment.ids))
            ids[row, span] = torch.tensor(segment.ids)
            weights[row, span] = torch.tensor(segment.weights)
        after = torch.arange(self._next, self._next + length - len(kept)).expand(3, -1)
        positions = torch.cat([self._heads[:, 0, kept], after], 1)  # Alike without the picture.
        return Plans(ids, weights, positions[:, None].repeat(1, len(segments), 1))

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """Lay the samples out."""
        grids = torch.tensor([self._shapes.index(sample.grid) for sample in samples])
        page = self._page(samples, grids)
        for row, sample in enumerate(samples):
            at = len(self.prefix)
            for number, segment in enumerate(sample.segments, 1):
                page.write(segment, row, at, number)
                at += len(segment.ids)
        return Batch(
            shapes=self._shapes,
            pixels=torch.from_numpy(np.stack([sample.patches for sample in samples])),
            grids=grids,
            labels=torch.from_numpy(np.stack([sample.labels for sample in samples])),
            ids=page.ids,
            positions=page.positions,
            mask=page.mask(),
            weights=page.weights,
            looks={name: page.looks_from(name) for name in LOOKS},
        )

    def _page(self, samples: Sequence[Sample], grids: Tensor) -> _Page:
        """Return a page on which only the prefixes stand."""
        prefix = len(self.prefix)
        longest = max(prefix + sum(len(s.ids) for s in sample.segments) for sample in samples)
        shape = len(samples), _rounded(longest, BATCH_STRIDE)
        page = _Page(shape, self._padding, self._next, self._picture)
        page.ids[:, :prefix] = torch.tensor(self.prefix)
        page.positions[:, :, :prefix] = self._heads[:, grids]
        page.owner[:, :prefix] = 0
        return page


class _Page:
    """A batch while it is being laid out.

    Attributes:
        owner: (B, L) number of the question that a position belongs to; 0 for the picture and what
            stands around it, -1 for padding.
    """

    def __init__(self, shape: tuple[int, int], padding: int, first: int, picture: int) -> None:
        """Begin with padding; every question starts at position ``first``."""
        self.ids = torch.full(shape, padding)
        self.weights = torch.zeros(shape)
        self.positions = torch.zeros(3, *shape, dtype=torch.long)
        self.owner = torch.full(shape, -1)
        self._first, self._picture = first, picture
        self._looks: dict[str, list[tuple[list[int], Tensor]]] = {name: [] for name in LOOKS}

    def write(self, segment: Segment, row: int, at: int, number: int) -> None:
        """Put a question at an index of a row, as the question of a number."""
        span = slice(at, at + len(segment.ids))
        self.ids[row, span] = torch.tensor(segment.ids)
        self.weights[row, span] = torch.tensor(segment.weights)
        self.positions[:, row, span] = torch.arange(self._first, self._first + len(segment.ids))
        self.owner[row, span] = number
        for place, tokens in segment.finds:
            self._look("label", row, at + place, tokens)
        for place in segment.point_at:
            self._look("point", row, at + place, segment.aims)

    def _look(self, name: str, row: int, index: int, tokens: Sequence[int]) -> None:
        wanted = torch.zeros(self._picture)
        wanted[tokens] = 1.0
        self._looks[name].append(([row, index], wanted))

    def looks_from(self, name: str) -> tuple[Tensor, Tensor]:
        """Return (n, 2) row and index of each look, and (n, T) with 1 where it should go."""
        found = self._looks[name]
        places = torch.tensor([place for place, _ in found], dtype=torch.long).view(-1, 2)
        none = torch.zeros(0, self._picture)
        return places, torch.stack([to for _, to in found]) if found else none

    def mask(self) -> Tensor:
        """Return (B, 1, L, L): what was before, of the same question or of the picture."""
        owner, length = self.owner, self.owner.shape[1]
        allowed = (owner[:, None, :] == 0) | (owner[:, None, :] == owner[:, :, None])
        allowed &= torch.ones(length, length, dtype=torch.bool).tril()
        allowed |= torch.eye(length, dtype=torch.bool)  # A row without anything would be no number.
        return torch.zeros(allowed.shape).masked_fill_(~allowed, MASKED)[:, None]


def _rounded(length: int, stride: int) -> int:
    return -(-length // stride) * stride
