"""Where the widgets and windows of a practice scene stand, drawn by chance on the lattice.

Responsible for places only; what stands there and what is asked for, templates say.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from environments.practice.canvas import LATTICE_PX, ROW_PX, lattice_width
from environments.practice.widgets import Button, Widget
from environments.practice.world import SCREEN_PX, Window


def at_row(row: int) -> int:
    """Return where the text of a widget row begins; row 0 is the first below the title bar."""
    return ROW_PX + 8 + row * ROW_PX


def place(rng: random.Random, title: str, width: int, rows: int) -> Window:
    """Put a window anywhere on the lattice where it fits."""
    x = rng.randrange(0, (SCREEN_PX[0] - width) // LATTICE_PX + 1) * LATTICE_PX
    free = SCREEN_PX[1] - (rows + 1) * ROW_PX - 8
    y = 8 + rng.randrange(0, max(free // LATTICE_PX, 0) + 1) * LATTICE_PX
    return Window(title, x, y, width, rows)


def coin(rng: random.Random) -> bool:
    """Toss a coin."""
    return rng.random() < 0.5  # noqa: PLR2004 - a half


def button_rows(
    rng: random.Random, labels: Sequence[str], width: int, first_row: int = 0
) -> list[Widget]:
    """Lay buttons out in rows, with gaps drawn at random."""
    buttons: list[Widget] = []
    x, row = LATTICE_PX + 16 * rng.randrange(2), first_row
    for label in labels:
        if x + lattice_width(label) > width:
            x, row = LATTICE_PX + 16 * rng.randrange(2), row + 1
        buttons.append(Button(label, x, at_row(row)))
        x += lattice_width(label) + 16 * rng.randrange(1, 3)
    return buttons


def rows_used(widgets: Sequence[Widget]) -> int:
    """Return how many widget rows are taken."""
    return max((w.y - at_row(0)) // ROW_PX for w in widgets) + 1
