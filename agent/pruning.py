"""Old runs make room for new ones.

Responsible for which runs are due, by age and by how much all of them take, and for deleting those.
A run that goes on is never touched (``deleting`` holds its lock), nor is the newest one; one that
was interrupted can still be resumed, so it goes by its age alone.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.archive import list_runs
from agent.deleting import delete_run
from environments.errors import ConfigError, JournalError

CONFIG, SECTION = "config.toml", "runs"
DAY_S, MEGABYTE = 86_400.0, 1_000_000


class Keeping(BaseModel):
    """What is kept; 0 keeps everything. Section ``[runs]`` of the person's config.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_days: Annotated[float, Field(ge=0, le=36_500, allow_inf_nan=False)] = 90
    """Days since a run was last written."""
    keep_megabytes: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = 10_000
    """All runs together; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was deleted.

    Attributes:
        runs: ids, oldest first.
        bytes: how much that gave back.
        faults: what could not be deleted, in sentences.
    """

    runs: tuple[str, ...] = ()
    bytes: int = 0
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    id: str
    status: str
    written_s: float
    bytes: int


def read_keeping(path: Path | None = None) -> Keeping:
    """Return what the person's configuration says, or the defaults where it says nothing.

    Raises:
        ConfigError: the file cannot be read, or says something that makes no sense.
    """
    import platformdirs

    path = path or Path(platformdirs.user_config_dir("deskhand")) / CONFIG
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Keeping()
    except (OSError, ValueError) as error:
        raise ConfigError(f"The configuration {path} cannot be read ({error}).") from error
    try:
        return Keeping.model_validate(said.get(SECTION, {}))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, (SECTION, *first["loc"])))
        raise ConfigError(f"{name} in {path} is not usable: {first['msg']}.") from error


def due(runs: Path, keeping: Keeping, now_s: float) -> list[str]:
    """Return the runs that may go, oldest first.

    Raises:
        JournalError: the folder of runs cannot be read.
    """
    found = sorted(_found(runs), key=lambda run: run.written_s)
    old = [run for run in found[:-1] if run.status != "running" and _is_old(run, keeping, now_s)]
    return [run.id for run in (*old, *_too_much(found, old, keeping))]


def prune(
    runs: Path, keeping: Keeping, clock: Callable[[], float] = time.time, dry: bool = False
) -> Pruned:
    """Delete the runs that are due; with ``dry`` only say which.

    Raises:
        JournalError: the folder of runs cannot be read.
    """
    gone, freed, faults = [], 0, []
    for run_id in due(runs, keeping, clock()):
        try:
            freed += _size(runs / run_id) if dry else delete_run(runs, run_id)
            gone.append(run_id)
        except JournalError as error:  # It was taken up in this very moment, or may not be deleted.
            faults.append(str(error))
    return Pruned(tuple(gone), freed, tuple(faults))


def _found(runs: Path) -> list[_Kept]:
    return [
        _Kept(run.id, run.status, _written_s(runs / run.id), _size(runs / run.id))
        for run in list_runs(runs)
        if not (runs / run.id).is_symlink()
    ]


def _is_old(run: _Kept, keeping: Keeping, now_s: float) -> bool:
    return bool(keeping.keep_days) and now_s - run.written_s > keeping.keep_days * DAY_S


def _too_much(found: Sequence[_Kept], old: Sequence[_Kept], keeping: Keeping) -> list[_Kept]:
    """Return the oldest runs that have to go besides ``old``, so that the others are few enough."""
    left = sum(run.bytes for run in found) - sum(run.bytes for run in old)
    chosen = []
    for run in found[:-1]:
        if not keeping.keep_megabytes or left <= keeping.keep_megabytes * MEGABYTE:
            break
        if run not in old and run.status not in ("running", "interrupted"):
            chosen.append(run)
            left -= run.bytes
    return chosen


def _written_s(folder: Path) -> float:
    """Return when a run was last written; that somebody read it does not count."""
    files = [path for path in folder.iterdir() if not path.name.endswith("-shm")]
    return max(path.stat().st_mtime for path in files or [folder])


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
