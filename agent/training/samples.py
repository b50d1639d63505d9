"""Training samples from the practice world: a screen, and what to say and do about it.

Responsible for turning oracle steps into token sequences with their weights, and for the two
training aids that are dropped afterwards: which visual token lies on which label, and where a
position of the sequence should look. Knows no network.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agent.models.profiles.embedded import PROFILE, history_line, task_text
from agent.training.teacher import Teacher
from environments.actions import Action, Click, PressKeys, Scroll, TypeText
from environments.effects import judge
from environments.geometry import InputPoint, Screen
from environments.practice import words
from environments.practice.tasks import OracleStep
from environments.practice.widgets import Target
from environments.practice.world import CLOSE, SCREEN_PX

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TOKEN_PX = 32
COLUMNS, ROWS = SCREEN_PX[0] // TOKEN_PX, SCREEN_PX[1] // TOKEN_PX
ALIGNED_SHARE = 0.2
"""A visual token belongs to a target that covers at least this share of it."""

SLIP_RATE = 0.12
"""How often a sample's past holds a click beside the target."""

LABEL_IDS = {label: number for number, label in enumerate(words.LABELS)}


@dataclass
class Segment:
    """One question about a screen: token ids, loss weights and where to look.

    Attributes:
        ids: tokens after the picture.
        weights: loss weight of predicting each of ``ids`` (0 for what is given).
        label_at: index of the token that names the target, -1 without one.
        point_at: indices after which a digit of the point is predicted.
        looks: visual tokens that hold the target.
    """

    ids: list[int]
    weights: list[float]
    label_at: int = -1
    point_at: list[int] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)


@dataclass
class Sample:
    """One screen with its questions.

    Attributes:
        frame: (256, 320, 3) uint8 RGB.
        labels: for each of the 80 visual tokens the index into ``words.LABELS`` or -1.
    """

    frame: NDArray[np.uint8]
    labels: NDArray[np.int64]
    segments: list[Segment]


def arguments_for(action: Action | None, screen: Screen) -> dict[str, Any]:
    """Return the arguments of ``computer_use`` that stand for an oracle's action."""
    match action:
        case Click(InputPoint() as at, "left", count):
            name = "double_click" if count > 1 else "left_click"
            return {"action": name, "coordinate": grid_point(at, screen)}
        case TypeText(text):
            return {"action": "type", "text": text}
        case PressKeys(keys):
            return {"action": "key", "keys": list(keys)}
        case Scroll(dy_px=dy_px, at=InputPoint() as at):
            return {"action": "scroll", "coordinate": grid_point(at, screen), "pixels": dy_px}
        case None:
            return {"action": "terminate", "status": "success"}
    raise ValueError(f"no oracle does {action!r}")


def grid_point(at: InputPoint, screen: Screen) -> list[int]:
    """Return a pointer position in the model's grid."""
    point = screen.to_grid(screen.from_input(at), PROFILE.grid)
    return [round(point.x), round(point.y)]


