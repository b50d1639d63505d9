"""Pictures of real GTK programs on a display of our own, with the boxes that AT-SPI tells.

Responsible for starting them at several scales and in several themes and for asking what stands in
their window. A program that is not installed is left out by its name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from benchmarks.suites.grounding.made.shots import Shot, Thing, UiType
from environments.actions import MoveTo
from environments.base import Frame, Stop
from environments.desktop.atspi import AtSpi
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.windows import Window, front_window
from environments.desktop.x11 import connect, hang_up
from environments.elements import Element
from environments.errors import CaptureError
from environments.geometry import InputPoint

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "galculator": ("galculator",),
    "mousepad": ("mousepad",),
    "mousepad-preferences": ("mousepad", "--preferences"),
}
THEMES = ("Adwaita", "Adwaita:dark", "HighContrast")
_ROLES: Mapping[str, str] = {
    "push button": "button", "toggle button": "button", "menu": "menu", "check box": "check box",
    "page tab": "tab", "radio button": "option", "link": "link",
}  # fmt: skip
_FEWEST = 4
_TRIES, _LOOK_S = 120, 0.25


@dataclass(frozen=True, slots=True)
class Screens:
    """Screens that programs are shown on: every scale, the sizes in turn."""

    scales: tuple[float, ...]
    sizes: tuple[tuple[int, int], ...]


ASKED = Screens((1.0, 1.5, 2.0), ((1280, 800), (1366, 768), (1920, 1080)))
"""Those of the set."""

LEARNT = Screens((1.25, 1.75), ((1280, 720), (1440, 900), (1600, 900), (1680, 1050)))
"""Those that training may see."""


@dataclass(frozen=True, slots=True)
class Look:
    """One program as it is to be seen."""

    program: str
    theme: str
    scale: float
    size_px: tuple[int, int]

    @property
    def name(self) -> str:
        """Name of its picture."""
        theme = self.theme.replace(":", "-").lower()
        return f"{self.program}-{theme}-x{self.scale:g}"


def missing() -> list[str]:
    """Return the programs that are not installed."""
    return sorted({words[0] for words in PROGRAMS.values() if shutil.which(words[0]) is None})


def looks(screens: Screens = ASKED) -> list[Look]:
    """Return every program that is installed, in every theme, at every scale."""
    here = [name for name, words in PROGRAMS.items() if shutil.which(words[0])]
    found = product(THEMES, screens.scales, here)
    return [
        Look(program, theme, scale, screens.sizes[number % len(screens.sizes)])
        for number, (theme, scale, program) in enumerate(found)
    ]


def program_shots(count: int, seed: int, stop: Stop) -> Iterator[Shot]:
    """Yield so many pictures, beginning at a place that the seed says.

    Raises:
        ConfigError: there is no Xvfb or openbox.
        CaptureError: a program shows no window, or tells of nothing in it.
    """
    every = looks()
    for number in range(min(count, len(every))):
        stop.check()
        yield shot_of(every[(seed + number) % len(every)], stop)


def shot_of(look: Look, stop: Stop) -> Shot:
    """Return the picture of a program and the boxes in it."""
    with VirtualDisplay(*look.size_px, scale=look.scale) as display:
        environment = DesktopEnvironment(display.address, stop)
        try:
            # Away from the middle, or a tooltip covers what stands there.
            environment.execute(MoveTo(InputPoint(0, 0)))
            words = ("env", "GSETTINGS_BACKEND=memory", f"GTK_THEME={look.theme}")
            display.start([*words, *PROGRAMS[look.program]])
            frame, elements = _settled(display, environment, look.program, stop)
        finally:
            environment.close()
    return Shot(
        look.name,
        frame,
        [thing for element in _ordered(elements) if (thing := _thing(element)) is not None],
        "gtk",
        look.program,
        "linux",
        look.theme,
        look.scale,
    )


def _ordered(elements: Iterable[Element]) -> list[Element]:
    """Return elements by name and place; a program tells of them in another order each time."""
    return sorted(elements, key=lambda element: (element.name, element.box))


def _settled(
    display: VirtualDisplay, environment: DesktopEnvironment, program: str, stop: Stop
) -> tuple[Frame, tuple[Element, ...]]:
    """Return a look and the tree between two equal ones; programs take their time to start."""
    connection = connect(display.address)
    try:
        before: tuple[Element, ...] = ()
        for _ in range(_TRIES):
            # A copy: the picture must not be of another moment than the tree.
            frame = np.array(environment.observe().frame)
            found = _elements(display, connection)
            if len(found) >= _FEWEST and _places(found) == _places(before):
                return frame, found
            before = found
            stop.wait(_LOOK_S)
    finally:
        hang_up(connection)
    raise CaptureError(f"{program} told of nothing in its window; start again.")


def _elements(display: VirtualDisplay, connection: Any) -> tuple[Element, ...]:
    """Return what stands in the window in front; asked anew each time, for a slow one is left."""
    window: Window | None = front_window(connection)
    if window is None:
        return ()
    source = AtSpi(display.env()["DBUS_SESSION_BUS_ADDRESS"])
    try:
        place = (window.at.x, window.at.y, window.width_px, window.height_px)
        return source.read(window.pid, place).items
    finally:
        source.close()


def _places(elements: tuple[Element, ...]) -> set[tuple[str, tuple[int, int, int, int]]]:
    return {(element.name, element.box) for element in elements}


def _thing(element: Element) -> Thing | None:
    """Return what can be asked for; nothing that is disabled, or has no name."""
    if element.role not in _ROLES or not element.name.strip() or "disabled" in element.states:
        return None
    left, top, width, height = element.box
    asked = f'Click the {_ROLES[element.role]} "{element.name}".'
    kind: UiType = "text"
    box = (left, top, left + width - 1, top + height - 1)
    return Thing(asked, element.name, kind, box, element.name)
