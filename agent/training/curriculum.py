"""What is learnt when: the stages of training.

Responsible for their order, lengths and weights. Reading comes first (which word lies under a
visual token), then whole tasks with two aids for pointing that are dropped from the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from environments.practice.phone import templates as phone
from environments.practice.templates import DEMO, TEMPLATES

WARMUP_STEPS = 100


@dataclass(frozen=True)
class Stage:
    """One part of the curriculum.

    Attributes:
        steps: optimizer steps.
        learning_rate: peak; it falls to ``final`` of itself by half a cosine.
        losses: weight of each loss; with "align" alone only the vision tower is trained.
        teacher: name of the world that sets the tasks.
        watched: the tasks by which checkpoints are chosen while it lasts.
        templates: its tasks, drawn evenly; one that stands there twice comes twice as often.
        pointings: further questions asked about each screen.
        screens: screens in a batch.
        batches: batches that one step learns from; their gradients are averaged.
        plans: questions in a batch that are asked without their picture.
        recorded: share of the steps that learn from recorded moments instead; of larger screens
            fewer go into a batch.
    """

    name: str
    steps: int
    learning_rate: float
    losses: Mapping[str, float]
    teacher: str = "practice"
    watched: tuple[str, ...] = (*DEMO, *phone.DEMO)
    templates: tuple[str, ...] = tuple(TEMPLATES)
    pointings: int = 4
    screens: int = 32
    batches: int = 1
    plans: int = 0
    recorded: float = 0.0
    final: float = 0.1


MIXED = (*TEMPLATES, *(*DEMO,) * 3, *phone.TEMPLATES, *(*phone.DEMO,) * 9)
"""The tasks of both worlds; the phone's come nearly twice as often, for they are longer."""

READ = Stage("read", 500, 1.5e-3, {"align": 1.0}, templates=MIXED, final=0.7)
ACT = Stage(
    "act", 2400, 1e-3, {"align": 0.4, "text": 1.0, "label": 0.2, "point": 0.2, "plan": 0.5},
    templates=MIXED, pointings=3, plans=16, final=0.02,
)  # fmt: skip
STAGES = (READ, ACT)
"""From nothing; the lengths for both worlds are a guess from those that the desktop took."""

HARDER = (
    *MIXED, *("send_message",) * 9,
    "read_message", "reply_to_news", "add_contact", "find_contact", "edit_note",
)  # fmt: skip
"""The same with more of what the phone asks most plans for."""

KEPT = (
    *TEMPLATES, *TEMPLATES, *(*DEMO,) * 3, *("close_window", "select_item") * 4,
    *phone.TEMPLATES, *(*phone.DEMO,) * 3, *("send_message",) * 4,
)  # fmt: skip
"""The desktop's come more often: what was learnt there first must not fade."""

FURTHER = (
    replace(READ, steps=72, learning_rate=1e-3),
    replace(ACT, steps=400),
    replace(ACT, name="plan", steps=150, learning_rate=6e-4, templates=HARDER, plans=32),
    replace(ACT, name="keep", steps=80, learning_rate=8e-4, templates=KEPT),
)
"""From a checkpoint that knows the desktop: what is new, and enough of the old to keep it.

The phone came into the shipped checkpoint so; it is the mean of the weights (their moving averages)
after "plan" and after "keep", which act better together than either.
"""


WEAK = (
    *KEPT, *TEMPLATES, *("set_slider", "select_item", "set_brightness") * 8,
    *("add_contact", "dismiss_news", "find_contact") * 8,
    *("read_message", "reply_to_news", "edit_note", "paste_note", "grant_or_deny") * 2,
)  # fmt: skip
"""More of what the checkpoint did worst."""

WEAKEST = (
    *WEAK, *("select_item", "add_contact") * 12, *("find_contact",) * 8, *("write_note",) * 4,
)  # fmt: skip
"""The same with more of what it still did worst after that."""

MENDED = (
    replace(ACT, name="mend", steps=450, learning_rate=8e-4, templates=WEAK, plans=32),
    replace(ACT, name="mend again", steps=320, learning_rate=8e-4, templates=WEAKEST, plans=48,
            recorded=0.2),
)  # fmt: skip
"""From a checkpoint that knows both worlds: what it does worst, at last also from where it went
wrong (moments recorded with it as the model)."""


def pages(teacher: str, templates: Sequence[str], steps: int) -> tuple[Stage, ...]:
    """Return the stages for a world that was recorded: reading, then acting."""
    read = Stage(
        "read pages", steps // 12, 1.5e-3, {"align": 1.0}, teacher, templates=tuple(templates),
        watched=tuple(templates), recorded=1.0, final=0.7,
    )  # fmt: skip
    losses = {"align": 0.4, "text": 1.0, "label": 0.2, "point": 0.2}
    act = replace(read, name="act on pages", steps=steps, learning_rate=1e-3, losses=losses)
    return read, replace(act, pointings=3, final=0.02)


def stages_scaled(scale: float, stages: Sequence[Stage] = STAGES) -> tuple[Stage, ...]:
    """Return the stages, each longer or shorter by a factor."""
    return tuple(replace(stage, steps=max(round(stage.steps * scale), 1)) for stage in stages)


def pace_of(step: int, stage: Stage) -> float:
    """Return the share of the peak learning rate: a warm-up, then half a cosine."""
    done = step / stage.steps
    falling = stage.final + (1 - stage.final) * 0.5 * (1 + math.cos(math.pi * done))
    return falling * min((step + 1) / WARMUP_STEPS, 1.0)
