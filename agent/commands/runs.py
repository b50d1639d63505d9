"""``deskhand runs``: what was done before.

Responsible for options and printing; reading the journals stands in ``agent.archive``, pages and
files for others in ``agent.reports``, deleting in ``agent.deleting``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.commands.options import AsJson, example, print_json

if TYPE_CHECKING:
    from agent.archive import RunRecord, RunSummary, StepRecord

EPILOG = example("deskhand runs list", "deskhand runs show 20260131-101500-a1b2c3")
Form = Literal["runs", "conversations", "messages", "preferences"]
MEGABYTE = 1_000_000
EXPORTS = example(
    "deskhand runs export last --to runs",
    "deskhand runs export all --as messages --to lessons",
)

OneRun = Annotated[str, typer.Argument(help="Id of the run; the word last is the newest one.")]
SomeRuns = Annotated[
    list[str], typer.Argument(help="Ids of the runs; the word last is the newest one.")
]
RunsOrAll = Annotated[
    list[str],
    typer.Argument(help="Ids of the runs; the word last is the newest one, all is all of them."),
]
Outcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        help="Take only runs that ended so: success (verified), unknown (claimed), failed, "
        "stopped; may be given again.",
    ),
]


def register(app: typer.Typer) -> None:
    """Put the commands on the app."""
    group = typer.Typer(rich_markup_mode=None)
    group.command("list", epilog=EPILOG)(list_runs)
    group.command("show", epilog=EPILOG)(show)
    group.command("report", epilog=example("deskhand runs report last --to run.html"))(report)
    group.command("export", epilog=EXPORTS)(export)
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
    runs: RunsOrAll,
    to: Annotated[Path, typer.Option(help="A new or empty folder.")] = Path("deskhand-runs"),
    form: Annotated[
        Form,
        typer.Option(
            "--as",
            help="What to write: the runs as they were; conversations to learn from, as Qwen's "
            "own fine-tuning or (messages) ms-swift reads them; pairs of a failed and a repaired "
            "step.",
        ),
    ] = "runs",
    outcome: Outcomes = None,
    profile: Annotated[
        str | None,
        typer.Option(help="In whose words to tell what is learnt from; each run's own without it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write runs as JSON lines with their pictures, for other programs.

    Secrets that were used by their names are left out; all else that the screen showed is there.
    What is to be learnt from comes from verified successes only, unless --outcome says otherwise.
    """
    from agent.assembly import runs_folder
    from agent.choosing_runs import VERIFIED, choose_runs

    wanted = outcome or (None if form == "runs" else VERIFIED)
    chosen = choose_runs(runs_folder(), runs, wanted)
    lines, count = _exported(chosen.records, to, form, profile)
    if as_json:
        told = {"lines": str(lines), "runs": [record.summary.id for record in chosen.records]}
        print_json(told if count is None else told | {"count": count})
        return
    many = "" if count is None else f" ({count} lines)"
    typer.echo(f"Exported to {lines}{many}, with the pictures beside it.")
    if chosen.left_out:
        typer.echo(f"{chosen.left_out} runs ended otherwise and were left out.", err=True)


def _exported(
    records: Sequence[RunRecord], to: Path, form: Form, profile: str | None
) -> tuple[Path, int | None]:
    """Return where the lines are, and how many there are to learn from."""
    if form == "runs":
        from agent.reports.export import export as write

        return write(records, to), None
    from agent.models.profiles.finding import load_profile
    from agent.reports.conversations import export_lessons
    from agent.retelling import Retelling

    retelling = Retelling(load_profile(profile) if profile else None)
    exported = export_lessons(records, to, form, retelling)
    return exported.path, exported.lines


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
    from agent.assembly import runs_folder
    from agent.choosing_runs import run_ids

    return run_ids(runs_folder(), runs)


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
