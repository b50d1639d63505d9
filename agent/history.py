"""How much of the past a conversation shows: the named policies.

Responsible for the numbers behind a name. Which steps that means is the context's to work out; what
leaving a picture out of the cache means is the engine's.

A window that slides by one screenshot a step changes the prompt near its start every time, so that
nothing behind it can be kept. These policies change it seldom or never:

- append: every screenshot stays until the room is used up, then the older half goes at once;
- hysteresis: grows to ``most`` screenshots, then is cut back to ``least`` at once; what the model
  says is exactly what it would say without a cache;
- evict: nothing in the prompt goes, but the cache forgets the rows of all but the newest pictures.
  Later tokens have seen them, so replies are not exactly those of a fresh read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from environments.errors import ConfigError

FORMS = "append, hysteresis:LEAST-MOST (such as hysteresis:2-8) or evict:KEPT (such as evict:4)"


@dataclass(frozen=True, slots=True)
class History:
    """A policy.

    Attributes:
        most: past screenshots that are shown at most; None for as many as there is room for.
        least: past screenshots that are left when some are cut.
        keep_images: pictures whose rows the cache keeps; None for all.
    """

    most: int | None = None
    least: int = 0
    keep_images: int | None = None


def parse_history(text: str) -> History:
    """Return the policy that a person named.

    Raises:
        ConfigError: there is none like it.
    """
    name, _, numbers = text.partition(":")
    if name == "append" and not numbers:
        return History()
    if name == "hysteresis" and (found := re.fullmatch(r"(\d{1,3})-(\d{1,3})", numbers)):
        least, most = int(found[1]), int(found[2])
        if least < most:
            return History(most, least)
    if name == "evict" and re.fullmatch(r"[1-9]\d{0,2}", numbers):
        return History(keep_images=int(numbers))
    raise ConfigError(f"There is no history {text!r:.60}; use {FORMS}.")
