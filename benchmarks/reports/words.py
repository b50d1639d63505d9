"""Results files as what a page says of them: suites, runs, groups, reasons, stages.

Responsible for figures and words, all of them finished. Knows no markup.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.base import Kind, TaskResult
from benchmarks.comparison import compare, recorded
from benchmarks.header import Header
from benchmarks.references import Table, beside
from benchmarks.report import (
    Tally,
    notes,
    score_line,
    stage_medians,
    standing,
    tally,
    work_medians,
)
from benchmarks.results import Record
from environments.errors import ConfigError

LETTERS = "ABCDEF"
REASONS = 12
REASON_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Dot:
    """A rate with its interval as places on an axis, in percent of its width, and in words."""

    at: float
    low: float
    high: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A length in percent of the longest, and what it stands for in words."""

    length: float
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One run's figures on one group of tasks; no dot where no episode counts."""

    letter: str
    dot: Dot | None
    steps: Bar
    seconds: Bar


@dataclass(frozen=True, slots=True)
class Row:
    """One group of tasks, a cell for each run that has it."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why episodes did not succeed, how often in one run."""

    letter: str
    kind: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Played:
    """One run as the page tells it."""

    letter: str
    file: str
    header: Header
    tally: Tally
    dot: Dot | None
    score: str
    stages: tuple[Bar, ...]
    work: tuple[str, ...]
    """What the model did in a step ("12 tokens generated")."""
    standing: tuple[str, ...]
    """What is missing of the run, and of which protocol it is only a part."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Published figures, and whether a run on the page follows their protocol."""

    table: Table
    same_as: tuple[str, ...]
    """Letters of the runs that do."""
    marked: str
    """What differs where none does, in two words."""
    partly: str
    """Which runs rest on only some of its episodes or were asked otherwise, in words."""


@dataclass(frozen=True, slots=True)
class Section:
    """Everything about one suite."""

    suite: str
    runs: tuple[Played, ...]
    rows: tuple[Row, ...]
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]
    comparison: tuple[str, ...]
    references: tuple[Reference, ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...]
    """The headers side by side: name of a field, and its value in each run."""


def sections(paths: Sequence[Path]) -> list[Section]:
    """Read files and return what is said of each suite, in the order given.

    Raises:
        ConfigError: a file is not there or is no results file, or a suite has too many of them.
    """
    suites: dict[str, list[tuple[str, Record]]] = {}
    for path in paths:
        record = recorded(path)
        assert record.header is not None
        suites.setdefault(record.header.suite, []).append((path.name, record))
    return [_section(suite, files) for suite, files in suites.items()]


def _section(suite: str, files: Sequence[tuple[str, Record]]) -> Section:
    if len(files) > len(LETTERS):
        raise ConfigError(
            f"A page shows at most {len(LETTERS)} runs of a suite; there are {len(files)} of "
            f"{suite}."
        )
    named = list(zip(LETTERS, files, strict=False))
    headers = [record.header for _, record in files if record.header]
    runs = tuple(_played(letter, name, record) for letter, (name, record) in named)
    results = {letter: list(record.results.values()) for letter, (_, record) in named}
    return Section(
        suite,
        runs,
        _rows(results),
        tuple(reason for letter, mine in results.items() for reason in _reasons(letter, mine)),
        tuple(dict.fromkeys(note for header in headers for note in notes(header))),
        _compared([record for _, record in files]),
        _references(runs),
        _fields(headers),
    )


def _played(letter: str, name: str, record: Record) -> Played:
    assert record.header is not None
    results = list(record.results.values())
    stages = stage_medians(results)
    longest = max(stages.values(), default=0)
    return Played(
        letter,
        name,
        record.header,
        tally(results),
        _dot(results),
        score_line(results),
        tuple(_bar(ms, longest, f"{stage} {ms:.3g} ms") for stage, ms in stages.items()),
        tuple(f"{n:g} {name.replace('_', ' ')}" for name, n in work_medians(results).items()),
        standing(record.header, results),
    )


