"""Which keys paste in the window that has the keyboard, and whose window that is.

Responsible for two questions to the display before a paste. Presses nothing.
"""

from __future__ import annotations

from typing import Any

PASTE = ("ctrl", "v")
_TERMINAL_PASTE = ("ctrl", "shift", "v")

# fmt: off
_TERMINALS = frozenset({
    "gnome-terminal", "gnome-terminal-server", "org.gnome.terminal", "kgx", "org.gnome.console",
    "ptyxis", "xfce4-terminal", "konsole", "org.kde.konsole", "yakuake", "kitty", "alacritty",
    "terminator", "tilix", "lxterminal", "mate-terminal", "qterminal", "terminology", "tilda",
    "guake", "foot", "st-256color", "deepin-terminal", "io.elementary.terminal",
    "org.wezfurlong.wezterm", "com.mitchellh.ghostty", "rio", "contour", "sakura", "roxterm",
})
"""Window classes, in lower case, of terminals that paste by Ctrl+Shift+V."""
# fmt: on

_KEYS_ONLY = frozenset({"xterm", "uxterm", "urxvt", "rxvt", "st", "emacs", "gvim"})
"""Programs in which Ctrl+V means something else and no other keys paste the clipboard."""


def paste_keys(connection: Any) -> tuple[str, ...] | None:
    """Return the keys that paste in the window with the keyboard focus; None if none are known."""
    classes = _classes(connection, focus(connection))
    if classes & _KEYS_ONLY:
        return None
    return _TERMINAL_PASTE if classes & _TERMINALS else PASTE


def focus(connection: Any) -> Any:
    """Return the window that has the keyboard focus, None where the display names none."""
    window = connection.get_input_focus().focus
    return None if isinstance(window, int) else window


def process_of(connection: Any, window: int) -> int:
    """Return the id of the process whose window this is (X-Resource extension, version 1.2).

    Where the display cannot tell, something else that is the same for one program's windows: the
    part of the number that names the connection.
    """
    from Xlib import error
    from Xlib.ext import res

    client: int = window & ~connection.display.info.resource_id_mask
    if not connection.has_extension(res.extname):
        return client
    wanted = {"client": window, "mask": res.LocalClientPIDMask}
    try:
        found = connection.res_query_client_ids([wanted]).ids
    except error.XError:  # The window has closed, or the extension is too old.
        return client
    return int(found[0].value[0]) if found and found[0].value else client


def _classes(connection: Any, window: Any) -> set[str]:
    from Xlib import error

    found: set[str] = set()
    try:
        while window is not None and not isinstance(window, int):
            names = window.get_wm_class()
            found |= {name.lower() for name in names or ()}
            window = window.query_tree().parent
    except error.XError:  # It closed between two questions.
        pass
    return found
