"""``deskhand demo``: three tasks on the practice desktop, live, checked by its own state.

Responsible for options and printing; which tasks and how many tries stands in ``agent.demo``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, WithModel, WithQuantize, example, load_aloud, print_json

if TYPE_CHECKING:
    from agent.demo import Try
    from agent.listener import Listener
    from agent.models.registry import Loaded
    from agent.outcome import Outcome
    from environments.base import Stop

SMALL = "It has learnt the practice desktop and knows nothing else."


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=example("deskhand demo", "deskhand demo --seed 7"))(demo)


def demo(
    seed: Annotated[int, typer.Option(min=0, help="First seed of each task.")] = 1,
    on: Annotated[
        str | None, typer.Option(help="practice (a real display) or practice:in-process.")
    ] = None,
    model: WithModel = "embedded",
    quantize: WithQuantize = "none",
    pictures: Annotated[Path, typer.Option(help="Folder for the picture strips.")] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Watch the small embedded checkpoint do three practice tasks.

    Leaves with 0 when all three ended verified, with 1 if not. A task that failed is tried once
    more on the next seed; both tries are printed.
    """
    from agent.demo import all_verified, demonstrate

    show = Show(on or _screen(), model, quantize, pictures, quiet=as_json)
    with _theatre(show) as theatre:
        tries = list(demonstrate(seed, theatre.perform))
    _print_tally(tries, pictures, as_json)
    stopped = any(one.outcome.status == "stopped" for one in tries)
    raise typer.Exit(4 if stopped else int(not all_verified(tries)))


@dataclass(frozen=True, slots=True)
class Show:
    """What the person asked to see, and where."""

    on: str
    model: str
    quantize: str
    pictures: Path
    quiet: bool


@dataclass(frozen=True, slots=True)
class Theatre:
    """What all tries share: what was asked for, the loaded model and the stop."""

    show: Show
    loaded: Loaded
    stop: Stop

    def perform(self, template: str, seed: int, number: int) -> Outcome:
        """Do one task on a practice desktop of its own."""
        from agent.assembly import run_on, staged
        from agent.config import settings_from

        settings = settings_from(on=self.show.on, template=template, seed=seed, max_steps=20)
        with staged(settings, self.stop) as stage:
            self._announce(template, number, f"{stage.task}  (seed {seed}, on {stage.name})")
            listeners = self._listeners(f"{template}-{seed}.png", f"Task: {stage.task}")
            return run_on(stage, self.loaded, settings, self.stop, listeners).outcome

    def _announce(self, template: str, number: int, task: str) -> None:
        from environments.practice.templates import DEMO

        if not self.show.quiet:
            again = "" if number == 1 else f", try {number}"
            typer.secho(f"\n{DEMO[template]}{again}: {task}", bold=True)

    def _listeners(self, file: str, title: str) -> list[Listener]:
        from rich.console import Console

        from agent.console import LiveConsole
        from agent.strip import StripRecorder

        strip = StripRecorder(self.show.pictures / file, f"{title}   [{self.loaded.model.name}]")
        return [strip] if self.show.quiet else [LiveConsole(Console()), strip]


def _screen() -> str:
    from agent.demo import choose_screen

    screen, reason = choose_screen()
    if reason:
        typer.echo(reason, err=True)
    return screen


@contextmanager
def _theatre(show: Show) -> Iterator[Theatre]:
    """Load the model, and listen for Ctrl-C until everything is over."""
    from agent.signals import StopSignals
    from environments.base import Stop

    stop = Stop()
    _make_folder(show.pictures)
    with StopSignals(stop).listening() as signals:
        with signals.at_once():
            loaded = load_aloud(show.model, show.quantize)
        if not show.quiet:
            typer.echo(f"Model: {loaded.model.name}.")
            if loaded.is_embedded:
                typer.echo(SMALL)
        yield Theatre(show, loaded, stop)


def _make_folder(folder: Path) -> None:
    from environments.errors import ConfigError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"The folder for the pictures cannot be made ({error}).") from error


def _print_tally(tries: Sequence[Try], pictures: Path, as_json: bool) -> None:
    from environments.practice.templates import DEMO

    if as_json:
        print_json([asdict(one) for one in tries])
        return
    typer.echo("")
    for one in tries:
        checked = one.outcome.checked_by or "nothing"
        mark = "verified" if one.outcome.status == "success" else one.outcome.status
        what = f"{DEMO[one.template]}, seed {one.seed}"
        typer.echo(f"{mark:10} {what}, checked by {checked}: {one.outcome.evidence}")
    typer.echo(f"Every screen with the point that the model chose: {pictures}/*.png")
