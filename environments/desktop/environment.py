"""An X display as an Environment: the person's own or one that we started.

Responsible for putting capture, settling and input together behind observe, execute and close.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from environments.actions import (
    Action,
    Click,
    Drag,
    FocusWindow,
    Hold,
    MoveTo,
    OpenApp,
    PressKeys,
    Release,
    Scroll,
    TypeSecret,
    TypeText,
    Wait,
)
from environments.base import Environment, Frame, Observation, Stop
from environments.desktop.clipboard import Clipboard
from environments.desktop.desk import Desk, launch_for_the_person
from environments.desktop.driver import Driver
from environments.desktop.holding import Holding
from environments.desktop.keyboard import Keyboard
from environments.desktop.lent_keys import LentKeys
from environments.desktop.monitors import View, WholeView
from environments.desktop.pointer import Pointer
from environments.desktop.sight import Sight
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.windows import Window, front_window
from environments.desktop.written import Written
from environments.desktop.x11 import DisplayAddress, connect, foreground_title, hang_up, reaching
from environments.elements import Elements, ElementSource, differences
from environments.geometry import InputPoint
from environments.settle import DEFAULT_PATIENCE, Patience


@dataclass(frozen=True, slots=True)
class _Hands:
    driver: Driver
    pointer: Pointer
    keyboard: Keyboard
    holding: Holding


class DesktopEnvironment:
    """One X display; several can be open in one process."""

    def __init__(
        self,
        address: DisplayAddress,
        stop: Stop,
        patience: Patience = DEFAULT_PATIENCE,
        view: Callable[[Any], View] = WholeView,
    ) -> None:
        """Connect to a display; ``view`` makes of a connection what is seen of it.

        Raises:
            ConfigError: there is no such view.
            DeviceDisconnectedError: no display answers there.
            CaptureError: it cannot be read.
        """
        self._address = address
        self._stop = stop
        self.written: Written | None = None
        """What is known about the last text that was typed."""
        self._unread: Written | None = None
        self._elements: ElementSource | None = None
        self._tree: Elements | None = None
        self.read_back: Callable[[], str | None] = lambda: None
        """Returns the text in the field that has the keyboard, None where nobody can tell."""
        self.glimpse: Callable[[Frame], None] = lambda _: None
        with ExitStack() as undo:
            self._connection = connect(address)
            undo.callback(hang_up, self._connection)
            self._sight = Sight(address, stop, patience, self._glimpsed)
            undo.callback(self._sight.close)
            self._view = view(self._connection)
            self._aim()
            self._desk = Desk(self._connection, stop, launch_for_the_person)
            self._hands = self._reach(undo)
            self._closing = undo.pop_all()

    @staticmethod
    def open(on: str = "virtual", stop: Stop | None = None) -> Environment:
        """Open "virtual" (a display of its own) or "desktop" (the person's), with its argument.

        Raises:
            ConfigError, DeviceError: it cannot be opened.
        """
        from environments.registry import open_environment

        return open_environment(on, stop or Stop())

    @property
    def address(self) -> DisplayAddress:
        """Where the display is."""
        return self._address

    @property
    def cursor(self) -> InputPoint:
        """Where the pointer is."""
        return self._hands.driver.position()

    @property
    def farewell(self) -> str:
        """What a person should know after ``close``; empty if nothing."""
        return self._clipboard.farewell

    def observe(self) -> Observation:
        """Wait until the screen has settled and return one look at it."""
        self._stop.check()
        self._aim()
        look = self._with_the_text(self._with_elements(self._sight.look()))
        return replace(look, foreground=self._foreground())

    def see_elements(self, source: ElementSource) -> None:
        """Look at the element tree as well from now on; it is closed with this environment."""
        self._elements = source
        self.read_back = source.focused_text
        self._closing.callback(source.close)

    def execute(self, action: Action) -> None:
        """Do one action; if it fails nothing stays pressed, else only what ``Hold`` asks for."""
        try:
            self._do(action)
        except BaseException:
            self._hands.holding.let_go()
            raise

    def _do(self, action: Action) -> None:
        self._unread = None
        self._stop.check()
        self._aim()
        at = action.start if isinstance(action, Drag) else getattr(action, "at", None)
        pointing = isinstance(action, Click | Scroll | Drag) and at is not None
        self._sight.about_to_act(pointing)
        if at is not None and pointing:
            self._hands.pointer.move(at)
            self._sight.pointed()
        match action:
            case Click():
                self._hands.pointer.click(action)
            case MoveTo(at):
                self._hands.pointer.move(at)
            case Drag():
                self._hands.pointer.drag(action)
            case Scroll():
                self._hands.pointer.scroll(action)
            case PressKeys(keys):
                self._hands.keyboard.press(keys)
            case Hold():
                self._hands.holding.hold(action)
            case Release():
                self._hands.holding.release(action)
            case TypeText() | TypeSecret():
                self._write(action)
            case Wait(duration_s):
                self._stop.wait(duration_s)
            case OpenApp(name):
                self._desk.open(name)
            case FocusWindow(title):
                self._desk.focus(title)

    def _write(self, action: TypeText | TypeSecret) -> None:
        if isinstance(action, TypeText):
            self.written = self._unread = self._hands.keyboard.type(action.text)
        else:
            # What is known of a text holds the text, so of a secret nothing is kept.
            self._hands.keyboard.type(action.secret.reveal())

    def windows(self) -> tuple[Window, ...]:
        """Return the windows, the topmost first."""
        with reaching(self._address):
            return self._desk.windows()

    def keep_notes_in(self, path: Path) -> None:
        """Note in a file what is down, from now on, so that it is known also after a crash."""
        self._hands.driver.held.keep_in(path)

    def let_go(self) -> None:
        """Release whatever is down; from any thread, also after a stop."""
        self._hands.holding.let_go()

    def close(self) -> None:
        """Close the connections, and the display if it is ours; may be called twice."""
        self._closing.close()

    def own(self, display: VirtualDisplay) -> None:
        """Take over a display: it is removed when this environment closes."""
        self._desk.launch = display.start
        connections = self._closing.pop_all()
        self._closing.callback(display.close)
        self._closing.callback(connections.close)

    def _reach(self, undo: ExitStack) -> _Hands:
        driver = Driver(self._address)
        undo.callback(driver.close)
        lent = LentKeys(self._address)
        undo.callback(lent.close)
        self._clipboard = Clipboard(self._address, self._stop)
        undo.callback(self._clipboard.close)
        keyboard = Keyboard(driver, lent, self._stop, self._sight, self._clipboard)
        pointer = Pointer(driver, self._stop, self._sight.catch_up)
        holding = Holding(driver, pointer, keyboard, self._stop)
        undo.callback(holding.close)
        return _Hands(driver, pointer, keyboard, holding)

    def _aim(self) -> None:
        # Monitors come and go and windows move; asked once a look, which costs well under 1 ms.
        with reaching(self._address):
            self._sight.capture.look_at(self._view.screen())

    def _with_elements(self, look: Observation) -> Observation:
        """Add the element tree, and what the action changed in it."""
        if self._elements is None:
            return look
        with reaching(self._address):
            window = front_window(self._connection)
        if window is None:
            self._tree = None
            return look
        box = (window.at.x, window.at.y, window.width_px, window.height_px)
        before, self._tree = self._tree, self._elements.read(window.pid, box)
        timings_ms = {**look.timings_ms, "elements": self._tree.took_ms}
        look = replace(look, elements=self._tree, timings_ms=timings_ms)
        if look.evidence is None:
            return look
        changed = differences(before, self._tree)
        return replace(look, evidence=replace(look.evidence, elements=changed))

    def _with_the_text(self, look: Observation) -> Observation:
        """Say once of a text that was typed how it was written, and whether it was read back."""
        written, self._unread = self._unread, None
        if written is None or look.evidence is None:
            return look
        self.written = written = written.read_back(self.read_back())
        notes = (*look.evidence.notes, written.sentence())
        evidence = replace(look.evidence, read_back=written.arrived, notes=notes)
        return replace(look, evidence=evidence)

    def _glimpsed(self, frame: Frame) -> None:
        self.glimpse(frame)

    def _foreground(self) -> str | None:
        with reaching(self._address):
            return foreground_title(self._connection)
