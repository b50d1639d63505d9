"""Asking a person: what is asked, what was heard, and the seam to whoever asks.

Responsible for the values on both sides of ``Person.ask``, and for nothing being hidden in what a
person reads. How a person is reached (terminal, notification, command line) is the upper layer's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol

Purpose = Literal["approve", "ask", "take over", "secret"]
YES, NO = "yes", "no"

LONGEST = 4_000
"""Letters of a question: what is agreed to is shown whole, and nobody reads more than that."""

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
"""Letters and marks that count as printable and show nothing."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question to a person.

    Attributes:
        purpose: "approve" one call, "ask" something, "take over" for a while, or tell a "secret".
        text: what the person reads; names taken from the screen stand in it as quoted data.
        options: answers to choose from; empty where any text will do.
        limit_s: seconds after which no answer counts as none.
    """

    purpose: Purpose
    text: str
    options: tuple[str, ...] = ()
    limit_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a person answered.

    Attributes:
        text: the answer; None if there was none.
        how: where it came from ("at the terminal"), or why there is none ("no answer in 120 s").
    """

    text: str | None
    how: str

    @property
    def is_yes(self) -> bool:
        """Whether it is a clear yes; anything else is a no."""
        return self.text is not None and self.text.strip().casefold() in ("yes", "y")


class Person(Protocol):
    """Whoever can be asked."""

    def ask(self, inquiry: Inquiry) -> Heard:
        """Ask one question and wait for the answer, at most as long as it says.

        Raises:
            Stopped: a stop was asked for while the question was open.
        """
        ...


class Nobody:
    """The person who is not there."""

    def ask(self, inquiry: Inquiry) -> Heard:
        """Answer nothing."""
        return Heard(None, "nobody is there to ask")


def visible(text: str) -> str:
    r"""Return a text with everything spelled out that would not show, or would turn what shows.

    Line ends, control characters, marks of direction and unseen letters become ``\u{...}``; where
    that stands in the text itself its backslash is doubled, so that nobody can pretend.
    """
    return "".join(
        char if char.isprintable() and not _UNSEEN.match(char) else f"\\u{{{ord(char):x}}}"
        for char in text.replace("\\u{", "\\\\u{")
    )
