"""An application that no training is ever shown: what fine-tuning on recorded runs is measured by.

Responsible for its one scene. It stands apart from ``templates.TEMPLATES``, which training draws
from; whoever names it gets it all the same. Its words are those of the practice world, so that what
is new is the application: two columns in each window, and a way to work that no task tells. What is
recorded must be begun with Scan and closed with Lock.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from environments.practice import words
from environments.practice.canvas import LATTICE_PX, Look
from environments.practice.layout import at_row, coin, place
from environments.practice.tasks import OracleStep, Scene, Template, click_on
from environments.practice.widgets import Button, CheckBox, ListBox, RadioGroup, Widget
from environments.practice.world import Window, World

TITLE, DIALOG = "Archive", "Details"
BEGIN, CLOSE = "Scan", "Lock"
SIDE = (BEGIN, "Filter", "Print", CLOSE)
SWITCHES = ("Sync", "Alerts", "Backup")
SIZES = ("Small", "Medium", "Large")
GOODS = 4
RIGHT_X = LATTICE_PX * 8
SIZES_X = LATTICE_PX * 11


def record_goods(rng: random.Random, look: Look) -> Scene:
    """Record one of four goods with its size: begin, choose twice, confirm, close."""
    items = tuple(rng.sample(words.VALUES, GOODS))
    item, (size, before) = rng.choice(items), rng.sample(SIZES, 2)
    dialog = _dialog(rng, items, before)
    world = World([_main(rng)], look, (dialog,))
    goal = {"list:goods": item, "radio:Size": size, f"press:{CLOSE}": 1}

    def oracle(world: World) -> OracleStep:
        values = dialog.values()
        missing = [w for w, key in ((item, "list:goods"), (size, "radio:Size")) if values[key] != w]
        if world.front is dialog:
            return click_on(world, missing[0] if missing else words.CONFIRM)
        return click_on(world, BEGIN if missing else CLOSE)

    wordings = (
        f"Record {item} as {size}.",
        f"Set {item} to {size} in {TITLE}.",
        f"Make {item} {size} in the {TITLE} window.",
    )
    return Scene(world, wordings, goal, oracle, 5)


def _main(rng: random.Random) -> Window:
    """Return the main window: a column of buttons, and switches beside it."""
    window = place(rng, TITLE, 240, len(SIDE))
    window.widgets = [
        *(
            Button(label, LATTICE_PX, at_row(row), opens=DIALOG if label == BEGIN else None)
            for row, label in enumerate(SIDE)
        ),
        *(
            CheckBox(label, RIGHT_X, at_row(row), on=coin(rng))
            for row, label in enumerate(SWITCHES)
        ),
    ]
    return window


def _dialog(rng: random.Random, items: Sequence[str], size: str) -> Window:
    """Return the dialog: the goods on the left, their sizes on the right."""
    dialog = place(rng, DIALOG, 288, GOODS + 1)
    dialog.modal = True
    widgets: list[Widget] = [
        ListBox("goods", LATTICE_PX, at_row(0), tuple(items), GOODS),
        RadioGroup("Size", SIZES_X, at_row(0), SIZES, size),
        Button(words.CONFIRM, LATTICE_PX * 2, at_row(GOODS), closes="accept"),
        Button(words.CANCEL, LATTICE_PX * 7, at_row(GOODS), closes="dismiss"),
    ]
    dialog.widgets = widgets
    return dialog


UNSEEN: dict[str, Template] = {record_goods.__name__: record_goods}
"""Its templates by name."""
