"""Three tasks in natural language, done and checked: what ``make demo`` shows.

Responsible for which tasks, for the second try and for the tally. Where they run and what is
printed is handed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.outcome import Outcome
from environments.practice.templates import DEMO

TRIES = 2
"""A task that failed is tried once more, on the next seed."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try at one task of the demo."""

    template: str
    seed: int
    number: int
    outcome: Outcome


Perform = Callable[[str, int, int], Outcome]
"""Does the task of a template and a seed; the last argument is the number of the try."""


def choose_screen() -> tuple[str, str]:
    """Return where the demo takes place, and why not on a real display (empty if it does)."""
    if shutil.which("Xvfb"):
        return "practice", ""
    return "practice:in-process", (
        "Xvfb is missing (apt-get install xvfb), so there is no real display: "
        "the demo uses the in-process practice desktop instead."
    )


def demonstrate(first_seed: int, perform: Perform) -> Iterator[Try]:
    """Do each task, once more on the next seed if it failed; yield every try as it ends.

    A stop by a person ends the demo; no further task is begun.
    """
    for template in DEMO:
        for number in range(1, TRIES + 1):
            seed = first_seed + number - 1
            outcome = perform(template, seed, number)
            yield Try(template, seed, number, outcome)
            if outcome.status == "stopped":
                return
            if outcome.status == "success":
                break


def all_verified(tries: Sequence[Try]) -> bool:
    """Tell whether every task of the demo ended verified in one of its tries."""
    return {t.template for t in tries if t.outcome.status == "success"} == set(DEMO)
