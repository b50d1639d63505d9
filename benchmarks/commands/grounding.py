"""``deskhand bench grounding``: where on a picture is the thing that somebody names?

Responsible for options and for what is printed; asking stands in ``benchmarks.suites.grounding``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.commands.options import AsJson, example
from benchmarks import options

if TYPE_CHECKING:
    from benchmarks.suites.grounding.running import GroundingRun

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of the data set as it was published.")
]
FromHub = Annotated[bool, typer.Option("--hub", help="Let the hub fetch it.")]
Most = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only so many, spread over all of them.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=example(
            "deskhand bench grounding screenspot-v2 --data ScreenSpot-v2 --model Qwen/Qwen3-VL-8B-"
            "Instruct",
            "deskhand bench grounding screenspot-pro --hub --official results.json",
            "deskhand bench grounding osworld-g --data OSWorld-G/benchmark --instructions refined",
            "deskhand bench grounding deskhand-ground --data set --agent random",
        )
    )(grounding)


def grounding(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    data_set: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="screenspot, screenspot-v2, screenspot-pro, osworld-g, ui-vision, "
            "mmbench-gui-l2, cagui-grounding or deskhand-ground.",
        ),
    ],
    data: Data = None,
    hub: FromHub = False,
    instructions: Annotated[
        Literal["original", "refined"] | None,
        typer.Option(help="Of OSWorld-G. Default: original."),
    ] = None,
    language: Annotated[
        Literal["en", "cn"] | None, typer.Option(help="Of ScreenSpot-Pro. Default: en.")
    ] = None,
    question: Annotated[
        str | None, typer.Option(help="What is asked, with {instruction} in it.")
    ] = None,
    limit: Most = None,
    official: Annotated[
        Path | None, typer.Option(help="Also write ScreenSpot-Pro's own result file here.")
    ] = None,
    agent: options.Agent = "model",
    model: options.WithModel = "embedded",
    adapter: options.WithAdapter = None,
    out: options.Out = None,
    fresh: options.Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Ask for the place of things on pictures, and count the points that hit.

    The question goes the way of 'deskhand ground'. Leaves with 0 when every question could be
    asked, with 1 when some broke, with 4 when you stopped it.
    """
    from benchmarks.suites.grounding.answering import QUESTION
    from benchmarks.suites.grounding.catalogue import data_set_named
    from benchmarks.suites.grounding.running import GroundingRun
    from benchmarks.suites.hub import folder_of
    from environments.errors import ConfigError

    if question is not None and "{instruction}" not in question:
        raise ConfigError("--question must hold {instruction}, where the data set's words go.")
    wanted = data_set_named(data_set)
    given = {"instructions": instructions, "language": language}
    run = GroundingRun(
        wanted,
        folder_of(wanted.home, data, hub),
        {name: value for name, value in given.items() if value},
        agent,
        options.with_adapter(model, adapter),
        question or QUESTION,
        limit,
    )
    _play(run, out, fresh, as_json, official)


def _play(
    run: GroundingRun, out: Path | None, fresh: bool, as_json: bool, official: Path | None
) -> None:
    from benchmarks.suites.asking_run import ask

    results, path = ask(run, out, fresh, as_json)
    if official is not None:
        from benchmarks.suites.grounding.official import write

        write(official, run.details(results))
    lines = list(run.lines(results))
    options.print_run(run.header, results, path, lines, as_json, run.figures(results))
    raise typer.Exit(options.exit_code(results))
