"""What was found out about an action beside the screen after it.

Responsible for the facts only. What they mean is judged in ``effects``; how they are found out is
each environment's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from environments.tiles import Tiles


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What happened between the look just before an action and the settled one after it.

    Attributes:
        changed: tiles that differ between the two looks, without what moves by itself.
        passing: tiles that changed in between and look as before.
        left_out: tiles that changed, but are known to move by themselves, or show a tooltip.
        blind: those of them of which no more than that is known: something may be hidden there.
        stopped: tiles that moved by themselves before, and do so no more.
        caret: tiles in which a caret blinked before: there the keyboard writes.
        opened, closed: titles of windows.
        front: title of the window in front, if another one is there now, or its title is another.
        clipboard: something was copied.
        read_back: whether what was typed was found where it was typed; None where nobody looked.
        elements: what changed in the element tree, in words.
        notes: what else is to be said, in whole sentences without their full stop.
    """

    changed: Tiles
    passing: Tiles
    left_out: Tiles
    blind: Tiles
    stopped: Tiles
    caret: Tiles
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    front: str | None = None
    clipboard: bool = False
    read_back: bool | None = None
    elements: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
