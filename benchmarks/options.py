"""What the commands that play a suite share: options, where results go, and what is printed.

Responsible for one spelling of each. Holds no command; playing stands in ``benchmarks.playing``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from agent.commands import options as common
from agent.commands.options import print_json
from benchmarks.casting import Casting
from benchmarks.header import About, Header, Who
from benchmarks.playing import Asked, Make
from benchmarks.runner import Terms

if TYPE_CHECKING:
    from benchmarks.base import TaskResult
    from benchmarks.results import ResultLog

STOPPED = 4
"""Exit code of what a person stopped."""

Agent = Annotated[Who, typer.Option("--agent", help="Who plays.")]
WithModel = Annotated[str, typer.Option("--model", help="embedded, a hub id or a folder.")]
WithAdapter = common.WithAdapter
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Results file; goes on where it ends. Default: one for each run."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what was measured before.")]
Journal = Annotated[bool, typer.Option("--journal", help="Keep every episode's run.")]
Minutes = Annotated[float, typer.Option("--minutes", min=0.01, help="Limit of an episode.")]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="How many episodes are played at the same time.")
]

OnRay = Annotated[
    bool,
    typer.Option(
        "--ray", help="The workers are those of Ray: of the cluster in RAY_ADDRESS, or one here."
    ),
]


Telling = Callable[[Sequence["TaskResult"]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Options:
    """The options that every command with a live suite takes.

    Attributes:
        casting: who plays.
        out: the results file; None for one named by the conditions of the run.
        fresh: forget what the file holds.
        journal: keep the run of every episode.
        as_json: print for machines.
        minutes: time limit of an episode.
        workers: how many episodes are played at the same time.
        ray: whether on a Ray cluster.
    """

    casting: Casting
    out: Path | None = None
    fresh: bool = False
    journal: bool = False
    as_json: bool = False
    minutes: float = 10.0
    workers: int = 1
    ray: bool = False


def with_adapter(model: str, adapter: Path | None) -> str:
    """Return the name of a model with an adapter, for those who load it."""
    from agent.models.registry import adapted

    return adapted(model, adapter)


def run_suite(
    make: Make,
    about: About,
    options: Options,
    lines: Sequence[str] | Telling = (),
    more: Mapping[str, Any] | None = None,
) -> NoReturn:
    """Play a suite as a command: progress, results file, table, and leave with the exit code.

    Args:
        make: makes the suite, in every process that plays.
        about: what the suite says of the run, for the header.
        options: the shared options.
        lines: printed below the table, or what makes them of the results.
        more: printed with ``--json``.

    Raises:
        typer.Exit: with 0 when every episode could be played, with 1 when some broke, with 4 when
            a person stopped it.
        ConfigError, ModelError: the model, a task or a display is not there.
    """
    from agent.assembly import runs_folder
    from agent.models.registry import load_model
    from benchmarks.playing import header_for, play
    from benchmarks.progress import watched
    from benchmarks.results import ResultLog

    runs = runs_folder() if options.journal else None
    asked = Asked(options.casting, Terms(options.minutes, runs), options.workers, options.ray)
    head = header_for(make, about, asked)
    log = ResultLog(options.out or results_file(head))
    with log.held():
        if options.fresh:
            log.clear()
        begin(log, head)
        with watched(head.episodes, options.as_json) as (stop, heard):
            results = play(make, asked, log, stop, heard, load_model)
    said = lines(results) if callable(lines) else lines
    print_run(head, results, log.path, said, options.as_json, more or {})
    raise typer.Exit(exit_code(results))


def results_file(head: Header) -> Path:
    """Return where the results of a run are kept unless a person names a file."""
    return bench_folder() / head.suite / f"{head.agent}-{head.fingerprint}.jsonl"


def bench_folder() -> Path:
    """Return the folder for everything that is measured."""
    from agent.config import home_folder

    return home_folder() / "bench"


def begin(log: ResultLog, head: Header) -> None:
    """Begin a results file or go on with it, and tell a person what they may not expect of it.

    Raises:
        ConfigError: it holds a run under other conditions.
    """
    elsewhere = log.begun_elsewhere(head)
    if elsewhere:
        typer.echo(elsewhere, err=True)
    _tell_torn(log.begin(head).torn)


def _tell_torn(count: int) -> None:
    if count:
        typer.echo(
            f"{count} line(s) of the results file were cut off and are dropped; those episodes are "
            "played again.",
            err=True,
        )


def seed_range(text: str) -> tuple[int, ...]:
    """Return the seeds of "FROM:TO", TO itself left out.

    Raises:
        typer.BadParameter: it does not read so.
    """
    first, _, end = text.partition(":")
    if not (first.isdecimal() and end.isdecimal() and int(first) < int(end)):
        raise typer.BadParameter(f"--seeds {text!r} is no range; write it like 2000:2020.")
    return tuple(range(int(first), int(end)))


def print_run(
    head: Header,
    results: Sequence[TaskResult],
    path: Path,
    lines: Sequence[str],
    as_json: bool,
    more: Mapping[str, Any],
) -> None:
    """Print what came of a run: the table with its conditions, or JSON."""
    from benchmarks.report import (
        by_group,
        notes,
        stage_medians,
        standing,
        table,
        tally,
        work_medians,
    )

    stands = standing(head, results)
    if as_json:
        groups = {group: count.data() for group, count in by_group(results).items()}
        told = {"header": head.model_dump(mode="json"), "all": tally(results).data()}
        told |= {"groups": groups, "stages_ms": stage_medians(results)}
        told |= {"work": work_medians(results)}
        said = {"standing": list(stands), "notes": list(notes(head)), "results": str(path)}
        print_json(told | said | dict(more))
        return
    typer.echo(f"{head.title}: success rate, 95 % interval, episodes")
    for line in (*table(results), *stands, *lines, *notes(head), f"Results: {path}"):
        typer.echo(line)


def exit_code(results: Sequence[TaskResult]) -> int:
    """Return 4 if a person stopped it, 1 if an episode broke, else 0."""
    from benchmarks.base import Kind

    kinds = {result.kind for result in results}
    return STOPPED if Kind.STOPPED in kinds else int(Kind.ENV_ERROR in kinds)
