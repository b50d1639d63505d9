"""The results file: a header, then one line of JSON per episode, only ever appended to.

Responsible for a record that survives a kill at any moment: a line is on the disk before the next
episode begins, and a torn line is an episode that was not played. Refuses to mix two runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from benchmarks.base import TaskResult
from benchmarks.differences import WHO_PLAYS, decisive, told
from benchmarks.header import Header
from environments.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Record:
    """What a results file holds.

    Attributes:
        header: the conditions; None in a file without.
        results: the last word on each episode, by key, in the order of first appearance.
        torn: lines that cannot be read: writing them was interrupted.
    """

    header: Header | None = None
    results: dict[str, TaskResult] = field(default_factory=dict)
    torn: int = 0


class ResultLog:
    """Episodes on disk by key; a later line of the same key replaces an earlier one."""

    def __init__(self, path: Path) -> None:
        """Use a file that need not exist yet.

        Raises:
            ConfigError: its folder cannot be made, or the path is a folder itself.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"The results cannot be kept in {path.parent} ({error}).") from error
        if path.is_dir():
            raise ConfigError(f"The results cannot be kept in {path}: name a file, not a folder.")

    def read(self) -> dict[str, TaskResult]:
        """Return the episodes that were written completely."""
        return self.record().results

    def record(self) -> Record:
        """Return all that was written completely."""
        if not self.path.exists():
            return Record()
        header, results, torn = None, {}, 0
        for line in filter(None, self.path.read_bytes().splitlines()):
            found = _parsed(line)
            if isinstance(found, Header):
                header = header or found
            elif found is not None:
                results[found.key] = found
            else:
                torn += 1
        return Record(header, results, torn)

    def begin(self, header: Header) -> Record:
        """Write the header, or see that the one that stands there says the same; return the rest.

        Raises:
            ConfigError: the file holds a run under other conditions.
        """
        before = self.record()
        if before.header is None and not before.results:
            self._begin_anew(header)
            return Record(header, {}, before.torn)
        if before.header is None:
            raise ConfigError(
                f"{self.path} holds results without a header; name another file with --out, or "
                "forget them with --fresh."
            )
        if before.header.identity != header.identity:
            raise ConfigError(self._other_run(before.header, header))
        return before

    def begun_elsewhere(self, header: Header) -> str:
        """Say of which file beside this one the same player's run of the same episodes is another.

        Empty where there is none, or where this file has been begun itself: nothing is left behind.
        """
        others = self.path.parent.glob(f"{header.agent}-*.jsonl")
        for path in sorted(others, key=lambda path: -path.stat().st_mtime):
            there = None if self.path.exists() else ResultLog(path).header
            differ = decisive(there.differences(header)) if there else []
            names = {line.partition(":")[0] for line in differ}
            if there and differ and not names & (WHO_PLAYS | {"suite", "keys"}):
                return (
                    f"{path} holds these episodes under other conditions (there / now: "
                    f"{told(differ)}); they are played anew into {self.path}."
                )
        return ""

    @property
    def header(self) -> Header | None:
        """The conditions, without reading further; None where the file begins with none."""
        with self.path.open("rb") as file:
            found = _parsed(file.readline())
        return found if isinstance(found, Header) else None

    def append(self, result: TaskResult) -> None:
        """Write one episode; it is on the disk when this returns."""
        line = result.model_dump_json().encode() + b"\n"
        with self.path.open("ab") as file:
            file.write(line if self._ends_well() else b"\n" + line)
            file.flush()
            os.fsync(file.fileno())

    def clear(self) -> None:
        """Forget everything, so that all is played again."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from writing to the file meanwhile.

        Raises:
            ConfigError: another one is writing to it.
        """
        import fcntl

        with self.path.with_name(f".{self.path.name}.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ConfigError(
                    f"Another run is writing to {self.path}; wait for it, or name another file "
                    "with --out."
                ) from error
            yield

    def _begin_anew(self, header: Header) -> None:
        """Put the header in its place at once: there is never half of one."""
        draft = self.path.with_name(f".{self.path.name}.new")
        with draft.open("wb") as file:
            file.write(header.model_dump_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def _other_run(self, there: Header, wanted: Header) -> str:
        differ = told(decisive(there.differences(wanted)))
        return (
            f"{self.path} holds another run (there / now: {differ}); name another file with "
            "--out, or forget that one with --fresh."
        )

    def _ends_well(self) -> bool:
        """Tell whether the last line was written to its end."""
        if not self.path.stat().st_size:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"


def _parsed(line: bytes) -> Header | TaskResult | None:
    form = Header if line.startswith(b'{"results_format"') else TaskResult
    try:
        return form.model_validate_json(line)
    except ValidationError:
        return None
