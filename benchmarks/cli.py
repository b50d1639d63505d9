"""``deskhand bench``: how well and how fast, on the suites and against the bars.

Responsible for options and for what is printed; measuring stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.commands.options import AsJson, example, print_json
from benchmarks.suites.practice import Frames
from benchmarks.suites.practice_places import Where
from benchmarks.suites.practice_run import Who

if TYPE_CHECKING:
    from benchmarks.bars import Bar, Finding
    from benchmarks.base import TaskResult
    from benchmarks.suites.practice_run import PracticeRun

app = typer.Typer(
    help="Measure how well and how fast it works.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
STOPPED = 4
"""Exit code of what a person stopped."""

Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what was measured before.")]


@app.command(
    epilog=example(
        "deskhand bench practice --agent oracle",
        "deskhand bench practice --template click_button --seeds 2000:2050 --on display",
        "deskhand bench practice --on phone --template send_message --agent oracle",
    )
)
def practice(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    template: Annotated[
        list[str] | None, typer.Option(help="A template; may be given again. Default: all.")
    ] = None,
    seeds: Annotated[
        str, typer.Option(metavar="FROM:TO", help="TO itself is left out.")
    ] = "2000:2020",
    on: Annotated[
        Where,
        typer.Option(help="The desktop in-process or on a display; the phone, or through adb."),
    ] = "in-process",
    agent: Annotated[Who, typer.Option(help="Who plays.")] = "model",
    model: Annotated[str, typer.Option(help="embedded, a hub id or a folder.")] = "embedded",
    frame: Annotated[Frames, typer.Option(help="What the model is shown.")] = "normal",
    out: Annotated[Path | None, typer.Option(help="Results file; goes on where it ends.")] = None,
    journal: Annotated[bool, typer.Option("--journal", help="Keep every episode's run.")] = False,
    fresh: Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Play the tasks of the practice desktop or phone and score them by its own state.

    An episode takes at most twice the steps that the oracle needs. Leaves with 0 when every
    episode could be played, with 1 when some broke, with 4 when you stopped it.
    """
    from benchmarks.results import ResultLog
    from benchmarks.suites.practice_places import PLACES
    from benchmarks.suites.practice_run import PracticeRun

    wanted = tuple(template or PLACES[on].templates)
    run = PracticeRun(wanted, _seeds(seeds), agent, on, frame, model)
    log = ResultLog(out or _folder() / "practice.jsonl")
    if fresh:
        log.clear()
    results = _play(run, log, journal, as_json)
    _print_run(run, results, log.path, as_json)
    raise typer.Exit(_exit_code(results))


