"""A window that moves when it is clicked, and tells when it last did.

Run as a process of its own with the description of one scene: what moves by itself for ever, and
what is drawn when after the click. Every drawing has reached the server before its time (of
CLOCK_MONOTONIC, which all processes share) is printed. Judges nothing.
"""

from __future__ import annotations

import heapq
import json
import random
import select
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

SIZE_PX = (800, 600)
PANEL = (96, 96, 384, 256)
"""Left, top, width and height of what answers to the click."""

ALONE = (640, 96, 24, 24)
VIDEO = (576, 64, 160, 120)
CARET = (112, 400, 2, 18)
FIELD = (120, 400, 200, 18)
_DECORATIONS = 2  # MWM_HINTS_DECORATIONS, with none of them asked for.


@dataclass(frozen=True, slots=True)
class Draw:
    """A rectangle of one colour (0xRRGGBB), so many seconds after the click; 0 wide: a window."""

    at_s: float
    box: tuple[int, int, int, int]
    colour: int


@dataclass(frozen=True, slots=True)
class Moving:
    """What moves by itself: every ``period_s`` the box gets the next of its colours.

    ``noise`` colours it at random, in cells; else it has ``colours`` in turn.
    """

    box: tuple[int, int, int, int]
    period_s: float
    colours: tuple[int, ...] = ()
    noise: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What one window does."""

    kind: str
    draws: tuple[Draw, ...]
    moving: tuple[Moving, ...] = ()

    def text(self) -> str:
        """Return it as one argument of a command line."""
        return json.dumps(asdict(self))


def scene(kind: str, seed: int) -> Scene:
    """Return a scene of a kind; times and sizes come from the seed."""
    chance = random.Random(f"{kind}/{seed}")
    return SCENES[kind](chance)


def _fade(chance: random.Random) -> Scene:
    steps, lasts_s = chance.randint(8, 24), chance.uniform(0.12, 0.45)
    greys = [0x10101 * (40 + 200 * n // steps) for n in range(1, steps + 1)]
    return Scene("fade", tuple(_evenly(greys, lasts_s, PANEL)))


def _late_dialog(chance: random.Random) -> Scene:
    return Scene("late dialog", (Draw(chance.uniform(0.04, 0.26), (220, 200, 0, 0), 0xDDEEFF),))


def _caret(chance: random.Random) -> Scene:
    blink = Moving(CARET, 0.53, (0x000000, 0xFFFFFF))
    return Scene("caret", (Draw(chance.uniform(0, 0.08), FIELD, 0x334455),), (blink,))


def _spinner(chance: random.Random) -> Scene:
    return Scene("spinner", (_label(chance),), (_turning(chance),))


def _loading(chance: random.Random) -> Scene:
    lasts_s, fps = chance.uniform(0.25, 0.6), chance.randint(15, 40)
    colours = [(0xFF8800, 0x0088FF, 0x00AA44)[n % 3] for n in range(int(lasts_s * fps))]
    turns = tuple(_evenly(colours, lasts_s, (200, 200, 32, 32)))
    return Scene("loading", (*turns, Draw(lasts_s + 0.02, PANEL, 0x88CCAA)))


def _progress(chance: random.Random) -> Scene:
    lasts_s, steps = chance.uniform(0.25, 0.7), chance.randint(9, 20)
    left, top, width, _ = PANEL
    return Scene(
        "progress bar",
        tuple(
            Draw(lasts_s * n / steps, (left, top, max(1, width * n // steps), 20), 0x2255CC)
            for n in range(1, steps + 1)
        ),
    )


def _video(chance: random.Random) -> Scene:
    shown = Moving(VIDEO, 1 / chance.choice((24, 25, 30)), noise=True)
    return Scene("video", (_label(chance),), (shown,))


def _clock(chance: random.Random) -> Scene:
    colours = tuple(chance.randrange(1 << 24) for _ in range(60))
    return Scene("clock", (_label(chance),), (Moving((640, 40, 80, 16), 1.0, colours),))


def _slide(chance: random.Random) -> Scene:
    lasts_s, steps = chance.uniform(0.15, 0.4), chance.randint(8, 24)
    left, top, width, height = PANEL
    draws = []
    for n in range(1, steps + 1):
        eased = 1 - (1 - n / steps) ** 3
        draws.append(
            Draw(lasts_s * n / steps, (left, top, max(1, int(width * eased)), height), 0x99)
        )
    return Scene("slide", tuple(draws))


def _two_stages(chance: random.Random) -> Scene:
    pressed = Draw(chance.uniform(0, 0.02), (96, 400, 90, 30), 0x556677)
    return Scene("two stages", (pressed, Draw(chance.uniform(0.06, 0.1), PANEL, 0xCCBB88)))


def _label(chance: random.Random) -> Draw:
    return Draw(chance.uniform(0, 0.2), PANEL, chance.randrange(1, 1 << 24))


def _turning(chance: random.Random) -> Moving:
    colours = tuple(0x10101 * (20 * n + 15) for n in range(chance.choice((8, 10, 12))))
    return Moving(ALONE, 1 / chance.choice((10, 12, 16, 30)), colours)


def _evenly(colours: list[int], lasts_s: float, box: tuple[int, int, int, int]) -> Iterator[Draw]:
    for number, colour in enumerate(colours, 1):
        yield Draw(lasts_s * number / len(colours), box, colour)


SCENES: dict[str, Callable[[random.Random], Scene]] = {
    "fade": _fade,
    "late dialog": _late_dialog,
    "caret": _caret,
    "spinner": _spinner,
    "loading": _loading,
    "progress bar": _progress,
    "video": _video,
    "clock": _clock,
    "slide": _slide,
    "two stages": _two_stages,
}


class AnimatedWindow:
    """The window on its display, and what is to be drawn in it when."""

    def __init__(self, shown: dict[str, Any]) -> None:
        from Xlib import X, display

        self._draws, self._moving = shown["draws"], shown["moving"]
        self.connection = display.Display()
        self._window = self._open(
            0, 0, *SIZE_PX, 0xFFFFFF, X.ButtonPressMask | X.KeyPressMask | X.ExposureMask
        )
        self._pen = self._window.create_gc()
        self.due: list[tuple[float, int, str, dict[str, Any]]] = []
        self._turns = [0] * len(self._moving)
        self._chance = random.Random(1)
        self._left = len(self._draws)

    def run(self) -> None:
        """Draw until the process is ended."""
        now_s = time.monotonic()
        for number, moving in enumerate(self._moving):
            heapq.heappush(self.due, (now_s + moving["period_s"], number, "moving", moving))
        while True:
            wait_s = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            if not self.connection.pending_events():
                select.select([self.connection], [], [], wait_s)
            while self.connection.pending_events():
                self.hear(self.connection.next_event())
            while self.due and self.due[0][0] <= time.monotonic():
                self._do(*heapq.heappop(self.due))

    def hear(self, event: Any) -> None:
        """Take in an event."""
        from Xlib import X

        if event.type == X.Expose and event.window == self._window:
            tell("ready")
        elif event.type == X.Expose:  # The dialog: its inside is all there is to draw.
            self._drawn()
        elif event.type == X.ButtonPress:
            now_s = time.monotonic()
            tell("clicked", now_s)
            for number, draw in enumerate(self._draws):
                heapq.heappush(self.due, (now_s + draw["at_s"], 100 + number, "draw", draw))

    def _do(self, due_s: float, number: int, what: str, needs: dict[str, Any]) -> None:
        if what == "moving":
            self.move(number, needs)
            # What fell behind does not catch up in a burst.
            again_s = max(due_s + needs["period_s"], time.monotonic())
            heapq.heappush(self.due, (again_s, number, what, needs))
        elif needs["box"][2]:
            self.fill(needs["box"], needs["colour"])
            self._drawn()
        else:
            from Xlib import X

            left, top, _, _ = needs["box"]
            self._open(left, top, 300, 160, needs["colour"], X.ExposureMask)

    def _drawn(self) -> None:
        self.connection.sync()
        self._left -= 1
        tell("drew", time.monotonic())
        if not self._left:
            tell("done")

    def move(self, number: int, moving: dict[str, Any]) -> None:
        """Draw the next picture of what moves by itself."""
        left, top, width, height = moving["box"]
        if moving["noise"]:
            for across in range(0, width, 20):
                for down in range(0, height, 20):
                    colour = self._chance.randrange(1 << 24)
                    self.fill((left + across, top + down, 20, 20), colour)
        else:
            turn = self._turns[number] = (self._turns[number] + 1) % len(moving["colours"])
            self.fill(moving["box"], moving["colours"][turn])
        self.connection.sync()

    def fill(self, box: list[int] | tuple[int, ...], colour: int) -> None:
        """Colour a rectangle."""
        self._pen.change(foreground=colour)
        self._window.fill_rectangle(self._pen, *box)

    def _open(self, left: int, top: int, width: int, height: int, colour: int, events: int) -> Any:
        from Xlib import Xutil

        screen = self.connection.screen()
        window = screen.root.create_window(
            left, top, width, height, 0, screen.root_depth, background_pixel=colour,
            event_mask=events,
        )  # fmt: skip
        window.set_wm_name("Animated")
        window.set_wm_normal_hints(flags=Xutil.USPosition | Xutil.PPosition)
        if width == SIZE_PX[0]:  # Without a title bar the window's pixels are the screen's.
            hints = self.connection.intern_atom("_MOTIF_WM_HINTS")
            window.change_property(hints, hints, 32, [_DECORATIONS, 0, 0, 0, 0])
        window.map()
        self.connection.flush()
        return window


def tell(*what: object) -> None:
    """Print what happened, for whoever started the process."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    AnimatedWindow(json.loads(sys.argv[1])).run()
