"""What a check of the doctor returns.

Responsible for the words that all checks share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "problem"]
"""A note is something that is not there and not needed for everything; a problem is in the way."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``cure`` is empty when there is nothing to do."""

    about: str
    level: Level
    text: str
    cure: str = ""
