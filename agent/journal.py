"""A run on disk, as it happens: intent before act, outcome after.

Responsible for writing one run so that nothing already written is lost, whenever the process ends:
every row is with the operating system before the call that wrote it returns, and on the disk before
anything acts and after it has (WAL; full synchronisation for intents and outcomes, which takes
everything before them along). Pictures are encoded beside the run, and a row names one only when it
is in its place. Reading is ``archive``'s. Nothing but secrets is left out: what else was typed and
what the screen showed stand there in plain form.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.archive import ALIVE, IMAGES, JOURNAL
from agent.each_text import each_text
from agent.listener import Listener
from agent.models.base import Reply
from agent.models.profiles.base import Profile
from agent.outcome import Outcome
from agent.parsing import Plan
from agent.step import Step
from environments.base import Observation
from environments.errors import JournalError
from tools.schema import ToolCall, ToolResult, ToolSpec

_SCHEMA = """
CREATE TABLE run (id TEXT, task TEXT, model TEXT, environment TEXT, started_at TEXT,
    ended_at TEXT, outcome TEXT, settings TEXT);
CREATE TABLE steps (number INTEGER PRIMARY KEY, at TEXT, image TEXT, foreground TEXT, reply TEXT,
    thought TEXT, error TEXT, timings_ms TEXT, counters TEXT);
CREATE TABLE calls (id INTEGER PRIMARY KEY, step INTEGER, name TEXT, arguments TEXT,
    announced_at TEXT, ended_at TEXT, content TEXT, is_error INTEGER, effect TEXT, point_px TEXT,
    image TEXT, timings_ms TEXT, decision TEXT);
