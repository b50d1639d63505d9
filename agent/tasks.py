"""Many tasks from a file: one JSON object a line.

Responsible for reading the file and for refusing a line that makes no sense before anything starts.
Who does the tasks, and where, is ``agent.pool``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.config import RunSettings, settings_from
from agent.practice import screen_for
from environments.errors import ConfigError

MOST_BYTES = 16 * 1024 * 1024


class Line(BaseModel):
    """One task; what it does not say is as it stands on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str = ""
    expect: str | None = None
    template: str | None = None
    seed: int | None = None
    max_steps: int | None = None
    minutes: float | None = None
    name: Annotated[str, Field(max_length=80)] = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A task to be done: its name for people, and the settings of its run."""

    name: str
    settings: RunSettings


def read_jobs(path: Path, shared: dict[str, object]) -> Sequence[Job]:
    """Return the tasks of a file; ``shared`` is what the command line says for all of them.

    Raises:
        ConfigError: the file cannot be read, is empty, or a line is no task; it is named.
    """
    jobs = []
    for number, text in enumerate(_lines(path), 1):
        if text.strip():
            jobs.append(_job(number, text, path, shared))
    if not jobs:
        raise ConfigError(f'{path} holds no task; write lines such as {{"task": "Open the notes"}}')
    return jobs


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path} is larger than {MOST_BYTES >> 20} MiB; split it.")
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ConfigError(f"There is no file {path}; name one with a JSON object a line.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"The tasks in {path} cannot be read: {error}.") from error


def _job(number: int, text: str, path: Path, shared: dict[str, object]) -> Job:
    try:
        line = Line.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"Line {number} of {path} is no task ({where}{': ' if where else ''}{first['msg']}); "
            'write {"task": "...", "expect": "...", "seed": 1}.'
        ) from None
    said = line.model_dump(exclude={"name"}, exclude_defaults=True)
    if line.template and not shared.get("on"):
        said["on"] = screen_for(line.template)
    try:
        settings = settings_from(**{**shared, **said})
    except ConfigError as error:
        raise ConfigError(f"Line {number} of {path}: {error}") from None
    return Job(line.name or line.task[:60] or f"{line.template}, seed {settings.seed}", settings)
