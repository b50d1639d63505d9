"""``deskhand ground``: where on a picture is a thing?

Responsible for options and printing; the question stands in ``agent.grounding``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import (
    AsJson,
    WithAdapter,
    WithImageSize,
    WithImageTokens,
    WithModel,
    WithProfile,
    WithQuantize,
    WithServed,
    example,
    load_aloud,
    print_json,
)

if TYPE_CHECKING:
    from agent.config import RunSettings
    from agent.grounding import Grounding
    from environments.base import Frame

EPILOG = example('deskhand ground "the Save button" --image shot.png --mark marked.png')


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=EPILOG)(ground)


def ground(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    what: Annotated[str, typer.Argument(help='What to point at, such as "the Save button".')],
    image: Annotated[Path, typer.Option(help="The picture to look at.")],
    model: WithModel = "auto",
    adapter: WithAdapter = None,
    served: WithServed = None,
    profile: WithProfile = None,
    quantize: WithQuantize = "none",
    image_tokens: WithImageTokens = None,
    image_size: WithImageSize = None,
    mark: Annotated[
        Path | None, typer.Option(help="Write the picture with the point marked here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Point at something on a picture, and print the pixel.

    Pixels are counted from the top left corner.

    Leaves with 1 if the model points at nothing.
    """
    from agent.config import settings_from
    from agent.grounding import read_picture
    from agent.models.registry import adapted
    from environments.errors import ConfigError

    if not what.strip():
        raise ConfigError('Say what to point at, for example: deskhand ground "the Save button"')
    frame = read_picture(image)
    asked = settings_from(
        task=what,
        model=adapted(model, adapter),
        served=served,
        profile=profile,
        quantize=quantize,
        image_tokens=image_tokens,
        image_size=image_size,
    )
    name, found = _ask(frame, asked)
    if mark and found.point_px:
        from agent.pictures import mark_point, write_picture

        write_picture(mark_point(frame, found.point_px), mark)
    _print(name, found, as_json)
    raise typer.Exit(int(found.point_px is None))


def _ask(frame: Frame, asked: RunSettings) -> tuple[str, Grounding]:
    from agent import grounding
    from agent.signals import StopSignals
    from environments.base import Stop
    from tools.computer_use import computer_use

    stop = Stop()
    with StopSignals(stop).listening() as signals:
        with signals.at_once():
            loaded = load_aloud(asked, stop)
        return loaded.model.name, grounding.ground(asked.task, frame, loaded, computer_use(), stop)


def _print(name: str, found: Grounding, as_json: bool) -> None:
    from agent.console import printable

    if as_json:
        point = list(found.point_px) if found.point_px else None
        print_json(
            {"point": point, "thought": found.thought, "reason": found.reason, "model": name}
        )
        return
    if found.point_px:
        typer.echo(f"{found.point_px[0]} {found.point_px[1]}")
    else:
        typer.echo(f"No point: {printable(found.reason)}")
    typer.echo(f"({name}: {printable(found.thought)})", err=True)