def _rows(results: dict[str, list[TaskResult]]) -> tuple[Row, ...]:
    """Return a row for each group, those with the lowest rate first."""
    groups: dict[str, dict[str, list[TaskResult]]] = {}
    for letter, mine in results.items():
        for result in mine:
            groups.setdefault(result.group, {}).setdefault(letter, []).append(result)
    every = [members for cells in groups.values() for members in cells.values()]
    steps, seconds = _longest(map(_steps, every)), _longest(map(_seconds, every))
    order = sorted(groups, key=lambda group: (_rate(groups[group]), group))
    return tuple(
        Row(
            group,
            tuple(
                Cell(
                    letter,
                    _dot(members),
                    _median_bar(_steps(members), steps, "g"),
                    _median_bar(_seconds(members), seconds, ".3g"),
                )
                for letter, members in groups[group].items()
            ),
        )
        for group in order
    )


def _rate(cells: dict[str, list[TaskResult]]) -> float:
    return tally(result for members in cells.values() for result in members).rate


def _steps(results: Sequence[TaskResult]) -> float | None:
    return _middle([len(result.steps_ms) for result in results if result.kind.counts])


def _seconds(results: Sequence[TaskResult]) -> float | None:
    return _middle([result.seconds for result in results if result.kind.counts])


def _middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _longest(values: Iterable[float | None]) -> float:
    return max((value or 0.0 for value in values), default=0.0)


def _dot(results: Sequence[TaskResult]) -> Dot | None:
    count = tally(results)
    if not count.played:
        return None
    low, high = count.interval
    return Dot(_place(count.rate), _place(low), _place(high), count.words())


def _place(share: float) -> float:
    """Return where a share from 0 to 1 stands on an axis with room for its ends."""
    return round(2 + 96 * share, 2)


def _bar(value: float, longest: float, words: str) -> Bar:
    return Bar(round(100 * value / longest, 2) if longest else 0.0, words)


def _median_bar(value: float | None, longest: float, form: str) -> Bar:
    """Return the bar of a median, which is none where nothing counts."""
    return Bar(0.0, "-") if value is None else _bar(value, longest, format(value, form))


def _reasons(letter: str, results: Sequence[TaskResult]) -> list[Reason]:
    failed = [result for result in results if result.kind is not Kind.SUCCESS]
    found = Counter((result.kind.value, _short(result.reason)) for result in failed)
    return [
        Reason(letter, kind, words, count) for (kind, words), count in found.most_common(REASONS)
    ]


def _short(text: str) -> str:
    """Return a reason on one line, its numbers left out so that equal ones are counted together."""
    line = re.sub(r"\d+", "#", " ".join(text.split())) or "no reason was given"
    return line if len(line) <= REASON_LETTERS else f"{line[:REASON_LETTERS]} ..."


def _compared(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the paired comparison where there are just two runs with common episodes."""
    if len(records) != 2:  # noqa: PLR2004 - a pair
        return ()
    try:
        lines = compare(records[0], records[1], ("", "")).lines()
    except ConfigError as error:
        return (str(error).strip(" and"),)
    return tuple(line for line in lines if not line.startswith(("A:", "B:", "  ")))


def _references(runs: Sequence[Played]) -> tuple[Reference, ...]:
    if not runs:
        return ()
    found = [_reference(table, runs) for table in beside(runs[0].header)]
    return tuple(sorted(found, key=lambda each: not (each.same_as or each.partly)))


def _reference(table: Table, runs: Sequence[Played]) -> Reference:
    same = tuple(run.letter for run in runs if table.follows(run.header, run.tally.played))
    part = [
        f"{run.letter} {run.header.part(run.tally.played, table.episodes)}"
        for run in runs
        if table.is_meant(run.header) and run.letter not in same
    ]
    other = [
        f"{run.letter} was asked otherwise" for run in runs if table.has_other_words(run.header)
    ]
    marked = (
        "Not the whole protocol" if part else "Other instructions" if other else "Another protocol"
    )
    return Reference(table, same, marked, ", ".join([*part, *other]))


def _fields(headers: Sequence[Header]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    flat = [header.flat() for header in headers]
    names = dict.fromkeys(name for each in flat for name in each)
    rows = ((name, tuple(str(each.get(name, "") or "") for each in flat)) for name in names)
    return tuple(row for row in rows if any(row[1]))
