"""The results file: one line of JSON per episode, only ever appended to.

Responsible for a record that survives a kill at any moment: a line is on the disk before the next
episode begins, and a torn line is an episode that was not played.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from benchmarks.base import TaskResult
from environments.errors import ConfigError


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
        if not self.path.exists():
            return {}
        found = map(_parsed, self.path.read_bytes().splitlines())
        return {result.key: result for result in found if result}

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

    def _ends_well(self) -> bool:
        """Tell whether the last line was written to its end."""
        if not self.path.stat().st_size:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"


def _parsed(line: bytes) -> TaskResult | None:
    try:
        return TaskResult.model_validate_json(line)
    except ValidationError:
        return None
