"""The keyboard on the screen of the practice phone.

Responsible for where its keys stand and what each of them writes. Shows only while a field has
the focus and this keyboard is the one in use; text may also arrive without any key.
"""

from __future__ import annotations

from collections.abc import Callable

from environments.practice.canvas import ROW_PX
from environments.practice.phone.base import InputMethod
from environments.practice.phone.views import View

ON_SCREEN = InputMethod("com.android.inputmethod.latin/.LatinIME", "Keyboard")
BY_BROADCAST = InputMethod("com.android.adbkeyboard/.AdbIME", "ADB Keyboard")
"""Takes text that ``am broadcast`` brings; has no keys. Known as ADBKeyboard."""

ROWS = 4
LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SYMBOLS = ("1234567890", "@#$_&-+()", "*\"':;!?")


class Keyboard:
    """The keys; ``layer`` is what they write now."""

    def __init__(self, press: Callable[[str], None]) -> None:
        """Say who hears the keys: a character, or "backspace", "enter"."""
        self.shifted = False
        self.symbols = False
        self._press = press

    def views(self, width: int, bottom: int) -> list[View]:
        """Return the keys of a screen whose lower end is ``bottom``."""
        top = bottom - ROWS * ROW_PX
        keys = [View("bar", "", (0, top, width, bottom))]
        unit = width / 10
        first, second, third = SYMBOLS if self.symbols else LETTERS
        keys += self._line(first, 0, top, unit)
        keys += self._line(second, unit / 2, top + ROW_PX, unit)
        keys += self._line(third, 1.5 * unit, top + 2 * ROW_PX, unit)
        low, end = top + 2 * ROW_PX, top + 3 * ROW_PX
        layer = "letters" if self.symbols else "symbols"
        keys += [
            self._key("shift", 0, low, 1.5 * unit),
            self._key("backspace", 8.5 * unit, low, 1.5 * unit),
            self._key(layer, 0, end, 1.5 * unit),
            self._key(",", 1.5 * unit, end, unit),
            self._key("space", 2.5 * unit, end, 4.5 * unit),
            self._key(".", 7 * unit, end, unit),
            self._key("enter", 8 * unit, end, 2 * unit),
        ]
        return keys

    def _line(self, characters: str, left: float, top: int, unit: float) -> list[View]:
        shown = characters.upper() if self.shifted and not self.symbols else characters
        return [self._key(c, left + n * unit, top, unit) for n, c in enumerate(shown)]

    def _key(self, name: str, left: float, top: int, width: float) -> View:
        box = (round(left), top, round(left + width), top + ROW_PX)
        state = self.shifted if name == "shift" else None
        return View("key", name, box, tap=lambda: self._pressed(name), state=state)

    def _pressed(self, name: str) -> None:
        if name == "shift":
            self.shifted = not self.shifted
        elif name in ("symbols", "letters"):
            self.symbols = name == "symbols"
        else:
            self._press(" " if name == "space" else name)
            self.shifted = False
