"""One HTML file for one run, or for two side by side, that needs nothing beside itself.

Responsible for putting words and pictures into the template, and for what the page may do: a
Content-Security-Policy forbids it scripts, forms and every address but its own pictures, so even
markup that got in could do nothing. The template escapes whatever it is given.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from agent.archive import RunRecord, StepRecord
from agent.pictures import RING
from agent.reports.redaction import Redaction, redacted, redaction_of
from agent.reports.shots import Camera, Shot
from agent.reports.words import (
    Mark,
    Stage,
    StepWords,
    asked,
    marks,
    readable,
    stages,
    step_words,
    summary,
)
from agent.reports.writing import filled, written

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{style}'; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One step of one run as it stands on the page; without a shot if its picture is gone."""

    words: StepWords
    shot: Shot | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What was done at the same number: a cell for each run, None where one had ended."""

    number: int
    cells: tuple[Cell | None, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Column:
    """What a page says of one run above its steps, and the look that it ended with."""

    letter: str
    status: str
    summary: dict[str, str]
    stages: tuple[Stage, ...]
    last: Shot | None


def write_report(path: Path, records: Sequence[RunRecord]) -> int:
    """Write the page of one run, or of two to compare, and return its size in bytes.

    Raises:
        ConfigError: it cannot be written there.
    """
    return written(path, render(records))


def render(records: Sequence[RunRecord]) -> str:
    """Return the page; nothing of a record gets onto it unredacted."""
    told = [_redacted(record) for record in records]
    camera = Camera(sum(len(record.steps) + 1 for record, _ in told))
    rows = _rows(told, camera)
    columns = [_column(*each, camera, letter) for each, letter in zip(told, "AB", strict=False)]
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    return filled(
        _HERE,
        policy=_POLICY.format(style=_fingerprint(style)),
        style=style,
        title=_title([record.summary.task for record, _ in told]),
        rows=rows,
        columns=columns,
        ring=RING,
        parting=next((row.number for row in rows if row.differs), None),
    )


def _redacted(record: RunRecord) -> tuple[RunRecord, Redaction]:
    redaction = redaction_of(record)
    return redacted(record, redaction), redaction


def _title(tasks: Sequence[str]) -> str:
    same = len(set(tasks)) == 1
    return (readable(tasks[0]) or "A task without words") if same else "Two tasks compared"


def _rows(told: Sequence[tuple[RunRecord, Redaction]], camera: Camera) -> list[Row]:
    return [
        Row(
            number,
            tuple(
                _cell(record, step, redaction, camera) if step else None
                for step, (record, redaction) in zip(steps, told, strict=True)
            ),
            differs=any(asked(step) != asked(steps[0]) for step in steps),
        )
        for number, steps in enumerate(zip_longest(*(record.steps for record, _ in told)), 1)
    ]


def _cell(record: RunRecord, step: StepRecord, redaction: Redaction, camera: Camera) -> Cell:
    shot = camera.shot(record, step.image, redaction)
    pointed = marks(step.calls, shot.width_px, shot.height_px) if shot else ()
    return Cell(step_words(step, record.resumptions), shot, pointed)


def _column(record: RunRecord, redaction: Redaction, camera: Camera, letter: str) -> Column:
    seen = {step.image for step in record.steps[-1:]}
    looks = [call.image for step in record.steps[-1:] for call in step.calls if call.image]
    last = looks[-1] if looks and looks[-1] not in seen else None
    return Column(
        letter,
        record.summary.status,
        summary(record),
        stages(record),
        camera.shot(record, last, redaction) if last else None,
    )


def _fingerprint(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode()
