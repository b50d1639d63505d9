"""What is known about a text that was written.

Responsible for the words about it: by which ways it was written, and whether it was read back.
Writes and reads nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Way = Literal["keys", "lent keys", "clipboard"]


@dataclass(frozen=True, slots=True)
class Written:
    """A text that was sent.

    Attributes:
        text: what was asked for, with newlines as they are typed.
        ways: by which ways it was written, in order of their first use.
        note: what a person may want to know about that, empty if nothing.
        arrived: whether it was found where it was typed; None where nothing could be read back.
    """

    text: str
    ways: tuple[Way, ...]
    note: str = ""
    arrived: bool | None = None

    def noting(self, note: str) -> Written:
        """Return the same with a note."""
        return replace(self, note=note)

    def after(self, text: str, ways: tuple[Way, ...]) -> Written:
        """Return what is known of the whole ``text``, of which this was the rest."""
        both = dict.fromkeys((*ways, *self.ways))
        return replace(self, text=text, ways=tuple(both))

    def read_back(self, found: str | None) -> Written:
        """Return the same with the verdict of the text that is now in the field."""
        if found is None:
            return self
        return replace(self, arrived=_plain(self.text) in _plain(found))

    def sentence(self) -> str:
        """Say it in words, without a full stop."""
        way = f"the text was written by {' and '.join(self.ways)}"
        check = {
            None: "checked by the changed screen only",
            True: "read back: it stands in the field",
            False: "read back: it does not stand in the field as written",
        }[self.arrived]
        return f"{way}, {check}{f' ({self.note})' if self.note else ''}"


def _plain(text: str) -> str:
    # Fields of one line drop newlines and tabs, which there are Enter and Tab.
    return "".join(text.split())
