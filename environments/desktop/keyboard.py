"""Chords and text.

Responsible for the order of presses, for the stop between any two of them, for choosing the way by
which a text is written, and for letting go: on every way out no key stays down that was not asked
to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Protocol

from environments.base import Frame, Stop
from environments.desktop.driver import Driver
from environments.desktop.keys import TEXT_KEYS, chord, typeable
from environments.desktop.layout import Stroke
from environments.desktop.lent_keys import LentKeys, stands_alone
from environments.desktop.written import Way, Written
from environments.errors import ToolError
from environments.settle import Settled

TURNS = 4
"""Longest text, in changes of the lent keys, that is still written with keys: each change waits
until programs have read what was typed before."""


LOOKS = 4
"""Waits for a change after a piece of text; a screen that shows none by then shows none at all."""


class Screen(Protocol):
    """What shows whether programs have read what was sent."""

    def glance(self) -> Frame:
        """Return the screen as it is at this moment."""
        ...

    def catch_up(self, before: Frame | None = None) -> Settled:
        """Wait until the screen is quiet again, after a change since ``before`` or since now."""
        ...


class Paste(Protocol):
    """Writing through the clipboard."""

    def possible(self) -> str:
        """Return why the clipboard cannot be used now; empty if it can."""
        ...

    def paste(self, text: str, press: Callable[[Sequence[str]], None]) -> bool:
        """Put a text in with the paste keys; False if the program in front did not take it."""
        ...

    def put_back(self) -> None:
        """Give the clipboard what it held before, if it was used."""
        ...


class NoPaste:
    """The clipboard of a display that is not to be touched."""

    def possible(self) -> str:
        """Refuse."""
        return "the clipboard is not used"

    def paste(self, text: str, press: Callable[[Sequence[str]], None]) -> bool:
        """Write nothing."""
        return False

    def put_back(self) -> None:
        """Have nothing to put back."""


class Keyboard:
    """The keyboard of one display."""

    def __init__(
        self,
        driver: Driver,
        lent: LentKeys,
        stop: Stop,
        screen: Screen,
        clipboard: Paste | None = None,
    ) -> None:
        """Write on one display; ``screen`` tells when programs have read what was sent."""
        self._driver = driver
        self._lent = lent
        self._stop = stop
        self._screen = screen
        self._clipboard = clipboard or NoPaste()

    def press(self, keys: Sequence[str]) -> None:
        """Press keys in order and release them in reverse.

        Raises:
            ToolError: one of them is no key; then nothing was pressed.
        """
        strokes = self._strokes(keys)
        with ExitStack() as held:
            for stroke in strokes:
                self._down(stroke, held)

    def hold(self, keys: Sequence[str]) -> None:
        """Press keys in order and leave them down.

        Raises:
            ToolError: one of them is no key; then nothing was pressed.
        """
        for stroke in self._strokes(keys) if keys else ():
            for code in (*stroke.modifiers, stroke.code):
                self._stop.check()
                self._driver.key_down(code)

    def release(self, keys: Sequence[str]) -> None:
        """Release keys in reverse order.

        Raises:
            ToolError: one of them is no key; then nothing was released.
        """
        for stroke in reversed(self._strokes(keys) if keys else ()):
            for code in (stroke.code, *reversed(stroke.modifiers)):
                self._driver.key_up(code)

    def type(self, text: str) -> Written:
        """Write text; newline is Enter and tab is Tab. Say by which ways it was written.

        What the layout has is typed. A few characters that it lacks are lent keys; where they are
        many, or belong together with their neighbours, the lines that hold them are pasted.

        Raises:
            ToolError: the text holds a character that cannot be typed; then nothing was typed.
        """
        text = typeable(text)
        self._driver.look_at_keyboard(self._lent.codes)
        foreign = self._foreign(text)
        with self._without_caps_lock():
            if not foreign:
                return self._by_keys(text, "keys")
            if all(map(stands_alone, foreign)) and len(self._parts(text)) <= TURNS:
                return self._by_keys(text, "lent keys")
            return self._by_clipboard(text)

    def _by_keys(self, text: str, way: Way) -> Written:
        for index, part in enumerate(self._parts(text)):
            if index:  # Keys are about to change their meaning under what was typed last.
                self._screen.catch_up()
            if self._lent.lend(self._foreign(part)):
                # Some programs read the changed keys only a moment later (Chromium does), and take
                # the first of them for what it was before.
                self._screen.catch_up()
            for character in part:
                self._write(character)
        return Written(text, (way,))

    def _by_clipboard(self, text: str) -> Written:
        reason = self._clipboard.possible()
        if reason:
            return self._by_keys(text, "lent keys").noting(reason)
        ways: dict[Way, None] = {}
        try:
            for begin, piece in _pieces(text, self._is_foreign):
                ways[self._write_piece(piece)] = None
                if "lent keys" in ways:
                    rest = text[begin + len(piece) :]
                    return self._by_keys(rest, "lent keys").after(text, tuple(ways))
        finally:
            self._clipboard.put_back()
        return Written(text, tuple(ways))

    def _write_piece(self, piece: str) -> Way:
        self._stop.check()
        before = self._screen.glance()
        way: Way = "keys" if not self._foreign(piece) else "clipboard"
        if way == "keys" or not self._clipboard.paste(piece, self.press):
            way = "keys" if way == "keys" else "lent keys"
            self._by_keys(piece, way)
        self._wait_until_seen(before)
        return way

    def _wait_until_seen(self, before: Frame) -> None:
        # Some programs put in what they have read only after the next keys (Chromium does), and
        # drop it when the clipboard has changed by then.
        for _ in range(LOOKS):
            if self._screen.catch_up(before).rule != "no change":
                return

    def _write(self, character: str) -> None:
        name = TEXT_KEYS.get(character)
        stroke = (
            self._driver.stroke(name) if name else self._driver.layout.characters.get(character)
        )
        with ExitStack() as held:
            self._down(stroke or Stroke(self._lent.code(character)), held)

    def _down(self, stroke: Stroke, held: ExitStack) -> None:
        self._stop.check()
        for code in (*stroke.modifiers, stroke.code):
            if ("key", code) in self._driver.held:  # Kept down on purpose: it stays.
                continue
            # Promised before it is pressed: an interrupt between the two must not leave it down.
            held.callback(self._driver.key_up, code)
            self._driver.key_down(code)

    def _strokes(self, keys: Sequence[str]) -> list[Stroke]:
        names = chord(keys)
        self._driver.look_at_keyboard(self._lent.codes)
        strokes = {name: self._driver.stroke(name) for name in names}
        absent = [name for name, stroke in strokes.items() if stroke is None]
        if absent:
            raise ToolError(
                f"This display's keyboard has no key {absent[0]!r}. To write a character, type it."
            )
        return [stroke for stroke in strokes.values() if stroke is not None]

    @contextmanager
    def _without_caps_lock(self) -> Iterator[None]:
        lock = self._driver.stroke("capslock")
        if not self._driver.layout.caps_lock or lock is None:
            yield
            return
        self._tap(lock)
        try:
            yield
        finally:
            self._tap(lock)

    def _tap(self, stroke: Stroke) -> None:
        with ExitStack() as held:
            held.callback(self._driver.key_up, stroke.code)
            self._driver.key_down(stroke.code)

    def _is_foreign(self, character: str) -> bool:
        return character not in TEXT_KEYS and character not in self._driver.layout.characters

    def _foreign(self, text: str) -> list[str]:
        return [c for c in dict.fromkeys(text) if self._is_foreign(c)]

    def _parts(self, text: str) -> list[str]:
        # As long as possible, but none with more foreign characters than there are keys to lend.
        parts, begin, seen = [], 0, set[str]()
        for index, character in enumerate(text):
            if character in seen or not self._is_foreign(character):
                continue
            if len(seen) == self._lent.capacity:
                parts.append(text[begin:index])
                begin, seen = index, set()
            seen.add(character)
        return [*parts, text[begin:]]


def _pieces(text: str, is_foreign: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Cut a text into what keys write and lines to paste, each with its place.

    Newline and tab are keys, so they stand alone; a line that holds foreign characters is pasted as
    a whole, so that what belongs together arrives together.
    """
    begin, pasted = 0, False
    for place, line in _lines(text):
        now = any(map(is_foreign, line))
        if place and (now or pasted):
            yield begin, text[begin:place]
            begin = place
        pasted = now
    yield begin, text[begin:]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    begin = 0
    for place, character in enumerate(text):
        if character in TEXT_KEYS:
            if begin < place:
                yield begin, text[begin:place]
            yield place, character
            begin = place + 1
    if begin < len(text):
        yield begin, text[begin:]
