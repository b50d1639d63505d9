"""Two results files side by side, on the episodes that both have.

Responsible for pairing by key, for what the two runs differ in, and for the tests. What broke in
one of them is left out and counted; what is compared is told in words as well as for machines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.base import Kind, TaskResult
from benchmarks.differences import WHO_PLAYS, decisive, fields_of
from benchmarks.intervals import bootstrap_mean, sign_test
from benchmarks.report import tally
from benchmarks.results import Record, ResultLog
from environments.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Pairs:
    """What came of the episodes that both played.

    Attributes:
        both, only_first, only_second, neither: episodes by who won them.
        p_success: exact McNemar test, two-sided.
        difference: mean of (second - first) over the scores.
        interval: its 95 % bootstrap interval.
        p_score: exact sign test on the scores, two-sided; equal ones do not count.
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    p_success: float
    difference: float
    interval: tuple[float, float]
    p_score: float

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return self.both + self.only_first + self.only_second + self.neither


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two files compared.

    Attributes:
        names: of the files.
        differs: what differs in their headers, a line for each field.
        sides: the results of each on the common episodes.
        pairs: the same, paired.
        left_out: why episodes were left out, with how many.
    """

    names: tuple[str, str]
    differs: tuple[str, ...]
    sides: tuple[tuple[TaskResult, ...], tuple[TaskResult, ...]]
    pairs: Pairs
    left_out: Mapping[str, int]

    @property
    def unlike(self) -> list[str]:
        """What differs beside who played, and decides results."""
        return decisive(self.differs, WHO_PLAYS)

    def lines(self) -> list[str]:
        """Return it in words for a terminal."""
        found = self.pairs
        told = [f"A: {self.names[0]}", f"B: {self.names[1]}"]
        told += [f"  {line}" for line in self.differs] or ["  The headers say the same."]
        if self.unlike:
            told.append(
                f"NOT played under the same conditions ({fields_of(self.unlike)}): what differs "
                "below may come from them."
            )
        told += [
            f"{letter} {tally(side).words()}" for letter, side in zip("AB", self.sides, strict=True)
        ]
        told.append(
            f"{found.count} pairs: both won {found.both}, only A {found.only_first}, only B "
            f"{found.only_second}, neither {found.neither}"
        )
        told.append(f"success: exact McNemar test p = {found.p_success:.3g}")
        low, high = found.interval
        told.append(
            f"score: B - A = {found.difference:+.3f} [{low:+.3f}, {high:+.3f}], exact sign test "
            f"p = {found.p_score:.3g}"
        )
        return told + [f"left out: {count} {why}" for why, count in self.left_out.items() if count]

    def data(self) -> dict[str, Any]:
        """Return it for machines."""
        sides = {letter: tally(side).data() for letter, side in zip("AB", self.sides, strict=True)}
        pairs = asdict(self.pairs) | {"count": self.pairs.count}
        about = {"files": list(self.names), "differs": list(self.differs)}
        about["unlike"] = self.unlike
        return about | sides | {"pairs": pairs, "left_out": dict(self.left_out)}


def compare_files(first: Path, second: Path) -> Comparison:
    """Compare two results files.

    Raises:
        ConfigError: one is not there or holds no header, or they have no episode in common.
    """
    one, other = recorded(first), recorded(second)
    return compare(one, other, (str(first), str(second)))


def recorded(path: Path) -> Record:
    """Return what a results file holds.

    Raises:
        ConfigError: it is not there, or is none.
    """
    if not path.is_file():
        raise ConfigError(
            f"There is no results file {path}; each run of 'deskhand bench' prints where it is."
        )
    record = ResultLog(path).record()
    if record.header is None:
        raise ConfigError(f"{path} is no results file: its first record must be a header.")
    return record


def compare(one: Record, other: Record, names: tuple[str, str]) -> Comparison:
    """Compare two records.

    Raises:
        ConfigError: they have no episode in common that both played to its end.
    """
    assert one.header is not None
    assert other.header is not None
    keys = [key for key in one.results if key in other.results]
    counted = [k for k in keys if one.results[k].kind.counts and other.results[k].kind.counts]
    if not counted:
        raise ConfigError(
            f"{names[0]} and {names[1]} have no episode in common that both played to its end; "
            "compare runs of the same suite and seeds."
        )
    left_out = {
        "only in A": len(one.results) - len(keys),
        "only in B": len(other.results) - len(keys),
        "broke or were stopped in one of them": len(keys) - len(counted),
    }
    mine = tuple(one.results[key] for key in counted)
    theirs = tuple(other.results[key] for key in counted)
    differs = tuple(one.header.differences(other.header))
    return Comparison(names, differs, (mine, theirs), paired(mine, theirs), left_out)


def paired(first: Sequence[TaskResult], second: Sequence[TaskResult]) -> Pairs:
    """Return the tests on two lists of the same episodes in the same order."""
    won = [
        (a.kind is Kind.SUCCESS, b.kind is Kind.SUCCESS) for a, b in zip(first, second, strict=True)
    ]
    only_first, only_second = won.count((True, False)), won.count((False, True))
    gains = [(b.score or 0.0) - (a.score or 0.0) for a, b in zip(first, second, strict=True)]
    return Pairs(
        both=won.count((True, True)),
        only_first=only_first,
        only_second=only_second,
        neither=won.count((False, False)),
        p_success=sign_test(only_first, only_second),
        difference=sum(gains) / len(gains),
        interval=bootstrap_mean(gains),
        p_score=sign_test(sum(g < 0 for g in gains), sum(g > 0 for g in gains)),
    )
