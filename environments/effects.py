"""Did the action change anything?

Responsible for the verdict on one action and for the sentence that gives the reason, from two looks
and from what the environment found out beside them. Does not look itself and does not decide what
follows from the verdict.
"""

from __future__ import annotations

from enum import StrEnum

from environments.actions import (
    Action,
    Click,
    Drag,
    PressButton,
    PressKeys,
    ReplaceText,
    Scroll,
    Swipe,
    Tap,
    TypeSecret,
    TypeText,
)
from environments.base import Observation
from environments.evidence import Evidence
from environments.geometry import ImagePoint, InputPoint, Screen
from environments.quoting import quoted
from environments.tiles import Tiles, area_of, grown, near

NEAR_PX = 150
"""What changes within so many pixels of a point is called near it."""

_BLIND_PX = 64
"""Where a point lies so near to what moves by itself, its effect may be hidden in there."""

_WHOLE_SCREEN = 0.5
_SHOWS_SOMETHING = (
    *(Click, Drag, PressKeys, Scroll, TypeText, TypeSecret),
    *(Tap, Swipe, PressButton, ReplaceText),
)
"""Actions that mostly change what is seen; of others nothing is suspected."""

_WRITES = (TypeText, TypeSecret, ReplaceText)
"""Actions that write where the keyboard's focus is, perhaps through the clipboard."""

_SILENT_KEYS = frozenset(
    f"{key}{side}" for key in ("shift", "ctrl", "alt", "win") for side in ("", "left", "right")
) | {"capslock", "numlock", "scrolllock", "printscreen"}

_SILENT_BUTTONS = ("volume_up", "volume_down")

_COMMANDS = frozenset(
    f"{key}{side}" for key in ("ctrl", "alt", "win") for side in ("", "left", "right")
)


class Effect(StrEnum):
    """What is known about an action after it was sent."""

    CONFIRMED = "confirmed"
    UNVERIFIABLE = "unverifiable"
    NO_OP = "suspected no-op"


def judge(action: Action, before: Observation, after: Observation) -> Effect:
    """Say whether an action did something.

    Where the environment gives no evidence the two looks are compared: a change confirms, none is
    suspect unless none is expected.
    """
    evidence = after.evidence
    if evidence is None:
        seen = before.frame_hash != after.frame_hash
        blind = False
    elif evidence.read_back is False:
        return Effect.UNVERIFIABLE
    else:
        seen = _seen(action, evidence)
        hidden = _may_be_hidden(action, after.screen, evidence)
        blind = hidden or bool(evidence.passing.any())
    if seen:
        return Effect.CONFIRMED
    return Effect.UNVERIFIABLE if blind or not _expects(action) else Effect.NO_OP


def explain(action: Action, after: Observation) -> str:
    """Return the reason for the verdict in words for the model; empty without evidence."""
    evidence = after.evidence
    if evidence is None:
        return ""
    told = [*_windows(evidence), *_pixels(action, after.screen, evidence)]
    if evidence.clipboard and not isinstance(action, _WRITES):
        told.append("something was copied to the clipboard")
    return "; ".join([*told, *evidence.elements, *evidence.notes])


def _seen(action: Action, evidence: Evidence) -> bool:
    return bool(
        evidence.changed.any()
        or evidence.stopped.any()
        or evidence.opened
        or evidence.closed
        or evidence.front is not None
        or evidence.read_back
        or evidence.elements
        # Text may be written through the clipboard, which is our own doing.
        or (evidence.clipboard and not isinstance(action, _WRITES))
    )


def _expects(action: Action) -> bool:
    if isinstance(action, PressKeys):
        return not _SILENT_KEYS.issuperset(action.keys)
    if isinstance(action, PressButton):
        return action.name not in _SILENT_BUTTONS
    return isinstance(action, _SHOWS_SOMETHING)


def _may_be_hidden(action: Action, screen: Screen, evidence: Evidence) -> bool:
    """Tell whether the effect may lie where things move by themselves."""
    points = _points(action, screen)
    if not points:
        around = grown(grown(evidence.caret))
        # Without a caret, or with a command, nobody knows where the keyboard acts.
        is_text = isinstance(action, _WRITES) or _is_plain(action)
        return bool((evidence.blind & around if is_text and around.any() else evidence.blind).any())
    return any(near(evidence.blind, at.x, at.y, _BLIND_PX).any() for at in points)


def _is_plain(action: Action) -> bool:
    return isinstance(action, PressKeys) and not _COMMANDS.intersection(action.keys)


def _points(action: Action, screen: Screen) -> list[ImagePoint]:
    places: list[InputPoint | None] = []
    if isinstance(action, Click | Scroll | Tap):
        places = [action.at]
    elif isinstance(action, Drag | Swipe):
        places = [action.start, action.to]
    return [screen.from_input(place) for place in places if place is not None]


def _windows(evidence: Evidence) -> list[str]:
    opened, closed = map(_listed, (evidence.opened, evidence.closed))
    told = []
    if opened:
        told.append(f"a new window {opened} opened")
    if closed:
        told.append(f"the window {closed} closed")
    if evidence.front is not None and evidence.front not in evidence.opened:
        told.append(f"in front is now {quoted(evidence.front)}")
    return told


def _listed(titles: tuple[str, ...]) -> str:
    return ", ".join(map(quoted, titles))


def _pixels(action: Action, screen: Screen, evidence: Evidence) -> list[str]:
    if evidence.changed.any():
        return [_where(action, screen, evidence.changed)]
    if evidence.stopped.any():
        return ["what moved by itself has stopped"]
    if evidence.passing.any():
        return ["something changed for a moment and looks as before"]
    if evidence.left_out.any():
        return ["nothing changed but what moves or comes up by itself"]
    return ["nothing changed"]


def _where(action: Action, screen: Screen, changed: Tiles) -> str:
    if area_of(changed) >= _WHOLE_SCREEN:
        return "most of the screen changed"
    points = _points(action, screen)
    if not points:
        return "the screen changed"
    if any(near(changed, at.x, at.y, NEAR_PX).any() for at in points):
        return "the screen changed near the point"
    return f"nothing changed within {NEAR_PX} px of the point, but elsewhere"
