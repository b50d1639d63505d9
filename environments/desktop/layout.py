"""Which key writes which character, in the keyboard layout that is in use now.

Responsible for reading the layout: its group, and its levels with Shift and AltGr. Presses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_GROUP_BITS, _GROUP_SHIFT = 0x6000, 13
"""Where the state of the core protocol holds the group (XKB protocol, section 2.2.2)."""

_COLUMNS = ((0, 1, 4, 5), (2, 3, 6, 7))
"""Columns of the core keyboard mapping that hold levels 1 to 4 of groups 1 and 2 (XKB protocol,
section 12.4); what lies in a third or fourth group the mapping does not tell in a fixed place."""

_SHIFT_L, _LEVEL_3_SHIFT = 0xFFE1, 0xFE03
_UNICODE_KEYSYMS = 0x01000000
_FAMILIES = {
    0x01: ("iso8859_2", 0xA0),
    0x05: ("iso8859_6", 0xC1),
    0x06: ("koi8_r", 0xC0),
    0x07: ("iso8859_7", 0xC1),
    0x0C: ("iso8859_8", 0xE0),
}
"""Keysyms older than Unicode: their second byte, the encoding that the first byte follows, and from
where on it does so without exception (X protocol, appendix A)."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key code, and the codes of the modifiers that are held while it is pressed."""

    code: int
    modifiers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """What the keyboard writes.

    Attributes:
        characters: what writes a character by the group that is in use.
        chords: the same, and what only the first group has: shortcuts find Latin letters there.
        alt_gr: key code of AltGr, None where there is none.
        caps_lock: whether Caps Lock is on.
    """

    characters: Mapping[str, Stroke]
    chords: Mapping[str, Stroke]
    alt_gr: int | None
    caps_lock: bool


def read_layout(connection: Any, without: Collection[int] = ()) -> Layout:
    """Ask a display for its keyboard as it is now, ``without`` some keys; two round trips."""
    from Xlib import X

    first = connection.display.info.min_keycode
    count = connection.display.info.max_keycode - first + 1
    rows = connection.get_keyboard_mapping(first, count)
    state = connection.screen().root.query_pointer().mask
    rows = [[] if code in without else row for code, row in enumerate(rows, first)]
    keys = {row[0]: code for code, row in reversed([*enumerate(rows, first)]) if row}
    shift, alt_gr = keys.get(_SHIFT_L), keys.get(_LEVEL_3_SHIFT)
    holds = _levels(shift, alt_gr)
    group = (state & _GROUP_BITS) >> _GROUP_SHIFT
    latin = _characters(rows, first, _COLUMNS[0], holds)
    used = latin if group == 0 else {}
    if group == 1:
        used = _characters(rows, first, _COLUMNS[1], holds)
    return Layout(used, {**latin, **used}, alt_gr, bool(state & X.LockMask))


def character_of(symbol: int) -> str | None:
    """Return the character that an X symbol writes, None for any other key."""
    if 0x20 <= symbol < 0x7F or 0xA0 <= symbol <= 0xFF:  # noqa: PLR2004 - printable Latin 1
        return chr(symbol)
    if _UNICODE_KEYSYMS < symbol <= _UNICODE_KEYSYMS + 0x10FFFF:
        return chr(symbol - _UNICODE_KEYSYMS)
    encoding, start = _FAMILIES.get(symbol >> 8, ("", 0x100))
    if symbol & 0xFF < start:
        return None
    return bytes([symbol & 0xFF]).decode(encoding, "ignore") or None


def _levels(shift: int | None, alt_gr: int | None) -> tuple[tuple[int, ...] | None, ...]:
    # What is held for each level; None where the keyboard lacks a key for it.
    plain: tuple[int, ...] = ()
    third = None if alt_gr is None else (alt_gr,)
    second = None if shift is None else (shift,)
    return plain, second, third, None if third is None or second is None else third + second


def _characters(
    rows: Sequence[Sequence[int]],
    first: int,
    columns: Sequence[int],
    holds: Sequence[tuple[int, ...] | None],
) -> dict[str, Stroke]:
    found: dict[str, Stroke] = {}
    for held, column in zip(holds, columns, strict=True):
        for code, row in enumerate(rows, first):
            character = character_of(row[column]) if column < len(row) else None
            if character is not None and held is not None:
                found.setdefault(character, Stroke(code, held))
    return found
