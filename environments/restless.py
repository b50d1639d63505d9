"""What moves by itself: carets, clocks, spinners, videos.

Responsible for learning it from looks that were taken while nothing was done, and for telling it
apart from what an action changes. Takes no looks itself and decides nothing about them.

Two kinds are told apart. What comes back to pictures it had before (a caret, a short spinner) is
known by those pictures: a picture never seen there is a change like any other. What is new each
time (a clock, a video) can only be known by its place; changes there are left out, and it is told
that something may be hidden by that.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from environments.base import Frame
from environments.tiles import Tiles, changed_tiles, grown, no_tiles, places, tile, tile_hash

MOST_AREA = 0.25
"""Share of the screen; where more moves by itself, nothing is left out: it may be a whole window
being drawn."""

_LASTING_S = 0.4
"""Between first and last change; what an earlier action set in motion mostly ends sooner."""

_LONG_SILENCE = 2.5
"""Times its usual interval; what has kept still for longer moves no more."""

_LONGEST_INTERVAL_S = 1.6
"""Clocks tick each second, carets turn each half second."""

_CARET_PX = 3
"""Widest caret; what is so narrow and turns once is taken for one."""

_MOST_PICTURES, _MOST_TIMES = 16, 12


@dataclass(slots=True)
class _Past:
    """What one tile did: when it changed, and its pictures."""

    times_s: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_TIMES))
    pictures: OrderedDict[int, None] = field(default_factory=OrderedDict)
    changes: int = 0
    new: int = 1
    caret: tuple[int, int] | None = None

    def changed(self, now_s: float, picture: int) -> None:
        self.times_s.append(now_s)
        self.changes += 1
        self.new += picture not in self.pictures
        self.pictures[picture] = None
        self.pictures.move_to_end(picture)
        if len(self.pictures) > _MOST_PICTURES:
            self.pictures.popitem(last=False)

    def interval_s(self) -> float:
        """Return the usual time between two changes."""
        if len(self.times_s) == 1:
            return _LONGEST_INTERVAL_S
        return float(median(np.diff(np.array(self.times_s))))

    def returns(self) -> bool:
        """Tell whether it has come back to its pictures so often that all of them are known."""
        needed = 1 if self.caret else 2
        return self.changes >= needed and self.new <= max(2, self.changes // 4)

    def moves(self, now_s: float) -> bool:
        """Tell whether it moves by itself, and still does."""
        if self.caret and self.returns() and now_s - self.times_s[-1] <= _LONGEST_INTERVAL_S:
            return True
        if len(self.times_s) < (2 if self.returns() else 3):
            return False
        interval_s, lasted_s = self.interval_s(), self.times_s[-1] - self.times_s[0]
        silence_s = now_s - self.times_s[-1]
        return (
            interval_s <= _LONGEST_INTERVAL_S
            and lasted_s >= _LASTING_S
            and silence_s <= max(0.25, _LONG_SILENCE * interval_s)
        )


@dataclass(frozen=True, slots=True)
class Calm:
    """What may be left out of a comparison; the empty one leaves out nothing.

    Attributes:
        pictures: for tiles known by their pictures, those pictures.
        places: the tiles known by their place only.
        paces_s: for both, the usual time between two changes.
        narrow: those as narrow as a caret, with its first and last column within the tile.
    """

    pictures: Mapping[tuple[int, int], frozenset[int]] = field(default_factory=dict)
    places: frozenset[tuple[int, int]] = frozenset()
    paces_s: Mapping[tuple[int, int], float] = field(default_factory=dict)
    narrow: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.paces_s)

    def split(self, changed: Tiles, frame: Frame) -> tuple[Tiles, Tiles]:
        """Return the tiles whose change counts, and those that only moved by themselves."""
        left_out = np.zeros_like(changed)
        for place in self._within(changed):
            known = self.pictures.get(place)
            left_out[place] = known is None or tile_hash(frame, *place) in known
        return changed & ~left_out, left_out

    def turned(self, changed: Tiles, before: Frame, after: Frame) -> Tiles:
        """Return those of the tiles in which only a caret has turned, whatever stands beside it."""
        found = np.zeros_like(changed)
        for place in self._within(changed):
            if place in self.narrow:
                first, last = self.narrow[place]
                columns = _columns(tile(before, *place), tile(after, *place))
                found[place] = len(columns) and first <= columns[0] and columns[-1] <= last
        return found

    def by_place(self, tiles: Tiles) -> Tiles:
        """Return those of the tiles that are known by their place only, so may hide something."""
        kept = np.zeros_like(tiles)
        for place in self._within(tiles):
            kept[place] = place in self.places
        return kept

    def silent(self, expected_s: NDArray[np.float64]) -> Tiles:
        """Return the tiles that usually change more often than is said for each."""
        found = np.zeros(expected_s.shape, np.bool_)
        for place, usual_s in self.paces_s.items():
            if _is_in(place, found):
                found[place] = usual_s <= expected_s[place]
        return found

    def carets(self, shape: tuple[int, ...]) -> Tiles:
        """Return the tiles in which a caret blinks."""
        found = np.zeros(shape, np.bool_)
        for place in self.narrow:
            if _is_in(place, found):
                found[place] = True
        return found

    def _within(self, tiles: Tiles) -> Iterator[tuple[int, int]]:
        if self:
            for place in places(tiles):
                if place in self.paces_s:
                    yield place


class Restless:
    """Learns from looks while nothing is done, and keeps what it learnt over actions elsewhere."""

    def __init__(self) -> None:
        self._pasts: dict[tuple[int, int], _Past] = {}
        self._last: Frame | None = None
        self._paused_at_s: float | None = None

    def look(self, frame: Frame, now_s: float) -> None:
        """Take in a look; what changed since the look before did so by itself."""
        last = self._last
        if last is not None and last.shape != frame.shape:
            self._pasts.clear()
        elif last is not None and last is not frame:
            for place in places(changed_tiles(last, frame)):
                self._changed(place, last, frame, now_s)
        self._last = frame

    def calm(self, now_s: float) -> Calm:
        """Return what moves by itself at present; nothing, if that is too much of the screen."""
        if self._last is None:
            return Calm()
        moving = {place: past for place, past in self._pasts.items() if past.moves(now_s)}
        if len(moving) > MOST_AREA * no_tiles(self._last).size:
            return Calm()
        return Calm(
            {place: frozenset(past.pictures) for place, past in moving.items() if past.returns()},
            frozenset(place for place, past in moving.items() if not past.returns()),
            {place: past.interval_s() for place, past in moving.items()},
            {p: past.caret for p, past in moving.items() if past.caret and past.returns()},
        )

    def pause(self, now_s: float) -> None:
        """Something is being done from now on; changes are no longer the screen's own."""
        if self._paused_at_s is None:
            self._paused_at_s = now_s

    def resume(self, frame: Frame, now_s: float, acted: Tiles | None) -> None:
        """Nothing is done any more; ``acted`` are the tiles that the action changed.

        What is in them and around them is another picture now, so nothing is known of it.
        """
        if acted is None or (self._last is not None and self._last.shape != frame.shape):
            self._pasts.clear()
        else:
            for place in places(grown(acted)):
                self._pasts.pop(place, None)
        self._shift(now_s)
        self._last = frame

    def _shift(self, now_s: float) -> None:
        # The time in between counts for nothing: it was not watched.
        if self._paused_at_s is not None:
            passed_s, self._paused_at_s = now_s - self._paused_at_s, None
            for past in self._pasts.values():
                past.times_s = deque((at + passed_s for at in past.times_s), maxlen=_MOST_TIMES)

    def _changed(self, place: tuple[int, int], last: Frame, frame: Frame, now_s: float) -> None:
        past = self._pasts.get(place)
        if past is None:
            past = self._pasts[place] = _Past()
            past.pictures[tile_hash(last, *place)] = None
            past.caret = _narrow(tile(last, *place), tile(frame, *place))
        past.changed(now_s, tile_hash(frame, *place))


def _columns(before: Frame, after: Frame) -> NDArray[np.intp]:
    return np.flatnonzero((before != after).any(axis=(0, 2)))


def _narrow(before: Frame, after: Frame) -> tuple[int, int] | None:
    """Return first and last column that changed, if they are no further apart than a caret's."""
    columns = _columns(before, after)
    if not len(columns) or columns[-1] - columns[0] >= _CARET_PX:
        return None
    return int(columns[0]), int(columns[-1])


def _is_in(place: tuple[int, int], tiles: Tiles) -> bool:
    rows, columns = tiles.shape
    return bool(place[0] < rows and place[1] < columns)
