"""What goes wrong on the practice phone, and when.

Responsible for the schedule: which fault strikes at the n-th look and at the n-th input, decided by
the seed alone, or ordered one by one. How a fault shows is the device's and the server's.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Occasion = Literal["look", "input", "tree"]


class Kind(StrEnum):
    """One way to go wrong; ``amount`` is seconds unless said otherwise."""

    SLOW_FRAME = "slow frame"
    """A look takes ``amount`` longer."""
    CUT_FRAME = "cut frame"
    """A look ends after ``amount`` (0 to 1) of its bytes, as if all were there."""
    NO_FRAME = "no frame"
    """A look fails with what screencap says then."""
    DROP = "drop"
    """The line is cut: in the middle of a look, or before an input was felt."""
    DROP_AFTER = "drop after"
    """The line is cut when the input was felt and before its answer."""
    OFFLINE = "offline"
    """The line is cut, and for ``amount`` nobody answers a new one."""
    UNAUTHORISED = "unauthorised"
    """The line is cut, and for ``amount`` the person has to allow debugging anew."""
    ROTATE = "rotate"
    """The phone is turned: right after a look, or right before an input is felt."""
    SECURE = "secure"
    """For ``amount`` the window in front lets nobody take a screenshot."""
    NO_INJECTION = "no injection"
    """For ``amount`` input is refused, as by "USB debugging (Security settings)" being off."""
    ASLEEP = "asleep"
    """The screen goes off after a look."""
    SLOW_TREE = "slow tree"
    """A dump of the window takes ``amount`` longer."""
    NO_TREE = "no tree"
    """A dump of the window fails, as on a screen that never rests."""


AT: Mapping[Occasion, tuple[Kind, ...]] = {
    "look": (
        *(Kind.SLOW_FRAME, Kind.CUT_FRAME, Kind.NO_FRAME, Kind.DROP, Kind.OFFLINE),
        *(Kind.UNAUTHORISED, Kind.ROTATE, Kind.SECURE, Kind.ASLEEP),
    ),
    "tree": (Kind.SLOW_TREE, Kind.NO_TREE),
    "input": (Kind.DROP, Kind.DROP_AFTER, Kind.OFFLINE, Kind.ROTATE, Kind.NO_INJECTION),
}
"""Which faults can strike when."""

_AMOUNTS: Mapping[Kind, tuple[float, float]] = {
    Kind.SLOW_FRAME: (0.2, 1.5),
    Kind.SLOW_TREE: (0.2, 3.0),
    Kind.CUT_FRAME: (0.02, 0.98),
    Kind.OFFLINE: (0.5, 2.0),
    Kind.UNAUTHORISED: (0.5, 2.0),
    Kind.SECURE: (0.5, 2.0),
    Kind.NO_INJECTION: (0.5, 2.0),
}
"""Lowest and highest amount; a fault without one has none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that strikes."""

    kind: Kind
    amount: float = 0.0


class Faults:
    """The schedule of one phone.

    The n-th occasion of its kind depends on nothing but seed, kind and n, so that a client that
    looks more often meets the same faults at the same looks.
    """

    def __init__(self, seed: int = 0, rates: Mapping[Kind, float] | None = None) -> None:
        """``rates`` are probabilities per occasion at which the kind can strike."""
        self._seed = seed
        self._rates = dict(rates or {})
        self._counts: dict[Occasion, int] = dict.fromkeys(AT, 0)
        self._ordered: dict[Occasion, deque[Fault | None]] = {one: deque() for one in AT}
        self._lock = threading.Lock()
        self.struck: list[tuple[Occasion, int, Fault]] = []

    def order(self, occasion: Occasion, *faults: Fault | None) -> None:
        """Let these strike at the next occasions, one each; None for an undisturbed one.

        Raises:
            ValueError: the kind cannot strike then.
        """
        for fault in faults:
            if fault is not None and fault.kind not in AT[occasion]:
                raise ValueError(f"A fault {fault.kind!r} cannot strike at an occasion {occasion}.")
        self._ordered[occasion].extend(faults)

    def draw(self, occasion: Occasion) -> Fault | None:
        """Return what strikes at this occasion, which is counted by the call."""
        with self._lock:
            number = self._counts[occasion]
            self._counts[occasion] += 1
            ordered = self._ordered[occasion]
            fault = ordered.popleft() if ordered else self._scheduled(occasion, number)
            if fault is not None:
                self.struck.append((occasion, number, fault))
            return fault

    def _scheduled(self, occasion: Occasion, number: int) -> Fault | None:
        chance = random.Random(f"{self._seed}/{occasion}/{number}")
        for kind in AT[occasion]:
            if chance.random() < self._rates.get(kind, 0.0):
                low, high = _AMOUNTS.get(kind, (0.0, 0.0))
                return Fault(kind, chance.uniform(low, high))
        return None
