"""What is learnt when: the stages of training.

Responsible for their order, lengths and weights. Reading comes first (which word lies under a
visual token), then whole tasks with two aids for pointing that are dropped from the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent.training.samples import PRACTICE_TOKENS
from environments.errors import ConfigError
from environments.practice.phone import templates as phone
from environments.practice.templates import DEMO, TEMPLATES
from environments.practice.tongues import TONGUES

WARMUP_STEPS = 100


HARD = (
    "select_item",
    "set_slider",
    "set_brightness",
    "add_contact",
    "find_contact",
    "send_message",
)
"""What took longest to learn: where to look decides what to do, or many steps follow."""


@dataclass(frozen=True)
class Stage:
    """One part of the curriculum.

    Attributes:
        steps: optimizer steps.
        learning_rate: peak; it falls to ``final`` of itself by half a cosine.
        losses: weight of each loss; with "align" alone only the vision tower is trained.
        teacher: name of the world that sets the tasks.
        watched: the tasks by which checkpoints are chosen while it lasts; none: all of the world.
        templates: its tasks, drawn evenly; one that stands there twice comes twice as often; none:
            all that the world has for training.
        pointings: further questions asked about each screen.
        screens: screens in a batch.
        batches: batches that one step learns from; their gradients are averaged.
        plans: questions in a batch that are asked without their picture.
        copies: the same of recorded moments, in other words.
        recorded: share of the steps that learn from recorded moments instead; of larger screens
            fewer go into a batch.
        meets: tasks that the checkpoint so far plays before, for the moments to learn from.
        tokens: visual tokens that a screen may take.
    """

    name: str
    steps: int
    learning_rate: float
    losses: Mapping[str, float]
    teacher: str = "practice-guises"
    watched: tuple[str, ...] = (*DEMO, *phone.DEMO, *HARD)
    templates: tuple[str, ...] = tuple(TEMPLATES)
    pointings: int = 4
    screens: int = 32
    batches: int = 1
    plans: int = 0
    copies: int = 0
    recorded: float = 0.0
    meets: int = 0
    tokens: int = PRACTICE_TOKENS
    final: float = 0.1


EVERY = (*TEMPLATES, *phone.TEMPLATES, *TONGUES)
MIXED = (*EVERY, *EVERY, *(*DEMO, *phone.DEMO, *HARD) * 2)
ALL_LOSSES = {"align": 0.4, "text": 1.0, "label": 0.2, "point": 0.2, "plan": 0.5}

READ = Stage("read", 500, 1.5e-3, {"align": 1.0}, templates=MIXED, final=0.7)
ACT = Stage(
    "act", 2400, 1e-3, ALL_LOSSES, templates=MIXED, pointings=3, plans=16, final=0.1,
)  # fmt: skip
MEND = Stage(
    "mend", 800, 8e-4, ALL_LOSSES, pointings=3, plans=32,
    templates=(*EVERY * 2, *(*TONGUES,) * 2, *HARD * 3, *("select_item", "find_contact") * 5),
    recorded=0.2, meets=1200, final=0.02,
)  # fmt: skip
MEND_AGAIN = replace(
    MEND, name="mend again", steps=400, learning_rate=5e-4, meets=600,
    templates=(*MEND.templates, *("add_contact",) * 10),  # What fails last: eight steps, no slip.
)  # fmt: skip
STAGES = (READ, ACT, MEND, MEND_AGAIN)
"""From nothing. What the checkpoint meets before the last two is labelled by the oracle."""


READ_PAGES = Stage(
    "read pages", 150, 1.5e-3, {"align": 1.0}, "miniwob", watched=(), templates=(),
    recorded=1.0, tokens=160, final=0.7,
)  # fmt: skip
ACT_ON_PAGES = replace(
    READ_PAGES, name="act on pages", steps=1800, learning_rate=1e-3,
    losses=ALL_LOSSES, pointings=3, copies=32, final=0.02,
)  # fmt: skip

READ_PROGRAMS = replace(
    READ_PAGES, name="read programs", teacher="programs", tokens=256,
    templates=("chromium",), watched=("chromium",),  # GTK looks one of few ways: it judges nothing.
)  # fmt: skip
POINT_AT_PROGRAMS = replace(
    READ_PROGRAMS, name="point at programs", steps=1200, learning_rate=1e-3,
    losses=ACT_ON_PAGES.losses, pointings=6, final=0.02,
)  # fmt: skip

NOTHING_KNOWN = "practice"
"""The course that begins from nothing."""

COURSES: Mapping[str, tuple[Stage, ...]] = {
    NOTHING_KNOWN: STAGES,
    "mend": (MEND,),
    "pages": (READ_PAGES, ACT_ON_PAGES),
    "programs": (READ_PROGRAMS, POINT_AT_PROGRAMS),
}
"""What can be asked for: all from nothing; from a checkpoint one round of mending, or from recorded
moments pages of MiniWoB++ or pictures of real programs."""


def course_named(name: str) -> tuple[Stage, ...]:
    """Return the stages of a course.

    Raises:
        ConfigError: there is none of this name.
    """
    if name not in COURSES:
        raise ConfigError(f"There is no course {name!r}; there are: {', '.join(COURSES)}.")
    return COURSES[name]


def stages_scaled(scale: float, stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Return the stages, each longer or shorter by a factor."""
    return tuple(
        replace(
            stage, steps=max(round(stage.steps * scale), 1), meets=math.ceil(stage.meets * scale)
        )
        for stage in stages
    )


def pace_of(step: int, stage: Stage) -> float:
    """Return the share of the peak learning rate: a warm-up, then half a cosine."""
    done = step / stage.steps
    falling = stage.final + (1 - stage.final) * 0.5 * (1 + math.cos(math.pi * done))
    return falling * min((step + 1) / WARMUP_STEPS, 1.0)
