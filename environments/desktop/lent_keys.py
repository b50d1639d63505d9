"""Characters that the keyboard layout lacks.

Responsible for giving them a key: the key codes that carry no symbol are lent to them. A lent key
keeps its character until another text needs it, because programs look up what a key means only when
they come to read the event. Presses nothing itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from environments.desktop.x11 import DisplayAddress, connect, hang_up, reaching
from environments.errors import ToolError

_UNICODE_KEYSYMS = 0x01000000  # X protocol, appendix A: Unicode keysyms.
_LATIN_1 = range(0xA0, 0x100)
_ALONE = frozenset("LNPS")


class LentKeys:
    """The key codes of one display that carry no symbol."""

    def __init__(self, address: DisplayAddress) -> None:
        self._address = address
        self._connection = connect(address)
        spare, self._symbols_per_key = _spare_codes(self._connection)
        self._lent = dict.fromkeys(spare, "")

    @property
    def capacity(self) -> int:
        """How many characters can be lent a key at the same time."""
        if not self._lent:  # whoever had them when we came may have given them back since
            self._lent = dict.fromkeys(_spare_codes(self._connection)[0], "")
        return len(self._lent)

    def lend(self, characters: Sequence[str]) -> bool:
        """Give each character a key, at most ``capacity``; tell whether any key changed.

        Raises:
            ToolError: there is no key to lend.
        """
        missing = [c for c in characters if c not in self._lent.values()]
        if not missing:
            return False
        free = [code for code, held in self._lent.items() if held not in characters]
        if len(free) < len(missing):
            raise ToolError("This keyboard cannot write that text. Use plain ASCII characters.")
        with reaching(self._address):
            for code, character in zip(free, missing, strict=False):
                self._assign(code, keysym(character))
                # Back of the queue: a key that was lent long ago is lent anew first.
                del self._lent[code]
                self._lent[code] = character
            self._connection.sync()
        return True

    def code(self, character: str) -> int:
        """Return the key code that was lent to a character."""
        return next(code for code, held in self._lent.items() if held == character)

    @property
    def codes(self) -> frozenset[int]:
        """The key codes that are lent out."""
        return frozenset(code for code, held in self._lent.items() if held)

    def close(self) -> None:
        """Take the keys back and close the connection; may be called when the display has gone."""
        from Xlib import error

        with suppress(error.ConnectionClosedError):
            for code, character in self._lent.items():
                if character:
                    self._assign(code, 0)
            # Waited for, or whoever opens the display next may still find every key lent out.
            self._connection.sync()
        hang_up(self._connection)

    def _assign(self, code: int, symbol: int) -> None:
        # On every level, so that Shift and Caps Lock make no difference.
        self._connection.change_keyboard_mapping(code, [[symbol] * self._symbols_per_key])


def stands_alone(character: str) -> bool:
    """Tell whether a key may write a character.

    What joins, combines or steers other characters (marks, ZWJ, variation selectors, direction
    marks) belongs to its neighbours, and input methods treat such keys as they like.
    """
    return unicodedata.category(character)[0] in _ALONE


def keysym(character: str) -> int:
    """Return the X symbol of a character."""
    code = ord(character)
    is_latin = code in _LATIN_1 or " " <= character <= "~"
    return code if is_latin else _UNICODE_KEYSYMS | code


def _spare_codes(connection: Any) -> tuple[list[int], int]:
    first = connection.display.info.min_keycode
    count = connection.display.info.max_keycode - first + 1
    mapping = connection.get_keyboard_mapping(first, count)
    modifiers = {code for codes in connection.get_modifier_mapping() for code in codes}
    spare = [
        code
        for code, symbols in enumerate(mapping, first)
        if not any(symbols) and code not in modifiers
    ]
    return spare, max(len(symbols) for symbols in mapping)