def reply_text(thought: str, arguments: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the reply in three parts: thought, call up to the point or end, the rest."""
    call = json.dumps({"name": "computer_use", "arguments": dict(arguments)}, ensure_ascii=False)
    head, bracket, tail = call.partition("[") if "coordinate" in arguments else (call, "", "")
    return thought, f"\n<tool_call>\n{head}{bracket}", f"{tail}\n</tool_call><|im_end|>"


def tokens_on(box: tuple[int, int, int, int], share: float = ALIGNED_SHARE) -> list[int]:
    """Return the visual tokens that a box covers, at least to a share; row-major numbers."""
    found = []
    for row in range(ROWS):
        high = min(box[3], (row + 1) * TOKEN_PX) - max(box[1], row * TOKEN_PX)
        for column in range(COLUMNS) if high > 0 else ():
            wide = min(box[2], (column + 1) * TOKEN_PX) - max(box[0], column * TOKEN_PX)
            if wide > 0 and wide * high >= share * TOKEN_PX * TOKEN_PX:
                found.append(row * COLUMNS + column)
    return found


def aligned(targets: Sequence[Target]) -> NDArray[np.int64]:
    """Return which label each visual token lies on; later targets lie on top."""
    labels = np.full(ROWS * COLUMNS, -1, np.int64)
    for target in targets:
        if target.label != CLOSE:
            labels[tokens_on(target.box)] = LABEL_IDS[target.label]
    return labels


class SampleMaker:
    """Makes samples from the tasks of a teacher."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        teacher: Teacher,
        rng: random.Random,
        pointings: int,
    ) -> None:
        """Ask ``pointings`` further questions about each screen."""
        self._tokenizer = tokenizer
        self._teacher = teacher
        self._rng = rng
        self._pointings = pointings

    def make(self, seed: int) -> Sample:
        """Make the sample of one seed: a moment of one task.

        Raises:
            LookupError: a slip made the task unsolvable; the seed is not fit for training.
        """
        teacher, rng = self._teacher, self._rng
        teacher.reset(seed)
        lines = self._past(rng.randint(0, teacher.steps))
        observation = teacher.observe()
        named = [t for t in teacher.targets() if t.label != CLOSE]
        segments = [self._question(lines, observation.screen)]
        for target in rng.sample(named, min(self._pointings, len(named))):
            segments.append(self._pointing(target, observation.screen))
        labels = aligned(teacher.targets(only_reachable=False))
        return Sample(np.asarray(observation.frame), labels, segments)

    def plans(self, seed: int) -> list[Segment]:
        """Make the questions of a whole task, to be asked without the picture: no points in them.

        Raises:
            LookupError: a slip made the task unsolvable.
        """
        self._teacher.reset(seed)
        screen = self._teacher.observe().screen
        segments, lines = [], list[str]()
        for _ in range(self._teacher.steps + 2):
            segment = self._question(lines, screen)
            for at in segment.point_at:
                segment.weights[at + 1] = 0.0
            segments.append(segment)
            if not self._go_on(lines):
                break
        return segments

    def _past(self, count: int) -> list[str]:
        lines: list[str] = []
        while len(lines) < count and self._go_on(lines):
            pass
        return lines

    def _go_on(self, lines: list[str]) -> bool:
        """Do the next step, add it to the lines of the past, and tell whether there was one."""
        step = self._teacher.label()
        if step.action is None:
            return False
        before = self._teacher.observe()
        action = self._slip(step.action)
        self._teacher.execute(action)
        effect = judge(action, before, self._teacher.observe())
        lines.append(history_line(len(lines) + 1, step.thought, effect, is_error=False))
        return True

    def _slip(self, action: Action) -> Action:
        if not isinstance(action, Click) or self._rng.random() > SLIP_RATE:
            return action
        point = InputPoint(self._rng.randrange(SCREEN_PX[0]), self._rng.randrange(SCREEN_PX[1]))
        return Click(point, count=action.count)

    def _encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False)
        return ids

    def _question(self, lines: list[str], screen: Screen) -> Segment:
        step = self._teacher.label()
        prompt = task_text(self._teacher.instruction, lines)
        ids = self._encode(prompt + "<|im_end|>\n<|im_start|>assistant\n")
        segment = Segment(ids, [0.0] * len(ids))
        self._answer(segment, step, screen, thought_weight=1.0)
        if isinstance(step.action, Click | Scroll) and step.action.at:
            at = step.action.at
            hit = [
                t
                for t in self._teacher.targets()
                if t.box[0] <= at.x < t.box[2] and t.box[1] <= at.y < t.box[3]
            ]
            segment.looks = tokens_on(hit[-1].box) if hit else []
        return segment

    def _pointing(self, target: Target, screen: Screen) -> Segment:
        segment = Segment([], [])
        step = OracleStep(f"Click {target.label}.", Click(InputPoint(*target.centre)))
        self._answer(segment, step, screen, thought_weight=0.0)
        segment.looks = tokens_on(target.box)
        end = segment.point_at[-1] + 2
        segment.ids, segment.weights = segment.ids[:end], segment.weights[:end]
        return segment

    def _answer(
        self, segment: Segment, step: OracleStep, screen: Screen, thought_weight: float
    ) -> None:
        arguments = arguments_for(step.action, screen)
        thought, head, tail = reply_text(step.thought, arguments)
        label = next((w for w in step.thought.rstrip(".").split() if w in LABEL_IDS), None)
        thought_ids = self._encode(thought)
        if label is not None and not isinstance(step.action, TypeText | None):
            segment.label_at = len(segment.ids) + thought_ids.index(self._encode(label)[0])
        for ids, weight in (
            (thought_ids, thought_weight),
            (self._encode(head), thought_weight),
            (self._encode(tail), 1.0),
        ):
            start = len(segment.ids)
            segment.ids += ids
            segment.weights += [weight] * len(ids)
        if "coordinate" in arguments:
            x, y = arguments["coordinate"]
            digits = len(str(x)) + 1 + len(str(y))
            segment.point_at = list(range(start - 1, start - 1 + digits))
