"""Published figures beside ours, each with its source and how far it can be compared.

Responsible for reading ``data/references.toml`` and for saying which rows follow the protocol of a
run. Judges no figure.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from benchmarks.header import Header

FILE = Path(__file__).parent / "data" / "references.toml"


class Table(BaseModel):
    """Figures of one source under one protocol; the file's first lines explain the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    title: str
    episodes: int = 0
    presets: tuple[str, ...]
    reworded: tuple[str, ...] = ()
    protocol: str
    differs: str
    source: str
    standing: Literal["published", "rerun", "measured", "unverified"]
    figures: tuple[tuple[str, str], ...]

    def follows(self, header: Header, counted: int) -> bool:
        """Tell whether a run of ours follows the same protocol, but for ``differs``.

        It plays all episodes of the protocol and no others, and all of them (``counted``) have a
        result that says something.
        """
        whole = self.episodes in (0, header.episodes) and header.is_whole
        return self.is_meant(header) and whole and counted == header.episodes

    def is_meant(self, header: Header) -> bool:
        """Tell whether a run of ours has the same preset, perhaps on some of its episodes only."""
        return header.suite == self.suite and header.preset in self.presets

    def has_other_words(self, header: Header) -> bool:
        """Tell whether a run of ours asked the same in other instructions."""
        return header.suite == self.suite and header.preset in self.reworded


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    table: tuple[Table, ...]


@cache
def references() -> tuple[Table, ...]:
    """Return all tables of the file that ships with Deskhand."""
    return _File.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8"))).table


def beside(header: Header) -> list[Table]:
    """Return the tables of a run's suite, those of the same protocol first."""
    mine = [table for table in references() if table.suite == header.suite]
    return sorted(mine, key=lambda table: not table.is_meant(header))
