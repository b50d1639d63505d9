"""``deskhand bench trajectories``: the next action on a recorded screen, under named rules.

Responsible for options and for what is printed; asking stands in
``benchmarks.suites.trajectories``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.commands.options import AsJson, example
from benchmarks import options
from benchmarks.commands.grounding import Data, FromHub, Most

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.suites.trajectories.running import TrajectoryRun


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=example(
            "deskhand bench trajectories android-control --data android_control --only ac_idx.txt",
            "deskhand bench trajectories android-control --data android_control --level low "
            "--rules paper --rules clawgui",
            "deskhand bench trajectories gui-odyssey --hub --split app",
        )
    )(trajectories)


def trajectories(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    data_set: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="android-control, aitz, gui-odyssey, aitw, cagui or agentcpm-form.",
        ),
    ],
    data: Data = None,
    hub: FromHub = False,
    level: Annotated[
        Literal["high", "low"],
        typer.Option(help="low: the model is told what each step is to do."),
    ] = "high",
    rules: Annotated[
        list[str] | None,
        typer.Option(
            help="paper, os-atlas, clawgui, qwen-agentcpm, agentcpm, aitw, coat, coat-released or "
            "odyssey; may be given again. Default: two that fit."
        ),
    ] = None,
    only: Annotated[
        Path | None, typer.Option(help="Of AndroidControl: only the steps of this index.")
    ] = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="Of AndroidControl: the last screenshot is a stop.")
    ] = False,
    split: Annotated[
        Literal["random", "task", "device", "app"] | None,
        typer.Option(help="Of GUI-Odyssey. Default: random."),
    ] = None,
    limit: Most = None,
    agent: options.Agent = "model",
    model: options.WithModel = "embedded",
    adapter: options.WithAdapter = None,
    out: options.Out = None,
    fresh: options.Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Ask for the next action on recorded screens, and score it under named rules.

    What the model said is kept: the same command with other rules asks nothing again. Leaves with
    0 when every step could be asked about, with 1 when some broke, with 4 when you stopped it.
    """
    from benchmarks.suites.hub import folder_of
    from benchmarks.suites.trajectories.catalogue import data_set_named
    from benchmarks.suites.trajectories.rules import presets_named
    from benchmarks.suites.trajectories.running import TrajectoryRun
    from environments.errors import ConfigError

    wanted = data_set_named(data_set)
    if level == "low" and not wanted.has_low:
        raise ConfigError(f"{data_set} has no instructions of single steps; leave --level out.")
    given = {"only": str(only or ""), "finish": "finish" * finish, "split": split}
    reading = {name: value for name, value in given.items() if value}
    scored_by = presets_named(rules or wanted.rules)
    root = folder_of(wanted.home, data, hub)
    run = TrajectoryRun(
        wanted, root, reading, level, agent, options.with_adapter(model, adapter), limit
    )
    _play(run, [preset.name for preset in scored_by], out, fresh, as_json)


def _play(
    run: TrajectoryRun, rules: Sequence[str], out: Path | None, fresh: bool, as_json: bool
) -> None:
    from benchmarks.suites.asking_run import ask

    results, path = ask(run, out, fresh, as_json)
    lines = list(run.lines(results, rules))
    options.print_run(run.header, results, path, lines, as_json, run.figures(results, rules))
    raise typer.Exit(options.exit_code(results))
