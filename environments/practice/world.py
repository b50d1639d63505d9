"""The practice desktop: windows, their order, focus, pointer and keys, and its own truth.

Responsible for the state and for what an input event does to it. The same world is driven in
process and by real X events. Knows no task, no model and no clock: times come with the events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from PIL import Image

from environments.practice.canvas import ROW_PX, Box, Canvas, Look, scaled
from environments.practice.fields import Popup, Tabs
from environments.practice.widgets import Command, ListBox, Target, Widget, contains

SCREEN_PX = (320, 256)
"""Width and height: 10 x 8 visual tokens of 32 px."""

DOUBLE_CLICK_S = 0.5
CLOSE = "Close"


@dataclass
class Window:
    """A window; ``pages`` holds the widgets that only show while their tab is in front."""

    title: str
    x: int
    y: int
    width: int
    rows: int
    widgets: list[Widget] = field(default_factory=list)
    pages: dict[str, list[Widget]] = field(default_factory=dict)
    modal: bool = False
    focus: Widget | None = None
    recorded: Mapping[str, object] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Height in pixels: the title bar and the rows."""
        return ROW_PX * (self.rows + 1)

    @property
    def box(self) -> Box:
        """Where it stands on the screen."""
        return (self.x, self.y, self.x + self.width, self.y + self.height)

    def shown(self) -> list[Widget]:
        """Return the widgets that show now."""
        tabs = next((w for w in self.widgets if isinstance(w, Tabs)), None)
        return [*self.widgets, *(self.pages.get(tabs.current, []) if tabs else [])]

    def popup(self) -> Popup | None:
        """Return the widget whose popup is open."""
        return next((w for w in self.shown() if isinstance(w, Popup) and w.opened), None)

    def frame_targets(self) -> Iterator[Target]:
        """Yield title bar and close button."""
        yield Target(self.title, "window", (8, 2, self.width - 32, 28))
        yield Target(CLOSE, "close button", (self.width - 28, 4, self.width - 4, 28))

    def targets(self) -> list[Target]:
        """Return what can be clicked inside, in the window's own coordinates."""
        popup = self.popup()
        if popup:
            return list(popup.popup_targets())
        return [*self.frame_targets(), *(t for w in self.shown() for t in w.targets())]

    def values(self) -> dict[str, object]:
        """Return the values of all widgets, shown or not."""
        every = [*self.widgets, *(w for page in self.pages.values() for w in page)]
        return {key: value for w in every for key, value in w.values().items()}

    def draw(self, look: Look, active: bool) -> Image.Image:
        """Draw the window with its frame."""
        canvas = Canvas((self.width, self.height), look.window, look.pen)
        canvas.box((0, 0, self.width, 30), look.title if active else look.title_idle)
        canvas.text(16, 8, self.title, look.text)
        x, y = self.width - 20, 12
        canvas.lines([(x, y), (x + 8, y + 8)], look.text)
        canvas.lines([(x + 8, y), (x, y + 8)], look.text)
        for widget in self.shown():
            widget.draw(canvas, look, active and widget is self.focus)
        canvas.box((0, 0, self.width, self.height), None, look.border)
        popup = self.popup()
        if popup:
            popup.draw_popup(canvas, look)
        return canvas.image


