"""``deskhand resume``: go on with a run whose process died.

Responsible for options, words and the exit code; how a run is taken up again stands in
``agent.resume``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, WithProfile, example, load_aloud, print_json

if TYPE_CHECKING:
    from agent.assembly import RunReport

EPILOG = example("deskhand resume", "deskhand resume 20260131-101500-a1b2c3")


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=EPILOG)(resume)


def resume(
    run: Annotated[
        str, typer.Argument(help="Id of the run; without it, the newest that was interrupted.")
    ] = "last",
    model: Annotated[
        str | None, typer.Option("--model", help="Go on with another model than before.")
    ] = None,
    profile: WithProfile = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the work behind each step.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that was cut off, by a crash or because the power went.

    What was held down is let go, the screen is looked at, and nothing of which it is not known
    whether it was done is done again unseen. Leaves with the exit codes of deskhand run.
    """
    from agent.outcome import exit_code_of

    report = _perform(run, (model, profile), verbose, as_json)
    code = exit_code_of(report.outcome)
    if as_json:
        place = {"run": report.run_id, "exit_code": code, "folder": str(report.folder)}
        print_json(place | asdict(report.outcome))
    else:
        typer.echo(f"Everything is kept: deskhand runs show {report.run_id}")
    raise typer.Exit(code)


def _perform(
    run: str, other: tuple[str | None, str | None], verbose: bool, quiet: bool
) -> RunReport:
    from rich.console import Console

    from agent.assembly import run_on, runs_folder, staged
    from agent.choosing import model_for
    from agent.console import LiveConsole, printable
    from agent.resume import settings_for, taken_over
    from agent.signals import StopSignals
    from environments.base import Stop

    stop, name = Stop(), _interrupted() if run == "last" else run
    with StopSignals(stop).listening() as signals, taken_over(runs_folder(), name) as resumption:
        settings = settings_for(resumption.past, *other)
        for notice in resumption.notices:
            typer.echo(printable(notice), err=True)
        with signals.at_once():
            model_for(settings)
        with staged(settings, stop) as stage:
            with signals.at_once():
                loaded = load_aloud(settings, stop)
            words = f"Task: {printable(stage.task)}\nModel: {loaded.model.name}, on {stage.name}"
            typer.echo(words, err=quiet)
            listeners = [] if quiet else [LiveConsole(Console(), verbose)]
            return run_on(stage, loaded, settings, stop, listeners, resumption)


def _interrupted() -> str:
    """Return the id of the newest run that was interrupted.

    Raises:
        JournalError: there is none.
    """
    from agent.archive import list_runs
    from agent.assembly import runs_folder
    from environments.errors import JournalError

    for summary in list_runs(runs_folder()):
        if summary.status == "interrupted":
            return summary.id
    raise JournalError("No run was interrupted, so there is nothing to resume; see: deskhand runs")
