"""Guesses at the next tokens, copied from what this run has said before.

Responsible for finding the passage that was written last time after the same words (n-gram lookup,
as in transformers' prompt lookup decoding, but over the run's own replies only: its prompt is full
of picture pads and of words that are not the model's). A guess costs a few rows of one forward pass
and can never change a greedy reply: what the model would not have said is thrown away.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

GUESSED = 7
"""Most tokens of one guess; with the one that is due it fills a pass of eight."""

LONGEST, SHORTEST = 4, 2
"""How many of the last tokens must have been written before."""

WORD = 4
"""Bytes of a token: replies are searched as bytes, which is done in C."""

REMEMBERED = 16
"""Replies that are looked through."""


class Drafts:
    """The run's own replies, newest last."""

    def __init__(self) -> None:
        self._replies: list[bytes] = []

    def remember(self, reply: Sequence[int]) -> None:
        """Take the tokens of a finished reply."""
        self._replies = [*self._replies, _packed(reply)][-REMEMBERED:]

    def copy(self) -> Drafts:
        """Return the same replies for a second conversation."""
        twin = Drafts()
        twin._replies = self._replies  # Never changed in place.
        return twin

    def guess(self, written: Sequence[int]) -> list[int]:
        """Return what followed the last tokens of a reply when they were written last time."""
        if not written:
            return _unpacked(self._replies[-1][: GUESSED * WORD]) if self._replies else []
        for length in range(min(LONGEST, len(written)), SHORTEST - 1, -1):
            tail = _packed(written[-length:])
            for reply in reversed(self._replies):
                at = _last_place(reply, tail)
                if at is not None:
                    return _unpacked(reply[at : at + GUESSED * WORD])
        return []


def _last_place(reply: bytes, tail: bytes) -> int | None:
    """Return the index behind the last place of a tail that something follows."""
    found = reply.rfind(tail, 0, len(reply) - WORD)
    while found % WORD and found > 0:  # Bytes of two neighbours may look like a token.
        found = reply.rfind(tail, 0, found + len(tail) - 1)
    return None if found < 0 or found % WORD else found + len(tail)


def _packed(tokens: Sequence[int]) -> bytes:
    return array("i", tokens).tobytes()


def _unpacked(words: bytes) -> list[int]:
    return array("i", words).tolist()
