"""pyautogui, bound to one display.

Responsible for single presses and moves on the chosen display and for nothing in between: no
pauses, no corners that raise, no shortcuts. Everything that goes down is noted in ``held`` before
and taken out after it came up. What is held and for how long is decided by ``pointer`` and
``keyboard``.

pyautogui keeps one display for the whole process, the one that DISPLAY named when it was first
imported. Each driver loads that platform module once more for its own display and puts it in place
for the moment of a call, so several displays live side by side in one process. Keys and buttons are
pressed by their codes, through the same module: pyautogui adds Shift by the US layout and would
press the wrong key on any other, and moves the pointer to where it is before it presses a button.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Collection
from types import ModuleType
from typing import Any

from environments.actions import Button
from environments.desktop.held import Held, Kind
from environments.desktop.layout import Layout, Stroke, read_layout
from environments.desktop.x11 import DisplayAddress, hang_up, on_display, reaching
from environments.geometry import InputPoint

_CALL_LOCK = threading.RLock()
_UNUSED = ("mouseinfo", "pymsgbox", "pyscreeze")
_BUTTONS: dict[Button, int] = {"left": 1, "middle": 2, "right": 3}


class Driver:
    """Pointer and keys of one display, one event at a time."""

    def __init__(self, address: DisplayAddress) -> None:
        self._address = address
        with reaching(address), on_display(address):
            self._pyautogui: Any = _pyautogui()
            self._platform: Any = _platform_module()
            self._layout = read_layout(self._platform._display)
        self.held = Held(address)

    @property
    def layout(self) -> Layout:
        """The keyboard as it was at the last ``look_at_keyboard``."""
        return self._layout

    def look_at_keyboard(self, without: Collection[int] = ()) -> None:
        """Read the layout anew, ``without`` some keys: a person may have switched it."""
        with _CALL_LOCK, reaching(self._address):
            self._layout = read_layout(self._platform._display, without)

    def size(self) -> tuple[int, int]:
        """Return width and height of the display in pixels."""
        width, height = self._call("size")
        return int(width), int(height)

    def position(self) -> InputPoint:
        """Return where the pointer is."""
        x, y = self._call("position")
        return InputPoint(int(x), int(y))

    def move(self, to: InputPoint) -> None:
        """Put the pointer somewhere."""
        self._call("moveTo", to.x, to.y, _pause=False)

    def button_down(self, button: Button) -> None:
        """Press a button where the pointer is."""
        self.held.add("button", _BUTTONS[button])
        self._fake("button", _BUTTONS[button], down=True)

    def button_up(self, button: Button) -> None:
        """Release a button."""
        self._fake("button", _BUTTONS[button], down=False)
        self.held.remove("button", _BUTTONS[button])

    def turn_wheel(self, notches: int, horizontal: bool) -> None:
        """Turn the wheel; positive is up or right."""
        self._call("hscroll" if horizontal else "vscroll", notches, _pause=False)

    def stroke(self, name: str) -> Stroke | None:
        """Return what presses a key or, in a chord, a character; None where there is none."""
        if len(name) == 1:
            return self._layout.chords.get(name)
        code = self._platform.keyboardMapping.get(name)
        if not code and name == "altright":
            code = self._layout.alt_gr
        return Stroke(code) if code else None

    def key_down(self, code: int) -> None:
        """Press a key by its code."""
        self.held.add("key", code)
        self._fake("key", code, down=True)

    def key_up(self, code: int) -> None:
        """Release a key by its code."""
        self._fake("key", code, down=False)
        self.held.remove("key", code)

    def release_all(self) -> None:
        """Release everything that is noted as down, from any thread."""
        for kind, code in self.held:
            self._fake(kind, code, down=False)
            self.held.remove(kind, code)

    def close(self) -> None:
        """Give the connection back, also when the display has gone."""
        self.held.close()
        hang_up(self._platform._display)

    def _fake(self, kind: Kind, code: int, down: bool) -> None:
        from Xlib import X

        events = {
            ("key", True): X.KeyPress,
            ("key", False): X.KeyRelease,
            ("button", True): X.ButtonPress,
            ("button", False): X.ButtonRelease,
        }
        with _CALL_LOCK, reaching(self._address):
            self._platform.fake_input(self._platform._display, events[kind, down], code)
            self._platform._display.sync()

    def _call(self, function: str, *values: Any, **named: Any) -> Any:
        with _CALL_LOCK, reaching(self._address):
            self._pyautogui.platformModule = self._platform
            return getattr(self._pyautogui, function)(*values, **named)


def _pyautogui() -> Any:
    is_new = "pyautogui" not in sys.modules
    # These three ask for tkinter or run programs, are not used here, and pyautogui goes without.
    absent = [name for name in _UNUSED if is_new and name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        import pyautogui
    finally:
        for name in absent:
            del sys.modules[name]
    if is_new:
        pyautogui.platformModule._display.close()  # Every driver brings its own.
    pyautogui.FAILSAFE = False
    pyautogui.PAUSE = 0
    pyautogui.MINIMUM_DURATION = 0
    pyautogui.MINIMUM_SLEEP = 0
    return pyautogui


def _platform_module() -> ModuleType:
    spec = importlib.util.find_spec("pyautogui._pyautogui_x11")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Left is left: X itself swaps buttons, and asking GNOME would start a program.
    vars(module)["_mouse_is_swapped_setting"] = False
    return module
