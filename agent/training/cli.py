"""``deskhand train``: making the embedded checkpoint.

Responsible for the command line of training only.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Train models on worlds that know the right answer.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def group() -> None:
    """Train models on worlds that know the right answer."""


@app.command()
def embedded(
    work: Annotated[Path, typer.Option(help="Folder for state and results.")] = Path(".training"),
    ship: Annotated[bool, typer.Option(help="Put the best checkpoint into the package.")] = False,
    scale: Annotated[float, typer.Option(help="Length of all stages, 1 as published.")] = 1.0,
    workers: Annotated[int, typer.Option(help="Processes that make samples.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train the embedded checkpoint from nothing, or go on where it stopped.

    Example: deskhand train embedded --work .training
    """
    from rich.console import Console

    from agent.models.registry import EMBEDDED_FOLDER
    from agent.training.training import Trainer, stages_scaled

    trainer = Trainer(work, Console(stderr=as_json), workers=workers)
    trainer.run(stages_scaled(scale))
    best = work / "best"
    if ship and best.exists():
        shutil.copytree(best, EMBEDDED_FOLDER, dirs_exist_ok=True)
    result = {
        "checkpoint": str(best),
        "screens": trainer.progress.seen,
        "best": trainer.progress.best,
    }
    typer.echo(json.dumps(result) if as_json else f"The best checkpoint stands in {best}.")
