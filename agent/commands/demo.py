"""``deskhand demo``: three tasks on the practice desktop and one on the practice phone, live.

Responsible for options and printing; which tasks and how many tries stands in ``agent.demo``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, WithModel, WithQuantize, example, load_aloud, print_json

if TYPE_CHECKING:
    from agent.assembly import Stage
    from agent.demo import Try
    from agent.listener import Listener
    from agent.models.loaded import Loaded
    from agent.outcome import Outcome
    from environments.base import Stop

SMALL = "It has learnt the practice desktop and phone and knows nothing else."
NOT_YET = (
    "\nThe small checkpoint has not learnt the phone. On the phone a script plays that knows the "
    "answer:\nwhat you see there is the way to a phone through the real adb server, not a model."
)
NO_PHONE = "none"


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=example("deskhand demo", "deskhand demo --seed 7"))(demo)


def demo(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    seed: Annotated[int, typer.Option(min=0, help="First seed of each task.")] = 1,
    on: Annotated[
        str | None, typer.Option(help="practice (a real display) or practice:in-process.")
    ] = None,
    phone: Annotated[
        str | None,
        typer.Option(
            help="practice-phone (through adb), practice-phone:in-process or none; with --on: none."
        ),
    ] = None,
    model: WithModel = "embedded",
    quantize: WithQuantize = "none",
    pictures: Annotated[Path, typer.Option(help="Folder for the picture strips.")] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Watch the small embedded checkpoint do three practice tasks, and one done on a phone.

    Leaves with 0 when all ended verified, with 1 if not. A task that failed is tried once
    more on the next seed; both tries are printed.
    """
    from agent.demo import PHONE_DEMO, all_verified, demonstrate
    from environments.practice.templates import DEMO

    phone = phone or (NO_PHONE if on else "practice-phone")
    show = Show(on or _screen(), phone, model, quantize, pictures, quiet=as_json)
    wanted = [*DEMO, *(PHONE_DEMO if phone != NO_PHONE else ())]
    with _theatre(show) as theatre:
        tries = list(demonstrate(seed, theatre.perform, wanted))
    _print_tally(tries, theatre.players, pictures, as_json)
    stopped = any(one.outcome.status == "stopped" for one in tries)
    raise typer.Exit(4 if stopped else int(not all_verified(tries, wanted)))


@dataclass(frozen=True, slots=True)
class Show:
    """What the person asked to see, and where."""

    on: str
    phone: str
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
    players: dict[str, str] = field(default_factory=dict)
    """Who played each task."""

    def perform(self, template: str, seed: int, number: int) -> Outcome:
        """Do one task on a practice desktop or phone of its own."""
        from agent.assembly import run_on, staged
        from agent.config import settings_from
        from agent.demo import PHONE_DEMO

        on = self.show.phone if template in PHONE_DEMO else self.show.on
        settings = settings_from(on=on, template=template, seed=seed, max_steps=20)
        with staged(settings, self.stop) as stage:
            player = self._player(stage, template in PHONE_DEMO)
            self.players[template] = player.model.name
            words = f"{stage.task}  (seed {seed}, on {stage.name})"
            self._announce(template, number, words, player)
            listeners = self._listeners(f"{template}-{seed}.png", f"Task: {stage.task}", player)
            return run_on(stage, player, settings, self.stop, listeners).outcome

    def _player(self, stage: Stage, on_phone: bool) -> Loaded:
        """Return the model, or where it cannot play yet the script that knows the answer."""
        from agent.models.registry import knows_phones

        is_lost = self.loaded.is_embedded and not knows_phones(self.show.model)
        if not (on_phone and is_lost):
            return self.loaded
        from agent.oracle_player import OraclePlayer
        from agent.practice import task_of

        return replace(self.loaded, model=OraclePlayer(task_of(stage.environment)), converse=None)

    def _announce(self, template: str, number: int, task: str, player: Loaded) -> None:
        from agent.demo import SHOWN

        if self.show.quiet:
            return
        if player is not self.loaded and number == 1:
            typer.echo(NOT_YET)
        again = "" if number == 1 else f", try {number}"
        typer.secho(f"\n{SHOWN[template]}{again}: {task}", bold=True)

    def _listeners(self, file: str, title: str, player: Loaded) -> list[Listener]:
        from rich.console import Console

        from agent.console import LiveConsole
        from agent.strip import StripRecorder

        strip = StripRecorder(self.show.pictures / file, f"{title}   [{player.model.name}]")
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
    from agent.config import settings_from
    from agent.signals import StopSignals
    from environments.base import Stop

    stop = Stop()
    asked = settings_from(on=show.on, model=show.model, quantize=show.quantize, task="Demo")
    _make_folder(show.pictures)
    with StopSignals(stop).listening() as signals:
        with signals.at_once():
            loaded = load_aloud(asked, stop)
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


def _print_tally(
    tries: Sequence[Try], players: Mapping[str, str], pictures: Path, as_json: bool
) -> None:
    from agent.demo import PHONE_DEMO, SHOWN

    if as_json:
        print_json([asdict(one) | {"player": players[one.template]} for one in tries])
        return
    typer.echo("")
    for one in tries:
        checked = one.outcome.checked_by or "nothing"
        mark = "verified" if one.outcome.status == "success" else one.outcome.status
        by = f" by {players[one.template]}" if one.template in PHONE_DEMO else ""
        what = f"{SHOWN[one.template]}, seed {one.seed}{by}"
        typer.echo(f"{mark:10} {what}, checked by {checked}: {one.outcome.evidence}")
    typer.echo(f"Every screen with the point that the model chose: {pictures}/*.png")
