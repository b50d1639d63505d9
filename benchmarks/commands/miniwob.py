"""``deskhand bench miniwob``: MiniWoB++ live, by pointer and keyboard.

Responsible for options and for the list of tasks; playing stands in ``benchmarks.playing``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import AsJson, example
from benchmarks import options
from benchmarks.suites.miniwob.presets import Name, Settle


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=example(
            "deskhand bench miniwob --agent random --settle static --workers 2",
            "deskhand bench miniwob --preset native --agent oracle --task click-tab-2",
            "deskhand bench miniwob --preset pix2act --model Qwen/Qwen3-VL-8B-Instruct",
        )
    )(miniwob)


def miniwob(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    preset: Annotated[Name, typer.Option(help="The protocol that is followed.")] = "browsergym",
    task: Annotated[
        list[str] | None, typer.Option(help="A task; may be given again. Default: the preset's.")
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(metavar="FROM:TO", help="Page seeds instead of the preset's."),
    ] = None,
    settle: Annotated[
        Settle, typer.Option(help="How the screen is waited for after an action.")
    ] = "default",
    pages: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The pages; default: those of the wheel.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the tasks and leave.")] = False,
    agent: options.Agent = "model",
    model: options.WithModel = "embedded",
    adapter: options.WithAdapter = None,
    minutes: options.Minutes = 10.0,
    workers: options.Workers = 1,
    ray: options.OnRay = False,
    out: options.Out = None,
    journal: options.Journal = False,
    fresh: options.Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Play MiniWoB++ in Chromium on a virtual display, scored by the pages' raw reward.

    Input is that of a person: pointer and keys of the display. Leaves with 0 when every episode
    could be played, with 1 when some broke, with 4 when you stopped it.
    """
    from benchmarks.suites.miniwob.run import MiniWobRun, raw_words

    if listed:
        _list()
        return
    wanted = options.seed_range(seeds) if seeds else ()
    run = MiniWobRun(
        preset,
        tuple(task or ()),
        wanted,
        settle,
        agent,
        options.with_adapter(model, adapter),
        pages,
    )
    chosen = options.Options(run.casting, out, fresh, journal, as_json, minutes, workers, ray)
    options.run_suite(run.make, run.about, chosen, raw_words)


def _list() -> None:
    from benchmarks.suites.miniwob.catalogue import LEFT_OUT, TASKS
    from benchmarks.suites.miniwob.oracles import ORACLES, WITHOUT

    for task in TASKS:
        typer.echo(task if task in ORACLES else f"{task} (no oracle: {WITHOUT[task]})")
    for page, reason in LEFT_OUT.items():
        typer.echo(f"{page} (not played unless named: {reason})")
