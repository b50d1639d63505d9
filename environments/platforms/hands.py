"""Pointer and keys by pynput, and the ears that hear the person by it.

Responsible for translating names and positions. pynput speaks to every platform in the same words;
Windows and macOS mark events that a program made, so what is not marked is a person's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from environments.actions import Button
from environments.desktop.keys import KEY_NAMES
from environments.desktop.panic import PersonEvent
from environments.geometry import InputPoint

_PYNPUT_NAMES = {
    "ctrl": "ctrl_l",
    "ctrlright": "ctrl_r",
    "alt": "alt_l",
    "altright": "alt_gr",
    "shift": "shift_l",
    "shiftright": "shift_r",
    "win": "cmd",
    "winright": "cmd_r",
    " ": "space",
    "pageup": "page_up",
    "pagedown": "page_down",
    "capslock": "caps_lock",
    "numlock": "num_lock",
    "scrolllock": "scroll_lock",
    "printscreen": "print_screen",
    "apps": "menu",
}


class PynputHands:
    """Presses and moves through pynput's controllers."""

    def __init__(self, utf16: bool = False) -> None:
        """Write characters whole, or as the two halves that Windows takes beyond U+FFFF."""
        from pynput import keyboard, mouse

        self._keyboard, self._mouse = keyboard, mouse
        self._keys: Any = keyboard.Controller()
        self._pointer: Any = mouse.Controller()
        self._utf16 = utf16

    def position(self) -> InputPoint:
        """Return where the pointer is."""
        x, y = self._pointer.position
        return InputPoint(round(x), round(y))

    def move(self, to: InputPoint) -> None:
        """Put the pointer somewhere."""
        self._pointer.position = (to.x, to.y)

    def button(self, button: Button, down: bool) -> None:
        """Press or release a button where the pointer is."""
        act = self._pointer.press if down else self._pointer.release
        act(getattr(self._mouse.Button, button))

    def wheel(self, notches: int, sideways: bool) -> None:
        """Turn the wheel; positive is up or right."""
        self._pointer.scroll(*((notches, 0) if sideways else (0, notches)))

    def has_key(self, name: str) -> bool:
        """Tell whether the keyboard has a key."""
        return len(name) == 1 or self._special(name) is not None

    def key(self, name: str, down: bool) -> None:
        """Press or release a key."""
        key = self._special(name) or self._keyboard.KeyCode.from_char(name)
        (self._keys.press if down else self._keys.release)(key)

    def write(self, character: str) -> None:
        """Enter one character, whatever the layout."""
        for unit in utf16_units(character) if self._utf16 else (character,):
            key = self._keyboard.KeyCode.from_char(unit)
            self._keys.press(key)
            self._keys.release(key)

    def close(self) -> None:
        """Drop the controllers, which close what they have opened."""
        self._keys = self._pointer = None

    def _special(self, name: str) -> Any:
        # A platform's own list: a Mac has no Insert.
        return getattr(self._keyboard.Key, _PYNPUT_NAMES.get(name, name), None)


class PynputEars:
    """Hears the person through pynput's listeners; what a program made is marked, and left out."""

    def __init__(self, hear: Callable[[PersonEvent], None]) -> None:
        self._hear = hear

    def listen(self) -> Callable[[], None]:
        """Begin, in threads of pynput's; return what ends it."""
        from pynput import keyboard, mouse

        listeners = (
            keyboard.Listener(on_press=self.on_press, on_release=self.on_release),
            mouse.Listener(on_move=self.on_move, on_click=self.on_click, on_scroll=self.on_scroll),
        )
        for listener in listeners:
            listener.start()

        def end() -> None:
            for listener in listeners:
                listener.stop()

        return end

    def on_press(self, key: Any, injected: bool = False) -> None:
        """Hear a key go down."""
        if not injected:
            self._hear(PersonEvent("down", key_name_of(key)))

    def on_release(self, key: Any, injected: bool = False) -> None:
        """Hear a key come up."""
        if not injected:
            self._hear(PersonEvent("up", key_name_of(key)))

    def on_move(self, x: float, y: float, injected: bool = False) -> None:
        """Hear the pointer move."""
        if not injected:
            self._hear(PersonEvent("move"))
            self._hear(PersonEvent("rest", at=InputPoint(round(x), round(y))))

    def on_click(
        self, x: float, y: float, button: Any, pressed: bool, injected: bool = False
    ) -> None:
        """Hear a button."""
        if not injected:
            self._hear(PersonEvent("other"))

    def on_scroll(self, x: float, y: float, dx: int, dy: int, injected: bool = False) -> None:
        """Hear the wheel."""
        if not injected:
            self._hear(PersonEvent("other"))


def key_name_of(key: Any) -> str:
    """Return our name for a key of pynput's, a special one or one with a character."""
    spelled = getattr(key, "name", None) or getattr(key, "char", None) or ""
    return KEY_NAMES.get(spelled.lower(), spelled.lower())


def utf16_units(character: str) -> tuple[str, ...]:
    """Return a character as the UTF-16 units that Windows takes one by one."""
    data = character.encode("utf-16-le", "surrogatepass")
    return tuple(chr(int.from_bytes(data[i : i + 2], "little")) for i in range(0, len(data), 2))
