"""Runs as files for other programs: one line of JSON for each run and step, and the pictures.

Responsible for the format. ``runs.jsonl`` holds for each run a line of kind "run" and then one of
kind "step" for each of its steps, with its calls; pictures are PNG files of the screen's own size,
named relative to the folder, or null where one is gone. Points in ``arguments`` are in the model's
grid, ``point_px`` is in pixels of the step's picture. What is handed on is redacted; a picture
from which nothing has to be taken is the very file that the run saved.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.archive import CallRecord, RunRecord, StepRecord
from agent.reports.redaction import Redaction, redacted, redaction_of
from agent.reports.shots import covered_picture
from environments.errors import ConfigError

LINES = "runs.jsonl"
PICTURES = "pictures"
FORMAT = 1
"""Raised whenever a field changes its meaning or goes."""


def export(records: Sequence[RunRecord], folder: Path) -> Path:
    """Write runs into a new or empty folder and return the path of the lines.

    The lines are put in their place last, so a folder that has them has everything.

    Raises:
        ConfigError: the folder holds something, or cannot be written.
    """
    lines = (line for record in records for line in _lines(record, folder))
    return written(lines, folder, LINES)


def written(lines: Iterable[Mapping[str, Any]], folder: Path, name: str) -> Path:
    """Write lines of JSON into a new or empty folder, and return their path.

    Raises:
        ConfigError: the folder holds something, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError(f"The folder {folder} is not empty; name a new one with --to.")
        part = folder / f"{name}.part"
        with part.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return part.replace(folder / name)
    except OSError as error:
        raise ConfigError(f"The runs cannot be exported to {folder} ({error}).") from error


def _lines(original: RunRecord, folder: Path) -> Iterator[dict[str, Any]]:
    redaction = redaction_of(original)
    record = redacted(original, redaction)
    outcome = asdict(record.outcome) if record.outcome else None
    about = record.summary.model_dump(mode="json")
    yield {"kind": "run", "format": FORMAT, **about, "outcome": outcome}
    pictures = Pictures(record, redaction, folder)
    for step in record.steps:
        yield _step_line(step, record.summary.id, pictures)


def _step_line(step: StepRecord, run_id: str, pictures: Pictures) -> dict[str, Any]:
    about = step.model_dump(mode="json", exclude={"image", "calls"})
    calls = [_call(call, pictures) for call in step.calls]
    return {
        "kind": "step",
        "run": run_id,
        **about,
        "picture": pictures.written(step.image),
        "calls": calls,
    }


def _call(call: CallRecord, pictures: Pictures) -> dict[str, Any]:
    about = call.model_dump(mode="json", exclude={"image", "step"})
    return about | {"picture": pictures.written(call.image) if call.image else None}


class Pictures:
    """The pictures of one run, each written when it is first named."""

    def __init__(self, record: RunRecord, redaction: Redaction, folder: Path) -> None:
        """Write them below a folder."""
        self._record, self._redaction, self._folder = record, redaction, folder
        self._names: dict[str, str | None] = {}

    def written(self, image: str) -> str | None:
        """Return where a picture lies in the folder, None if it is gone or damaged."""
        if image not in self._names:
            name = f"{PICTURES}/{self._record.summary.id}/{image}"
            self._names[image] = name if self._write(image, self._folder / name) else None
        return self._names[image]

    def _write(self, image: str, path: Path) -> bool:
        try:
            picture = covered_picture(self._record, image, self._redaction)
        except ConfigError:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        boxes = self._redaction.boxes(image)
        if boxes is not None and not boxes:
            shutil.copyfile(self._record.picture(image), path)
        else:
            picture.save(path, "PNG")
        return True
