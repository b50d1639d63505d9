"""What may differ between two headers, and what of it matters.

Responsible for telling a circumstance from what decides a result, and for the words. Compares
nothing: the lines come from ``Header.differences``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

CIRCUMSTANCES = frozenset({"started", "machine", "workers", "notes"})
"""Fields that may differ between two sittings of the same run; they do not decide a result."""
WHO_PLAYS = frozenset({"agent", "model", "checkpoint", "profile", "prompt"})
"""Fields that differ between two runs which are compared for just that."""
MOST_TOLD = 4
"""In one sentence; of the others only the names."""


def decisive(differences: Iterable[str], beside: Collection[str] = ()) -> list[str]:
    """Return those of ``Header.differences`` that decide results, those ``beside`` left out."""
    left_out = CIRCUMSTANCES.union(beside)
    return [line for line in differences if _field(line).partition(".")[0] not in left_out]


def fields_of(differences: Iterable[str]) -> str:
    """Return the names of the fields that differ."""
    return ", ".join(map(_field, differences))


def _field(difference: str) -> str:
    return difference.partition(":")[0]


def told(differences: Sequence[str]) -> str:
    """Return differences in one line: field, there, here; of the last ones only the names."""
    rest = fields_of(differences[MOST_TOLD:])
    return "; ".join([*differences[:MOST_TOLD], *([f"as well as {rest}"] if rest else [])])
