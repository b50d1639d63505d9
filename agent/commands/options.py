"""What several commands share: options, the way they print for machines, how they load a model.

Responsible for one spelling of each. Holds no command.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.models.formats import Quantization

if TYPE_CHECKING:
    from agent.config import RunSettings
    from agent.models.loaded import Loaded
    from environments.base import Stop

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
OnScreen = Annotated[
    str | None,
    typer.Option(
        "--on",
        help="virtual[:WxH[@SCALE]] (default), desktop[:MONITOR|:window:TITLE|:all], "
        "android[:SERIAL], practice[:in-process], practice-phone[:in-process]; "
        "several as NAME=SCREEN+NAME=SCREEN.",
    ),
]
WithModel = Annotated[
    str,
    typer.Option(
        "--model",
        help="auto, embedded, scripted:FILE, a hub id, a folder, or a server: "
        "http://HOST:PORT/v1[#NAME].",
    ),
]
WithAdapter = Annotated[
    Path | None,
    typer.Option(
        "--adapter",
        help="Folder of an adapter that deskhand train lora made; brings its base along.",
    ),
]
WithQuantize = Annotated[
    Quantization,
    typer.Option(
        "--quantize",
        help="Load the weights in fewer bits: int8, nf4 (bitsandbytes), fp8, int4 (torchao).",
    ),
]

WithServed = Annotated[
    str | None,
    typer.Option("--served", help="Which of a server's models; the only one without it."),
]
WithProfile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help="How the model is spoken to: a name, or a file .toml; by its own name without it.",
    ),
]
WithImageTokens = Annotated[
    str | None,
    typer.Option(
        "--image-tokens",
        metavar="[MIN:]MAX",
        help="Visual tokens of one screenshot, 256 to 16384; fewer are quicker, more see more.",
    ),
]
WithImageSize = Annotated[
    str | None,
    typer.Option(
        "--image-size",
        metavar="WIDTHxHEIGHT",
        help="Bring every screenshot to this size, rounded to whole tokens.",
    ),
]
WithThink = Annotated[
    bool, typer.Option("--think", help="Let a Thinking edition think, at most 2048 tokens a step.")
]
WithThinkTokens = Annotated[
    int | None,
    typer.Option("--think-tokens", metavar="TOKENS", help="The same, at most so many tokens."),
]


def thinking(think: bool, tokens: int | None) -> int | None:
    """Return how many tokens may be thought, by the two options; None if not asked for."""
    from agent.models.manner import THOUGHT

    return tokens if tokens is not None or not think else THOUGHT


def example(*lines: str) -> str:
    """Return an epilog that shows examples as they stand."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def load_aloud(settings: RunSettings, stop: Stop) -> Loaded:
    """Load a run's model, and tell on the error stream what about it is not as wished."""
    from agent.choosing import load_for

    with _leaving_told():
        loaded = load_for(settings, stop)
    for notice in loaded.notices:
        typer.echo(notice, err=True)
    return loaded


@contextmanager
def _leaving_told() -> Iterator[None]:
    """Tell in a sentence, and at once, what is about to leave this computer."""
    from agent.models.servers.address import Leaving

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, Leaving):
            typer.echo(message, err=True)
        else:
            usual(message, category, *where, **more)

    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", Leaving)
        warnings.showwarning = show
        yield


def print_json(value: Any) -> None:
    """Print one JSON document on one line."""
    typer.echo(json.dumps(value))
