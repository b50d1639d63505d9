"""Guesses at the next tokens, copied from what this run has said before.

Responsible for finding the passage that was written last time after the same words (n-gram lookup,
as in transformers' prompt lookup decoding, but over the run's own replies only: its prompt is full
of picture pads and of words that are not the model's). A guess costs a few rows of one forward pass
and can never change a greedy reply: what the model would not have said is thrown away.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import takewhile

GUESSED = 7
"""Most tokens of one guess; with the one that is due it fills a pass of eight."""

LONGEST, SHORTEST = 4, 2
"""How many of the last tokens must have been written before."""

WORD = 4
"""Bytes of a token: replies are searched as bytes, which is done in C."""

REMEMBERED = 16
"""Replies that are looked through."""

NO_TOKEN = -1
END = array("i", [NO_TOKEN]).tobytes()


class Drafts:
    """The run's own replies, newest last, and all of them as one text with ends between them."""

    def __init__(self) -> None:
        self._replies: list[bytes] = []
        self._said = b""

    def remember(self, reply: Sequence[int]) -> None:
        """Take the tokens of a finished reply."""
        self._replies = [*self._replies, _packed(reply)][-REMEMBERED:]
        self._said = END.join([*self._replies, b""])

    def copy(self) -> Drafts:
        """Return the same replies for a second conversation."""
        twin = Drafts()
        twin._replies, twin._said = self._replies, self._said  # Never changed in place.
        return twin

    def guess(self, written: Sequence[int]) -> list[int]:
        """Return what followed the last tokens of a reply when they were written last time."""
        if not written:
            return _unpacked(self._replies[-1][: GUESSED * WORD]) if self._replies else []
        tail = _packed(written[-LONGEST:])
        while len(tail) >= SHORTEST * WORD:
            found = self._followed(tail)
            if found:
                return found
            tail = tail[WORD:]
        return []

    def _followed(self, tail: bytes) -> list[int]:
        """Return what followed the last place of a tail that something follows in its reply."""
        end = len(self._said)
        while (found := self._said.rfind(tail, 0, end)) >= 0:
            at, end = found + len(tail), found + len(tail) - 1
            if found % WORD or self._said.startswith(END, at):
                continue  # Bytes of two neighbours may look like a token.
            next_tokens = _unpacked(self._said[at : at + GUESSED * WORD])
            return list(takewhile(lambda token: token != NO_TOKEN, next_tokens))
        return []


def _packed(tokens: Sequence[int]) -> bytes:
    return array("i", tokens).tobytes()


def _unpacked(words: bytes) -> list[int]:
    return array("i", words).tolist()
