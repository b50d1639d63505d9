"""What a clipboard holds: bytes under the names of types.

Responsible for the values that the reading and the serving side share, and for the names under
which plain text is offered. Talks to no display.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CLIPBOARD = "CLIPBOARD"

ABOUT = frozenset({"TARGETS", "TIMESTAMP", "MULTIPLE", "SAVE_TARGETS"})
"""Targets that say something about the clipboard; its owner answers them by itself."""

ORDERS = frozenset({"DELETE", "INSERT_SELECTION", "INSERT_PROPERTY"})
"""Targets that make the owner do something (ICCCM, section 2.6.3); nobody may ask for them only to
look."""

CHUNK_BYTES = 1 << 17
"""Larger contents go in pieces (ICCCM, section 2.7.2); a request of X holds 256 KiB at most."""


@dataclass(frozen=True, slots=True)
class Value:
    """One content.

    Attributes:
        kind: name of the type it came with ("UTF8_STRING", "image/png", "ATOM").
        bits: 8, 16 or 32: the unit in which it is made of.
        data: the bytes, with units of 16 and 32 bits in the byte order of this machine.
    """

    kind: str
    bits: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """Everything one owner offers; ``values`` by the name of the target."""

    values: Mapping[str, Value]


NOTHING = Content(MappingProxyType({}))


def text_content(text: str) -> Content:
    """Return a text as programs ask for it.

    The hint keeps clipboard managers from storing what only passes through
    (https://phabricator.kde.org/D12539, honoured by Klipper, CopyQ, GPaste and others).
    """
    data = text.encode()
    values = {
        "UTF8_STRING": Value("UTF8_STRING", 8, data),
        "text/plain;charset=utf-8": Value("text/plain;charset=utf-8", 8, data),
        "text/plain": Value("text/plain", 8, data),
        "TEXT": Value("UTF8_STRING", 8, data),
        "x-kde-passwordManagerHint": Value("x-kde-passwordManagerHint", 8, b"secret"),
    }
    if all(ord(character) <= 0xFF for character in text):  # noqa: PLR2004 - Latin 1
        values["STRING"] = Value("STRING", 8, text.encode("latin-1"))
    return Content(values)


TEXT_TARGETS = frozenset(
    {"UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "TEXT", "STRING"}
)
