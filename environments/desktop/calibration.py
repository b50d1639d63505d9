"""Does a click arrive where it was aimed at, on every monitor of this display?

Responsible for showing targets, aiming at what is seen of them as a model does, and comparing with
where the X server says that the clicks arrived. Every target is a small window of our own above all
others, so that nothing of the person's is clicked. Decides nothing about what is good enough.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from environments.actions import Click, MoveTo
from environments.base import Observation, Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.monitors import Monitor, MonitorView, x_monitors
from environments.desktop.x11 import DisplayAddress, connect, hang_up
from environments.geometry import ImagePoint

GRID = 1000
SIDE_PX = 25
INSET_PX = 4
PLACES = (0.0, 0.5, 1.0)
"""Shares of the monitor, across and down: nine targets."""

ARRIVES_S = 1.0
_COLOUR = (255, 0, 254)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What one monitor showed.

    Attributes:
        monitor: which one.
        targets: how many were shown.
        errors_px: how far from the middle of its target each click arrived, of those that did.
        unseen: targets that were not in the picture.
    """

    monitor: Monitor
    targets: int
    errors_px: tuple[float, ...]
    unseen: int

    @property
    def half_step_px(self) -> float:
        """Half a step of the model's grid, which no model can aim finer than."""
        screen = self.monitor.screen
        return max(screen.width_px, screen.height_px) / GRID / 2

    @property
    def is_good(self) -> bool:
        """Tell whether all arrived within half a grid step and the half of a pixel."""
        arrived = len(self.errors_px) == self.targets
        return arrived and max(self.errors_px) <= self.half_step_px + 0.5

    def sentence(self) -> str:
        """Say it in words."""
        arrived = f"{len(self.errors_px)} of {self.targets} clicks arrived"
        worst = f", at most {max(self.errors_px):.1f} px away" if self.errors_px else ""
        unseen = f"; {self.unseen} targets were not seen" if self.unseen else ""
        step = f" (half a step of the model's grid is {self.half_step_px:.2f} px)"
        return f"{self.monitor.words()}: {arrived}{worst}{step}{unseen}"


def calibrate(address: DisplayAddress, stop: Stop) -> Iterator[Calibrated]:
    """Yield what each monitor shows; the pointer is put back where it was.

    Raises:
        DeviceError: the display cannot be seen or driven.
        Stopped: a stop was asked for.
    """
    connection = connect(address)
    try:
        for monitor in x_monitors(connection):
            yield _calibrated(connection, address, monitor, stop)
    finally:
        hang_up(connection)


def _calibrated(
    connection: Any, address: DisplayAddress, monitor: Monitor, stop: Stop
) -> Calibrated:
    view = partial(MonitorView, wanted=monitor.name)
    with closing(DesktopEnvironment(address, stop, view=view)) as environment:
        before = environment.cursor
        targets = [(x, y) for y in PLACES for x in PLACES]
        errors, unseen = [], 0
        try:
            for share in targets:
                with _shown(connection, monitor, share) as window:
                    middle = _seen(environment.observe())
                    if middle is None:
                        unseen += 1
                        continue
                    errors += _click(connection, environment, monitor, middle, window)
        finally:
            environment.execute(MoveTo(before))
    return Calibrated(monitor, len(targets), tuple(errors), unseen)


@contextmanager
def _shown(connection: Any, monitor: Monitor, share: tuple[float, float]) -> Iterator[Any]:
    from Xlib import X

    screen = monitor.screen
    room = (screen.width_px - SIDE_PX - 2 * INSET_PX, screen.height_px - SIDE_PX - 2 * INSET_PX)
    x = screen.offset.x + INSET_PX + round(share[0] * room[0])
    y = screen.offset.y + INSET_PX + round(share[1] * room[1])
    red, green, blue = _COLOUR
    root = connection.screen()
    window = root.root.create_window(
        x, y, SIDE_PX, SIDE_PX, 0, root.root_depth, override_redirect=1,
        background_pixel=red << 16 | green << 8 | blue,
        event_mask=X.ButtonPressMask | X.ExposureMask,
    )  # fmt: skip
    window.map()
    window.raise_window()
    connection.sync()
    _wait_for(connection, window, X.Expose)
    try:
        yield window
    finally:
        window.destroy()
        connection.sync()


def _seen(look: Observation) -> ImagePoint | None:
    """Return the middle pixel of the target in the picture."""
    rows, columns = np.nonzero((look.frame == np.array(_COLOUR, np.uint8)).all(axis=2))
    if not rows.size:
        return None
    return ImagePoint(int(columns.min() + columns.max()) // 2, int(rows.min() + rows.max()) // 2)


def _click(
    connection: Any,
    environment: DesktopEnvironment,
    monitor: Monitor,
    middle: ImagePoint,
    window: Any,
) -> list[float]:
    """Aim at a pixel of the picture as a model does; return how far away the click arrived."""
    from Xlib import X

    screen = monitor.screen
    named = screen.to_grid(middle, GRID)
    environment.execute(Click(screen.to_input(screen.to_image(named, GRID))))
    event = _wait_for(connection, window, X.ButtonPress)
    if event is None:
        return []
    across = event.root_x - screen.offset.x - middle.x
    down = event.root_y - screen.offset.y - middle.y
    return [float(max(abs(across), abs(down)))]


def _wait_for(connection: Any, window: Any, kind: int) -> Any:
    deadline = time.monotonic() + ARRIVES_S
    while True:
        while connection.pending_events():
            event = connection.next_event()
            if event.type == kind and event.window.id == window.id:
                return event
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return None
        select.select([connection], [], [], left_s)
