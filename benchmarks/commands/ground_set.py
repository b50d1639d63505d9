"""``deskhand bench ground-set``: our own grounding set.

Responsible for options and for what is printed; rendering stands in
``benchmarks.suites.grounding.made``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import AsJson, example, print_json
from benchmarks.suites.grounding.made import SETS

app = typer.Typer(
    help="Our own grounding set: the practice world and real programs, with exact boxes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    app.command(
        epilog=example(
            "deskhand bench ground-set make set",
            "deskhand bench ground-set make pages --part chromium --seed 7",
            "deskhand bench grounding deskhand-ground --data set",
        )
    )(make)
    parent.add_typer(app, name="ground-set")


@app.callback()
def group() -> None:
    """Our own grounding set: the practice world and real programs, with exact boxes."""


def make(
    folder: Annotated[Path, typer.Argument(help="Where to; must be empty.")],
    part: Annotated[
        list[str] | None,
        typer.Option(
            help="practice-desktop, practice-phone, chromium or gtk; may be given again. "
            "Default: all."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=SETS - 1, help="Everything is drawn from it.")
    ] = 0,
    share: Annotated[
        float, typer.Option("--slice", min=0.001, max=1, help="Make this share of each part.")
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Render the set: pictures, and questions in ScreenSpot-Pro's layout.

    It is not ScreenSpot: no figure on it compares with one there.
    """
    from agent.signals import StopSignals
    from benchmarks.suites.grounding.made.making import make_set
    from benchmarks.suites.grounding.made.shots import NOTE
    from environments.base import Stop

    stop = Stop()
    with StopSignals(stop).listening():
        counts = make_set(folder, part or (), seed, share, stop)
    if as_json:
        print_json({"folder": str(folder), "questions": dict(counts), "note": NOTE})
        return
    for name, count in counts.items():
        typer.echo(f"{name:18} {count} questions")
    typer.echo(NOTE)
