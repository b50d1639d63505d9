"""What can be done to a desktop or a phone: a tagged union of frozen actions.

Responsible for the vocabulary only. Every point is an ``InputPoint``; no action ever holds a value
of the model's grid. Who may do what is decided in ``tools``; how it is done, in the environments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from environments.geometry import InputPoint
from environments.secret import Secret

Button = Literal["left", "right", "middle"]
SystemButton = Literal[
    "back", "home", "recents", "menu", "enter", "power", "volume_up", "volume_down"
]


@dataclass(frozen=True, slots=True)
class Click:
    """Press and release a button ``count`` times; ``at=None`` clicks where the pointer is."""

    at: InputPoint | None
    button: Button = "left"
    count: int = 1


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Move the pointer without pressing anything."""

    at: InputPoint


@dataclass(frozen=True, slots=True)
class Drag:
    """Hold a button from ``start`` (None: where the pointer is) to ``to``, moving in between.

    ``path`` are points that it passes on the way, in order.
    """

    to: InputPoint
    start: InputPoint | None = None
    button: Button = "left"
    path: tuple[InputPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Scroll:
    """Turn the wheel; positive values show what is above or to the right.

    Pixels are rounded to whole notches away from zero; ``dy_notches`` and ``dx_notches`` are turned
    as they are, after them.
    """

    dy_px: int = 0
    dx_px: int = 0
    at: InputPoint | None = None
    dy_notches: int = 0
    dx_notches: int = 0


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Press the keys in order and release them in reverse; names as in ``keys.KEY_NAMES``."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Press keys in order, then a button, and keep them down for the actions that follow.

    They come up by ``Release``, by a stop, by any error and when the environment closes.
    """

    keys: tuple[str, ...] = ()
    button: Button | None = None
    at: InputPoint | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Let go of what ``Hold`` keeps down, the button first; of everything if nothing is named."""

    keys: tuple[str, ...] = ()
    button: Button | None = None
    at: InputPoint | None = None


@dataclass(frozen=True, slots=True)
class TypeText:
    """Type text where the keyboard focus is; newline is Enter and tab is Tab."""

    text: str


@dataclass(frozen=True, slots=True)
class TypeSecret:
    """Type a text that nobody may see, as ``TypeText`` does."""

    secret: Secret


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass, at most ``duration_s`` seconds; ends at once when the run is stopped."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class Tap:
    """Touch a point ``count`` times, or once for ``hold_ms`` milliseconds (a long press)."""

    at: InputPoint
    count: int = 1
    hold_ms: int = 0


@dataclass(frozen=True, slots=True)
class Swipe:
    """Move a finger from ``start`` over ``path`` to ``to`` in ``duration_ms`` milliseconds.

    With ``hold_ms`` it rests so long before it moves, which takes things along (a drag).
    """

    start: InputPoint
    to: InputPoint
    duration_ms: int = 300
    path: tuple[InputPoint, ...] = ()
    hold_ms: int = 0


@dataclass(frozen=True, slots=True)
class PressButton:
    """Press a button of the phone itself."""

    name: SystemButton


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Put text in place of all that the field with the focus holds."""

    text: str


@dataclass(frozen=True, slots=True)
class OpenApp:
    """Start an application by the name that a person would look for."""

    name: str


@dataclass(frozen=True, slots=True)
class FocusWindow:
    """Bring the window with this title, or of this program, to the front."""

    title: str


@dataclass(frozen=True, slots=True)
class UseScreen:
    """Turn to another of several screens; what follows happens there."""

    name: str


AtTheDesk = OpenApp | FocusWindow
"""Only an environment with windows takes them (``desktop.desk.Windowed``)."""

OnThePhone = Tap | Swipe | PressButton | ReplaceText
"""Only a phone takes them; ``UseScreen`` only ``several.SeveralScreens``."""

Action = (
    Click
    | MoveTo
    | Drag
    | Scroll
    | PressKeys
    | Hold
    | Release
    | TypeText
    | TypeSecret
    | Wait
    | AtTheDesk
    | OnThePhone
    | UseScreen
)
