"""An action in words, for the person who is asked about it.

Responsible for sentences that say exactly what would be done and where. Names from the screen and
text from the model stand in them as data: quoted, on one line, not too long.
"""

from __future__ import annotations

from environments.actions import (
    Action,
    Click,
    Drag,
    FocusWindow,
    Hold,
    MoveTo,
    OpenApp,
    PressButton,
    PressKeys,
    Release,
    ReplaceText,
    Scroll,
    Swipe,
    Tap,
    TypeText,
)
from tools.rules.classify import Found

_LONGEST = 200


def described(action: Action, found: Found) -> str:
    """Return what would be done: "Click the push button 'Pay' in 'Shop' of 'Firefox'"."""
    return " ".join(filter(None, (_done(action), _target(action, found), found.place.words())))


def quoted(text: str) -> str:
    """Return a text as data: on one line, not too long, in quotation marks."""
    line = "".join(c if c.isprintable() else " " if c in "\t " else "\u23ce" for c in text)
    return f"'{line[:_LONGEST]}{'...' if len(line) > _LONGEST else ''}'"


def _done(action: Action) -> str:
    match action:
        case Click(_, button, count):
            times = {1: "Click", 2: "Double-click"}.get(count, f"Click {count} times")
            return times if button == "left" else f"{times} with the {button} button"
        case Tap(_, _, hold_ms):
            return "Press long" if hold_ms else "Tap"
        case MoveTo() | Drag() | Swipe():
            return "Drag something" if isinstance(action, Drag) else "Move"
        case Scroll():
            return "Scroll"
        case PressKeys(keys):
            return f"Press {quoted('+'.join(keys))}"
        case Hold(keys, button):
            return f"Hold {quoted('+'.join((*keys, *([button] if button else []))))}"
        case Release():
            return "Let go"
        case PressButton(name):
            return f"Press the phone's {name} button"
        case OpenApp(name):
            return f"Open the application {quoted(name)}"
        case FocusWindow(title):
            return f"Go to the window {quoted(title)}"
    return f"Write {quoted(action.text)}" if isinstance(action, TypeText | ReplaceText) else "Act"


def _target(action: Action, found: Found) -> str:
    """Return what it acts on; a point where nothing can be named is told by its place."""
    if found.classified.target:
        joint = "into" if isinstance(action, TypeText | ReplaceText) else "on"
        return f"{joint} {found.classified.target}"
    at = action.to if isinstance(action, Drag | Swipe) else getattr(action, "at", None)
    return f"at ({at.x}, {at.y}), where nothing can be named," if at is not None else ""
