"""``deskhand train``: making the embedded checkpoint.

Responsible for the command line of training only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json
from agent.training.seeds import MOST_SEEDS
from agent.tuning.cli import register

if TYPE_CHECKING:
    from agent.training.recorded import Play
    from agent.training.teacher import Teacher

app = typer.Typer(
    help="Train models on worlds that know the right answer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def group() -> None:
    """Train models on worlds that know the right answer."""


register(app)


@app.command(epilog=example("deskhand train embedded --work .training"))
def embedded(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    work: Annotated[Path, typer.Option(help="Folder for state and results.")] = Path(".training"),
    ship: Annotated[bool, typer.Option(help="Put the best checkpoint into the package.")] = False,
    scale: Annotated[
        float, typer.Option(min=0.001, help="Length of all stages, 1 as published.")
    ] = 1.0,
    processes: Annotated[
        int, typer.Option(min=1, max=32, help="Processes that train together.")
    ] = 1,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that make samples, for each that trains.")
    ] = 1,
    tasks: Annotated[
        int, typer.Option(min=1, max=100, help="Tasks of each template in an evaluation.")
    ] = 24,
    begin: Annotated[
        str, typer.Option("--from", help="Begin with a checkpoint: embedded or a folder.")
    ] = "",
    course: Annotated[
        str, typer.Option(help="practice, or with --from: mend, pages or programs.")
    ] = "practice",
    moments: Annotated[
        Path | None, typer.Option(help="Folder of recorded moments; WORK/moments without it.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEEDS - 1, help="Of first weights and tasks.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Train the embedded checkpoint from nothing, or go on where it stopped.

    The course "mend" is one more round of mending what a checkpoint does wrong; "pages" learns
    MiniWoB++ from what `deskhand train record miniwob` recorded, "programs" likewise.
    """
    from functools import partial

    from agent.training.curriculum import NOTHING_KNOWN, course_named, stages_scaled
    from agent.training.team import together
    from agent.training.training import Work, progress_of, train
    from environments.errors import ConfigError

    stages = stages_scaled(scale, course_named(course))
    if course != NOTHING_KNOWN and not begin and not work.exists():
        raise ConfigError(f"The course {course} begins with a checkpoint: add --from embedded.")
    asked = Work(work, workers, tasks, _begin(begin), moments, seed)
    together(processes, partial(train, asked, stages))
    best = work / "best"
    if ship:
        _ship(best)
    if as_json:
        progress = progress_of(work)
        print_json({"checkpoint": str(best), "screens": progress.seen, "best": progress.best})
    else:
        typer.echo(f"The best checkpoint stands in {best}.")


@app.command(epilog=example("deskhand train record miniwob --out .training/moments"))
def record(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    teacher: Annotated[str, typer.Argument(help="The world that sets the tasks.")],
    out: Annotated[Path, typer.Option(help="Folder for the moments.")] = Path(".training/moments"),
    tasks: Annotated[int, typer.Option(min=1, help="Tasks that are played.")] = 1000,
    after: Annotated[int, typer.Option(min=0, help="Tasks that are left out before them.")] = 0,
    template: Annotated[list[str] | None, typer.Option(help="Only tasks of this name.")] = None,
    model: Annotated[
        str, typer.Option(help="Who acts: a checkpoint; without one the oracle itself.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Play a world that is slow to show once, so that training can learn from it often.

    What stands in the folder already is not played again.
    """
    from contextlib import closing

    from rich.console import Console

    from agent.training.recorded import record as recording
    from agent.training.seeds import FIRST_TRAINING_SEED
    from agent.training.teacher import teacher_named

    first = FIRST_TRAINING_SEED + after
    console, count = Console(stderr=True), 0
    with closing(teacher_named(teacher)(template or ())) as world:
        for made in recording(_player(world, model), range(first, first + tasks), out):
            count += made
            console.print(f"{count} moments")
    if as_json:
        print_json({"folder": str(out), "moments": count})
    else:
        typer.echo(f"{count} more moments stand in {out}.")


def _player(world: Teacher, model: str) -> Play:
    """Return who plays: a checkpoint beside which the oracle stands, or the oracle."""
    import random
    from functools import partial

    from agent.training.moments import Moments

    if not model:
        return Moments(world, random.Random(0)).every
    from agent.models.registry import load_model
    from agent.training.meeting import met

    return partial(met, load_model(model), world)


def _begin(name: str) -> Path | None:
    from agent.models.registry import EMBEDDED_FOLDER

    if not name:
        return None
    return EMBEDDED_FOLDER if name == "embedded" else Path(name)


def _ship(best: Path) -> None:
    """Copy a checkpoint to where ``--model embedded`` looks for it.

    Raises:
        ConfigError: the installation cannot be written.
    """
    import shutil

    from agent.models.registry import EMBEDDED_FOLDER
    from environments.errors import ConfigError

    try:
        shutil.copytree(best, EMBEDDED_FOLDER, dirs_exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"The checkpoint cannot be put into {EMBEDDED_FOLDER} ({error}); it stands in {best}."
        ) from error
