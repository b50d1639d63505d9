"""Tasks over two practice worlds: a desktop and a phone that were furnished for each other.

Responsible for what both halves of such a task agree on, drawn from the seed of both, and for the
truth about the whole: it is reached only if both worlds say so. The halves stand with each world's
templates. The worlds know nothing of each other; what carries the code from one to the other is
whoever does the task.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from environments.base import Kind
from environments.errors import ConfigError
from environments.practice import words
from environments.practice.phone import words as phone_words

COPY_CODE = "copy_code"
ENTER_CODE, RECEIVE_CODE = "enter_code", "receive_code"

JOINT: Mapping[str, Mapping[Kind, str]] = {
    COPY_CODE: {"desktop": ENTER_CODE, "phone": RECEIVE_CODE},
}
"""Each task over two worlds, and the template of its half in either."""


@dataclass(frozen=True, slots=True)
class CodeTask:
    """What both halves of ``copy_code`` agree on.

    Attributes:
        sender: whose message holds the code.
        code: six digits.
        field: the desktop's field that it goes into.
        submit: the desktop's button that is pressed then.
    """

    sender: str
    code: str
    field: str
    submit: str

    @property
    def message(self) -> str:
        """The message on the phone."""
        return f"Code {self.code}"

    @property
    def wording(self) -> str:
        """What is asked for."""
        return (
            f"{self.sender} has sent a code to the phone. Enter it as {self.field} on the desktop, "
            f"then press {self.submit} there."
        )


def code_task(seed: int) -> CodeTask:
    """Return what a seed stands for."""
    rng = random.Random(f"{COPY_CODE}/{seed}")
    return CodeTask(
        sender=rng.choice(phone_words.NAMES),
        code="".join(rng.choice("0123456789") for _ in range(6)),
        field=rng.choice(words.FIELDS),
        submit=rng.choice(words.ACTIONS),
    )


def halves_of(template: str) -> Mapping[Kind, str]:
    """Return the templates of the halves, by the kind of screen.

    Raises:
        ConfigError: there is no such task over two worlds.
    """
    if template not in JOINT:
        known = ", ".join(JOINT)
        raise ConfigError(f"There is no task over two screens {template!r}; use {known}.")
    return JOINT[template]


class Half(Protocol):
    """What a world knows about its half; a part of ``base.PracticeTruth``."""

    @property
    def instruction(self) -> str:
        """What is asked for."""
        ...

    @property
    def steps(self) -> int:
        """Actions that this half takes."""
        ...

    def score(self) -> float:
        """Return 1.0 if this world is as it must be at the end."""
        ...


class JointTruth:
    """What both worlds together know about their task."""

    def __init__(self, desktop: Half, phone: Half) -> None:
        """Take the truths of both halves."""
        self._halves = (desktop, phone)
        self.instruction = desktop.instruction
        self.steps = desktop.steps + phone.steps + 2
        """Actions that it takes, with a turn to the other screen and back."""

    def score(self) -> float:
        """Return 1.0 if in both worlds exactly what was asked for has changed, else 0.0."""
        return min(half.score() for half in self._halves)
