"""One conversation in the cache: which tokens were read, and where the next one stands.

Responsible for what is known of a cached prefix (token ids as they were read, pictures with their
hashes, positions) and for finding out how much of a prompt is in it. Runs no network.

The rows of an old picture can be left out of the cache (``forget_pictures``). Later tokens have
seen it, so replies are no longer those of a fresh read; keys are stored rotated and rotary
positions are relative, so the gap itself does no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from agent.models.qwen3_vl.cache import KeyValues
from agent.models.qwen3_vl.positions import ImageSpan, advance
from agent.models.qwen3_vl.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that was read: its place among the tokens and what it was."""

    span: ImageSpan
    key: str
    forgotten: bool = False


@dataclass(slots=True, eq=False)
class Session:
    """The prefix that the cache holds.

    Attributes:
        rows: keys and values; one row per token, but none for those of forgotten pictures.
        ids: the tokens, verbatim.
        shown: its pictures, in order.
    """

    rows: KeyValues
    ids: list[int] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    @classmethod
    def empty(cls, text: Any, capacity: int) -> Self:
        """Return a session with room for ``capacity`` tokens of a language model."""
        return cls(KeyValues(text, capacity))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def next_position(self) -> int:
        """Rotary position of the token that would be read next."""
        return advance(len(self.ids), [picture.span for picture in self.shown])

    def append(self, ids: Sequence[int], shown: Sequence[Shown] = ()) -> None:
        """Note what the network has just read; its rows are written."""
        self.ids += ids
        self.shown += shown
        self.rows.length += len(ids)

    def shared_with(self, prompt: Prompt, keep: int | None = None) -> int:
        """Return how many tokens at the start of a prompt are in the cache as they stand there.

        Never a part of a picture, and none behind a picture that is forgotten although it would
        still be among the newest ``keep``.
        """
        shared = _equal_tokens(self.ids, prompt.ids, min(len(self.ids), len(prompt.ids)))
        known = {picture.span.start: picture for picture in self.shown}
        for span, key in prompt.keyed_spans:
            picture = known.get(span.start)
            same = picture is not None and (picture.span, picture.key) == (span, key)
            if span.start < shared and (not same or span.end > shared):
                shared = span.start
                break
        return self._with_newest(shared, keep)

    def _with_newest(self, shared: int, keep: int | None) -> int:
        if keep is None:
            return shared
        before = [picture for picture in self.shown if picture.span.end <= shared]
        missing = [p.span.start for p in before[max(0, len(before) - keep) :] if p.forgotten]
        return self._with_newest(min(missing), keep) if missing else shared

    def rollback(self, length: int) -> None:
        """Forget the tokens from ``length`` on; a picture that would be cut goes whole."""
        while self.shown and self.shown[-1].span.end > length:
            length = min(length, self.shown.pop().span.start)
        self.rows.crop(self._row(length))
        del self.ids[length:]

    def fork(self, text: Any) -> Session:
        """Return a session of its own with the same prefix."""
        twin = Session(KeyValues(text, self.rows.capacity), list(self.ids), list(self.shown))
        twin.rows.copy_from(self.rows)
        return twin

    def forget_pictures(self, keep: int) -> int:
        """Leave the rows of all but the newest ``keep`` pictures out; return how many went."""
        old = self.shown[: max(0, len(self.shown) - keep)]
        gone = 0
        for index, picture in enumerate(old):
            if not picture.forgotten:
                start, end = self._row(picture.span.start), self._row(picture.span.end)
                self.rows.remove(start, end)
                self.shown[index] = Shown(picture.span, picture.key, forgotten=True)
                gone += 1
        return gone

    def _row(self, token: int) -> int:
        """Return the row of a token; forgotten pictures before it have none."""
        gone = [p.span for p in self.shown if p.forgotten and p.span.start < token]
        return token - sum(span.end - span.start for span in gone)


def _equal_tokens(first: Sequence[int], second: Sequence[int], most: int) -> int:
    """Return the length of the common prefix, by halving: slices compare at the speed of C."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if list(first[low:middle]) == list(second[low:middle]):
            low = middle
        else:
            high = middle - 1
    return low
