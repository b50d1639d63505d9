"""The names of a phone's keys.

Responsible for turning what models write into Android's own names, and for refusing what is no key
in words that help. Presses nothing. Source: AOSP's ``KeyEvent.java``.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from environments.actions import SystemButton
from environments.desktop.keys import KEY_NAMES
from environments.errors import ToolError

BUTTONS: Mapping[SystemButton, str] = MappingProxyType(
    {
        "back": "KEYCODE_BACK",
        "home": "KEYCODE_HOME",
        "recents": "KEYCODE_APP_SWITCH",
        "menu": "KEYCODE_MENU",
        "enter": "KEYCODE_ENTER",
        "power": "KEYCODE_POWER",
        "volume_up": "KEYCODE_VOLUME_UP",
        "volume_down": "KEYCODE_VOLUME_DOWN",
    }
)

_BY_DESKTOP_NAME: Mapping[str, str] = {
    "ctrl": "CTRL_LEFT",
    "ctrlright": "CTRL_RIGHT",
    "alt": "ALT_LEFT",
    "altright": "ALT_RIGHT",
    "shift": "SHIFT_LEFT",
    "shiftright": "SHIFT_RIGHT",
    "win": "META_LEFT",
    "winright": "META_RIGHT",
    "enter": "ENTER",
    "esc": "ESCAPE",
    "tab": "TAB",
    " ": "SPACE",
    "backspace": "DEL",
    "delete": "FORWARD_DEL",
    "insert": "INSERT",
    "end": "MOVE_END",
    "pageup": "PAGE_UP",
    "pagedown": "PAGE_DOWN",
    "up": "DPAD_UP",
    "down": "DPAD_DOWN",
    "left": "DPAD_LEFT",
    "right": "DPAD_RIGHT",
    "capslock": "CAPS_LOCK",
    "numlock": "NUM_LOCK",
    "scrolllock": "SCROLL_LOCK",
    "printscreen": "SYSRQ",
    "pause": "BREAK",
    "apps": "MENU",
    "-": "MINUS",
    "+": "PLUS",
    "=": "EQUALS",
    ",": "COMMA",
    ".": "PERIOD",
    "/": "SLASH",
    "\\": "BACKSLASH",
    ";": "SEMICOLON",
    "'": "APOSTROPHE",
    "`": "GRAVE",
    "[": "LEFT_BRACKET",
    "]": "RIGHT_BRACKET",
    "*": "STAR",
    "#": "POUND",
    "@": "AT",
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
    **{f"num{digit}": f"NUMPAD_{digit}" for digit in range(10)},
}

_MORE = """
    CALL ENDCALL CAMERA FOCUS CLEAR DPAD_CENTER MOVE_HOME SEARCH NOTIFICATION ASSIST
    MEDIA_PLAY_PAUSE MEDIA_PLAY MEDIA_PAUSE MEDIA_STOP MEDIA_NEXT MEDIA_PREVIOUS
    VOLUME_MUTE MUTE BRIGHTNESS_UP BRIGHTNESS_DOWN SLEEP WAKEUP FORWARD REFRESH
    CUT COPY PASTE EXPLORER ENVELOPE CONTACTS CALENDAR SETTINGS ALL_APPS BOOKMARK
"""
_ANDROID = frozenset(
    {
        *_BY_DESKTOP_NAME.values(),
        *(name.removeprefix("KEYCODE_") for name in BUTTONS.values()),
        *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        *_MORE.split(),
    }
)

_OTHERS: Mapping[str, str] = {
    "RECENTS": "APP_SWITCH",
    "RECENT": "APP_SWITCH",
    "VOLUMEUP": "VOLUME_UP",
    "VOLUMEDOWN": "VOLUME_DOWN",
}


def keycode(key: str) -> str:
    """Return Android's name of a key, from any spelling.

    Raises:
        ToolError: there is no such key; the text lists near names.
    """
    name = key.strip().upper().replace(" ", "_").removeprefix("KEYCODE_")
    name = _OTHERS.get(name, name)
    # "home" is the phone's own button here and not the beginning of a line.
    desktop = _BY_DESKTOP_NAME.get(KEY_NAMES.get(key.lower(), key.lower()))
    found = name if name in _ANDROID else desktop
    if found:
        return f"KEYCODE_{found}"
    near = get_close_matches(name, _ANDROID, n=3)
    hint = f" Near names: {', '.join(map(str.lower, near))}." if near else ""
    raise ToolError(
        f"A phone has no key {key[:40]!r}.{hint} "
        "Use names such as back, home, enter, volume_up, or type a text."
    )


def keycodes(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return Android's names of keys that are pressed together; "ctrl+a" is two keys.

    Raises:
        ToolError: one of them is no key, or there is none.
    """
    parts = [part for key in keys for part in (key.split("+") if len(key) > 1 else [key]) if part]
    if not parts:
        raise ToolError("There is no key to press. Name at least one, for example enter.")
    return tuple(keycode(part) for part in parts)
