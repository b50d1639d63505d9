"""Training samples: what the network is shown, asked and told about a moment of a task.

Responsible for turning moments into token sequences with their weights, and for the two training
aids that are dropped afterwards: which visual token lies on which label, and where a position of
the sequence should look. Plays nothing and knows no network.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agent.models.profiles.embedded import PROFILE, task_text
from agent.models.qwen3_vl.images import ImageRules, prepare, token_grid
from agent.toolset import MAIN
from agent.training.moments import WORDS, Moment
from agent.training.vocabulary import NAMES
from environments.actions import Click, Tap
from environments.base import Frame
from environments.geometry import InputPoint, Screen
from environments.practice.widgets import (
    SLIDER_MAX,
    Target,
    contains,
    slider_point,
)

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PATCH_PX, MERGE = 16, 2
TOKEN_PX = PATCH_PX * MERGE
PRACTICE_TOKENS = 80
"""Visual tokens of a practice screen."""

Grid = tuple[int, int]
"""Rows and columns of visual tokens."""

Grids = tuple[Grid, ...]
"""Pictures of as many tokens in another order; they can share a batch."""

PRACTICE: Grids = ((8, 10), (10, 8))
"""The practice desktop and a phone that lies; a phone that stands."""

ALIGNED_SHARE = 0.2
"""A visual token belongs to a target that covers at least this share of it."""

NEAR_PX = 12
"""How far around a point is looked where nothing that has a box lies under it: a slider's step."""

UNNAMED_ROLES = ("navigation", "key")
"""What stands on every screen of the phone, as signs and single letters, is not asked for."""

CLOSING = "close button"
"""What bears no word either, but is asked for by the title of its window."""

DECISIVE = 2.0
"""Weight of a thought's tokens: whether to click or to scroll hangs on one of them."""

NOWHERE = -2
"""The number of a word that cannot be read on any screen."""

Find = tuple[int, list[int]]
"""The index of a word, and the visual tokens that bear it; none if it is out of view."""

Said = Mapping[str, int]
"""Where the names of a thought stand."""

NAME_IDS = {name: number for number, name in enumerate(NAMES)}


@dataclass
class Segment:
    """One question about a screen: token ids, loss weights and where to look.

    Attributes:
        ids: tokens after the picture.
        weights: loss weight of predicting each of ``ids`` (0 for what is given).
        finds: indices of words, each with the visual tokens that bear it; none: it is out of view.
        point_at: indices after which a digit of the point is predicted.
        aims: visual tokens that hold the point: the target, but where each place of a wide one
            means something else only what is around it.
    """

    ids: list[int]
    weights: list[float]
    finds: list[Find] = field(default_factory=list)
    point_at: list[int] = field(default_factory=list)
    aims: list[int] = field(default_factory=list)


@dataclass
class Sample:
    """One screen with its questions.

    Attributes:
        patches: (P, 768) float32 in merge order, as the engine takes them; a still picture's once.
        grid: rows and columns of its visual tokens.
        labels: for each of them the index into ``NAMES`` or -1.
    """

    patches: NDArray[np.float32]
    grid: Grid
    labels: NDArray[np.int64]
    segments: list[Segment]


