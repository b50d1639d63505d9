"""The desktop of Windows and macOS as an Environment.

Responsible for putting eyes, hands and a guest's manners together over a ``Machine``. What the
operating system is asked, and how, is the machine's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from environments.actions import (
    Action,
    Button,
    Click,
    Drag,
    Hold,
    MoveTo,
    PressKeys,
    Release,
    Scroll,
    TypeSecret,
    TypeText,
    Wait,
)
from environments.base import Frame, Observation
from environments.desktop.guest import Guest
from environments.desktop.keys import TEXT_KEYS, chord, typeable
from environments.desktop.monitors import Monitor, monitor_at, monitor_named, unplugged
from environments.desktop.panic import Area, PersonEvent
from environments.desktop.pointer import motions, wheel_turns
from environments.errors import ConfigError, ToolError
from environments.geometry import ImagePoint, InputPoint
from environments.platforms.machine import Machine
from environments.settle import DEFAULT_PATIENCE, Eyes, Patience, settle, still


class NativeDesktop:
    """A person's own Windows or macOS desktop; one monitor of it is seen."""

    def __init__(
        self,
        machine: Machine,
        guest: Guest,
        wanted: str = "",
        patience: Patience = DEFAULT_PATIENCE,
    ) -> None:
        """Look at the monitor of a name or number; the primary one for an empty text.

        Raises:
            ConfigError: this session cannot be seen or driven, or has no such monitor.
        """
        problem = machine.problem()
        if problem:
            raise ConfigError(problem)
        self.glimpse: Callable[[Frame], None] = lambda _: None
        self._machine, self._guest, self._patience = machine, guest, patience
        self._name = monitor_named(machine.monitors(), wanted).name
        self._monitor = self._found()
        self._before: Frame | None = None
        self._down = _Down(machine)
        guest.holds, guest.let_go = self._down.any, self._down.let_go
        self._eyes = Eyes(self._grab, time.monotonic, guest.stop, self._glimpsed)
        self._closing = ExitStack()
        self._closing.callback(self._down.let_go)
        self._closing.callback(machine.listen(self._hear))

    @property
    def tell(self) -> Callable[[str], None]:
        """Who hears a sentence for the person when Deskhand begins to wait for them."""
        return self._guest.tell

    @tell.setter
    def tell(self, heard: Callable[[str], None]) -> None:
        self._guest.tell = heard

    def observe(self) -> Observation:
        """Wait until the person has let go and the screen has settled, and look."""
        return self._guest.look(self._look)

    def execute(self, action: Action) -> None:
        """Do one action; what is not held on purpose is up again on any exit."""
        if isinstance(action, Wait):
            self._guest.stop.wait(action.duration_s)
        else:
            self._guest.act(lambda: self._do(action))

    def close(self) -> None:
        """Let go of everything and stop listening; may be called twice."""
        self._closing.close()

    def _look(self) -> Observation:
        self._guest.stop.check()
        self._monitor = self._found()
        before, self._before = self._before, None
        if before is None:
            settled = still(self._eyes, self._patience)
        else:
            settled = settle(self._eyes, before, self._patience)
        return Observation(
            frame=settled.frame,
            screen=self._monitor.screen,
            time_s=time.monotonic(),
            foreground=self._machine.foreground(),
            settled_by=settled.rule,
            timings_ms={"settle": settled.waited_ms},
        )

    def _do(self, action: Action) -> None:
        self._guest.stop.check()
        self._refuse_unreachable(action)
        self._before = self._grab()
        match action:
            case Click(at, button, count):
                self._go(at)
                for _ in range(count):
                    self._press((button,), ())
            case MoveTo(at):
                self._go(at)
            case Drag():
                self._drag(action)
            case Scroll():
                self._go(action.at)
                self._turn(action)
            case PressKeys(keys):
                self._press((), self._known(keys))
            case Hold(keys, button, at):
                self._go(at)
                self._hold(self._known(keys), button)
            case Release(keys, button, at):
                self._go(at)
                self._release(chord(keys) if keys else (), button)
            case TypeText(text):
                self._type(text)
            case TypeSecret(secret):
                self._type(secret.reveal())
            case _:
                raise ToolError("This desktop cannot do that; use the mouse and the keyboard.")

    def _go(self, at: InputPoint | None) -> None:
        if at is None:
            return
        self._refuse_outside(at)
        self._move(at)

    def _move(self, to: InputPoint) -> None:
        self._guest.stop.check()
        self._machine.hands.move(to)

    def _refuse_outside(self, point: InputPoint) -> None:
        if monitor_at(self._machine.monitors(), point) is None:
            raise ToolError(f"The point ({point.x}, {point.y}) is on no monitor.")

    def _drag(self, action: Drag) -> None:
        for point in (*action.path, action.to):
            self._refuse_outside(point)
        self._go(action.start)
        points = motions((self._machine.hands.position(), *action.path, action.to))
        with ExitStack() as held:
            self._push("button", action.button, held)
            for point in points:  # Between two monitors the way may lead over none.
                self._move(point)

    def _turn(self, action: Scroll) -> None:
        for count, sideways in wheel_turns(action):
            for _ in range(abs(count)):
                self._guest.stop.check()
                self._machine.hands.wheel(1 if count > 0 else -1, sideways)

    def _press(self, buttons: tuple[Button, ...], keys: tuple[str, ...]) -> None:
        with ExitStack() as held:
            for key in keys:
                self._push("key", key, held)
            for button in buttons:
                self._push("button", button, held)

    def _push(self, kind: str, name: str, held: ExitStack) -> None:
        self._guest.stop.check()
        # Promised before it is pressed: an interrupt between the two must not leave it down.
        held.callback(self._down.release, kind, name)
        self._down.press(kind, name)

    def _hold(self, keys: tuple[str, ...], button: Button | None) -> None:
        with ExitStack() as undo:
            for key in keys:
                self._push("key", key, undo)
            if button:
                self._push("button", button, undo)
            undo.pop_all()

    def _release(self, keys: tuple[str, ...], button: Button | None) -> None:
        if not keys and button is None:
            self._down.let_go()
        if button:
            self._down.release("button", button)
        for key in reversed(keys):
            self._down.release("key", key)

    def _type(self, text: str) -> None:
        for character in typeable(text):
            if character in TEXT_KEYS:
                self._press((), (TEXT_KEYS[character],))
            else:
                self._guest.stop.check()
                self._machine.hands.write(character)

    def _known(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        names = chord(keys) if keys else ()
        for name in names:
            if not self._machine.hands.has_key(name):
                raise ToolError(
                    f"This keyboard has no key {name!r}. To write a character, type it."
                )
        return names

    def _refuse_unreachable(self, action: Action) -> None:
        at = getattr(action, "at", None) or getattr(action, "to", None)
        why = self._machine.out_of_reach(at)
        if why:
            raise ToolError(why)

    def _found(self) -> Monitor:
        monitors = self._machine.monitors()
        for monitor in monitors:
            if monitor.name == self._name:
                return monitor
        raise unplugged(self._name, monitors)

    def _grab(self) -> Frame:
        return self._machine.grab(self._monitor)

    def _glimpsed(self, frame: Frame) -> None:
        self.glimpse(frame)

    def _hear(self, event: PersonEvent) -> None:
        self._guest.hear(event, [_area(monitor) for monitor in self._machine.monitors()])


class _Down:
    """What is down now, in the order in which it was pressed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._held: dict[tuple[str, str], None] = {}

    def any(self) -> bool:
        """Tell whether anything is down."""
        return bool(self._held)

    def press(self, kind: str, name: str) -> None:
        """Note and press."""
        self._held[kind, name] = None
        self._send(kind, name, down=True)

    def release(self, kind: str, name: str) -> None:
        """Release and forget; what is not down is left alone."""
        if (kind, name) in self._held:
            self._send(kind, name, down=False)
            self._held.pop((kind, name), None)

    def let_go(self) -> None:
        """Release everything, the last first."""
        for kind, name in reversed(tuple(self._held)):
            self.release(kind, name)

    def _send(self, kind: str, name: str, down: bool) -> None:
        hands = self._machine.hands
        if kind == "key":
            hands.key(name, down)
        else:
            hands.button(name, down)  # type: ignore[arg-type] # noted from a Button


def _area(monitor: Monitor) -> Area:
    screen = monitor.screen
    first = screen.to_input(ImagePoint(0, 0))
    last = screen.to_input(ImagePoint(screen.width_px - 1, screen.height_px - 1))
    return Area(first.x, first.y, last.x + 1, last.y + 1)
