"""``deskhand runs``: what was done before.

Responsible for printing; reading the journals stands in ``agent.archive``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json

if TYPE_CHECKING:
    from agent.archive import RunRecord, RunSummary, StepRecord

EPILOG = example("deskhand runs list", "deskhand runs show 20260131-101500-a1b2c3")


def register(app: typer.Typer) -> None:
    """Put the commands on the app."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("list", epilog=EPILOG)(list_runs)
    group.command("show", epilog=EPILOG)(show)
    app.add_typer(group, name="runs", help="Look at what was done before.", epilog=EPILOG)


def list_runs(as_json: AsJson = False) -> None:
    """List all runs, the newest first."""
    from agent import archive
    from agent.assembly import runs_folder

    summaries = archive.list_runs(runs_folder())
    if as_json:
        print_json([summary.model_dump(mode="json") for summary in summaries])
        return
    for summary in summaries:
        typer.echo(_line(summary))
    if not summaries:
        typer.echo("There are no runs yet.")


def show(
    run: Annotated[str, typer.Argument(help="Id of the run; the word last is the newest one.")],
    strip: Annotated[
        Path | None, typer.Option(help="Write every screen with the chosen point as a PNG here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one run step by step."""
    from agent import archive
    from agent.assembly import runs_folder

    if run == "last":
        run = next((summary.id for summary in archive.list_runs(runs_folder())), run)
    record = archive.load_run(runs_folder(), run)
    if strip:
        _write_strip(record, strip)
    if as_json:
        print_json(record.model_dump(mode="json"))
        return
    typer.echo(_line(record.summary))
    typer.echo(f"{record.summary.status}: {record.summary.reason}")
    for step in record.steps:
        _print_step(step)
    typer.echo(f"Its files lie in {record.folder}")


def _line(summary: RunSummary) -> str:
    from agent.console import printable

    about = printable(summary.task)[:60] or printable(summary.reason)
    return f"{summary.id}  {summary.status:11}  {summary.steps:3} steps  {about}"


def _print_step(step: StepRecord) -> None:
    from agent.console import INDENT, describe_timings
    from agent.strip import recorded_caption

    first, *others = recorded_caption(step)
    typer.echo(first)
    for line in others:
        typer.echo(f"{INDENT}{line}")
    if step.timings_ms:
        typer.echo(f"{INDENT}{describe_timings(step.timings_ms)}")


def _write_strip(record: RunRecord, path: Path) -> None:
    from agent.pictures import save_strip
    from agent.strip import recorded_panels

    summary = record.summary
    title = [f"Task: {summary.task}", f"{summary.status}: {summary.reason}"]
    save_strip(path, title, recorded_panels(record))
