"""The practice phone: what fingers, keys and commands do to it.

Responsible, with what it builds on, for every promise of ``Phone``. The same phone is driven in
process and through the Android Debug Bridge. Knows no task, no wire and no clock: times come with
the events.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Set

from environments.practice.canvas import ROW_PX
from environments.practice.phone import keys
from environments.practice.phone.base import Phase
from environments.practice.phone.drawing import index_at
from environments.practice.phone.gestures import AWAY_PX, SLOP_PX, Finger
from environments.practice.phone.layout import STATUS_PX, most_scroll
from environments.practice.phone.screen import PhoneScreen
from environments.practice.phone.views import View, level_at

DOUBLE_TAP_S = 0.3
"""Two taps within this are one double tap (ViewConfiguration: 300 ms)."""

BUTTONS = {
    "HOME": "home", "BACK": "back", "ESCAPE": "back", "APP_SWITCH": "show_recents",
    "NOTIFICATION": "show_shade",
}  # fmt: skip
"""Keys that are not about text, and what the phone does."""


class PhoneWorld(PhoneScreen):
    """One practice phone; the same seed and the same events give the same phone."""

    def __init__(self, seed: int) -> None:
        """Draw a phone."""
        super().__init__(random.Random(f"phone/{seed}"))
        self.time_s = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []
        self._finger: Finger | None = None
        self._last_tap = (-99, -99, -99.0)

    # ---- events

    def later(self, time_s: float, act: Callable[[], None]) -> None:
        """Let something happen by itself at a time: a message that arrives, for one."""
        self._due.append((time_s, act))

    def advance(self, time_s: float) -> None:
        """Let time pass."""
        self.time_s = max(self.time_s, time_s)
        if self._finger is not None:
            self._finger.wait(self.time_s)
        ready = [act for at, act in self._due if at <= self.time_s]
        self._due = [(at, act) for at, act in self._due if at > self.time_s]
        for act in ready:
            act()
        if ready:
            self.changed()

    def touch(self, phase: Phase, x: int, y: int, time_s: float) -> None:
        """Feel a finger, in pixels of the turned screen; a screen that is off feels nothing."""
        self.advance(time_s)
        if not self.awake or phase == "cancel":
            self._finger = None
        elif phase == "down":
            self._finger = Finger(self, self.view_at(x, y), (x, y), time_s)
        elif self._finger is not None:
            finger, self._finger = self._finger, None if phase == "up" else self._finger
            if phase == "up":
                finger.lift(x, y, time_s)
            else:
                finger.move(x, y)

    def key(self, name: str, time_s: float, held: Set[str] = frozenset()) -> None:
        """Feel a key by Android's name, while others are held; unknown ones do nothing."""
        self.advance(time_s)
        short = name.removeprefix(keys.PREFIX)
        if short in ("POWER", "SLEEP", "WAKEUP"):
            self._power(short)
        elif not self.awake:
            return
        elif short == "MENU" and self.lock is not None:
            self.lock.opened()
            self.changed()
        elif short in BUTTONS:
            getattr(self, BUTTONS[short])()
        elif (field := self.focus) is not None:
            self.press(field, name, held)

    def start(self, package: str, activity: str | None = None) -> bool:
        """Bring an app to the front; False if there is none, or none of that activity."""
        program = self.programs.get(package)
        if program is None or activity not in (None, program.app.activity,
                                               package + program.app.activity):  # fmt: skip
            return False
        self.bring(package)
        return True

    def open_link(self, address: str) -> bool:
        """Show an address in the app that takes it; False if none does."""
        for package, program in self.programs.items():
            if program.follow is not None and address.startswith(program.schemes):
                self.bring(package)
                self.follow(package, address)
                return True
        return False

    def force_stop(self, package: str) -> None:
        """End an app; the home screen is shown if it was in front."""
        self.end(package)

    def choose_input_method(self, identity: str) -> bool:
        """Use another keyboard; False if there is none of that id."""
        if identity not in {method.id for method in self.input_methods}:
            return False
        self.put_setting("secure", "default_input_method", identity)
        return True

    # ---- what a finger does

    def tap(self, view: View | None, x: int, y: int, time_s: float) -> None:
        """Feel a tap."""
        last_x, last_y, last_s = self._last_tap
        again = time_s - last_s <= DOUBLE_TAP_S and abs(x - last_x) + abs(y - last_y) <= 2 * SLOP_PX
        self._last_tap = (-99, -99, -99.0) if again else (x, y, time_s)
        if view is None:
            return
        if view.field is not None:
            self.focus_on(view.field, index_at(view, x, y), again)
        elif view.tap is not None:
            view.tap()
        self.changed()

    def hold(self, view: View | None, x: int, y: int) -> None:
        """Feel a long press: selects a word in a text, else whatever the view does."""
        if view is None:
            return
        if view.field is not None:
            self.focus_on(view.field, index_at(view, x, y), word=True)
        elif view.hold is not None:
            view.hold()
        self.changed()

    def slide(self, view: View, x: int) -> None:
        """Feel a finger on a track."""
        if view.slide is not None:
            view.slide(level_at(view, x))
            self.changed()

    def settle_scroll(self) -> None:
        """Come to rest on a whole row."""
        rest = round(self.page.scroll_px / ROW_PX) * ROW_PX
        self.scroll_by(rest - self.page.scroll_px)

    def belongs_to_system(self, start: tuple[int, int]) -> bool:
        """Tell whether a finger that starts here pulls at the shade or the lock screen."""
        return start[1] < STATUS_PX or self.is_locked

    def swiped(self, view: View | None, start: tuple[int, int], to: tuple[int, int]) -> bool:
        """Feel a swipe when the finger lifts."""
        dx, dy = to[0] - start[0], to[1] - start[1]
        if abs(dx) >= AWAY_PX and abs(dx) > abs(dy) and view is not None and view.away:
            view.away()
        elif self.lock is not None and dy <= -AWAY_PX:
            self.lock.opened()
        elif start[1] < STATUS_PX and dy >= ROW_PX:
            self.show_shade()
        elif self.cover is not None and dy <= -AWAY_PX and most_scroll(self.screenful()) == 0:
            self.cover = None
        else:
            return False
        self.changed()
        return True

    def _power(self, name: str) -> None:
        if self.awake and name != "WAKEUP":
            self.sleep()
        elif not self.awake and name != "SLEEP":
            self.wake()
