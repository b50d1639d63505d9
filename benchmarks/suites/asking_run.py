"""A run of questions as a command plays it: results file, header, progress.

Responsible for the frame around ``asking``; the same for every benchmark that asks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from benchmarks import options
from benchmarks.base import TaskResult
from benchmarks.casting import Load
from benchmarks.header import Header
from benchmarks.suites.asking import Asking


class AskingRun(Protocol):
    """What can be played so."""

    @property
    def header(self) -> Header:
        """The conditions."""
        ...

    def run(self, asking: Asking, load: Load) -> list[TaskResult]:
        """Ask what has not been asked before and return all results."""
        ...


def ask(
    run: AskingRun, out: Path | None, fresh: bool, quiet: bool
) -> tuple[list[TaskResult], Path]:
    """Return all results, and the file that they stand in.

    Raises:
        ConfigError, ModelError: the model or the data set is not there, or the file is another
            run's.
    """
    from agent.models.registry import load_model
    from benchmarks.progress import watched
    from benchmarks.results import ResultLog

    log = ResultLog(out or options.results_file(run.header))
    with log.held():
        if fresh:
            log.clear()
        options.begin(log, run.header)
        with watched(run.header.episodes, quiet) as (stop, heard):
            return run.run(Asking(log, stop, heard), load_model), log.path
