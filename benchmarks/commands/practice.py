"""``deskhand bench practice``: the practice desktop and phone.

Responsible for options; playing stands in ``benchmarks.playing``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from agent.commands.options import AsJson, example
from benchmarks import options
from benchmarks.suites.practice import Frames
from benchmarks.suites.practice_places import Where


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=example(
            "deskhand bench practice --agent oracle",
            "deskhand bench practice --template click_button --seeds 2000:2050 --on display",
            "deskhand bench practice --on phone --template send_message --agent oracle",
        )
    )(practice)


def practice(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    template: Annotated[
        list[str] | None, typer.Option(help="A template; may be given again. Default: all.")
    ] = None,
    seeds: Annotated[
        str, typer.Option(metavar="FROM:TO", help="TO itself is left out.")
    ] = "2000:2020",
    on: Annotated[
        Where,
        typer.Option(help="The desktop in-process or on a display, the phone or adb; or a guise."),
    ] = "in-process",
    frame: Annotated[Frames, typer.Option(help="What the model is shown.")] = "normal",
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
    """Play the tasks of the practice desktop or phone and score them by its own state.

    An episode takes at most twice the steps that the oracle needs. Leaves with 0 when every
    episode could be played, with 1 when some broke, with 4 when you stopped it.
    """
    from benchmarks.suites.practice_places import PLACES
    from benchmarks.suites.practice_run import PracticeRun

    wanted = tuple(template or PLACES[on].templates)
    run = PracticeRun(
        wanted, options.seed_range(seeds), agent, on, frame, options.with_adapter(model, adapter)
    )
    chosen = options.Options(run.casting, out, fresh, journal, as_json, minutes, workers, ray)
    wide = run.width()
    options.run_suite(
        run.make, run.about, chosen, (f"In {wide.sentence()}.",), {"width": asdict(wide)}
    )