def reply_text(thought: str, tool: str, arguments: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the reply in three parts: thought, call up to the first point or end, the rest."""
    call = json.dumps({"name": tool, "arguments": dict(arguments)}, ensure_ascii=False)
    head, bracket, tail = call.partition("[") if "coordinate" in arguments else (call, "", "")
    return thought, f"\n<tool_call>\n{head}{bracket}", f"{tail}\n</tool_call><|im_end|>"


@dataclass(frozen=True, slots=True)
class Raster:
    """The visual tokens of a screen.

    Attributes:
        grid: rows and columns.
        pitch: input points (x, y) from one to the next.
    """

    grid: Grid
    pitch: tuple[float, float]

    def under(self, box: Sequence[float], share: float = ALIGNED_SHARE) -> list[int]:
        """Return those that a box covers, at least to a share; row-major numbers."""
        rows, columns = self.grid
        wide = [_overlap(box[0], box[2], at, self.pitch[0]) for at in range(columns)]
        high = [_overlap(box[1], box[3], at, self.pitch[1]) for at in range(rows)]
        return [
            row * columns + column
            for row in range(rows)
            for column in range(columns)
            if wide[column] * high[row] >= max(share, 1e-9)
        ]

    def around(self, at: tuple[int, int]) -> list[int]:
        """Return those around a point: never none, or it would stand for a place out of view."""
        near = at[0] - NEAR_PX, at[1] - NEAR_PX, at[0] + NEAR_PX, at[1] + NEAR_PX
        return self.under(near) or self.under(near, share=0.0)

    def labelled(self, targets: Sequence[Target]) -> NDArray[np.int64]:
        """Return which name each token lies on; later targets lie on top."""
        labels = np.full(self.grid[0] * self.grid[1], -1, np.int64)
        for target in targets:
            if target.label in NAME_IDS and target.role != CLOSING:  # Single keys bear none either.
                labels[self.under(target.box)] = NAME_IDS[target.label]
        return labels


def shown_in(tokens: int) -> ImageRules:
    """Return how pictures are shown in training, in at most so many visual tokens."""
    area = TOKEN_PX**2
    return ImageRules(PATCH_PX, MERGE, min_px=area, max_px=tokens * area)


def raster_of(frame: Frame, screen: Screen, tokens: int) -> Raster:
    """Return the visual tokens of a screen, as the engine resizes its picture."""
    height, width, _ = frame.shape
    grid = token_grid(height, width, shown_in(tokens))
    return Raster(grid, (screen.width_px / grid[1], screen.height_px / grid[0]))


def _overlap(begin: float, end: float, number: int, pitch: float) -> float:
    """Return which share of the token of a number lies between two places."""
    return max(min(end, (number + 1) * pitch) - max(begin, number * pitch), 0.0) / pitch


class SampleMaker:
    """Makes samples of moments: tokens, weights, and where to look."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        rng: random.Random,
        pointings: int,
        tokens: int = PRACTICE_TOKENS,
    ) -> None:
        """Ask ``pointings`` further questions about each screen, shown in at most ``tokens``."""
        self._tokenizer = tokenizer
        self._rng = rng
        self._pointings = pointings
        self._tokens = tokens
        self._numbers = {self._encode(name)[0]: number for name, number in NAME_IDS.items()}

    def sample(self, moment: Moment) -> Sample:
        """Return the moment's question with its picture, and the further questions."""
        raster = raster_of(moment.frame, moment.screen, self._tokens)
        labels = raster.labelled(moment.labels)
        question = self._question(moment)
        question.finds += self._borne(moment, labels)
        named = [target for target in titled(moment.targets) if is_named(target)]
        chosen = self._rng.sample(named, min(self._pointings, len(named)))
        pointings = [self._pointing(target, moment) for target in chosen]
        patches = np.asarray(prepare(moment.frame, shown_in(self._tokens)).values)
        return Sample(patches, raster.grid, labels, [question, *pointings])

    def plan(self, moment: Moment) -> Segment:
        """Return the moment's question, to be asked without the picture: no points in it."""
        segment = self._question(moment)
        for at in segment.point_at:
            segment.weights[at + 1] = 0.0
        return segment

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return ids

    def _borne(self, moment: Moment, labels: NDArray[np.int64]) -> Iterator[Find]:
        """Yield the words of the task that stand on the screen; if it has to be scrolled, all."""
        seeks = is_seeking(moment.thought)
        for index, token in enumerate(self._encode(task_text(moment.instruction, (), moment.kind))):
            bearing = np.flatnonzero(labels == self._numbers.get(token, NOWHERE))
            if len(bearing) or (seeks and token in self._numbers):
                yield index, bearing.tolist()

    def _question(self, moment: Moment) -> Segment:
        prompt = task_text(moment.instruction, moment.lines, moment.kind)
        ids = self._encode(prompt + "<|im_end|>\n<|im_start|>assistant\n")
        segment = Segment(ids, [0.0] * len(ids))
        at = moment.at
        targets = titled(moment.targets)
        under = [target for target in targets if at and contains(target.box, *at)][-1:]
        said = self._answer(segment, moment.thought, moment, moment.arguments, weight=1.0)
        if is_seeking(moment.thought):
            segment.finds += [(index, []) for index in said.values()]
        if at is not None:
            self._aim(segment, said, under[0] if under else None, at, moment)
        return segment

    def _pointing(self, target: Target, moment: Moment) -> Segment:
        segment = Segment([], [])
        is_phone = moment.kind == "phone"
        verb = "Close" if target.role == CLOSING else "Tap" if is_phone else "Click"
        thought, at = f"{verb} {target.label}.", target.centre
        if target.role == "slider":
            value = self._rng.randint(0, SLIDER_MAX)
            thought, at = f"Set {target.label} {value}.", slider_point(target.box, value)
        action = Tap(InputPoint(*at)) if is_phone else Click(InputPoint(*at))
        arguments = WORDS[moment.kind](action, moment.screen)
        said = self._answer(segment, thought, moment, arguments, weight=0.0)
        self._aim(segment, said, target, at, moment)
        end = segment.point_at[-1] + 2
        segment.ids, segment.weights = segment.ids[:end], segment.weights[:end]
        return segment

    def _answer(
        self,
        segment: Segment,
        thought: str,
        moment: Moment,
        arguments: Mapping[str, Any],
        weight: float,
    ) -> Said:
        """Write a reply and return the indices of its thought's names."""
        thought, head, tail = reply_text(thought, MAIN[moment.kind], arguments)
        thought_ids = self._encode(thought)[: PROFILE.thought_tokens - 1]
        first = len(segment.ids)
        said = {
            NAMES[self._numbers[token]]: first + place
            for place, token in reversed([*enumerate(thought_ids)])
            if token in self._numbers
        }
        for ids, each in (
            (thought_ids, DECISIVE * weight),
            (self._encode(head), weight),
            (self._encode(tail), 1.0),
        ):
            start = len(segment.ids)
            segment.ids += ids
            segment.weights += [each] * len(ids)
        if "coordinate" in arguments:
            x, y = arguments["coordinate"]
            digits = len(str(x)) + 1 + len(str(y))
            segment.point_at = list(range(start - 1, start - 1 + digits))
        return said

    def _aim(
        self,
        segment: Segment,
        said: Said,
        target: Target | None,
        at: tuple[int, int],
        moment: Moment,
    ) -> None:
        """Say where to look for a point: at its target, or around it where none is under it."""
        raster = raster_of(moment.frame, moment.screen, self._tokens)
        around = raster.around(at)
        held = (raster.under(target.box) if target else []) or around
        segment.aims = around if target and target.role == "slider" else held
        if target and target.label in said:
            segment.finds.append((said[target.label], held))
        elif not target and said:  # A field without a word of its own, say.
            segment.finds.append((max(said.values()), held))


def is_seeking(thought: str) -> bool:
    """Tell whether a thought says that what it names is not in view."""
    return thought.startswith("Find ") and "," in thought


def titled(targets: Sequence[Target]) -> list[Target]:
    """Return targets, close buttons called by the window whose title stands before them."""
    before = [Target("", "", (0, 0, 0, 0)), *targets]
    return [
        replace(target, label=title.label if title.role == "window" else "")
        if target.role == CLOSING
        else target
        for title, target in zip(before, targets, strict=False)
    ]


def is_named(target: Target) -> bool:
    """Tell whether a target can be asked for by its label."""
    return target.label in NAME_IDS and target.role not in UNNAMED_ROLES
