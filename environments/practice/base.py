"""What every way into the practice world offers: an Environment and the truth about its task.

Responsible for the seam that the demo, the tests and the benchmarks are written against, and for
the one way to name a practice task. Builds no world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from environments.base import Environment
from environments.errors import ConfigError
from environments.practice.tasks import OracleStep
from environments.practice.widgets import Target

FIRST_TEMPLATE = "click_button"
FIRST_SEED = 1


class PracticeTruth(Protocol):
    """What the world itself knows about its task; never shown to a model."""

    @property
    def template(self) -> str:
        """Name of the template."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the task."""
        ...

    @property
    def instruction(self) -> str:
        """What is asked for, in plain words."""
        ...

    @property
    def steps(self) -> int:
        """Actions that the oracle needs from the start."""
        ...

    def score(self) -> float:
        """Return 1.0 if exactly what was asked for has changed, else 0.0."""
        ...

    def values(self) -> Mapping[str, object]:
        """Return everything that scoring looks at."""
        ...

    def targets(self, only_reachable: bool = True) -> Sequence[Target]:
        """Return what can be pointed at, in input points of the practice screen."""
        ...

    def oracle(self) -> OracleStep:
        """Return the next step towards the goal.

        Raises:
            LookupError: earlier actions have made the goal unreachable for the oracle.
        """
        ...

    def reset(self, template: str, seed: int) -> None:
        """Put another task in this one's place; what is observed next is its start.

        Raises:
            ConfigError: there is no such template; the task stays as it was.
        """
        ...


class PracticeDesktop(Environment, Protocol):
    """A practice desktop that can be seen, touched and asked for its truth."""

    @property
    def task(self) -> PracticeTruth:
        """The task that stands on the screen now."""
        ...


def parse_task(argument: str, first: str = FIRST_TEMPLATE) -> tuple[str, int]:
    """Return template and seed of "TEMPLATE/SEED"; either may be left out for the first one.

    Raises:
        ConfigError: the seed is no whole number.
    """
    template, _, seed = argument.partition("/")
    if seed and not (seed.isascii() and seed.isdigit()):
        raise ConfigError(
            f"{seed!r} is no seed: write a practice task as TEMPLATE/SEED, "
            f"for example {first}/{FIRST_SEED}."
        )
    return template or first, int(seed or FIRST_SEED)
