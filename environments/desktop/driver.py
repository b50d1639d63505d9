"""pyautogui, bound to one display.

Responsible for single presses and moves on the chosen display and for nothing in between: no
pauses, no corners that raise, no shortcuts. What is held and for how long is decided by
``pointer`` and ``keyboard``.

pyautogui keeps one display for the whole process, the one that DISPLAY named when it was first
imported. Each driver loads that platform module once more for its own display and puts it in place
for the moment of a call, so several displays live side by side in one process.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from string import printable
from types import ModuleType
from typing import Any

from environments.actions import Button
from environments.desktop.x11 import DisplayAddress, hang_up, on_display, reaching
from environments.errors import ToolError
from environments.geometry import InputPoint

_CALL_LOCK = threading.Lock()
_UNUSED = ("mouseinfo", "pymsgbox", "pyscreeze")


class Driver:
    """Pointer and keys of one display, one event at a time."""

    def __init__(self, address: DisplayAddress) -> None:
        self._address = address
        with reaching(address), on_display(address):
            self._pyautogui: Any = _pyautogui()
            self._platform: Any = _platform_module()
        self._platform.keyboardMapping.update(_exact_characters(self._platform._display, self))

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
        self._call("mouseDown", button=button, _pause=False)

    def button_up(self, button: Button) -> None:
        """Release a button."""
        self._call("mouseUp", button=button, _pause=False)

    def turn_wheel(self, notches: int, horizontal: bool) -> None:
        """Turn the wheel; positive is up or right."""
        self._call("hscroll" if horizontal else "vscroll", notches, _pause=False)

    def has_key(self, name: str) -> bool:
        """Tell whether this display's keyboard has a key, or writes a character with one."""
        return bool(self._platform.keyboardMapping.get(name))

    def needs_shift(self, name: str) -> bool:
        """Tell whether a key is pressed together with Shift."""
        return len(name) == 1 and bool(self._pyautogui.isShiftCharacter(name))

    def key_down(self, name: str) -> None:
        """Press a key.

        Raises:
            ToolError: this keyboard has no such key.
        """
        if not self.has_key(name):
            raise ToolError(f"This display's keyboard has no key {name!r}. Use another way.")
        self._call("keyDown", name, _pause=False)

    def key_up(self, name: str) -> None:
        """Release a key."""
        self._call("keyUp", name, _pause=False)

    def close(self) -> None:
        """Give the connection back, also when the display has gone."""
        hang_up(self._platform._display)

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


def _exact_characters(connection: Any, driver: Driver) -> dict[str, int | None]:
    # pyautogui takes any key that carries a character and adds Shift by the US layout, so "<" comes
    # out as ">" (it finds the extra key of 102-key keyboards). Only exact matches stay.
    info = connection.display.info
    codes: dict[tuple[int, bool], int] = {}
    for code in range(info.min_keycode, info.max_keycode + 1):
        for shifted in (False, True):
            codes.setdefault((connection.keycode_to_keysym(code, int(shifted)), shifted), code)
    characters = [character for character in printable if character.isprintable()]
    return {c: codes.get((ord(c), driver.needs_shift(c))) for c in characters}
