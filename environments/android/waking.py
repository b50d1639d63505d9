"""Getting a phone ready to be seen: screen on, lock screen away where nothing guards it.

Responsible for what can be done without a secret. Knows no PIN and asks for none.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from environments.android.facts import FACTS, Facts, facts_in
from environments.android.line import PhoneLine
from environments.base import Stop

_WAKE = "input keyevent KEYCODE_WAKEUP"
_OPEN = "wm dismiss-keyguard"
"""Goes away at once without a PIN; with one it asks for it, which is left to the person."""

_LIMIT_S = 1.5
_POLL_S = 0.03


def wake(line: PhoneLine, stop: Stop) -> str:
    """Wake the phone and put a lock screen without a lock away; return what was done in words."""
    facts, done = _facts(line), []
    if not facts.awake:
        line.ask(_WAKE)
        facts = _until(line, stop, lambda seen: seen.awake)
        if facts.awake:
            done.append("the screen was off and was switched on")
    if facts.awake and facts.locked:
        line.ask(_OPEN)
        facts = _until(line, stop, lambda seen: not seen.locked)
        if not facts.locked:
            done.append("the lock screen was put away")
    return "; ".join(done)


def _until(line: PhoneLine, stop: Stop, holds: Callable[[Facts], bool]) -> Facts:
    until = time.monotonic() + _LIMIT_S
    while True:
        facts = _facts(line)
        if holds(facts) or time.monotonic() >= until:
            return facts
        stop.wait(_POLL_S)


def _facts(line: PhoneLine) -> Facts:
    return facts_in(line.ask(FACTS).text)
