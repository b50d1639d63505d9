"""How wide the practice world is that a figure holds for, measured on its screens.

Responsible for counting what an agent has to choose from: targets a screen, labels, places and
wordings. Nothing here is typed by hand; everything is looked up on the screens that oracles visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.suites.practice_places import PLACES, InProcess, Where
from environments.practice.canvas import LATTICE_PX
from environments.practice.widgets import Target
from environments.practice.world import SCREEN_PX

CELL_PX = 32
"""One visual token of the model: the grid in which places are counted."""

CELLS = (SCREEN_PX[0] // CELL_PX) * (SCREEN_PX[1] // CELL_PX)
FRAME_ROLES = ("window", "close button", "navigation", "key")
"""What stands on every screen, or on every one with a keyboard, is not counted as a candidate."""


@dataclass(frozen=True, slots=True)
class Width:
    """What was counted.

    Attributes:
        screens: how many screens were looked at.
        fewest, mean: candidate targets a screen.
        labels: different labels among them.
        lattice_px: pitch of the lattice that layouts keep to.
        places: different centres of candidates.
        cells: how many of the ``CELLS`` tokens of the screen hold a centre somewhere.
        wordings: different forms of the request that a template draws from, the fewest of any.
    """

    screens: int
    fewest: int
    mean: float
    labels: int
    lattice_px: int
    places: int
    cells: int
    wordings: int

    def sentence(self) -> str:
        """Return the width in words."""
        return (
            f"a world of {self.fewest} candidate targets a screen at least and {self.mean:.1f} on "
            f"average, {self.labels} labels, {self.places} places on a {self.lattice_px} px "
            f"lattice ({self.cells} of {CELLS} tokens of the screen), at least "
            f"{self.wordings} wordings of a task; counted on {self.screens} screens"
        )


@dataclass
class _Seen:
    counts: list[int] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)
    places: set[tuple[int, int]] = field(default_factory=set)

    def add(self, targets: Sequence[Target]) -> None:
        self.counts.append(len(targets))
        self.labels |= {target.label for target in targets}
        self.places |= {target.centre for target in targets}


def measure(templates: Sequence[str], seeds: Sequence[int], on: Where = "in-process") -> Width:
    """Count on every screen from which the oracle acts in these tasks."""
    seen = _Seen()
    forms: dict[str, set[int]] = {template: set() for template in templates}
    for template in templates:
        for seed in seeds:
            world = PLACES[on].opened(template, seed)
            forms[template].add(world.task.scene.wordings.index(world.task.instruction))
            for targets in screens(world):
                seen.add(targets)
    return Width(
        screens=len(seen.counts),
        fewest=min(seen.counts),
        mean=sum(seen.counts) / len(seen.counts),
        labels=len(seen.labels),
        lattice_px=LATTICE_PX,
        places=len(seen.places),
        cells=len({(x // CELL_PX, y // CELL_PX) for x, y in seen.places}),
        wordings=min(map(len, forms.values())),
    )


def screens(world: InProcess) -> Iterator[list[Target]]:
    """Yield the candidates of every screen on the oracle's way to the goal."""
    step = world.task.oracle()
    while step.action is not None:
        yield [t for t in world.task.targets() if t.role not in FRAME_ROLES]
        world.execute(step.action)
        step = world.task.oracle()
