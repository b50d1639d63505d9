"""Moments on disk: worlds that are slow to show are played once and learnt from often.

Responsible for the files; one holds the moments of some tasks, a line each. Plays nothing.
"""

from __future__ import annotations

import base64
import contextlib
import io
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from agent.training.moments import Moment
from environments.base import Kind
from environments.errors import ConfigError, DeviceError
from environments.geometry import Screen
from environments.practice.widgets import Target

SUFFIX = ".moments.jsonl"
TASKS_A_FILE = 100

Play = Callable[[int], Iterable[Moment]]
"""Plays the task of a seed; raises LookupError where it cannot be solved any more."""


_Target = tuple[str, str, tuple[int, int, int, int]]
"""Label, role and box."""


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: Kind
    picture: str
    """PNG, base64."""
    size: tuple[int, int]
    """Width and height of the screen in input points."""
    instruction: str
    lines: tuple[str, ...]
    thought: str
    arguments: dict[str, Any]
    at: tuple[int, int] | None
    targets: tuple[_Target, ...]
    labels: tuple[_Target, ...]


def record(play: Play, seeds: range, folder: Path) -> Iterator[int]:
    """Play the tasks of seeds, and yield after each file how many moments it holds.

    A file that is there already is not made again. What cannot be solved any more, or breaks, ends
    its task and nothing else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(seeds.start, seeds.stop, TASKS_A_FILE):
        path = folder / f"{first}{SUFFIX}"
        if not path.exists():
            some = range(first, min(first + TASKS_A_FILE, seeds.stop))
            yield write_moments(path, (moment for seed in some for moment in _played(play, seed)))


def _played(play: Play, seed: int) -> Iterator[Moment]:
    with contextlib.suppress(LookupError, DeviceError):
        yield from play(seed)


def write_moments(path: Path, moments: Iterable[Moment]) -> int:
    """Write a file, whole or not at all, and return how many moments it holds."""
    lines = [_line(moment).model_dump_json() for moment in moments]
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(path)
    return len(lines)


def read_moments(path: Path, rng: random.Random | None = None) -> Iterator[Moment]:
    """Yield what a file holds, in an order of chance if there is one.

    One at a time becomes a picture: a file of large ones would take gigabytes.

    Raises:
        ConfigError: it is damaged.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
        for line in rng.sample(lines, len(lines)) if rng else lines:
            yield _moment(_Line.model_validate_json(line))
    except (OSError, ValueError) as error:
        raise ConfigError(f"The moments in {path} cannot be read; record them again.") from error


def recorded(folder: Path, rng: random.Random) -> Iterator[Moment]:
    """Yield recorded moments without end, file after file in an order of chance.

    Raises:
        ConfigError: there are none, or a file is damaged.
    """
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise ConfigError(
            f"{folder} holds no recorded moments; `deskhand train record` makes them."
        )
    found = True
    while found:
        found = False
        for path in rng.sample(files, len(files)):
            for moment in read_moments(path, rng):
                found = True
                yield moment
    raise ConfigError(f"What was recorded in {folder} holds no moments; record more tasks.")


def _line(moment: Moment) -> _Line:
    from PIL import Image

    png = io.BytesIO()
    Image.fromarray(moment.frame).save(png, "PNG")
    return _Line(
        kind=moment.kind,
        picture=base64.b64encode(png.getvalue()).decode(),
        size=(moment.screen.width_px, moment.screen.height_px),
        instruction=moment.instruction,
        lines=moment.lines,
        thought=moment.thought,
        arguments=dict(moment.arguments),
        at=moment.at,
        targets=tuple((t.label, t.role, t.box) for t in moment.targets),
        labels=tuple((t.label, t.role, t.box) for t in moment.labels),
    )


def _moment(line: _Line) -> Moment:
    from PIL import Image

    with Image.open(io.BytesIO(base64.b64decode(line.picture))) as picture:
        frame = np.asarray(picture.convert("RGB"))
    return Moment(
        kind=line.kind,
        frame=frame,
        screen=Screen(*line.size),
        instruction=line.instruction,
        lines=line.lines,
        thought=line.thought,
        arguments=line.arguments,
        at=line.at,
        targets=tuple(Target(*each) for each in line.targets),
        labels=tuple(Target(*each) for each in line.labels),
    )
