"""What several commands share: options, the way they print for machines, how they load a model.

Responsible for one spelling of each. Holds no command.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.models.formats import Quantization

if TYPE_CHECKING:
    from agent.models.registry import Loaded

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
    str, typer.Option("--model", help="auto, embedded, scripted:FILE, a hub id or a folder.")
]
WithQuantize = Annotated[
    Quantization,
    typer.Option(
        "--quantize",
        help="Load the weights in fewer bits: int8, nf4 (bitsandbytes), fp8, int4 (torchao).",
    ),
]


def example(*lines: str) -> str:
    """Return an epilog that shows examples as they stand."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def load_aloud(
    name: str,
    quantize: str = "none",
    context_tokens: int | None = None,
    keep_images: int | None = None,
) -> Loaded:
    """Load a model, and tell on the error stream what about it is not as wished."""
    from agent.models.registry import load_model

    loaded = load_model(name, quantize, context_tokens, keep_images)
    for notice in loaded.notices:
        typer.echo(notice, err=True)
    return loaded


def print_json(value: Any) -> None:
    """Print one JSON document on one line."""
    typer.echo(json.dumps(value))
