"""Text that can be edited: characters, caret and selection of one field, and how it breaks lines.

Responsible for editing as Android's text fields do it. Draws nothing and knows no screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from environments.practice.canvas import font


@cache
def glyph_width(character: str) -> float:
    """Return the width of one character in pixels, as it is drawn."""
    return font().getlength(drawable(character))


def drawable(text: str) -> str:
    """Return what of a text can be drawn in one line: blanks for what has no glyph of its own."""
    return "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else " " for c in text)


def broken(text: str, width: int) -> list[tuple[int, int]]:
    """Return where each line begins and ends when a text is broken to a width in pixels.

    Breaks after newlines, at blanks where there is one, else anywhere.
    """
    lines, start, blank, used = [], 0, -1, 0.0
    for at, character in enumerate(text):
        if character == "\n":
            lines.append((start, at))
            start, blank, used = at + 1, -1, 0.0
            continue
        used += glyph_width(character)
        if used > width and at > start:
            cut = blank + 1 if blank >= start else at
            lines.append((start, cut))
            start, blank = cut, -1
            used = sum(map(glyph_width, text[start : at + 1]))
        if character == " ":
            blank = at
    return [*lines, (start, len(text))]


def _nothing(text: str) -> None:
    """Do nothing about a change."""


def _stay() -> None:
    """Do nothing about the action key."""


@dataclass
class Field:
    """An editable text; the selection reaches from ``anchor`` to ``caret``.

    ``on_change`` hears every new text, ``on_action`` the enter key of a field with one line.
    """

    label: str
    text: str = ""
    many_lines: bool = False
    password: bool = False
    on_change: Callable[[str], None] = _nothing
    on_action: Callable[[], None] = _stay
    caret: int = 0
    anchor: int = 0

    def __post_init__(self) -> None:
        """Put the caret behind the text."""
        self.place(len(self.text))

    @property
    def selection(self) -> tuple[int, int]:
        """Start and end of what is selected, equal if nothing is."""
        return min(self.caret, self.anchor), max(self.caret, self.anchor)

    @property
    def selected(self) -> str:
        """The text that is selected."""
        start, end = self.selection
        return self.text[start:end]

    def place(self, at: int) -> None:
        """Put the caret somewhere and select nothing."""
        self.caret = self.anchor = min(max(at, 0), len(self.text))

    def select_all(self) -> None:
        """Select the whole text."""
        self.anchor, self.caret = 0, len(self.text)

    def select_word(self, at: int) -> None:
        """Select the word around a character."""
        start = end = min(max(at, 0), len(self.text))
        while start > 0 and not self.text[start - 1].isspace():
            start -= 1
        while end < len(self.text) and not self.text[end].isspace():
            end += 1
        self.anchor, self.caret = start, end

    def write(self, text: str) -> None:
        """Put a text in place of the selection; enter ends a field that has one line."""
        parts = [text] if self.many_lines else text.split("\n")
        for number, part in enumerate(parts):
            if number:
                self.on_action()
            if part or self.selected:
                self._put(part, *self.selection)

    def erase(self, step: int) -> None:
        """Erase the selection, else the character before (-1) or after (1) the caret."""
        start, end = self.selection
        if start == end:
            start, end = sorted((self.caret, min(max(self.caret + step, 0), len(self.text))))
        if start != end:
            self._put("", start, end)

    def clear(self) -> None:
        """Erase everything."""
        if self.text:
            self._put("", 0, len(self.text))

    def _put(self, text: str, start: int, end: int) -> None:
        self.text = self.text[:start] + text + self.text[end:]
        self.place(start + len(text))
        self.on_change(self.text)
