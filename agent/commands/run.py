"""``deskhand run``: one task, done live.

Responsible for options, what is printed and the exit code; the parts are put together in
``agent.assembly``.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from agent.commands.options import (
    AsJson,
    OnScreen,
    WithAdapter,
    WithImageSize,
    WithImageTokens,
    WithModel,
    WithProfile,
    WithQuantize,
    WithServed,
    WithThink,
    WithThinkTokens,
    example,
    load_aloud,
    print_json,
    thinking,
)
from tools.rules.classes import Preset

if TYPE_CHECKING:
    from agent.assembly import RunReport, Stage
    from agent.config import RunSettings
    from agent.console import LiveConsole
    from agent.models.loaded import Loaded
    from agent.pruning import Keeping

EPILOG = example(
    'deskhand run "Open the settings" --on virtual --expect window:Settings',
    "deskhand run --on practice --template fill_form --seed 3 --model embedded",
    "deskhand run --tasks tasks.jsonl --on android:any",
    'deskhand run "Type the code from my phone here" --on pc=desktop+phone=android:SERIAL',
)


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=EPILOG)(run)


def run(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    task: Annotated[str, typer.Argument(help="What to do, in plain words.")] = "",
    on: OnScreen = None,
    model: WithModel = "auto",
    adapter: WithAdapter = None,
    served: WithServed = None,
    profile: WithProfile = None,
    quantize: WithQuantize = "none",
    image_tokens: WithImageTokens = None,
    image_size: WithImageSize = None,
    think: WithThink = False,
    think_tokens: WithThinkTokens = None,
    expect: Annotated[
        str | None,
        typer.Option(
            metavar="KIND:VALUE",
            help="What must hold at the end: file:PATH, text-in-file:PATH::TEXT or window:TITLE.",
        ),
    ] = None,
    history: Annotated[
        str | None,
        typer.Option(help="Past screenshots shown: append, hysteresis:LEAST-MOST or evict:KEPT."),
    ] = None,
    context: Annotated[
        int | None, typer.Option(help="Tokens of conversation to keep ready.")
    ] = None,
    max_steps: Annotated[int | None, typer.Option(help="Stop after this many steps.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after this many minutes.")] = None,
    template: Annotated[
        str | None, typer.Option(help="A practice task; brings its words and its check along.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Which one of the practice tasks.")] = None,
    tasks: Annotated[
        Path | None,
        typer.Option(help="Instead of TASK: a file with one JSON object a line, task and expect."),
    ] = None,
    preset: Annotated[
        Preset | None,
        typer.Option(help="What is allowed without a question; balanced unless rules say more."),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="A file of rules; your own rules.toml without it.")
    ] = None,
    mcp: Annotated[
        Path | None,
        typer.Option(help="A file of MCP servers that join; your own mcp.json without it."),
    ] = None,
    ask: Annotated[
        Literal["auto", "wait", "nobody"],
        typer.Option(help="Who is asked: whoever can be called; wait for deskhand answer; nobody."),
    ] = "auto",
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the work behind each step.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Do one task and say honestly whether it was done; or many, on every phone that is ready.

    Leaves with 0 success, 1 failed, 2 wrong usage, 3 claimed but not checked, 4 stopped by you,
    5 device error, 6 model error, 7 a limit was reached.
    """
    from agent.config import settings_from
    from agent.models.registry import adapted
    from agent.outcome import exit_code_of
    from agent.practice import screen_for
    from agent.pruning import read_keeping

    keeping = read_keeping()
    given: dict[str, object] = {
        "task": task or None,
        "on": on or screen_for(template),
        "model": adapted(model, adapter),
        "served": served,
        "profile": profile,
        "image_tokens": image_tokens,
        "image_size": image_size,
        "think": thinking(think, think_tokens),
        "quantize": quantize,
        "expect": expect,
        "history": history,
        "context": context,
        "max_steps": max_steps,
        "minutes": minutes,
        "template": template,
        "seed": seed,
        "preset": preset,
        "rules": rules,
        "mcp": mcp,
        "ask": ask,
    }
    if tasks is not None:
        _leave_after_many(tasks, given, as_json)
    settings = settings_from(**given)
    report = _perform(settings, verbose, as_json)
    code = exit_code_of(report.outcome)
    if as_json:
        place = {"run": report.run_id, "exit_code": code, "folder": str(report.folder)}
        print_json(place | asdict(report.outcome))
    else:
        typer.echo(f"Everything is kept: deskhand runs show {report.run_id}")
    _make_room(keeping)
    raise typer.Exit(code)


def _make_room(keeping: Keeping) -> None:
    """Delete what is older or more than the person keeps, and say so."""
    from agent.assembly import runs_folder
    from agent.pruning import prune
    from environments.errors import JournalError

    try:
        gone = prune(runs_folder(), keeping).runs
    except JournalError as error:  # The run has ended, and its outcome is what counts.
        typer.echo(str(error), err=True)
        return
    if gone:
        how = "see: deskhand runs prune --help"
        typer.echo(f"{len(gone)} old runs were deleted to make room; {how}", err=True)


def _leave_after_many(tasks: Path, given: dict[str, object], as_json: bool) -> NoReturn:
    from agent.commands.many import run_many
    from environments.errors import ConfigError

    if given["task"]:
        raise ConfigError("Give either a task or --tasks FILE, not both.")
    raise typer.Exit(run_many(tasks, given, as_json))


def _perform(settings: RunSettings, verbose: bool, quiet: bool) -> RunReport:
    """Open the screen first, since that fails fast, then load the model and go."""
    from agent.assembly import run_on, staged
    from agent.choosing import model_for
    from agent.signals import StopSignals
    from environments.base import Parting, Stop

    stop = Stop()
    with StopSignals(stop).listening() as signals:
        with signals.at_once():
            model_for(settings)
        with staged(settings, stop) as stage:
            with signals.at_once():
                loaded = load_aloud(settings, stop)
            listeners = [] if quiet else [_show(stage, loaded, verbose)]
            report = run_on(stage, loaded, settings, stop, listeners)
    if isinstance(stage.environment, Parting) and stage.environment.farewell:
        typer.echo(stage.environment.farewell, err=True)
    return report


def _show(stage: Stage, loaded: Loaded, verbose: bool) -> LiveConsole:
    """Print what is about to be done, and return what prints the rest."""
    from rich.console import Console

    from agent.console import LiveConsole, printable

    typer.echo(f"Task: {printable(stage.task)}\nModel: {loaded.model.name}, on {stage.name}")
    return LiveConsole(Console(), verbose)
