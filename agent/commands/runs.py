"""``deskhand runs``: what was done before.

Responsible for options and printing; reading the journals stands in ``agent.archive``, pages and
files for others in ``agent.reports``, deleting in ``agent.deleting``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json

if TYPE_CHECKING:
    from agent.archive import RunRecord, RunSummary, StepRecord

EPILOG = example("deskhand runs list", "deskhand runs show 20260131-101500-a1b2c3")
NEWEST = "last"
MEGABYTE = 1_000_000

OneRun = Annotated[str, typer.Argument(help="Id of the run; the word last is the newest one.")]
SomeRuns = Annotated[
    list[str], typer.Argument(help="Ids of the runs; the word last is the newest one.")
]


def register(app: typer.Typer) -> None:
    """Put the commands on the app."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("list", epilog=EPILOG)(list_runs)
    group.command("show", epilog=EPILOG)(show)
    group.command("report", epilog=example("deskhand runs report last --to run.html"))(report)
    group.command("export", epilog=example("deskhand runs export last --to runs"))(export)
    group.command("delete", epilog=example("deskhand runs delete 20260131-101500-a1b2c3"))(delete)
    group.command("prune", epilog=example("deskhand runs prune --dry-run"))(prune)
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
    run: OneRun,
    strip: Annotated[
        Path | None, typer.Option(help="Write every screen with the chosen point as a PNG here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one run step by step."""
    (record,) = _loaded(run)
    if strip:
        _write_strip(record, strip)
    if as_json:
        print_json(record.model_dump(mode="json", exclude={"spoken"}))
        return
    typer.echo(_line(record.summary))
    typer.echo(f"{record.summary.status}: {record.summary.reason}")
    for step in record.steps:
        _print_step(step)
    typer.echo(f"Its files lie in {record.folder}")


def report(
    run: OneRun,
    compare: Annotated[
        str | None, typer.Option(metavar="RUN", help="Show another run beside it, step by step.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="The file to write, instead of deskhand-RUN.html here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write one HTML file that shows a run to anybody, without a network.

    Secrets that were used by their names are left out; look through it before you hand it on, for
    it shows all else that the screen did.
    """
    from agent.reports.page import write_report
    from environments.errors import ConfigError

    records = _loaded(run, *([compare] if compare else []))
    if compare and len(records) == 1:
        raise ConfigError("--compare names the same run; name another one, or leave it out.")
    path = to or Path(f"deskhand-{'-'.join(record.summary.id for record in records)}.html")
    size = write_report(path, records)
    if as_json:
        print_json({"report": str(path), "bytes": size})
    else:
        typer.echo(f"The report is {path} ({size / MEGABYTE:.1f} MB); open it in any browser.")


def export(
    runs: SomeRuns,
    to: Annotated[Path, typer.Option(help="A new or empty folder.")] = Path("deskhand-runs"),
    as_json: AsJson = False,
) -> None:
    """Write runs as JSON lines with their pictures, for other programs.

    Secrets that were used by their names are left out; all else that the screen showed is there.
    """
    from agent.reports.export import export as write

    records = _loaded(*runs)
    lines = write(records, to)
    if as_json:
        print_json({"lines": str(lines), "runs": [record.summary.id for record in records]})
    else:
        typer.echo(f"Exported to {lines}, with the pictures beside it.")


def delete(runs: SomeRuns, as_json: AsJson = False) -> None:
    """Delete runs with all their pictures; one that goes on is refused, and then all are."""
    from agent.assembly import runs_folder
    from agent.deleting import delete_run, refuse_running

    ids = _ids(runs)
    for run in ids:
        refuse_running(runs_folder(), run)
    size = sum(delete_run(runs_folder(), run) for run in ids)
    if as_json:
        print_json({"deleted": ids, "bytes": size})
    else:
        typer.echo(f"Deleted {', '.join(ids)} ({size / MEGABYTE:.1f} MB).")


def prune(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say which runs would be deleted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete old runs, as deskhand run does after each run.

    Which ones is said by keep_days and keep_megabytes in section [runs] of config.toml (by default
    90 and 10000; 0 keeps everything). A run that is going on is never deleted.
    """
    from agent import pruning
    from agent.assembly import runs_folder

    found = pruning.prune(runs_folder(), pruning.read_keeping(), dry=dry_run)
    if as_json:
        print_json({"deleted": found.runs, "bytes": found.bytes, "not_deleted": found.faults})
        return
    for fault in found.faults:
        typer.echo(fault, err=True)
    done = "would be deleted" if dry_run else "deleted"
    typer.echo(f"{len(found.runs)} old runs {done}, {found.bytes / MEGABYTE:.1f} MB.")


def _loaded(*runs: str) -> list[RunRecord]:
    from agent.archive import load_run
    from agent.assembly import runs_folder

    return [load_run(runs_folder(), run) for run in _ids(runs)]


def _ids(runs: Sequence[str]) -> list[str]:
    """Return what was named, each once, with the newest run in the place of its word."""
    from agent.archive import list_runs
    from agent.assembly import runs_folder

    newest = NEWEST
    if NEWEST in runs:
        newest = next((summary.id for summary in list_runs(runs_folder())), NEWEST)
    return list(dict.fromkeys(newest if run == NEWEST else run for run in runs))


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
