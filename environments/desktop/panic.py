"""The two ways to stop a run from the desk: a chord of keys, and the mouse thrown into a corner.

Responsible for telling when a person has done either. Hears only what a person did, from
``person`` or from a listener of pynput, and stops nothing itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from environments.desktop.keys import chord
from environments.errors import ConfigError, ToolError
from environments.geometry import InputPoint

STOP_KEY = "ctrl+alt+esc"
"""The chord that stops a run on a person's own desktop."""

STOP_KEY_VARIABLE = "DESKHAND_STOP_KEY"
"""Environment variable that names another chord, spelled in the same way."""

_SIDES = {name: name.removesuffix("right") for name in ("ctrlright", "shiftright", "winright")}
_SIDES |= {"altright": "alt"}


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """What a person did.

    Attributes:
        kind: a key went down or up, the pointer moved, something else was touched; "rest" is none
            of these, but tells where the pointer was found after it had moved.
        key: its name as ``keys`` has it, empty for a key without one.
        at: where the pointer is, for "rest".
    """

    kind: Literal["down", "up", "move", "other", "rest"]
    key: str = ""
    at: InputPoint | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """One monitor's part of the space that the pointer moves in; the far edges are outside."""

    left: int
    top: int
    right: int
    bottom: int

    def holds(self, x: int, y: int) -> bool:
        """Tell whether a point lies in it."""
        return self.left <= x < self.right and self.top <= y < self.bottom


class StopKey:
    """A chord that is held; either side of a modifier counts."""

    def __init__(self, spelled: str = STOP_KEY) -> None:
        """Wait for a chord such as "ctrl+alt+esc".

        Raises:
            ConfigError: it names no keys; the text lists near names.
        """
        self.spelled = spelled
        try:
            self._wanted = frozenset(_either_side(name) for name in chord([spelled]))
        except ToolError as error:
            raise ConfigError(f"The stop key {spelled!r:.60} cannot be used: {error}") from error
        self._down: set[str] = set()

    def hear(self, event: PersonEvent) -> bool:
        """Tell whether this event completes the chord."""
        name = _either_side(event.key)
        if event.kind == "up":
            self._down.discard(name)
        if event.kind != "down" or name not in self._wanted:
            return False
        self._down.add(name)
        return self._down == self._wanted


class Corner:
    """The pointer arriving in an outer corner of the screens, from anywhere else."""

    def __init__(self) -> None:
        self._was_there = True  # A pointer that is parked there was not thrown.

    def hear(self, at: InputPoint, areas: Sequence[Area]) -> bool:
        """Tell whether the pointer has come into a corner with this event."""
        there = (at.x, at.y) in corners(areas)
        came, self._was_there = there and not self._was_there, there
        return came


def corners(areas: Sequence[Area]) -> set[tuple[int, int]]:
    """Return the pixels in which a pointer is caught from two sides.

    A corner that touches another monitor is crossed all day and is none.
    """
    found = set()
    for area in areas:
        for x, beyond_x in ((area.left, area.left - 1), (area.right - 1, area.right)):
            for y, beyond_y in ((area.top, area.top - 1), (area.bottom - 1, area.bottom)):
                ways_out = ((beyond_x, y), (x, beyond_y), (beyond_x, beyond_y))
                if not any(other.holds(*way) for other in areas for way in ways_out):
                    found.add((x, y))
    return found


def _either_side(name: str) -> str:
    return _SIDES.get(name, name)


def stop_key_of(variables: Mapping[str, str] = os.environ) -> str:
    """Return the chord that the person chose, or the usual one."""
    return variables.get(STOP_KEY_VARIABLE) or STOP_KEY
