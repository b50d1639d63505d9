"""Stopping a run from another process.

Responsible for the request, a file in the run's own folder, and for whoever waits for it: it works
on every file system and platform, needs no socket, and cannot meet another process that was given
the same number. Who may read the folder may stop the run. What a stop does is ``Stop``'s.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.archive import RunSummary, summary_of
from environments.base import Stop
from environments.errors import JournalError

REQUEST = "stop"
"""Name of the file that asks a run to stop."""

REASON = "You stopped it with deskhand stop."
LOOK_EVERY_S = 0.05
PATIENCE_S = 10.0
"""A run that has not ended by then is inside something that looks at no stop."""


@contextmanager
def obeying_requests(folder: Path, stop: Stop) -> Iterator[None]:
    """Set the stop as soon as the run in a folder is asked to stop; until the block is left."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_EVERY_S):
            if (folder / REQUEST).exists():
                stop.set(REASON)
                return

    thread = threading.Thread(target=watch, name="stop requests", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def stop_run(runs: Path, run_id: str, patience_s: float = PATIENCE_S) -> RunSummary:
    """Ask a run to stop and return how it stands when it has ended, or when patience has.

    A run that is not running is not asked.

    Raises:
        JournalError: there is no such run, or it cannot be read or asked.
    """
    summary = summary_of(runs, run_id)
    if summary.status == "running":
        _ask(runs / run_id)
    waited, left_s = Stop(), patience_s
    while summary.status == "running" and left_s > 0:
        waited.wait(LOOK_EVERY_S)
        left_s -= LOOK_EVERY_S
        summary = summary_of(runs, run_id)
    return summary


def _ask(folder: Path) -> None:
    try:
        (folder / REQUEST).touch()
    except OSError as error:
        raise JournalError(
            f"The run {folder.name} cannot be asked to stop ({error}); press Ctrl-C where it runs."
        ) from error
