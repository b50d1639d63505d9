"""The practice phone in process: the same world without the Android Debug Bridge.

Responsible for turning actions into fingers and keys and the phone into frames, with a clock of
its own so that a seed always gives the same run.
"""

from __future__ import annotations

from itertools import pairwise

from environments.actions import (
    Action,
    OpenApp,
    PressButton,
    PressKeys,
    ReplaceText,
    Swipe,
    Tap,
    TypeSecret,
    TypeText,
    Wait,
)
from environments.android.keys import BUTTONS, keycodes
from environments.base import Kind, Observation, Stop
from environments.errors import ToolError
from environments.geometry import InputPoint, Screen
from environments.practice.base import parse_task
from environments.practice.guises import guise_for
from environments.practice.phone.tasks import PhoneTask
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import Dressing

BETWEEN_ACTIONS_S = 1.0
"""Phone time between two actions: longer than a double tap takes."""

TAP_S = 0.05
SWIPE_STEPS = 8

SECURE = "The window in front forbids pictures of itself, so nothing of it can be seen."
ASLEEP = "The screen is off."

FIRST_TEMPLATE = "open_app"


class PhoneEnvironment:
    """A practice phone as an Environment; owns no process and no device."""

    kind: Kind = "phone"

    def __init__(self, phone: PhoneWorld, stop: Stop) -> None:
        """Look at a phone that somebody else built."""
        self._phone = phone
        self._stop = stop
        self._time_s = 0.0

    @property
    def phone(self) -> PhoneWorld:
        """The phone that is seen and touched."""
        return self._phone

    def observe(self) -> Observation:
        """Return the screen as it stands; nothing moves by itself, so it has always settled."""
        self._stop.check()
        phone = self.phone
        notice = SECURE if phone.is_secure else "" if phone.is_awake else ASLEEP
        return Observation(
            frame=phone.frame(),
            screen=Screen(*phone.turned_px),
            time_s=self._time_s,
            foreground=phone.front[0],
            timings_ms={"capture": 0.0, "settle": 0.0},
            notice=notice,
        )

    def execute(self, action: Action) -> None:
        """Do one action in phone time; if it fails no finger stays down.

        Raises:
            ToolError: a phone cannot do this, or the point is off its screen.
        """
        try:
            self._stop.check()
            self._time_s += BETWEEN_ACTIONS_S
            self._do(action)
        except BaseException:
            self.phone.touch("cancel", 0, 0, self._time_s)
            raise

    def close(self) -> None:
        """Lift the finger; owns nothing else. May be called twice."""
        self.phone.touch("cancel", 0, 0, self._time_s)

    def _do(self, action: Action) -> None:
        match action:
            case Tap():
                self._tap(action)
            case Swipe():
                self._swipe(action)
            case PressButton(name):
                self.phone.key(BUTTONS[name], self._time_s)
            case PressKeys(keys):
                *held, last = keycodes(keys)
                self.phone.key(last, self._time_s, frozenset(held))
            case TypeText(text):
                self.phone.commit_text(text.replace("\r\n", "\n").replace("\r", "\n"))
            case TypeSecret(secret):
                self.phone.commit_text(secret.reveal().replace("\r\n", "\n").replace("\r", "\n"))
            case ReplaceText(text):
                self.phone.clear_text()
                self.phone.commit_text(text.replace("\r\n", "\n").replace("\r", "\n"))
            case OpenApp(name):
                self._open(name)
            case Wait(duration_s):
                self._pass(duration_s)
            case _:
                raise ToolError(f"A phone cannot do {type(action).__name__}; tap, swipe or type.")

    def _pass(self, duration_s: float) -> None:
        self._stop.check()
        self._time_s += duration_s
        self.phone.advance(self._time_s)

    def _refuse_outside(self, point: InputPoint) -> None:
        width, height = self.phone.turned_px
        if not (0 <= point.x < width and 0 <= point.y < height):
            raise ToolError(
                f"The point ({point.x}, {point.y}) is off the screen of {width}x{height} pixels."
            )

    def _tap(self, action: Tap) -> None:
        self._refuse_outside(action.at)
        for _ in range(action.count):
            self.phone.touch("down", action.at.x, action.at.y, self._time_s)
            self._pass(action.hold_ms / 1000 or TAP_S)
            self.phone.touch("up", action.at.x, action.at.y, self._time_s)
            self._pass(TAP_S)

    def _swipe(self, action: Swipe) -> None:
        corners = (action.start, *action.path, action.to)
        for point in corners:
            self._refuse_outside(point)
        pause_s = action.duration_ms / 1000 / (SWIPE_STEPS * (len(corners) - 1))
        self.phone.touch("down", action.start.x, action.start.y, self._time_s)
        self._pass(action.hold_ms / 1000)
        for start, to in pairwise(corners):
            for step in range(1, SWIPE_STEPS + 1):
                self._pass(pause_s)
                x = start.x + (to.x - start.x) * step // SWIPE_STEPS
                y = start.y + (to.y - start.y) * step // SWIPE_STEPS
                self.phone.touch("move", x, y, self._time_s)
        self.phone.touch("up", action.to.x, action.to.y, self._time_s)

    def _open(self, name: str) -> None:
        wanted = name.strip().casefold()
        for app in self.phone.apps:
            if wanted in (app.label.casefold(), app.package):
                self.phone.start(app.package)
                return
        known = ", ".join(app.label for app in self.phone.apps)
        raise ToolError(f"There is no app {name!r} on this phone; there are: {known}.")


class InProcessPhone(PhoneEnvironment):
    """The practice phone in process together with the truth about its task."""

    def __init__(
        self, template: str, seed: int, stop: Stop, dressing: Dressing | None = None
    ) -> None:
        """Set up a task, in its usual look or in one that ``dressing`` draws.

        Raises:
            ConfigError: there is no such template.
        """
        self.task = PhoneTask(template, seed, dressing)
        super().__init__(self.task.world, stop)

    @property
    def phone(self) -> PhoneWorld:
        """The phone of the task that stands on the screen now."""
        return self.task.world


def open_phone_in_process(argument: str, stop: Stop) -> InProcessPhone:
    """Open the practice phone in process; ``argument`` is TEMPLATE/SEED.

    Raises:
        ConfigError: it names no task of the practice phone.
    """
    return InProcessPhone(*parse_task(argument, FIRST_TEMPLATE), stop)


def open_phone_in_guise(argument: str, stop: Stop) -> InProcessPhone:
    """Open the same in another theme, font and scale, drawn by the task.

    Raises:
        ConfigError: it names no task of the practice phone, or a font is missing.
    """
    return InProcessPhone(*parse_task(argument, FIRST_TEMPLATE), stop, guise_for)
