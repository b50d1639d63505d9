"""``deskhand bench android-world``: AndroidWorld's tasks over plain adb.

Responsible for options and for the list of tasks; playing stands in ``benchmarks.playing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json
from benchmarks import options

if TYPE_CHECKING:
    from benchmarks.suites.android_world.suite import Instance


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "android-world",
        epilog=example(
            "deskhand bench android-world --list",
            "deskhand bench android-world --agent oracle",
            "deskhand bench android-world --on emulator-5554 --model auto",
        ),
    )(android_world)


def android_world(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    on: Annotated[
        str, typer.Option(help="practice, or the serial of an emulator or phone.")
    ] = "practice",
    task: Annotated[
        list[str] | None, typer.Option(help="A task by its name; may be given again. Default: all.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What parameters are drawn from.")] = 30,
    combinations: Annotated[int, typer.Option(min=1, help="Instances of each task.")] = 1,
    only_list: Annotated[
        bool, typer.Option("--list", help="Show the tasks with their goals and steps; no phone.")
    ] = False,
    agent: options.Agent = "model",
    model: options.WithModel = "embedded",
    adapter: options.WithAdapter = None,
    minutes: options.Minutes = 30.0,
    workers: options.Workers = 1,
    ray: options.OnRay = False,
    out: options.Out = None,
    journal: options.Journal = False,
    fresh: options.Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Play AndroidWorld's tasks, set up and judged by its own package, over plain adb.

    The package comes from github.com/google-research/android_world. On the practice phone only
    its tasks on settings can be played, which is no AndroidWorld score. Leaves with 0 when every
    episode could be played, with 1 when some broke, with 4 when you stopped it.
    """
    from functools import partial

    from benchmarks.casting import Casting
    from benchmarks.suites.android_world.suite import (
        AndroidWorldSuite,
        Wanted,
        about,
        android_world_suite,
        instances,
    )
    from environments.errors import ConfigError

    wanted = Wanted(on, tuple(task or ()), seed, combinations)
    if only_list:
        _print_list(instances(wanted), as_json)
        return
    if (workers > 1 or ray) and not wanted.is_practice:
        raise ConfigError("One phone plays one episode at a time: leave --workers and --ray out.")
    suite = AndroidWorldSuite(wanted)
    chosen = options.Options(
        Casting(agent, options.with_adapter(model, adapter)),
        out,
        fresh,
        journal,
        as_json,
        minutes,
        workers,
        ray,
    )
    lines = (
        (f"{len(suite.lacking)} task(s) not played: they need an emulator or Android itself.",)
        if suite.lacking
        else ()
    )
    more = {"not_played": dict(suite.lacking)}
    options.run_suite(
        partial(android_world_suite, wanted), about(wanted, suite), chosen, lines, more
    )


def _told(each: Instance) -> dict[str, object]:
    own = not each.lacking
    return {"name": each.name, "goal": each.goal, "steps": each.steps, "on_practice_phone": own}


def _print_list(found: tuple[Instance, ...], as_json: bool) -> None:
    if as_json:
        print_json({"tasks": [_told(each) for each in found]})
        return
    for each in found:
        where = "also on the practice phone" if not each.lacking else "Android itself"
        typer.echo(f"{each.name} ({each.steps} steps, {where}): {each.goal}")
    names = len({each.name for each in found})
    steps = sum(each.steps for each in found)
    own = sum(not each.lacking for each in found)
    typer.echo(f"{names} tasks, {steps} steps in all; {own} can be played on the practice phone.")
