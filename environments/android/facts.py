"""How a phone stands: awake, locked, turned, and what is in front.

Responsible for the commands that tell and for reading their answers, which differ between versions
of Android. What follows from them is decided elsewhere. Sources: ``dumpsys`` of AOSP's
``PowerManagerService``, ``WindowManagerService`` (``DisplayPolicy``, ``KeyguardServiceDelegate``),
``DisplayManagerService`` and ``InputReader``; the lock screen's words also in ``appium-adb``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FIRST = "2>/dev/null | grep -m 1 -o '{}' | head -n 1"
"""The first display is the phone's own; a line may tell of several."""

ROTATIONS: Final = (
    "dumpsys input " + _FIRST.format("orientation=[0-3]"),
    "dumpsys display " + _FIRST.format("orientation=[0-3]"),
    "dumpsys window displays " + _FIRST.format("mCurrentRotation=[A-Z]*_[0-9]*"),
    "dumpsys window " + _FIRST.format("mRotation=[0-3]"),
)
"""Each writes one word that changes with the rotation; which a phone knows is tried out."""

FACTS: Final = (
    "dumpsys power 2>/dev/null | grep -m 1 -o 'mWakefulness=[A-Za-z]*'; "
    "dumpsys window 2>/dev/null | grep -E "
    "'mCurrentFocus=|mFocusedApp=|mDreamingLockscreen=|mShowingLockscreen=|mIsShowing="
    "|isKeyguardShowing='"
)
"""What ``facts_in`` reads, in one line of shell."""

WINDOWS: Final = "dumpsys window windows"

_COMPONENT = re.compile(r"\bu\d+ ([A-Za-z0-9_.]+)/([A-Za-z0-9_.$]+)")
_PANEL = re.compile(r"mCurrentFocus=Window\{\S+ u\d+ ([^}/]+)\}")
_TURNS = {"0": 0, "90": 1, "180": 2, "270": 3, "1": 1, "2": 2, "3": 3}
_ASLEEP = ("Asleep", "Dozing")
_LOCKED = re.compile(
    r"(?:mDreamingLockscreen|mShowingLockscreen|mIsShowing|isKeyguardShowing)=true"
)
_SECURE_BIT = 0x2000
"""WindowManager.LayoutParams.FLAG_SECURE."""


@dataclass(frozen=True, slots=True)
class Facts:
    """How a phone stands at one moment.

    Attributes:
        awake: the screen is on; also where the phone does not tell.
        locked: the lock screen is in front.
        package, activity: what is in front, empty where the phone does not tell.
        panel: a window of the system that lies over it ("NotificationShade"), empty if none.
    """

    awake: bool = True
    locked: bool = False
    package: str = ""
    activity: str = ""
    panel: str = ""

    @property
    def asks_permission(self) -> bool:
        """The system asks whether an app may do something."""
        return (
            self.package.endswith(("permissioncontroller", "packageinstaller"))
            and "GrantPermission" in self.activity
        )

    def words(self) -> str | None:
        """Return what is in front in words; None where the phone does not tell."""
        if not self.package:
            return self.panel or None
        return f"{self.package}/{self.activity}"


def facts_in(answer: str) -> Facts:
    """Return what an answer to ``FACTS`` says."""
    wake = re.search(r"mWakefulness=(\w+)", answer)
    focus = [line for line in answer.splitlines() if "mCurrentFocus=" in line]
    focused = [line for line in answer.splitlines() if "mFocusedApp=" in line]
    # One line for each display; those without a window say null.
    shown = next((line for line in focus if "null" not in line), "")
    found = _COMPONENT.search(shown)
    panel = _PANEL.search(shown)
    if not found:
        found = next(filter(None, map(_COMPONENT.search, focused)), None)
    package, activity = (found[1], found[2]) if found else ("", "")
    if activity.startswith("."):
        activity = package + activity
    return Facts(
        awake=wake is None or wake[1] not in _ASLEEP,
        locked=_LOCKED.search(answer) is not None,
        package=package,
        activity=activity,
        panel=panel[1].strip() if panel else "",
    )


def rotation_in(word: str) -> int | None:
    """Return the quarter turns that a word of ``ROTATIONS`` means; None if it means none."""
    value = re.search(r"(?:orientation|[rR]otation)=(?:[A-Z]+_)?(\d+)\s*$", word)
    return _TURNS.get(value[1]) if value else None


def is_secure(windows: str) -> bool:
    """Tell whether the window in front forbids pictures, from an answer to ``WINDOWS``."""
    focus = re.search(r"mCurrentFocus=(Window\{\S+)", windows)
    if not focus:
        return False
    blocks = re.split(r"\n\s*(?=Window #\d+ )", windows)
    return any(focus[1] in block.split(":", 1)[0] and _forbids(block) for block in blocks[1:])


def _forbids(block: str) -> bool:
    flags = re.search(r"\bfl=([^\n}]*)", block)
    if not flags:
        return False
    words = flags[1].split()
    if words and words[0].startswith("#"):
        return bool(int(words[0][1:], 16) & _SECURE_BIT)
    return "SECURE" in words