class World:
    """One practice desktop; ``windows`` stand in stacking order, the last one in front."""

    def __init__(self, windows: list[Window], look: Look, dialogs: tuple[Window, ...] = ()) -> None:
        """Start with some windows open and some dialogs that buttons can open."""
        self.windows = windows
        self.dialogs = {dialog.title: dialog for dialog in dialogs}
        self.look = look
        self.shortcuts: tuple[str, ...] = ()
        self.version = 0
        self._every = [*windows, *dialogs]
        self._held: set[str] = set()
        self._grabbed: Widget | None = None
        self._last_press: tuple[int, int, float] = (-99, -99, -99.0)

    # ---- truth

    @property
    def front(self) -> Window | None:
        """The window that has the focus."""
        return self.windows[-1] if self.windows else None

    def reachable(self) -> list[Window]:
        """Return the windows that take input: only the dialog in front while one is open."""
        return [self.windows[-1]] if self.front and self.front.modal else list(self.windows)

    def window_at(self, x: int, y: int) -> Window | None:
        """Return the topmost window under a point of the screen."""
        return next((w for w in reversed(self.windows) if contains(w.box, x, y)), None)

    def targets(self, only_reachable: bool = True) -> list[Target]:
        """Return every target whose centre can be seen, in screen pixels."""
        found = []
        for window in self.reachable() if only_reachable else self.windows:
            for target in window.targets():
                left, top, right, bottom = target.box
                box = (left + window.x, top + window.y, right + window.x, bottom + window.y)
                moved = Target(target.label, target.role, box)
                if self.window_at(*moved.centre) is window:
                    found.append(moved)
        return found

    def values(self) -> dict[str, object]:
        """Return everything that scoring looks at; an open dialog counts as before it opened."""
        merged: dict[str, object] = {"shortcuts": self.shortcuts}
        for window in self._every:
            merged |= window.values()
            if window.modal and window in self.windows:
                merged |= window.recorded
            if not window.modal:
                merged[f"open:{window.title}"] = window in self.windows
        return merged

    def dress(self, look: Look) -> None:
        """Look otherwise; where everything stands stays."""
        self.look = look
        self.version += 1

    def draw(self) -> Image.Image:
        """Draw the whole screen."""
        pen = self.look.pen
        screen = Canvas(SCREEN_PX, self.look.desktop, pen).image
        for window in self.windows:
            drawn = window.draw(self.look, window is self.front)
            screen.paste(drawn, scaled((window.x, window.y), pen))
        return screen

    # ---- events

    def press(self, x: int, y: int, button: str, time_s: float) -> None:
        """Take a press of a mouse button at a point of the screen."""
        window = self.window_at(x, y)
        if button != "left" or window is None or window not in self.reachable():
            return
        self.version += 1
        self.windows.remove(window)
        self.windows.append(window)
        last_x, last_y, last_s = self._last_press
        near = abs(x - last_x) <= 4 and abs(y - last_y) <= 4 and time_s - last_s <= DOUBLE_CLICK_S  # noqa: PLR2004
        self._last_press = (-99, -99, -99.0) if near else (x, y, time_s)
        self._press_in(window, x - window.x, y - window.y, 2 if near else 1)

    def move(self, x: int, y: int) -> None:
        """Take a motion of the pointer."""
        if self._grabbed and self.front:
            self.version += 1
            self._grabbed.drag(x - self.front.x, y - self.front.y)

    def release(self) -> None:
        """Take the release of the mouse button."""
        self._grabbed = None

    def wheel(self, notches: int, x: int, y: int) -> None:
        """Take turns of the wheel; positive shows what is above."""
        window = self.window_at(x, y)
        if window is None or window not in self.reachable() or window.popup():
            return
        for widget in window.shown():
            if isinstance(widget, ListBox) and any(
                contains(t.box, x - window.x, y - window.y) for t in widget.targets()
            ):
                self.version += 1
                widget.scroll(notches)

    def wheel_sideways(self, notches: int, x: int, y: int) -> None:
        """Take turns of the sideways wheel; nothing here scrolls sideways."""

    def key_down(self, key: str) -> None:
        """Take the press of a key: a name ("enter", "ctrl") or the character it writes."""
        self._held.add(key)
        widget = self.front.focus if self.front else None
        self.version += 1
        if "ctrl" in self._held and key != "ctrl" and not (widget and widget.writable):
            self.shortcuts = (*self.shortcuts, f"ctrl+{key}")
        elif widget is not None:
            widget.key(key, frozenset(self._held))

    def key_up(self, key: str) -> None:
        """Take the release of a key."""
        self._held.discard(key)

    def _press_in(self, window: Window, x: int, y: int, count: int) -> None:
        popup = window.popup()
        if popup:
            item = next((t for t in popup.popup_targets() if contains(t.box, x, y)), None)
            popup.opened = False
            if item:
                popup.choose(item.label)
            return
        if any(contains(t.box, x, y) for t in window.frame_targets() if t.label == CLOSE):
            self._close(window, accept=False)
            return
        self._press_widget(window, x, y, count)

    def _press_widget(self, window: Window, x: int, y: int, count: int) -> None:
        for widget in window.shown():
            if any(contains(t.box, x, y) for t in widget.targets()):
                window.focus = widget if widget.focusable else None
                self._grabbed = widget
                self._obey(window, widget.click(x, y, count))
                return
        window.focus = None

    def _obey(self, window: Window, command: Command | None) -> None:
        if command is None or command.kind == "press":
            return
        if command.kind == "open":
            dialog = self.dialogs[command.argument]
            dialog.recorded = dialog.values()
            self.windows.append(dialog)
        else:
            self._close(window, accept=command.kind == "accept")

    def _close(self, window: Window, accept: bool) -> None:
        self.windows.remove(window)
        if window.modal and not accept:
            for widget in window.widgets:
                widget.restore(window.recorded)
