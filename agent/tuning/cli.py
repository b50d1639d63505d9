"""``deskhand train lora`` and ``deskhand train merge``: a checkpoint learns from recorded runs.

Responsible for options and printing; the work stands in ``teaching`` and ``merging``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.options import AsJson, example, print_json

if TYPE_CHECKING:
    from agent.tuning.settings import Settings

LORA = example(
    "deskhand train lora all --model Qwen/Qwen3-VL-4B-Instruct --to taught",
    'deskhand run "Open the books" --adapter taught',
)


def register(app: typer.Typer) -> None:
    """Put the commands on the app."""
    app.command(epilog=LORA)(lora)
    app.command(epilog=example("deskhand train merge taught --to model"))(merge)


def lora(  # noqa: PLR0913, PLR0917 - the options of a command are its arguments
    runs: Annotated[
        list[str],
        typer.Argument(help="Ids of the runs; last is the newest one, all is all of them."),
    ],
    to: Annotated[Path, typer.Option(help="A new folder; one that was begun is gone on with.")],
    model: Annotated[
        str, typer.Option(help="The base: embedded, a hub id or a folder.")
    ] = "Qwen/Qwen3-VL-4B-Instruct",
    home: Annotated[
        Path | None, typer.Option("--runs", help="Folder with the runs; your own without it.")
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="Learn from runs that ended so; success (verified) without it."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="How the model is spoken to; by its own name without it.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Let all weights learn, not LoRA.")] = False,
    qlora: Annotated[
        bool, typer.Option("--qlora", help="LoRA beside a base in 4 bits (NVIDIA GPU).")
    ] = False,
    vision: Annotated[
        bool, typer.Option("--vision", help="Let the vision tower learn too.")
    ] = False,
    rank: Annotated[int, typer.Option(min=1, max=1024, help="Rank of LoRA.")] = 16,
    dropout: Annotated[float, typer.Option(min=0, max=0.9, help="Dropout of LoRA.")] = 0.0,
    rate: Annotated[
        float | None, typer.Option(min=1e-9, help="Learning rate; one that is usual without it.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="How often each step is learnt.")] = 3,
    batch: Annotated[int, typer.Option(min=1, help="Conversations before weights move.")] = 8,
    held_out: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share of the runs that is only examined.")
    ] = 0.1,
    context: Annotated[int, typer.Option(min=256, help="Tokens that a prompt may have.")] = 32_768,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all chance.")] = 0,
    bf16: Annotated[
        bool | None, typer.Option("--bf16/--no-bf16", help="Compute in bfloat16; on a GPU so.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Teach a checkpoint your applications, from runs that Deskhand has recorded.

    Only what worked is learnt: of each run the replies whose calls were done and had an effect. The
    folder then holds an adapter for --adapter (or, with --full, a checkpoint for --model), figures
    and their curves. The same command goes on where it was stopped.
    """
    from rich.console import Console

    from agent.assembly import runs_folder
    from agent.choosing_runs import VERIFIED, choose_runs
    from agent.models.registry import choose_model
    from agent.tuning.settings import Settings, method_of, usual_rate
    from agent.tuning.teaching import Assignment, teach

    method = method_of(full, qlora)
    usual = usual_rate(method, is_small=choose_model(model).is_embedded)
    settings = Settings(
        method=method,
        vision=vision,
        rank=rank,
        dropout=dropout,
        rate=rate or usual,
        epochs=epochs,
        batch=batch,
        held_out=held_out,
        seed=seed,
        most_tokens=context,
        bf16=_has_gpu() if bf16 is None else bf16,
    )
    chosen = choose_runs(home or runs_folder(), runs, outcome or VERIFIED)
    console = Console(stderr=as_json)
    console.print(f"{len(chosen.records)} runs, {chosen.left_out} left out for how they ended.")
    assignment = Assignment(model, chosen.records, settings, to, profile)
    progress = teach(assignment, lambda text: console.print(text, markup=False, highlight=False))
    _print(to, settings, progress.right, as_json)


def _print(to: Path, settings: Settings, right: float | None, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(to), "method": settings.method, "right_held_out": right})
        return
    option = "--model" if settings.method == "full" else "--adapter"
    typer.echo(f"What was learnt stands in {to}: use it with {option} {to}")


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def merge(
    adapter: Annotated[str, typer.Argument(help="Folder of the adapter.")],
    to: Annotated[Path, typer.Option(help="A new folder.")],
    model: Annotated[str, typer.Option(help="Its base; the one it names without it.")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Make one checkpoint of a base and an adapter, for servers and for --quantize."""
    from agent.tuning.merging import merge_into

    base = merge_into(adapter, model, to)
    if as_json:
        print_json({"checkpoint": str(to), "base": base})
    else:
        typer.echo(f"The checkpoint stands in {to}: use it with --model {to}")
