"""Three tasks on a desktop and one on a phone, done and checked: what ``make demo`` shows.

Responsible for which tasks, for the second try and for the tally. Where they run, who plays and
what is printed is handed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.outcome import Outcome
from environments.practice.templates import DEMO

TRIES = 2
"""A task that failed is tried once more, on the next seed."""


PHONE_DEMO: Mapping[str, str] = {"send_message": "a message on a phone, through adb"}
"""What is shown on the practice phone."""

SHOWN: Mapping[str, str] = {**DEMO, **PHONE_DEMO}
"""Every task of the demo, and what it shows."""


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


def demonstrate(
    first_seed: int, perform: Perform, templates: Iterable[str] = DEMO
) -> Iterator[Try]:
    """Do each task, once more on the next seed if it failed; yield every try as it ends.

    A stop by a person ends the demo; no further task is begun.
    """
    for template in templates:
        for number in range(1, TRIES + 1):
            seed = first_seed + number - 1
            outcome = perform(template, seed, number)
            yield Try(template, seed, number, outcome)
            if outcome.status == "stopped":
                return
            if outcome.status == "success":
                break


def all_verified(tries: Sequence[Try], templates: Iterable[str] = DEMO) -> bool:
    """Tell whether every one of these tasks ended verified in one of its tries."""
    return {t.template for t in tries if t.outcome.status == "success"} == set(templates)