@app.command(
    epilog=example(
        "deskhand bench latency",
        "deskhand bench latency --backend engine --backend openai --server http://localhost:8000/v1",
        "deskhand bench latency --size 8B --steps 7",
    )
)
def latency(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    size: Annotated[
        list[str] | None,
        typer.Option(
            help="tiny, tiny-151k, 2B, 4B or 8B; may be given again. Default: tiny on a CPU, the "
            "others on a GPU."
        ),
    ] = None,
    backend: Annotated[
        list[str] | None,
        typer.Option(help="engine, engine-tokenwise, transformers or openai; may be given again."),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="OpenAI-compatible server to compare with.")
    ] = None,
    served: Annotated[str | None, typer.Option(help="The server's name for the model.")] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write the tiny network here, for a server to load; stop.")
    ] = None,
    screen: Annotated[
        str | None,
        typer.Option(metavar="WIDTHxHEIGHT", help="Default: 1920x1080 on a GPU, else 640x384."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of torch on a CPU.")] = 1,
    steps: Annotated[int, typer.Option(min=1, max=50, help="Length of a trace.")] = 20,
    repeats: Annotated[int, typer.Option(min=1, help="Traces that count.")] = 3,
    evict: Annotated[
        int, typer.Option(min=0, help="Also measure what forgetting all but so many screens does.")
    ] = 0,
    budget: Annotated[
        int, typer.Option(min=0, help="Also run 50 steps within so many tokens.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of weights and screens.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Replay a GUI agent's steps on networks with random weights, one backend beside the other.

    Every backend sees the same screens and its own replies, in turn within one run; on a GPU the
    least that each could take is printed beside it.
    """
    from agent.signals import StopSignals
    from benchmarks.latency.backends import ENGINE, SERVER, USUAL
    from benchmarks.latency.networks import TINY, save_for_server
    from benchmarks.latency.report import Asked, default_sizes, measure
    from environments.base import Stop

    if save:
        save_for_server(save, (size or [TINY])[0], seed)
        return
    names = tuple(backend or ((ENGINE, SERVER) if server else USUAL))
    size_px = _pixels(screen) if screen else None
    for wanted in size or default_sizes():
        asked = Asked(
            wanted, names, steps, repeats, seed, server, served, evict, budget, size_px, threads
        )
        stop = Stop()
        with StopSignals(stop).listening():
            report = measure(asked, stop, _told(as_json))
        if as_json:
            print_json(dict(report.data) | {"size": wanted})
        else:
            typer.echo("\n".join(report.lines))


@app.command(
    epilog=example(
        "deskhand bench bars",
        "deskhand bench bars baselines",
        "deskhand bench bars embedded-in-process --slice 0.05",
    )
)
def bars(
    name: Annotated[str | None, typer.Argument(help="One bar; default: all of them.")] = None,
    share: Annotated[
        float, typer.Option("--slice", min=0.001, max=1, help="Measure this share of each.")
    ] = 1.0,
    work: Annotated[Path | None, typer.Option(help="Folder for what is measured in parts.")] = None,
    fresh: Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Measure the figures that must hold, each against its bar.

    What was measured before is kept and not measured again while world and checkpoint are the
    same. A slice only has to not speak against the bar. Leaves with 0 when all hold, with 1 when
    one fails or cannot be measured here.
    """
    from benchmarks.bars import BARS, Bench, bar_named, measure
    from benchmarks.progress import watched

    wanted = [bar_named(name)] if name else list(BARS)
    held = True
    for bar in wanted:
        with watched(None, as_json) as (stop, heard):
            bench = Bench(work or _folder() / "bars", stop, share, heard)
            if fresh:
                bench.log(bar.name).clear()
            finding = measure(bar, bench)
        _print_bar(bar, finding, share, as_json)
        held = held and finding.status in ("pass", "measured")
    raise typer.Exit(int(not held))


def _pixels(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and min(int(width), int(height)) > 0):
        raise typer.BadParameter(f"--screen {text!r} is no size; write it like 1280x720.")
    return int(width), int(height)


def _told(quiet: bool) -> Callable[[str], None]:
    """Return what tells a person at a terminal what is being measured."""
    import sys

    shown = not quiet and sys.stderr.isatty()
    return lambda text: typer.echo(text, err=True) if shown else None


def _folder() -> Path:
    from agent.config import home_folder

    return home_folder() / "bench"


def _seeds(text: str) -> tuple[int, ...]:
    first, _, end = text.partition(":")
    if not (first.isdecimal() and end.isdecimal() and int(first) < int(end)):
        raise typer.BadParameter(f"--seeds {text!r} is no range; write it like 2000:2020.")
    return tuple(range(int(first), int(end)))


def _play(run: PracticeRun, log: Any, journal: bool, quiet: bool) -> list[TaskResult]:
    from agent.assembly import runs_folder
    from agent.models.registry import load_model
    from benchmarks.progress import watched
    from benchmarks.suites.practice_run import play

    with watched(len(run.templates) * len(run.seeds), quiet) as (stop, heard):
        return play(run, load_model, log, stop, heard, runs_folder() if journal else None)


def _print_run(run: PracticeRun, results: Sequence[TaskResult], path: Path, as_json: bool) -> None:
    from benchmarks.report import SMALL, by_group, stage_medians, table, tally

    note = SMALL if run.is_embedded else ""
    wide = run.width()
    if as_json:
        groups = {group: asdict(count) for group, count in by_group(results).items()}
        whole = asdict(tally(results))
        print_json(
            {"conditions": run.conditions, "all": whole, "templates": groups, "note": note}
            | {"width": asdict(wide), "stages_ms": stage_medians(results), "results": str(path)}
        )
        return
    typer.echo(f"practice/{run.conditions}: success rate, 95 % interval, episodes")
    for line in (*table(results), f"In {wide.sentence()}.", note, f"Results: {path}"):
        typer.echo(line)


def _exit_code(results: Sequence[TaskResult]) -> int:
    from benchmarks.base import Kind

    kinds = {result.kind for result in results}
    return STOPPED if Kind.STOPPED in kinds else int(Kind.ENV_ERROR in kinds)


def _print_bar(bar: Bar, finding: Finding, share: float, as_json: bool) -> None:
    if as_json:
        told = {"name": bar.name, "what": bar.what, "bar": bar.bar, "slice": share}
        print_json(told | asdict(finding) | {"status": finding.status})
        return
    colours = {"pass": typer.colors.GREEN, "measured": typer.colors.GREEN}
    typer.secho(f"{finding.status:13}", fg=colours.get(finding.status, "red"), nl=False)
    part = "" if share >= 1 else f" (a slice of {share:g})"
    typer.echo(f"{bar.name}: {finding.figure}; bar: {bar.bar or 'none yet'}{part}")
    for line in (bar.what, *finding.notes):
        typer.echo(f"{'':13}{line}")
