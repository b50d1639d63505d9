"""The seam to the outside world: Observation, Environment and the Stop that every wait obeys.

Responsible for what a screen must offer. Knows no model, no prompt and no tool.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np
import xxhash
from numpy.typing import NDArray

from environments.actions import Action
from environments.elements import Elements
from environments.errors import CaptureError, Stopped
from environments.geometry import Screen

if TYPE_CHECKING:
    from environments.evidence import Evidence

Frame = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB, read-only; may be a strided view of a captured BGRA buffer."""

_BAND_BYTES = 1 << 18
"""Pixels are hashed in bands that stay in the processor's cache."""


def frame_hash(frame: Frame) -> str:
    """Return the xxh3 hash (64 bit, hexadecimal) of a frame's pixels.

    Equal pictures have equal hashes, whether the frame owns its RGB pixels or views a captured
    BGRA buffer; a buffer's fourth byte, which X leaves undefined, does not count.
    """
    height, width = frame.shape[:2]
    digest = xxhash.xxh3_64(f"{width}x{height}".encode())
    words = captured_words(frame)
    rows = max(1, _BAND_BYTES // (4 * max(1, width)))
    for top in range(0, height, rows):
        part = slice(top, top + rows)
        band = _packed(frame[part]) if words is None else words[part] & COLOUR_BITS
        digest.update(band.data)
    return digest.hexdigest()


COLOUR_BITS = np.uint32(0x00FFFFFF)
"""Blue, green and red of a captured word."""


def captured_words(frame: Frame) -> NDArray[np.uint32] | None:
    """Return the (H, W) buffer whose colours a frame shows in reverse; None for any other frame.

    A word's highest byte is undefined; ``COLOUR_BITS`` leaves it out.
    """
    # Its own shape says nothing: numpy names the flat buffer that a capture was reshaped from.
    base, (height, width) = frame.base, frame.shape[:2]
    if not isinstance(base, np.ndarray) or base.dtype != np.uint8 or not base.flags.c_contiguous:
        return None
    if base.size != 4 * height * width or frame.strides != (4 * width, 4, -1):
        return None
    if frame.ctypes.data != base.ctypes.data + 2:
        return None
    return base.reshape(height, 4 * width).view("<u4")


def _packed(band: Frame) -> NDArray[np.uint8]:
    # The same bytes that a captured buffer has: blue, green, red, zero.
    pixels = np.zeros((*band.shape[:2], 4), np.uint8)
    for channel in range(3):  # One by one: numpy copies a reversed axis several times slower.
        pixels[..., 2 - channel] = band[..., channel]
    return pixels


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
        evidence: what was found out about the action before this look; None where there was none,
            or where the environment finds out nothing but the frame.
        ignored: share of the screen, 0 to 1, that moved by itself and was not waited for.
        elements: the element tree of the window in front, as far as it can be believed; None where
            nobody looked.
        notice: a sentence for the model about how this look came about, empty in the usual case.
        shows: which of several screens this is, by name; empty where there is only one.
    """

    frame: Frame
    screen: Screen
    time_s: float
    foreground: str | None = None
    settled_by: str = "still"
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    evidence: Evidence | None = None
    ignored: float = 0.0
    notice: str = ""
    elements: Elements | None = None
    shows: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no picture, in the words of whoever made it.

        Raises:
            CaptureError: the frame is something else.
        """
        shape: tuple[int, ...] = getattr(self.frame, "shape", ())
        kind = getattr(self.frame, "dtype", None)
        if len(shape) != len("HWC") or shape[-1] != len("RGB") or kind != np.uint8:
            raise CaptureError(
                f"A frame is (height, width, 3) of uint8; this one is {shape} of {kind}."
            )

    @cached_property
    def frame_hash(self) -> str:
        """Hash of the pixels, as ``frame_hash`` makes it."""
        return frame_hash(self.frame)


class Stop:
    """A person's wish to stop; one object is shared by everything that runs for one task.

    Safe to set from any thread, but not inside a signal handler, which may have interrupted the
    holder of its lock. Whatever waits, waits on it.
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


@runtime_checkable
class Glimpsed(Protocol):
    """An environment that shows what may be the settled screen before it is sure.

    Attributes:
        glimpse: hears of each such frame, in the thread that observes; must return at once.
    """

    glimpse: Callable[[Frame], None]


@runtime_checkable
class Telling(Protocol):
    """An environment that has something to say to the person, such as that it waits for them.

    Attributes:
        tell: hears each sentence, in the thread that observes and executes.
    """

    tell: Callable[[str], None]


@runtime_checkable
class Holder(Protocol):
    """An environment that can keep keys and buttons down."""

    def keep_notes_in(self, path: Path) -> None:
        """Note in a file what is down, from now on, so that it is known also after a crash.

        Raises:
            OSError: the file cannot be written.
        """
        ...

    def let_go(self) -> None:
        """Release whatever is down; from any thread, also after a stop."""
        ...


@runtime_checkable
class Parting(Protocol):
    """An environment that may leave something that a person should know of."""

    @property
    def farewell(self) -> str:
        """What to tell after ``close``; empty if nothing."""
        ...


Kind = Literal["desktop", "phone"]
"""Which actions a screen takes: pointer and keys, or touch and the phone's own buttons."""


@runtime_checkable
class OfAKind(Protocol):
    """An environment that says which kind it is; those that do not are desktops."""

    @property
    def kind(self) -> Kind:
        """The kind of the screen in use."""
        ...


def kind_of(environment: Environment) -> Kind:
    """Return which kind of screen this is."""
    return environment.kind if isinstance(environment, OfAKind) else "desktop"


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
        """Do one action; if it fails nothing stays pressed, else only what ``Hold`` asks for.

        Raises:
            InputError, DeviceDisconnectedError: the action could not be delivered.
            ToolError: the action asks for what this device does not have (an unknown key).
            Stopped: a stop was asked for before or during the action.
        """
        ...

    def close(self) -> None:
        """Give back everything this environment started; may be called twice."""
        ...
