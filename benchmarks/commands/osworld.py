"""``deskhand bench osworld``: tasks in OSWorld's format, without a virtual machine.

Responsible for options and for the list of what cannot be played; playing stands in
``benchmarks.playing``.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json
from benchmarks import options

if TYPE_CHECKING:
    from benchmarks.suites.osworld.suite import Sorted

WARNING = (
    "Task files hold shell commands: setup steps and checks. They run inside bubblewrap, in a home "
    "that is thrown away; nothing that a model writes is run."
)
OPEN = (
    "With --network they reach what this machine reaches, and every program that listens here, at "
    "127.0.0.1 too (databases, model servers, adb). Where that matters, play in a virtual machine."
)
_LIKELY = 8


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=example(
            "deskhand bench osworld --agent oracle",
            "deskhand bench osworld --tasks OSWorld/evaluation_examples --list",
            "deskhand bench osworld --tasks OSWorld/evaluation_examples --domain os --model auto",
        )
    )(osworld)


def osworld(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    tasks: Annotated[
        Path | None,
        typer.Option(help="Folder with examples/, such as OSWorld's. Default: our own tasks."),
    ] = None,
    listing: Annotated[
        str, typer.Option(help="The list in that folder: test_all.json, test_small.json, ...")
    ] = "test_all.json",
    domain: Annotated[
        list[str] | None, typer.Option(help="Only this domain; may be given again.")
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option(help="Only ids that begin so; may be given again.")
    ] = None,
    assets: Annotated[
        Path | None, typer.Option(help="Copy of the data set with the tasks' files.")
    ] = None,
    network: Annotated[
        bool,
        typer.Option(
            "--network",
            help="Let the programs of tasks reach the network as this machine does, with all that "
            "listens on it, also at 127.0.0.1. Needs Linux 6.12.",
        ),
    ] = False,
    steps: Annotated[int, typer.Option(min=1, help="Turns: 15, 50 or 100 are reported.")] = 15,
    only_list: Annotated[
        bool, typer.Option("--list", help="Say which tasks can be played here, and why not.")
    ] = False,
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
    """Play tasks in OSWorld's format on a display of their own, each in a sandbox of its own.

    Task files hold shell commands (setup steps and checks). They run inside bubblewrap, in a home
    that is thrown away, and without bubblewrap nothing is played; nothing that a model writes is
    run. Tasks that lack a file, a program, an account or the live web are listed and not scored.
    Leaves with 0 when every episode could be played, with 1 when some broke, with 4 when you
    stopped it.
    """
    from functools import partial

    from benchmarks.casting import Casting
    from benchmarks.suites.osworld.suite import Wanted, about, osworld_suite, sort
    from benchmarks.suites.osworld.walls import sandbox_problem
    from environments.errors import ConfigError

    wanted = Wanted(tasks, listing, tuple(domain or ()), tuple(task or ()), assets, network, steps)
    found = sort(wanted)
    if only_list:
        _print_list(found, as_json)
        return
    problem = sandbox_problem(network)
    if problem:
        raise ConfigError(problem)
    if network and (workers > 1 or ray):
        raise ConfigError(
            "With --network the tasks share this machine's ports: play one at a time."
        )
    if not found.playable:
        raise ConfigError(f"None of these tasks can be played here: {_summary(found)}.")
    if not as_json:
        typer.echo(WARNING + (f" {OPEN}" if network else ""), err=True)
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
        (f"{len(found.lacking)} task(s) not played: {_summary(found)}.",) if found.lacking else ()
    )
    more = {"not_played": {key: list(why) for key, why in found.lacking.items()}}
    options.run_suite(partial(osworld_suite, wanted), about(wanted, found), chosen, lines, more)


def _summary(found: Sorted) -> str:
    """Return the most frequent reasons with their numbers."""
    counted = Counter(why for each in found.lacking.values() for why in each)
    told = [f"{count} need {why}" for why, count in counted.most_common(_LIKELY)]
    rest = len(counted) - len(told)
    return "; ".join(told) + (f"; and {rest} other reasons (--list)" if rest > 0 else "")


def _print_list(found: Sorted, as_json: bool) -> None:
    playable = [f"{task.domain}/{task.id}" for task in found.playable]
    if as_json:
        lacking = {key: list(why) for key, why in found.lacking.items()}
        print_json({"playable": playable, "not_playable": lacking})
        return
    for key in playable:
        typer.echo(f"{key}: can be played")
    for key, why in found.lacking.items():
        typer.echo(f"{key}: needs {'; '.join(why)}")
    typer.echo(f"{len(playable)} can be played here, {len(found.lacking)} cannot.")
    if found.lacking:
        typer.echo(f"Of these, {_summary(found)}.")