CREATE TABLE covered (at TEXT);
"""
_SPOKEN = """
CREATE TABLE IF NOT EXISTS spoken (step INTEGER, profile TEXT, grid TEXT, tools TEXT)
"""
_RESUMPTIONS = "CREATE TABLE IF NOT EXISTS resumptions (at TEXT, step INTEGER, note TEXT)"

_PATIENCE_S = 1.0
"""Whoever only looks whether a run goes on holds its lock for a moment."""


class Journal(Listener):
    """The journal of one run; a ``Listener`` for the loop and a ``Recorder`` for the registry.

    Used by one thread at a time. Closes itself with the outcome; as a context manager it closes
    on any way out.
    """

    def __init__(
        self, runs: Path, *, task: str, model: str, environment: str, settings: str | None = None
    ) -> None:
        """Begin a run in a new folder under ``runs``.

        ``settings`` say for a later process how it was started, as JSON; without them nobody can
        resume the run.

        Raises:
            JournalError: the folder or the files cannot be written.
        """
        self._set_up(runs / _new_id())
        about = {"id": self.id, "task": task, "model": model, "environment": environment}
        with self._or_nothing():
            self._database = self._open()
            self._insert("run", about | {"settings": settings, "started_at": _now()})

    def _set_up(self, folder: Path) -> None:
        self.id = folder.name
        self.folder = folder
        self._step = -1
        self._call: int | None = None
        self._durable: bool | None = None
        self._saved: set[str] = set()
        self._unnamed: list[tuple[Future[None], str, str, str]] = []
        self._files = ExitStack()
        self._redact: Callable[[str], str] = _as_it_is

    def hide(self, redact: Callable[[str], str]) -> None:
        """Take out of every text from now on what nobody may read.

        Whoever asks for that also covers every picture; a report can then believe it.
        """
        self._redact = redact
        if self._step < 0:  # Else there are pictures of which nobody knows.
            self._insert("covered", {"at": _now()})

    def spoken(self, profile: Profile, tools: Sequence[ToolSpec]) -> None:
        """Write how the model is spoken to from the next step on, so that it can be told again."""
        grid = profile.grid if isinstance(profile.grid, int) else asdict(profile.grid)
        told = [each_text(_told(tool), self._redact) for tool in tools]
        about = {"step": self._step + 1, "profile": profile.name}
        texts = {"grid": json.dumps(grid), "tools": json.dumps(told, ensure_ascii=False)}
        self._insert("spoken", about | texts)

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        """Let go of the files if they cannot be opened and written."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; may be called twice."""
        self._files.close()

    def _open(self) -> sqlite3.Connection:
        with self._told():
            (self.folder / IMAGES).mkdir(parents=True)
            self._live(self.folder / ALIVE)
            database = self._connected()
            database.executescript(_SCHEMA)
            database.execute(_SPOKEN)
            return database

    def _live(self, lock: Path) -> None:
        """Hold the lock that says that the run goes on."""
        alive = self._files.enter_context(closing(_connect(lock, _PATIENCE_S)))
        alive.execute("BEGIN EXCLUSIVE")

    def _connected(self) -> sqlite3.Connection:
        database = self._files.enter_context(closing(_connect(self.folder / JOURNAL)))
        self._encoder = self._files.enter_context(ThreadPoolExecutor(1))
        database.execute("PRAGMA journal_mode = WAL")
        return database

    def on_observation(self, observation: Observation) -> None:
        """Begin a step with what the model is about to look at."""
        self._step += 1
        front = observation.foreground and self._redact(observation.foreground)
        about = {"number": self._step, "at": _now(), "foreground": front}
        self._insert("steps", about)
        self._picture(observation, "steps", f"number = {self._step}")

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        """Write the reply and what it means before anything acts."""
        with self._at_once():
            self._name_pictures()
            told = {"reply": reply.text, "thought": plan.thought, "error": plan.error}
            self._update_step(**{name: text and self._redact(text) for name, text in told.items()})

    def intent(self, call: ToolCall) -> None:
        """Write what is about to be done."""
        about = {
            "step": self._step,
            "name": self._redact(call.name),
            "arguments": self._json(call.arguments),
        }
        self._call = self._insert("calls", about | {"announced_at": _now()}, durable=True)

    def outcome(self, call: ToolCall, result: ToolResult) -> None:
        """Write what came of the call announced last."""
        values = {
            "ended_at": _now(),
            "content": self._redact(result.content),
            "is_error": result.is_error,
            "effect": result.effect,
            "point_px": json.dumps(result.point_px) if result.point_px else None,
            "timings_ms": _json(result.timings_ms),
            "decision": self._redact(result.decision) or None,
        }
        row = f"id = {self._call}"
        self._update("calls", row, values, durable=True)
        if result.observation:
            self._picture(result.observation, "calls", row)

    def on_step(self, step: Step) -> None:
        """Complete a step with what it cost."""
        self._update_step(timings_ms=_json(step.timings_ms), counters=_json(step.reply.counters))

    def on_outcome(self, outcome: Outcome) -> None:
        """Write how the run ended and close."""
        try:
            # The journal's own failure has been told when it happened; this is one last try.
            with suppress(JournalError) if outcome.ended_by == "journal" else nullcontext():
                self._name_pictures()
                told = asdict(each_text(outcome, self._redact))
                values = {"ended_at": _now(), "outcome": _json(told)}
                self._update("run", "TRUE", values, durable=True)
        finally:
            self.close()

    def _json(self, value: Mapping[str, Any]) -> str:
        # Text by text: names and signs of the format itself may be a secret too.
        return _json(each_text(dict(value), self._redact))

    def _picture(self, observation: Observation, table: str, row: str) -> None:
        """Have a picture saved, once, and its row name it when it is."""
        name = f"{observation.frame_hash}.png"
        save = _save if name not in self._saved else _nothing
        self._saved.add(name)
        done = self._encoder.submit(save, observation, self.folder / IMAGES / name)
        self._unnamed.append((done, name, table, row))

    def _name_pictures(self) -> None:
        """Wait until all pictures are in their places and let their rows name them."""
        unnamed, self._unnamed = self._unnamed, []
        for done, name, table, row in unnamed:
            with self._told():
                done.result()
            self._update(table, row, {"image": name})

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Let several rows reach the operating system together, or none of them."""
        with self._told(), self._database:
            self._database.execute("BEGIN")
            yield

    def _insert(self, table: str, values: Mapping[str, Any], durable: bool = False) -> int | None:
        marks = ", ".join("?" * len(values))
        names = ", ".join(values)
        return self._write(f"INSERT INTO {table} ({names}) VALUES ({marks})", values, durable)

    def _update_step(self, **values: Any) -> None:
        self._update("steps", f"number = {self._step}", values)

    def _update(
        self, table: str, where: str, values: Mapping[str, Any], durable: bool = False
    ) -> None:
        columns = ", ".join(f"{name} = ?" for name in values)
        self._write(f"UPDATE {table} SET {columns} WHERE {where}", values, durable)

    def _write(self, statement: str, values: Mapping[str, Any], durable: bool) -> int | None:
        with self._told():
            if durable is not self._durable:
                self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            cells = [_clean(value) for value in values.values()]
            return self._database.execute(statement, cells).lastrowid

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk says into a sentence for a person."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise JournalError(
                f"The run's journal in {self.folder} cannot be written ({error}); what was "
                "written before is kept. See whether the disk is full or write-protected."
            ) from error


class ReopenedJournal(Journal):
    """The journal of a run whose process died, to be written on by this one.

    Attributes:
        id, folder: as they were.
    """

    def __init__(self, folder: Path) -> None:
        """Take the run over; nobody else can from here on.

        Raises:
            JournalError: it goes on in another process, has ended, is damaged or cannot be written.
        """
        self._set_up(folder)
        with self._or_nothing(), self._told():
            self._take_over(folder / ALIVE)
            self._database = self._checked()
            self._database.execute(_RESUMPTIONS)
            self._database.execute(_SPOKEN)

    def resumed(self, note: str) -> None:
        """Write that the run goes on from here."""
        about = {"at": _now(), "step": self._step + 1, "note": self._redact(note)}
        self._insert("resumptions", about, durable=True)

    def _take_over(self, lock: Path) -> None:
        try:
            self._live(lock)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise JournalError(
                    f"The run {self.id} goes on in another process; watch it with deskhand watch "
                    f"{self.id}, or end it with deskhand stop {self.id}."
                ) from error
            lock.unlink()  # Damaged: nobody can hold it, so nobody does.
            self._live(lock)

    def _checked(self) -> sqlite3.Connection:
        """Open the rows and see that they can be written on."""
        if not (self.folder / JOURNAL).is_file():
            raise JournalError(f"The run {self.id} has no journal any more, so it cannot go on.")
        try:
            database = self._connected()
            fault = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            ended = database.execute("SELECT ended_at, outcome FROM run").fetchone()
            last = database.execute("SELECT max(number) FROM steps").fetchone()[0]
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in _DAMAGE:
                raise
            fault, ended, last = str(error), None, None
        if fault != "ok" or ended is None:
            raise JournalError(
                f"The journal of run {self.id} is damaged ({fault}), so the run cannot go on from "
                f"it; its pictures are still in {self.folder / IMAGES}. Start the task again."
            )
        if ended[1] is not None:
            raise JournalError(
                f"The run {self.id} has ended ({ended[0]}); see: deskhand runs show {self.id}"
            )
        self._step = -1 if last is None else int(last)
        return database


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def _connect(path: Path, timeout_s: float = 5.0) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)


def _save(observation: Observation, path: Path) -> None:
    """Write a picture under its final name only when all of it has been written."""
    import numpy as np
    from PIL import Image

    part = path.with_suffix(".part")
    with part.open("wb") as file:
        # Level 1: whoever waits for it waits for the disk too.
        picture = Image.fromarray(np.ascontiguousarray(observation.frame))
        picture.save(file, "PNG", compress_level=1)
    part.replace(path)


def _nothing(observation: Observation, path: Path) -> None:
    """Stand where a picture is in its place already, so that its turn comes in order."""


def _new_id() -> str:
    """Return an id that sorts by time, to the millisecond."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}{secrets.token_hex(2)}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _json(value: Mapping[str, Any]) -> str:
    # Characters as they are: _clean cannot see half of a surrogate pair that is written as \ud83d.
    return json.dumps(dict(value), default=str, ensure_ascii=False)


def _clean(value: Any) -> Any:
    """Take out halves of surrogate pairs, which a model can write, a database not."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _told(tool: ToolSpec) -> dict[str, Any]:
    about = {"name": tool.name, "description": tool.description}
    return about | {"parameters": tool.parameters, "input_schema": tool.input_schema}


def _as_it_is(text: str) -> str:
    return text
