"""Tasks of our own in OSWorld's format; every file that they need is made here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from benchmarks.suites.osworld.files import LOCAL

OWN_FOLDER = Path(__file__).parent


class OwnFiles:
    """The files of our own tasks, made when they are asked for, always the same."""

    def find(self, url: str) -> bytes | None:
        """Return the file behind "local:NAME", None where there is none."""
        return _made(url.removeprefix(LOCAL)) if url.startswith(LOCAL) else None


@cache
def _made(name: str) -> bytes | None:
    from benchmarks.suites.osworld.own.assets import MAKERS

    return MAKERS[name]() if name in MAKERS else None
