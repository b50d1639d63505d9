"""The phones that can be reached, and each thing that can be done to one, tried by hand.

Responsible for what ``deskhand devices`` says: looking changes nothing on a phone and wakes none.
How a phone is driven stands in ``environments.android``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from environments.actions import (
    Action,
    OpenApp,
    PressButton,
    PressKeys,
    ReplaceText,
    Swipe,
    Tap,
    TypeText,
    Wait,
)
from environments.base import Observation, Stop
from environments.errors import CaptureError, ConfigError, DeviceBusyError, DeviceError
from environments.geometry import ImagePoint, InputPoint, Screen

if TYPE_CHECKING:
    from environments.android.adb import Adb, Listed
    from environments.android.environment import AndroidEnvironment
    from environments.android.line import PhoneLine

LONG_PRESS_MS = 800


@dataclass(frozen=True, slots=True)
class Device:
    """One phone as it stands.

    Attributes:
        serial: by which it is addressed.
        state: "ready", "locked", "screen off", "in use", or adb's word for what is wrong.
        cure: what to do about the state; empty if nothing.
        model, android: what it says of itself; empty if it takes no commands.
        size_px: in the position it was built for.
        density: dots per inch.
        capture: the fastest way to take a picture that is right, empty if none was tried.
        capture_ms: what one picture takes that way.
        input_method: the one that can write any character; empty if none is installed.
        tried: every way that was measured, with its time or its problem.
    """

    serial: str
    state: str
    cure: str = ""
    model: str = ""
    android: str = ""
    size_px: tuple[int, int] = (0, 0)
    density: int = 0
    capture: str = ""
    capture_ms: float = 0.0
    input_method: str = ""
    tried: tuple[str, ...] = field(default=())

    def words(self) -> str:
        """Return it in one line."""
        if not self.model:
            return f"{self.serial}: {self.state}"
        width, height = self.size_px
        size = f"{width}x{height}, {self.density} dpi"
        seen = f", {self.capture} in {self.capture_ms:.0f} ms" if self.capture else ""
        return f"{self.serial}: {self.state}, {self.model}, Android {self.android}, {size}{seen}"


def survey(adb: Adb, stop: Stop) -> Iterator[Device]:
    """Yield every phone that the server knows, measured where it is free.

    Raises:
        DeviceDisconnectedError: the adb server has ended.
        Stopped: a stop was asked for.
    """
    for listed in adb.devices():
        yield looked_at(adb, listed, stop)


def looked_at(adb: Adb, listed: Listed, stop: Stop) -> Device:
    """Return one phone; what is wrong with it is its state."""
    from environments.android.adb import trouble
    from environments.android.line import PhoneLine

    if not listed.is_ready:
        return Device(listed.serial, listed.state, str(trouble(listed.serial, listed.state)))
    try:
        line = PhoneLine(adb, listed.serial, stop)
    except DeviceError as error:
        return Device(listed.serial, "no answer", str(error))
    try:
        return _measured(line)
    except DeviceError as error:
        return Device(listed.serial, "trouble", str(error))
    finally:
        line.close()


def _measured(line: PhoneLine) -> Device:
    from environments.android.capture import Rotation, chosen

    state, cure = _state(line)
    about = line.description
    model = f"{about.brand} {about.model}".strip()
    known = Device(line.serial, state, cure, model, about.android, about.size_px, about.density)
    if state != "ready":
        return known  # A black or locked picture says nothing about the way it was taken.
    try:
        camera, measured = chosen(line, Rotation(line))
    except CaptureError as error:
        return replace(known, state="no picture", cure=str(error))
    camera.close()
    best = next(one for one in measured if one.name == camera.name)
    tried = tuple(f"{one.name}: {one.problem or f'{one.took_ms:.0f} ms'}" for one in measured)
    known = replace(known, input_method=any_writer(line))
    return replace(known, capture=camera.name, capture_ms=best.took_ms, tried=tried)


def any_writer(line: PhoneLine) -> str:
    """Return the input method that can write any character, empty if none is installed."""
    from environments.android.input_method import KNOWN

    there = line.ask("ime list -a -s").text.split()
    return next((identity for identity in KNOWN if identity in there), "")


def _state(line: PhoneLine) -> tuple[str, str]:
    from environments.android.facts import FACTS, facts_in
    from environments.android.lock import DeviceLock

    try:
        DeviceLock(line.serial).close()
    except DeviceBusyError as error:
        return "in use", str(error)
    facts = facts_in(line.ask(FACTS).text)
    if not facts.awake:
        return "screen off", "A run switches it on; a PIN has to be given by you."
    if facts.locked:
        return "locked", "Unlock it; a lock screen without a PIN is put away by a run itself."
    return "ready", ""


# ---- by hand

Words = Sequence[str]
Making = Callable[[Words, Screen], Action]


@dataclass(frozen=True, slots=True)
class Primitive:
    """One thing that can be tried: what it takes, in words, and the action that it makes."""

    takes: str
    make: Making
    least: int
    most: int


def _point(words: Words, at: int, screen: Screen) -> InputPoint:
    x, y = int(words[at]), int(words[at + 1])
    if not (0 <= x < screen.width_px and 0 <= y < screen.height_px):
        raise ConfigError(
            f"The point ({x}, {y}) is off the screen, {screen.width_px}x{screen.height_px} pixels."
        )
    return screen.to_input(ImagePoint(x, y))


def _swipe(words: Words, screen: Screen, hold_ms: int) -> Action:
    duration = int(words[4]) if len(words) > 4 else 300  # noqa: PLR2004 - two points
    return Swipe(_point(words, 0, screen), _point(words, 2, screen), duration, hold_ms=hold_ms)


def _button(words: Words, screen: Screen) -> Action:
    from typing import get_args

    from environments.actions import SystemButton

    name = words[0].lower()
    if name not in get_args(SystemButton):
        raise ConfigError(f"There is no button {name!r}; use {', '.join(get_args(SystemButton))}.")
    return PressButton(name)  # type: ignore[arg-type] # it is one of them


PRIMITIVES: Mapping[str, Primitive] = {
    "tap": Primitive("X Y", lambda w, s: Tap(_point(w, 0, s)), 2, 2),
    "double-tap": Primitive("X Y", lambda w, s: Tap(_point(w, 0, s), count=2), 2, 2),
    "long-press": Primitive(
        "X Y [MS]",
        lambda w, s: Tap(_point(w, 0, s), hold_ms=int(w[2]) if len(w) > 2 else LONG_PRESS_MS),  # noqa: PLR2004
        2,
        3,
    ),
    "swipe": Primitive("X Y X2 Y2 [MS]", lambda w, s: _swipe(w, s, 0), 4, 5),
    "drag": Primitive("X Y X2 Y2 [MS]", lambda w, s: _swipe(w, s, LONG_PRESS_MS), 4, 5),
    "type": Primitive("TEXT", lambda w, s: TypeText(w[0]), 1, 1),
    "replace": Primitive("TEXT", lambda w, s: ReplaceText(w[0]), 1, 1),
    "key": Primitive("NAME", lambda w, s: PressKeys((w[0],)), 1, 1),
    "button": Primitive("NAME", _button, 1, 1),
    "open": Primitive("APP", lambda w, s: OpenApp(w[0]), 1, 1),
    "wait": Primitive("SECONDS", lambda w, s: Wait(float(w[0])), 1, 1),
}
"""What changes something on the phone; points are pixels of the picture."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying one thing."""

    what: str
    took_ms: float
    result: str


