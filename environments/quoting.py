"""Text that stands on a screen, told as data.

Responsible for titles and names that a program chose: whoever is told one must not take it for
words of ours, whatever it holds and however long it is. Reads no screen.
"""

from __future__ import annotations

LONGEST = 60


def on_one_line(text: str) -> str:
    """Return a text without line ends, control characters and marks that turn its direction."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shortened(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = on_one_line(text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def quoted(text: str) -> str:
    """Return the beginning of a text, on one line and in quotation marks."""
    return f"'{shortened(text)}'"
