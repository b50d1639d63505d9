"""``deskhand stop``: end a run from another terminal.

Responsible for options, words and the exit code; the request itself is ``agent.stopping``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json

if TYPE_CHECKING:
    from agent.archive import RunSummary


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=example("deskhand stop", "deskhand stop 20260131-101500-a1b2c3"))(stop)


def stop(
    run: Annotated[
        str, typer.Argument(help="Id of the run; without it, the one that is going on.")
    ] = "last",
    as_json: AsJson = False,
) -> None:
    """Stop a run that is going on, and say whether it has stopped.

    Leaves with 0 if it was stopped, with 1 if there was nothing to stop or it goes on.
    """
    from agent.archive import summary_of
    from agent.assembly import runs_folder
    from agent.stopping import stop_run

    name = going_on() if run == "last" else run
    before = summary_of(runs_folder(), name).status
    summary = stop_run(runs_folder(), name)
    stopped = before == "running" and summary.status == "stopped"
    if as_json:
        print_json({"run": name, "stopped": stopped, "status": summary.status})
    else:
        typer.echo(_sentence(before, summary))
    raise typer.Exit(0 if stopped else 1)


def going_on() -> str:
    """Return the id of the one run that is going on.

    Raises:
        JournalError: there is none, or there are several.
    """
    from agent import archive
    from agent.assembly import runs_folder
    from environments.errors import JournalError

    running = [s.id for s in archive.list_runs(runs_folder()) if s.status == "running"]
    if not running:
        raise JournalError("No run is going on, so there is nothing to stop or to watch.")
    if len(running) > 1:
        raise JournalError(f"Several runs are going on; name one of them: {', '.join(running)}.")
    return running[0]


def _sentence(before: str, summary: RunSummary) -> str:
    if before != "running":
        return f"The run {summary.id} had ended before ({summary.status}): {summary.reason}"
    if summary.status == "stopped":
        return f"The run {summary.id} has stopped."
    if summary.status == "running":
        return (
            f"The run {summary.id} was asked to stop but still goes on, inside something that "
            "cannot be interrupted; press Ctrl-C twice where it runs."
        )
    return f"The run {summary.id} ended by itself meanwhile ({summary.status}): {summary.reason}"
