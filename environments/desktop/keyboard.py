"""Chords and text.

Responsible for the order of presses, for the stop between any two of them, and for letting go: on
every way out no key stays down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from environments.base import Stop
from environments.desktop.driver import Driver
from environments.desktop.keys import TEXT_KEYS, chord
from environments.desktop.lent_keys import LentKeys
from environments.errors import ToolError


class Keyboard:
    """The keyboard of one display."""

    def __init__(
        self, driver: Driver, lent: LentKeys, stop: Stop, catch_up: Callable[[], object]
    ) -> None:
        """Write on one display; ``catch_up`` waits until programs have read what was sent."""
        self._driver = driver
        self._lent = lent
        self._stop = stop
        self._catch_up = catch_up

    def press(self, keys: Sequence[str]) -> None:
        """Press keys in order and release them in reverse.

        Raises:
            ToolError: one of them is no key; then nothing was pressed.
        """
        names = chord(keys)
        absent = [name for name in names if not self._driver.has_key(name)]
        if absent:
            raise ToolError(
                f"This display's keyboard has no key {absent[0]!r}. To write a character, type it."
            )
        with ExitStack() as held:
            for name in names:
                self._down(name, held)

    def type(self, text: str) -> None:
        """Write text; newline is Enter and tab is Tab.

        Raises:
            ToolError: the text holds a character that cannot be typed; then nothing was typed.
        """
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        _refuse_control(text)
        for index, part in enumerate(self._parts(text)):
            if index:  # Keys are about to change their meaning under what was typed last.
                self._catch_up()
            self._lent.lend(self._foreign(part))
            for character in part:
                self._write(character)

    def _write(self, character: str) -> None:
        name = TEXT_KEYS.get(character, character)
        with ExitStack() as held:
            if self._driver.has_key(name):
                self._down(name, held)
            else:
                self._stop.check()
                held.callback(self._lent.key_up, character)
                self._lent.key_down(character)

    def _down(self, name: str, held: ExitStack) -> None:
        self._stop.check()
        # Promised before it is pressed: an interrupt between the two must not leave it down.
        if self._driver.needs_shift(name):
            held.callback(self._driver.key_up, "shift")
        held.callback(self._driver.key_up, name)
        self._driver.key_down(name)

    def _foreign(self, text: str) -> list[str]:
        distinct = dict.fromkeys(text)
        return [c for c in distinct if not self._driver.has_key(TEXT_KEYS.get(c, c))]

    def _parts(self, text: str) -> list[str]:
        # As long as possible, but none with more foreign characters than there are keys to lend.
        parts, begin, seen = [], 0, set[str]()
        for index, character in enumerate(text):
            if self._driver.has_key(TEXT_KEYS.get(character, character)) or character in seen:
                continue
            if len(seen) == self._lent.capacity:
                parts.append(text[begin:index])
                begin, seen = index, set()
            seen.add(character)
        return [*parts, text[begin:]]


def _refuse_control(text: str) -> None:
    for character in text:
        is_control = ord(character) < ord(" ") or "\x7f" <= character <= "\x9f"
        if (is_control and character not in TEXT_KEYS) or "\ud800" <= character <= "\udfff":
            raise ToolError(
                f"The character {character!r} cannot be typed. Leave it out or press a key."
            )
