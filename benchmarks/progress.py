"""What a person sees while episodes are played: how many, and success so far.

Responsible for one line on the error stream and for listening to Ctrl-C meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from agent.signals import StopSignals
from benchmarks.base import Kind, TaskResult
from benchmarks.intervals import wilson
from benchmarks.runner import Heard
from environments.base import Stop


@contextmanager
def watched(total: int | None, quiet: bool) -> Iterator[tuple[Stop, Heard]]:
    """Yield a stop that Ctrl-C sets, and what shows each result as it comes.

    Nothing is shown to what is no terminal; ``total`` is None where nobody knows it.
    """
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeRemainingColumn())
    console, stop = Console(stderr=True), Stop()
    silent = quiet or not console.is_terminal
    shown = Progress(*columns, console=console, transient=True, disable=silent)
    row, count = shown.add_task("", total=total), _Count()

    def heard(result: TaskResult) -> None:
        is_over = result.kind is not Kind.STOPPED
        shown.update(row, description=count.add(result), advance=int(is_over))

    with shown, StopSignals(stop).listening():
        yield stop, heard


class _Count:
    """Counts what has been heard."""

    def __init__(self) -> None:
        self.played = self.successes = self.errors = 0

    def add(self, result: TaskResult) -> str:
        """Add a result and return the tally in words."""
        self.played += result.kind.counts
        self.successes += result.kind is Kind.SUCCESS
        self.errors += result.kind is Kind.ENV_ERROR
        broke = f", {self.errors} broke" if self.errors else ""
        low, high = wilson(self.successes, self.played)
        so_far = f"{self.successes}/{self.played} [{low:.2f}, {high:.2f}]{broke}"
        return f"{result.group} {result.seed}: success so far {so_far}"
