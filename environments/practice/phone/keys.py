"""What Android's key names mean to a text.

Responsible for the names of ``android.view.KeyEvent`` that write or edit; the buttons of the phone
itself are the phone's. Decides nothing about who has the focus.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from environments.practice.phone.text import Field

PREFIX = "KEYCODE_"
SIGNS = {
    "SPACE": " ", "COMMA": ",", "PERIOD": ".", "MINUS": "-", "EQUALS": "=", "SLASH": "/",
    "BACKSLASH": "\\", "SEMICOLON": ";", "APOSTROPHE": "'", "LEFT_BRACKET": "[",
    "RIGHT_BRACKET": "]", "GRAVE": "`", "AT": "@", "PLUS": "+", "STAR": "*", "POUND": "#",
    "TAB": "\t", "ENTER": "\n", "NUMPAD_ENTER": "\n",
}  # fmt: skip
SHIFTED = dict(zip("1234567890-=[]\\;'`,./", '!@#$%^&*()_+{}|:"~<>?', strict=True))
"""What the keys of an American keyboard write with Shift (Android's Generic.kcm)."""

MOVES = {"DPAD_LEFT": -1, "DPAD_RIGHT": 1, "MOVE_HOME": -(1 << 30), "MOVE_END": 1 << 30}

Edit = Literal["all", "copy", "cut", "paste"]
EDITS: dict[str, Edit] = {"COPY": "copy", "CUT": "cut", "PASTE": "paste"}
CHORDS: dict[str, Edit] = {"A": "all", "C": "copy", "X": "cut", "V": "paste"}


def character_of(key: str, held: Set[str] = frozenset()) -> str:
    """Return what a key writes, empty if nothing."""
    name = key.removeprefix(PREFIX)
    shifted = any(other.startswith(f"{PREFIX}SHIFT") for other in held)
    plain = name.lower() if len(name) == 1 and name.isalnum() else SIGNS.get(name, "")
    if not shifted:
        return plain
    return plain.upper() if plain.isalpha() else SHIFTED.get(plain, plain)


def edit_of(key: str, held: Set[str]) -> Edit | None:
    """Return the edit that a key or a chord with Ctrl asks for."""
    name = key.removeprefix(PREFIX)
    if any(other.startswith(f"{PREFIX}CTRL") for other in held):
        return CHORDS.get(name)
    return EDITS.get(name)


def press(field: Field, key: str, held: Set[str]) -> bool:
    """Let a field feel a key; False if the key means nothing to a text."""
    name = key.removeprefix(PREFIX)
    with_ctrl = any(other.startswith(f"{PREFIX}CTRL") for other in held)
    written = "" if with_ctrl else character_of(key, held)
    if name in ("DEL", "FORWARD_DEL"):
        field.erase(-1 if name == "DEL" else 1)
    elif name in MOVES:
        _move(field, MOVES[name], any(other.startswith(f"{PREFIX}SHIFT") for other in held))
    elif name == "CLEAR":
        field.clear()
    elif written:
        field.write(written)
    else:
        return False
    return True


def _move(field: Field, step: int, selecting: bool) -> None:
    anchor = field.anchor
    field.place(field.caret + step)
    if selecting:
        field.anchor = anchor
