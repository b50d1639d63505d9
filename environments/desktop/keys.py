"""The names of keys: what models write, and what the desktop calls it.

Responsible for turning any spelling into one name, and for refusing what is no key in words that
help. Does not press anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from environments.errors import ToolError

TEXT_KEYS: Mapping[str, str] = MappingProxyType({"\n": "enter", "\t": "tab"})
"""The characters of a text that are keys of their own."""

_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "ctrl": ("control", "ctl", "ctrl_l", "control_l", "controlleft", "ctrlleft"),
    "ctrlright": ("ctrl_r", "control_r", "controlright"),
    "alt": ("alt_l", "altleft", "option", "opt"),
    "altright": ("alt_r", "altgr", "alt_gr", "iso_level3_shift"),
    "shift": ("shift_l", "shiftleft"),
    "shiftright": ("shift_r",),
    "win": ("super", "super_l", "cmd", "command", "meta", "windows", "winleft", "win_l"),
    "winright": ("super_r", "win_r"),
    "enter": ("return", "\n", "\r", "kp_enter"),
    "esc": ("escape",),
    "tab": ("\t",),
    " ": ("space", "spacebar"),
    "backspace": ("back_space", "bksp", "\b"),
    "delete": ("del", "kp_delete"),
    "insert": ("ins",),
    "home": (),
    "end": (),
    "pageup": ("page_up", "pgup", "prior", "page up"),
    "pagedown": ("page_down", "pgdn", "pgdown", "next", "page down"),
    "up": ("arrowup", "arrow_up", "up_arrow", "uparrow"),
    "down": ("arrowdown", "arrow_down", "down_arrow", "downarrow"),
    "left": ("arrowleft", "arrow_left", "left_arrow", "leftarrow"),
    "right": ("arrowright", "arrow_right", "right_arrow", "rightarrow"),
    "capslock": ("caps_lock", "caps"),
    "numlock": ("num_lock",),
    "scrolllock": ("scroll_lock",),
    "printscreen": ("print_screen", "prtsc", "prtscr", "prtscn", "print", "sysrq"),
    "pause": ("break",),
    "apps": ("menu", "contextmenu", "context_menu"),
    "-": ("minus", "hyphen"),
    "+": ("plus",),
    "=": ("equal", "equals"),
    ",": ("comma",),
    ".": ("period", "dot"),
    "/": ("slash",),
    "\\": ("backslash",),
    ";": ("semicolon",),
    "'": ("apostrophe", "quote"),
    "`": ("grave", "backtick"),
    "[": ("bracketleft",),
    "]": ("bracketright",),
    **{f"f{number}": () for number in range(1, 25)},
    **{f"num{digit}": (f"kp_{digit}", f"numpad{digit}") for digit in range(10)},
}

KEY_NAMES: Mapping[str, str] = MappingProxyType(
    {spelling: name for name, others in _SPELLINGS.items() for spelling in (name, *others)}
)
"""Every accepted spelling, in lower case, and the one name it stands for (pyautogui's own)."""


def key_name(key: str) -> str:
    """Return the one name of a key; a single printable character is its own name.

    Raises:
        ToolError: there is no such key; the text lists near names.
    """
    known = KEY_NAMES.get(key.lower()) or KEY_NAMES.get(key.strip().lower())
    if known:
        return known
    if len(key) == 1 and key.isprintable():
        return key
    raise ToolError(f"There is no key named {key[:40]!r}. {_advice(key)}")


def chord(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the names of keys that are pressed together; "ctrl+s" is read as two keys.

    A capital letter in a chord means the key that carries it: Ctrl+S is pressed without Shift.

    Raises:
        ToolError: one of them is no key, or there is none.
    """
    names = tuple(key_name(part) for key in keys for part in _parts(key))
    if not names:
        raise ToolError("There is no key to press. Name at least one, for example enter.")
    if len(names) == 1:
        return names
    return tuple(name.lower() if len(name) == 1 else name for name in names)


def typeable(text: str) -> str:
    """Return a text whose line ends are all newlines.

    Raises:
        ToolError: it holds a character that no keyboard writes; the text names it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in text:
        is_control = ord(character) < ord(" ") or "\x7f" <= character <= "\x9f"
        if (is_control and character not in TEXT_KEYS) or "\ud800" <= character <= "\udfff":
            raise ToolError(
                f"The character {character!r} cannot be typed. Leave it out or press a key."
            )
    return text


def _parts(key: str) -> list[str]:
    if len(key) <= 1 or "+" not in key:
        return [key]
    head = key[:-1] if key.endswith("+") else key
    parts = [part for part in head.split("+") if part]
    return [*parts, "+"] if key.endswith("+") else parts


def _advice(key: str) -> str:
    near = get_close_matches(key.strip().lower(), KEY_NAMES, n=3, cutoff=0.6)
    if near:
        return f"Near names: {', '.join(near)}."
    return "Use names such as enter, tab, esc, ctrl, alt, shift, pageup, f5 or a single character."
