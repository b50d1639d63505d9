"""Reading the runs that the journal has written.

Responsible for where a run's files lie and for turning them into values. Changes nothing, and says
honestly what it finds: a run whose process died is interrupted, one that cannot be read is damaged.
What of an interrupted run can still be used is ``resume``'s to find out.

A run is a folder RUNS/ID with ``journal.sqlite`` (WAL), ``images/HASH.png`` (one file for each
different picture) and ``alive.sqlite``, which the writing process holds locked while it lives.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Json, TypeAdapter

from agent.outcome import Outcome
from environments.effects import Effect
from environments.errors import JournalError

JOURNAL, IMAGES, ALIVE = "journal.sqlite", "images", "alive.sqlite"

RunStatus = Literal["success", "failed", "unknown", "stopped", "running", "interrupted", "damaged"]

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
"""What a full or write-protected disk says also to a reader, who has to write an index."""

_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,80}")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _or_empty(value: object) -> object:
    return "" if value is None else value


class ResumptionRecord(_Record):
    """That a run was taken up again: when, at which step, and what had to be said about it."""

    at: str
    step: int
    note: str


class ToolRecord(_Record):
    """A tool as the model was told of it; the fields are those of ``ToolSpec``."""

    name: str
    description: str
    parameters: dict[str, Any]
    input_schema: dict[str, Any]


class SpokenRecord(_Record):
    """How the model was spoken to from a step on.

    Attributes:
        step: the first step for which it holds.
        profile: name of the profile.
        grid: the largest coordinate, or the fields of ``ResizedPixels``.
        tools: what it was offered, in order.
    """

    step: int
    profile: str
    grid: Json[int | dict[str, Any]]
    tools: Json[tuple[ToolRecord, ...]]


class CallRecord(_Record):
    """One call: the intent, and what came of it (nothing, if the process died in between).

    ``decision`` is what the rules made of it, and what a person answered.
    """

    step: int
    name: str
    arguments: Json[dict[str, Any]]
    announced_at: str
    ended_at: str | None = None
    content: str | None = None
    is_error: bool | None = None
    effect: Effect | None = None
    point_px: Json[tuple[int, int]] | None = None
    image: str | None = None
    timings_ms: Json[dict[str, float]] | None = None
    decision: str | None = None


class StepRecord(_Record):
    """One step; ``image`` is what the model looked at, a file name in the run's images folder.

    It is empty while the model has not replied, and for good if the process died then.
    """

    number: int
    at: str
    image: Annotated[str, BeforeValidator(_or_empty)] = ""
    foreground: str | None = None
    reply: str | None = None
    thought: str | None = None
    error: str | None = None
    timings_ms: Json[dict[str, float]] | None = None
    counters: Json[dict[str, int]] | None = None
    calls: tuple[CallRecord, ...] = ()


class RunSummary(_Record):
    """One line of ``deskhand runs list``; times are ISO 8601 in UTC."""

    id: str
    status: RunStatus
    reason: str
    task: str = ""
    model: str = ""
    environment: str = ""
    started_at: str = ""
    ended_at: str | None = None
    steps: int = 0


class RunRecord(_Record):
    """A whole run as it was written; ``outcome`` is None while it runs or if it was interrupted.

    ``covered`` says that every picture of it was covered before it was saved, where it had to be.
    ``spoken`` is empty for runs that were recorded before it was written.
    """

    folder: Path
    summary: RunSummary
    outcome: Outcome | None
    steps: tuple[StepRecord, ...]
    resumptions: tuple[ResumptionRecord, ...] = ()
    covered: bool = False
    spoken: tuple[SpokenRecord, ...] = ()

    def picture(self, image: str) -> Path:
        """Return where a picture of this run lies."""
        return self.folder / IMAGES / image


def list_runs(runs: Path) -> list[RunSummary]:
    """Return all runs, the newest first; one that cannot be read is listed as damaged.

    Raises:
        JournalError: the folder itself cannot be read.
    """
    try:
        names = sorted((entry.name for entry in runs.iterdir() if entry.is_dir()), reverse=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError(f"The folder of runs {runs} cannot be read ({error}).") from error
    return [_summary_or_damage(runs, name) for name in names if _RUN_ID.fullmatch(name)]


def summary_of(runs: Path, run_id: str) -> RunSummary:
    """Return how one run stands, without its steps.

    Raises:
        JournalError: there is no such run, or its journal is damaged.
    """
    folder = folder_of(runs, run_id)
    with _opened(folder) as database:
        return _summary(database, folder)[0]


def load_run(runs: Path, run_id: str) -> RunRecord:
    """Return one run with its steps and calls.

    Raises:
        JournalError: there is no such run, or its journal is damaged.
    """
    folder = folder_of(runs, run_id)
    with _opened(folder) as database:
        summary, outcome = _summary(database, folder)
        calls = [CallRecord.model_validate(row) for row in _rows(database, "calls", "id")]
        steps = tuple(
            StepRecord.model_validate(
                {**row, "calls": [call for call in calls if call.step == row["number"]]}
            )
            for row in _rows(database, "steps", "number")
        )
        resumptions = _later(database, "resumptions")
        covered = _later(database, "covered")
        spoken = _later(database, "spoken")
    return RunRecord(
        folder=folder,
        summary=summary,
        outcome=outcome,
        steps=steps,
        resumptions=tuple(map(ResumptionRecord.model_validate, resumptions)),
        covered=bool(covered),
        spoken=tuple(map(SpokenRecord.model_validate, spoken)),
    )


def raw_rows(folder: Path, table: str, order: str) -> list[dict[str, Any]]:
    """Return the rows of a table as they stand there, also those that make no sense.

    Raises:
        JournalError: the journal is damaged as a whole.
    """
    with _opened(folder) as database:
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        return list(_rows(database, table, order))


def folder_of(runs: Path, run_id: str) -> Path:
    """Return where a run's files lie.

    Raises:
        JournalError: there is no such run.
    """
    folder = runs / run_id
    if not _RUN_ID.fullmatch(run_id) or not folder.is_dir():
        raise JournalError(f"There is no run {run_id!r:.90}; see: deskhand runs list")
    return folder


def _summary_or_damage(runs: Path, run_id: str) -> RunSummary:
    try:
        return summary_of(runs, run_id)
    except JournalError as error:
        return RunSummary(id=run_id, status="damaged", reason=str(error))


def _summary(database: sqlite3.Connection, folder: Path) -> tuple[RunSummary, Outcome | None]:
    row = next(_rows(database, "run", "id"), None)
    if row is None:
        raise JournalError(f"The journal of run {folder.name} is damaged (it says nothing).")
    text = row.pop("outcome")
    row.pop("settings", None)
    outcome = TypeAdapter(Outcome).validate_json(text) if text else None
    count = database.execute("SELECT count(*) FROM steps").fetchone()[0]
    status, reason = (outcome.status, outcome.reason) if outcome else _without_outcome(folder)
    return RunSummary(**row, status=status, reason=reason, steps=count), outcome


def _without_outcome(folder: Path) -> tuple[RunStatus, str]:
    if _is_locked(folder / ALIVE):
        return "running", "The run is still going on."
    return "interrupted", "The process ended before the run did; what it wrote until then is here."


def _is_locked(lock: Path) -> bool:
    if not lock.is_file():
        return False
    with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as database:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return True
    return False


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a journal for reading; whatever is wrong with it becomes one sentence."""
    address = f"file:{quote(str(folder / JOURNAL))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.row_factory = sqlite3.Row
            yield database
    except (sqlite3.Error, ValueError, LookupError, OSError) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
            raise JournalError(
                f"The journal of run {folder.name} cannot be read just now ({error}); see whether "
                "the disk is full or write-protected. Nothing in it was changed."
            ) from error
        fault = f"{type(error).__name__}: {error}".splitlines()[0]
        raise JournalError(
            f"The journal of run {folder.name} is damaged ({fault}); "
            f"its pictures are still in {folder / IMAGES}."
        ) from error


def _later(database: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table that older journals do not have."""
    known = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone()
    return list(_rows(database, table, "rowid")) if known else []


def _rows(database: sqlite3.Connection, table: str, order: str) -> Iterator[dict[str, Any]]:
    for row in database.execute(f"SELECT * FROM {table} ORDER BY {order}"):
        yield {key: row[key] for key in row.keys() if (table, key) != ("calls", "id")}  # noqa: SIM118
