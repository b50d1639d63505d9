"""Deleting what a run has left.

Responsible for never touching a run that goes on. The lock that a run holds while it lives is held
here until its journal is gone, so nobody can resume what is being deleted; whatever a crash leaves
of a folder is listed as damaged and can be deleted again.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agent.archive import ALIVE, JOURNAL
from environments.errors import JournalError


def delete_run(runs: Path, run_id: str) -> int:
    """Delete one run and return how many bytes that gave back.

    Raises:
        JournalError: there is no such run, it goes on, or it cannot be deleted.
    """
    folder = folder_of(runs, run_id)
    try:
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        with _ended(folder):
            for journal in folder.glob(f"{JOURNAL}*"):
                journal.unlink()
        shutil.rmtree(folder)
    except OSError as error:
        raise JournalError(
            f"The run {run_id} cannot be deleted ({error}); see who may write in {folder}."
        ) from error
    return size


def refuse_running(runs: Path, run_id: str) -> None:
    """See that a run can be deleted, so that of several none is before all can be.

    Raises:
        JournalError: there is no such run, or it goes on.
    """
    with _ended(folder_of(runs, run_id)):
        pass


def folder_of(runs: Path, run_id: str) -> Path:
    """Return a run's own folder, never one that a name leads to.

    Raises:
        JournalError: there is no such run.
    """
    entries = runs.iterdir() if runs.is_dir() else iter(())
    for entry in entries:
        if entry.name == run_id and not run_id.startswith("."):
            if entry.is_dir() and not entry.is_symlink():
                return entry
            break
    raise JournalError(f"There is no run {run_id!r:.90}; see: deskhand runs list")


@contextmanager
def _ended(folder: Path) -> Iterator[None]:
    """Hold the lock of a run that does not go on."""
    with closing(sqlite3.connect(folder / ALIVE, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise JournalError(
                    f"The run {folder.name} is going on; stop it first: deskhand stop {folder.name}"
                ) from error
            # Damaged or out of reach: no run can hold it, and none can be resumed with it.
        yield
