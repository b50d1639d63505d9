"""Keeping the values of secrets out of everything that is stored, told or shown.

Responsible for texts, with the usual encodings of a value, and for the words of looks and results.
What is hidden in pictures is found in ``tools.masking``.
"""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from urllib.parse import quote, quote_plus

_SHORTEST = 3
"""Pieces of an encoded value that are shorter than this would be found everywhere."""


class Redactor:
    """Knows the values of one run; safe to be asked from any thread."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, name: str, value: str) -> None:
        """Hide this value from now on."""
        fresh = dict(self._names)
        for spelling in spellings(value):
            fresh.setdefault(spelling, name)
        self._names = fresh
        longest = sorted(fresh, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest)), re.IGNORECASE)

    @property
    def knows(self) -> bool:
        """Whether there is anything to hide."""
        return self._pattern is not None

    def text(self, text: str) -> str:
        """Return a text with the name of each secret in place of its value."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(self._hidden, text)

    def holds(self, text: str) -> bool:
        """Tell whether a value stands in a text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def __repr__(self) -> str:
        return f"Redactor({len(set(self._names.values()))} secrets)"

    def __reduce__(self) -> str:
        raise TypeError("A redactor knows secrets and is not written down.")

    def _hidden(self, match: re.Match[str]) -> str:
        known = self._names.get(match[0]) or next(
            (n for s, n in self._names.items() if s.casefold() == match[0].casefold()), "?"
        )
        return f"[secret {known}]"


def spellings(value: str) -> frozenset[str]:
    """Return the ways in which a value is written in the artefacts of a run."""
    raw = value.encode("utf-8", "surrogatepass")
    found = {
        value,
        unicodedata.normalize("NFC", value),
        unicodedata.normalize("NFD", value),
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        html.escape(value),
        html.escape(value, quote=False),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(value))[3:-3],
        repr(value)[1:-1],
        raw.hex(),
    }
    found |= {piece for piece in _base64(raw) if len(piece) >= _SHORTEST}
    return frozenset(spelling for spelling in found if spelling)


def _base64(raw: bytes) -> set[str]:
    """Return the value in base64, alone and wherever it stands in something longer."""
    pieces = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    pieces |= {base64.b32encode(raw).decode(), *(p.rstrip("=") for p in pieces)}
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
        # Letters that hold bits of the neighbours are left out at both ends.
        first = (0, 2, 3)[shift]
        whole = (shift + len(raw)) * 8 // 6
        piece = encoded[first:whole]
        pieces |= {piece, piece.replace("+", "-").replace("/", "_")}
    return pieces
