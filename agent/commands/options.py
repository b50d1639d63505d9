"""Options that several commands share, and the way they print for machines.

Responsible for one spelling of each. Holds no command.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
OnScreen = Annotated[
    str | None,
    typer.Option("--on", help="virtual[:WxH] (default), desktop, practice[:in-process]."),
]
WithModel = Annotated[
    str, typer.Option("--model", help="auto, embedded, scripted:FILE, a hub id or a folder.")
]


def example(*lines: str) -> str:
    """Return an epilog that shows examples as they stand."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def print_json(value: Any) -> None:
    """Print one JSON document on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))
