"""Taking pictures of a phone: several ways, measured, the fastest correct one kept.

Responsible for bytes to frames with the rotation that they were taken in. When to look is decided
elsewhere. A picture that fails is an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

import numpy as np

from environments.android.facts import ROTATIONS, rotation_in
from environments.android.images import frame_of_png, frame_of_raw
from environments.android.line import PhoneLine
from environments.base import Frame
from environments.errors import CaptureError, DeviceDisconnectedError

PICTURE_S = 20.0
"""Published: 3 s for one PNG of an emulator; slower than this is no phone to work with."""

_TRIES = 3
_DISPLAYS = "dumpsys SurfaceFlinger --display-id"
_LOSSY = 12.0
"""Mean difference of two pictures, 0 to 255, up to which a lossy one shows the same."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture.

    Attributes:
        frame: (H, W, 3) uint8 RGB, read-only.
        rotation: quarter turns that the phone reported just before the picture was taken.
        display: the display's id where the phone has several, else empty.
    """

    frame: Frame
    rotation: int
    display: str = ""


class Camera(Protocol):
    """One way to take pictures."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def shoot(self) -> Shot:
        """Take one.

        Raises:
            CaptureError: there is no picture, or a broken one.
            DeviceDisconnectedError: the phone went away.
        """
        ...

    def close(self) -> None:
        """Give back what it needs; may be called twice."""
        ...


class Rotation:
    """How the phone is turned, by the quickest of the ways that it knows."""

    def __init__(self, line: PhoneLine) -> None:
        """Find the way.

        Raises:
            CaptureError: the phone does not tell.
        """
        times = {command: _timed(line, command) for command in ROTATIONS}
        known = {command: took for command, took in times.items() if took is not None}
        if not known:
            raise CaptureError("The phone does not tell how it is turned (dumpsys display, input).")
        self.command = min(known, key=lambda command: known[command])
        """Writes one word that changes with the rotation."""
        self._line = line

    def word(self) -> str:
        """Return the phone's own word for its rotation now."""
        return self._line.ask(self.command).text.strip()


def _timed(line: PhoneLine, command: str) -> float | None:
    started = time.perf_counter()
    word = line.ask(command).text
    return None if rotation_in(word) is None else time.perf_counter() - started


class ShellCamera:
    """``screencap`` over the open shell."""

    def __init__(self, line: PhoneLine, rotation: Rotation, raw: bool, display: str) -> None:
        self.name = "screencap, raw" if raw else "screencap, PNG"
        self._line, self._display = line, display
        options = f"{'' if raw else ' -p'}{f' -d {display}' if display else ''}"
        self._command = f"{rotation.command}; screencap{options}"
        self._decode = frame_of_raw if raw else frame_of_png
        self._last: tuple[bytes, Frame] | None = None

    def shoot(self) -> Shot:
        """Take a picture; the same bytes give the same frame again."""
        answer = self._line.ask(self._command, PICTURE_S)
        word, newline, data = answer.output.partition(b"\n")
        rotation = rotation_in(word.decode("ascii", "replace"))
        if rotation is None or not newline:
            raise CaptureError("The phone did not tell how it is turned before its picture.")
        if self._last is None or self._last[0] != data:
            self._last = data, self._decode(data)
        return Shot(self._last[1], rotation, self._display)

    def close(self) -> None:
        """Own nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of trying one way to take pictures."""

    name: str
    took_ms: float
    problem: str = ""


def chosen(
    line: PhoneLine, rotation: Rotation, more: Sequence[Callable[[], Camera]] = ()
) -> tuple[Camera, tuple[Measured, ...]]:
    """Return the fastest camera whose pictures are right, and what was measured.

    Raises:
        CaptureError: none takes a picture; the text says why.
    """
    display = _first_display(line)
    makers: list[Callable[[], Camera]] = [
        lambda: ShellCamera(line, rotation, raw=False, display=display),
        lambda: ShellCamera(line, rotation, raw=True, display=display),
        *more,
    ]
    cameras: list[tuple[Camera, Measured]] = []
    for make in makers:
        try:
            camera = make()
        except CaptureError as problem:
            cameras.append((_NoCamera(), Measured("stream", 0.0, str(problem))))
            continue
        cameras.append((camera, _measured(camera, cameras[0][0] if cameras else None)))
    good = [found for found in cameras if not found[1].problem]
    if not good:
        raise CaptureError(cameras[0][1].problem)
    best = min(good, key=lambda found: found[1].took_ms)[0]
    for camera, _ in cameras:
        if camera is not best:
            camera.close()
    return best, tuple(measured for _, measured in cameras)


def _measured(camera: Camera, truth: Camera | None) -> Measured:
    times_ms, problems = [], []
    for _ in range(_TRIES):
        started = time.perf_counter()
        try:
            shot = camera.shoot()
        except CaptureError as error:
            return Measured(camera.name, 0.0, str(error))
        times_ms.append((time.perf_counter() - started) * 1000)
        problems.append("" if truth is None else _wrong(shot, truth))
    # What is shown may have changed between two pictures, but not each time.
    return Measured(camera.name, median(times_ms), problems[-1] if all(problems) else "")


def _wrong(shot: Shot, truth: Camera) -> str:
    """Say what is wrong with a picture beside one that is lossless."""
    try:
        right = truth.shoot().frame
    except CaptureError:
        return ""  # Nothing to compare with speaks against nothing.
    if right.shape != shot.frame.shape:
        return f"its pictures are {shot.frame.shape[1]}x{shot.frame.shape[0]}"
    apart = np.abs(right.astype(np.int16) - shot.frame.astype(np.int16)).mean()
    return "" if apart <= _LOSSY else f"its pictures differ by {apart:.0f} of 255"


def _first_display(line: PhoneLine) -> str:
    """Return the id of the first display where there are several; else ``screencap`` needs none."""
    try:
        lines = line.ask(_DISPLAYS).text.splitlines()
    except DeviceDisconnectedError:
        return ""
    ids = [words[1] for words in (line.split() for line in lines) if _names_display(words)]
    return ids[0] if len(ids) > 1 else ""


def _names_display(words: list[str]) -> bool:
    return len(words) > 1 and words[0] == "Display" and words[1].isdigit()


class _NoCamera:
    name = "none"

    def shoot(self) -> Shot:
        raise CaptureError("There is no such camera.")

    def close(self) -> None:
        pass
