"""The seam to the outside world: Observation, Environment and the Stop that every wait obeys.

Responsible for what a screen must offer. Knows no model, no prompt and no tool.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from environments.actions import Action
from environments.errors import Stopped
from environments.geometry import Screen

Frame = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB, read-only; may be a strided view of a captured BGRA buffer."""


@dataclass(frozen=True)
class Observation:
    """One settled look at a screen.

    Attributes:
        frame: (H, W, 3) uint8 RGB, read-only, possibly strided.
        screen: where the frame came from and how to reach its pixels.
        time_s: ``time.monotonic()`` of the grab.
        foreground: title or application in front, None where the platform does not tell.
        settled_by: the rule that ended the wait ("quiet", "no change", "limit", "still").
        timings_ms: what this look cost, by stage ("capture", "settle").
    """

    frame: Frame
    screen: Screen
    time_s: float
    foreground: str | None = None
    settled_by: str = "still"
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def frame_hash(self) -> str:
        """Hash of the pixels (xxh3, 64 bit, hexadecimal); equal frames have equal hashes."""
        return xxhash.xxh3_64_hexdigest(np.ascontiguousarray(self.frame))


class Stop:
    """A person's wish to stop; one object is shared by everything that runs for one task.

    Safe to set from any thread or a signal handler. Whatever waits, waits on it.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self.reason = ""

    def set(self, reason: str) -> None:
        """Ask everything to stop, with a reason for the person; later calls change nothing."""
        if not self._event.is_set():
            self.reason = reason
            self._event.set()

    def is_set(self) -> bool:
        """Tell whether a stop was asked for."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise ``Stopped`` if a stop was asked for."""
        if self._event.is_set():
            raise Stopped(self.reason)

    def wait(self, timeout_s: float) -> None:
        """Let at most ``timeout_s`` pass and raise ``Stopped`` as soon as a stop is asked for."""
        if self._event.wait(timeout_s):
            raise Stopped(self.reason)


class Environment(Protocol):
    """A screen that can be seen and touched: desktop, phone or practice world."""

    def observe(self) -> Observation:
        """Wait until the screen has settled and return one look at it.

        Raises:
            CaptureError, DeviceDisconnectedError: the screen cannot be read.
            Stopped: a stop was asked for while waiting.
        """
        ...

    def execute(self, action: Action) -> None:
        """Do one action; on any exit nothing stays pressed.

        Raises:
            InputError, DeviceDisconnectedError: the action could not be delivered.
            ToolError: the action asks for what this device does not have (an unknown key).
            Stopped: a stop was asked for before or during the action.
        """
        ...

    def close(self) -> None:
        """Give back everything this environment started; may be called twice."""
        ...