def tour(phone: AndroidEnvironment) -> Iterator[Tried]:
    """Try everything that changes nothing on the phone, and yield each with its time.

    Raises:
        DeviceError: the phone went away.
    """
    yield _timed("look", lambda: _look_in_words(phone.observe()))
    yield _timed("capture", lambda: _ways(phone))
    yield _timed("apps", lambda: ", ".join(phone.apps()) or "none")
    yield _timed("tree", lambda: _tree_in_words(phone))


def by_hand(phone: AndroidEnvironment, name: str, words: Words) -> tuple[Tried, Observation]:
    """Do one thing and say what came of it, with the look after it.

    Raises:
        ConfigError: there is no such thing, or its words do not fit.
        ToolError, DeviceError: it could not be done; the text says why.
    """
    from environments.effects import explain, judge

    primitive = primitive_named(name)
    before = phone.observe()
    action = _made(name, primitive, words, before.screen)
    started = time.perf_counter()
    phone.execute(action)
    took_ms = (time.perf_counter() - started) * 1000
    after = phone.observe()
    told = [judge(action, before, after).value, explain(action, after), after.notice]
    return Tried(name, took_ms, "; ".join(part for part in told if part)), after


def primitive_named(name: str) -> Primitive:
    """Return a primitive.

    Raises:
        ConfigError: there is none of that name; the text lists those there are.
    """
    if name not in PRIMITIVES:
        known = "; ".join(f"{each} {one.takes}" for each, one in PRIMITIVES.items())
        raise ConfigError(f"There is nothing called {name!r:.40} to try; there are: {known}.")
    return PRIMITIVES[name]


def _made(name: str, primitive: Primitive, words: Words, screen: Screen) -> Action:
    if not primitive.least <= len(words) <= primitive.most:
        raise ConfigError(f"Write it as: {name} {primitive.takes}")
    try:
        return primitive.make(words, screen)
    except ValueError:
        said = " ".join(words)
        raise ConfigError(f"{name} takes {primitive.takes}; {said!r:.60} is not.") from None


def _timed(what: str, look: Callable[[], str]) -> Tried:
    started = time.perf_counter()
    result = look()
    return Tried(what, (time.perf_counter() - started) * 1000, result)


def _look_in_words(seen: Observation) -> str:
    size = f"{seen.screen.width_px}x{seen.screen.height_px}"
    notice = f"; {seen.notice}" if seen.notice else ""
    return f"{size}, in front: {seen.foreground or 'not told'}{notice}"


def _ways(phone: AndroidEnvironment) -> str:
    ways = (f"{one.name} {one.problem or f'{one.took_ms:.0f} ms'}" for one in phone.measured)
    return f"{phone.capture_name} is used; " + ", ".join(ways)


def _tree_in_words(phone: AndroidEnvironment) -> str:
    tree = phone.elements()
    reason = f", {tree.reason}" if tree.reason else ""
    return f"{tree.freshness}{reason}, {len(tree.items)} elements"
