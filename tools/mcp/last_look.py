"""What each client was shown last, by which its pointing is judged.

Responsible for no client acting on a picture that another has overtaken, and for letting go of old
ones. How a screen is looked at is the environment's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from environments.base import Observation

STALE_S = 30.0
"""An older look is not taken for what the caller sees."""

MOST_LOOKS = 16
"""Pictures are large, and so many clients do not take turns."""


@dataclass(slots=True)
class _Look:
    """What one client was shown, when, and whether another has acted since."""

    seen: Observation
    at_s: float
    is_overtaken: bool = False


class LastLook:
    """What each client was shown last; used by one call at a time."""

    def __init__(
        self, observe: Callable[[], Observation], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Look with ``observe``."""
        self._observe, self._clock = observe, clock
        self._looks: dict[str, _Look] = {}
        self._looker = ""

    def turn_to(self, looker: str) -> None:
        """Look for this client from now on."""
        self._looker = looker

    def current(self) -> Observation:
        """Return what the client was shown last, or a fresh look if that is long ago."""
        look = self._looks.get(self._looker)
        return self.fresh() if look is None or self._is_stale(look) else look.seen

    def is_overtaken(self) -> bool:
        """Tell whether another client has acted on what this one was shown."""
        look = self._looks.get(self._looker)
        return look is not None and look.is_overtaken and not self._is_stale(look)

    def fresh(self) -> Observation:
        """Wait until the screen has settled, and look."""
        look = self._observe()
        self._remember(look)
        return look

    def forget(self) -> None:
        """Look anew next time: a whole task has used the screen."""
        self._looks.pop(self._looker, None)
        self._overtake()

    def shown(self, look: Observation) -> None:
        """Remember what an action of this client left; what others were shown is overtaken."""
        self._overtake()
        self._remember(look)

    def _remember(self, look: Observation) -> None:
        kept = [item for item in self._looks.items() if not self._is_stale(item[1])]
        self._looks = dict(kept[-MOST_LOOKS:]) | {self._looker: _Look(look, self._clock())}

    def _overtake(self) -> None:
        for look in self._looks.values():
            look.is_overtaken = True

    def _is_stale(self, look: _Look) -> bool:
        return self._clock() - look.at_s > STALE_S
