"""A phone on which things go wrong, and what became of each step.

Responsible for steps with faults injected on the phone's own side, and for judging each by the
phone's own log: what was touched, what the phone had told by then, what struck. The faults are the
practice phone's (``practice.phone.wire.faults``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from environments.actions import Action, PressButton, Swipe, Tap, TypeText
from environments.android.adb import Adb
from environments.android.practice import PracticePhone
from environments.android.touch import RACED
from environments.base import Observation, Stop
from environments.errors import (
    CaptureError,
    DeviceDisconnectedError,
    DeviceError,
    DeviceUnauthorizedError,
    InputRefusedError,
    PhoneLockedError,
    ScreenOffError,
    SecureScreenError,
    ToolError,
)
from environments.geometry import InputPoint
from environments.practice.program import PracticeProgram

TEMPLATES = ("open_app", "toggle_setting", "send_message", "write_note", "delete_photo")
STEPS = 50
"""In one part; a part has a phone and a schedule of faults of its own."""

RATES: Mapping[str, float] = {
    "slow frame": 0.006,
    "cut frame": 0.02,
    "no frame": 0.01,
    "drop": 0.01,
    "drop after": 0.03,
    "offline": 0.003,
    "unauthorised": 0.001,
    "rotate": 0.02,
    "secure": 0.002,
    "no injection": 0.005,
    "asleep": 0.003,
}
"""Chances at each look and each input where the fault can strike; a step has about ten looks."""

TURNED = 0.04
"""Chance that the phone is turned while a model thinks, after the look and before the action."""

ALLOWED: Mapping[str, tuple[type[Exception], ...]] = {
    "slow frame": (),
    "cut frame": (CaptureError,),
    "no frame": (CaptureError,),
    "drop": (),
    "drop after": (),
    "offline": (DeviceDisconnectedError,),
    "unauthorised": (DeviceUnauthorizedError,),
    "rotate": (ToolError,),
    "secure": (SecureScreenError,),
    "no injection": (InputRefusedError,),
    "asleep": (ScreenOffError, PhoneLockedError),
}
"""As what a fault may be reported; none: it has to be recovered from."""

_LASTING = ("secure", "unauthorised", "offline", "no injection", "asleep")
"""Faults that last for a while, and may be met in a later step."""

_HELPED_S = 1.0
"""What a person needs to see to it who was told that a window is secure, or debugging refused."""

_TOUCHES = ("tap", "swipe", "draganddrop", "motionevent DOWN")


@dataclass(frozen=True, slots=True)
class Stepped:
    """What came of one step.

    Attributes:
        faults: what struck in it.
        reported: name of the error that it ended with, empty if it went through.
        raced: a touch raced a rotation.
        wrong: what must not be, empty if nothing.
    """

    faults: tuple[str, ...]
    reported: str = ""
    raced: bool = False
    wrong: str = ""


class Ordeal:
    """A phone under faults, and another one on the same server that nobody means."""

    def __init__(self, phone: PracticePhone, other: PracticeProgram, seed: int, stop: Stop) -> None:
        self._phone, self._other, self._stop = phone, other, stop
        self._draw = random.Random(f"faults/{seed}")
        self._read = 0
        self._lasting: set[str] = set()
        phone.program.ask("faults", seed, dict(RATES))

    def step(self) -> Stepped:
        """Look, act and look again, and judge it by what the phone noted."""
        error, look, notice, rotation, turned = "", None, "", -1, False
        action: Action | None = None
        kind: type[Exception] | None = None
        try:
            self._phone.observe()
            rotation, action = self._rotation(), self._action()
            turned = self._draw.random() < TURNED
            if turned:
                self._phone.program.ask("turn")
            self._phone.execute(action)
            look = self._phone.observe()
            notice = look.notice
        except (DeviceError, ToolError) as problem:
            # Whatever the phone tells comes with the next look.
            kind, error = type(problem), f"{type(problem).__name__}: {problem}"
        if kind is not None and kind is not ToolError:
            self._stop.wait(_HELPED_S)
        if kind is ToolError:
            # As in a run, the model is told and looks again.
            notice = self._notice_after()
        entries = self._entries()
        struck = [str(one["fault"]) for one in entries if one["kind"] == "fault"]
        faults = (*struck, *["rotate"] * turned)
        raced, wrong = _raced(entries, rotation)
        if raced and RACED not in notice and kind in (None, ToolError):
            wrong = wrong or f"{action} raced a rotation and is not marked: {notice or error}"
        shown = self._phone.program.ask("picture")
        if not self._is_so(kind, shown):
            wrong = wrong or self._misreported(kind, error, faults)
        wrong = wrong or self._invented(look, entries, str(shown["hash"]))
        self._lasting = {fault for fault in (*faults, *self._lasting) if fault in _LASTING}
        return Stepped(faults, kind.__name__ if kind else "", raced, wrong)

    def strays(self) -> str:
        """Say what reached the phone that nobody meant; empty if nothing."""
        entries = self._other.ask("log", 0)
        felt = [one for one in entries if one["kind"] in ("input", "look", "line", "open")]
        return f"the other phone got {felt[0]}" if felt else ""

    def _notice_after(self) -> str:
        try:
            return self._phone.observe().notice
        except (DeviceError, ToolError):
            return ""

    def _rotation(self) -> int:
        shot = self._phone.phone.shot
        return shot.rotation if shot else -1

    def _entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._phone.program.ask("log", self._read)
        self._read += len(entries)
        return entries

    def _action(self) -> Action:
        targets = self._phone.task.targets()
        width, height = self._size()
        points = [InputPoint(*one.centre) for one in targets]
        at = self._draw.choice(points or [InputPoint(width // 2, height // 2)])
        at = InputPoint(min(at.x, width - 1), min(at.y, height - 1))
        up = InputPoint(width // 2, height // 4)
        down = InputPoint(width // 2, 3 * height // 4)
        choices: list[Action] = [
            *[Tap(at)] * 6,
            Tap(at, count=2),
            Tap(at, hold_ms=500),
            Swipe(down, up, 100),
            Swipe(up, down, 200),
            TypeText("a b"),
            PressButton("home"),
            PressButton("back"),
        ]
        return self._draw.choice(choices)

    def _size(self) -> tuple[int, int]:
        shot = self._phone.phone.shot
        return (shot.frame.shape[1], shot.frame.shape[0]) if shot else (1, 1)

    def _misreported(self, kind: type[Exception] | None, error: str, faults: Sequence[str]) -> str:
        """Say if an error is told of that nothing here can have caused."""
        if kind is None:
            return ""
        causes = [ALLOWED[fault] for fault in (*faults, *self._lasting)]
        if any(issubclass(kind, allowed) for allowed in causes if allowed):
            return ""
        return f"{error} after {', '.join(faults) or 'no fault'}"

    def _is_so(self, kind: type[Exception] | None, shown: Mapping[str, Any]) -> bool:
        """Tell whether an app of the phone is as it is told, without any fault; help it then."""
        told: dict[type[Exception], object] = {
            SecureScreenError: shown["secure"],
            PhoneLockedError: shown["locked"],
        }
        if kind is None or not told.get(kind):
            return False
        self._phone.program.ask("press", "KEYCODE_HOME")
        return True

    def _invented(
        self, look: Observation | None, entries: Sequence[dict[str, Any]], shown: str
    ) -> str:
        """Say if a look shows something else than the phone, which stands still since."""
        if look is None or self._entries_since() or _turned_after_last_look(entries):
            return ""
        return "" if look.frame_hash == shown else "a look shows what the phone does not"

    def _entries_since(self) -> bool:
        entries: list[dict[str, Any]] = self._phone.program.ask("log", self._read)
        return bool(entries)


def _turned_after_last_look(entries: Sequence[dict[str, Any]]) -> bool:
    """Tell whether faults changed the phone after the last picture was taken of it."""
    for entry in reversed(entries):
        if entry["kind"] == "look":
            return False
        if entry["kind"] in ("rotate", "fault"):
            return True
    return True


def _raced(entries: Sequence[dict[str, Any]], rotation: int) -> tuple[bool, str]:
    """Return whether a touch raced a rotation, and what is wrong about a touch."""
    raced, told = False, rotation
    for entry in entries:
        if entry["kind"] in ("report", "look"):
            told = entry["rotation"]
        if entry["kind"] != "input" or not str(entry["command"]).startswith(_TOUCHES):
            continue
        if entry["rotation"] == rotation:
            continue
        if told == entry["rotation"]:
            return raced, "a touch was sent after the phone had told of its new rotation"
        raced = True
    return raced, ""


@contextmanager
def ordeal(seed: int, stop: Stop) -> Iterator[Ordeal]:
    """Open two phones on one server, one of them with faults; all of it is gone afterwards."""
    template = TEMPLATES[seed % len(TEMPLATES)]
    with ExitStack() as opened:
        phone = PracticePhone(template, seed, stop)
        opened.callback(phone.close)
        other = PracticeProgram(
            "environments.android.practice_program", "practice phone", (template, str(seed)), {}
        )
        opened.callback(other.close)
        Adb(stop, phone.adb_port, may_start=False).connect(str(other.greeting["address"]))
        yield Ordeal(phone, other, seed, stop)
