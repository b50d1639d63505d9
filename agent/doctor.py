"""What this machine can do for Deskhand, and the one-line cure where it cannot.

Responsible for looking, never for mending: every check returns a ``Finding`` and starts nothing
that outlives it. Loads neither torch nor weights.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from agent.config import home_folder
from agent.models.registry import EMBEDDED_FOLDER

Level = Literal["ok", "note", "problem"]
"""A note is something that is not there and not needed for everything; a problem is in the way."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``cure`` is empty when there is nothing to do."""

    about: str
    level: Level
    text: str
    cure: str = ""


def examine(variables: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield one finding after the other, the quick ones first."""
    yield from display(variables)
    yield from programs()
    yield graphics_card()
    yield embedded_model()
    yield published_models(variables)
    yield journal_folder(home_folder())


def display(variables: Mapping[str, str]) -> Iterator[Finding]:
    """See whether the person's own display can be seen and driven; Wayland cannot."""
    from environments.desktop.session import session_problem

    problem = session_problem(variables)
    if problem:
        # Without any desktop session this is a server, where nobody misses a display.
        bare = not any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
        text, _, cure = problem.partition(". ")
        yield Finding("display", "note" if bare else "problem", f"{text}.", cure)
    else:
        yield from _own_display(variables)


def _own_display(variables: Mapping[str, str]) -> Iterator[Finding]:
    from environments.desktop.x11 import DisplayAddress, connect

    connection = connect(DisplayAddress(variables["DISPLAY"], variables.get("XAUTHORITY")))
    try:
        root = connection.screen()
        size = f"{root.width_in_pixels}x{root.height_in_pixels}"
        yield Finding("display", "ok", f"{variables['DISPLAY']} answers, {size}, X11")
        yield _input_permission(bool(connection.has_extension("XTEST")))
    finally:
        connection.close()


def _input_permission(has_xtest: bool) -> Finding:
    if has_xtest:
        return Finding("permissions", "ok", "the display takes input from programs (XTEST)")
    return Finding(
        "permissions",
        "problem",
        "The display takes no input from programs (it lacks the XTEST extension).",
        "Start the X server with XTEST enabled, or use --on virtual.",
    )


def programs() -> Iterator[Finding]:
    """Look for the programs that make a virtual display."""
    for program, package, use in (
        ("Xvfb", "xvfb", "--on virtual and real windows for --on practice"),
        ("openbox", "openbox", "window management on --on virtual"),
    ):
        path = shutil.which(program)
        if path:
            yield Finding(program, "ok", path)
        else:
            cure = f"apt-get install {package}  (or: make setup)"
            yield Finding(
                program, "problem", f"{program} is missing; it is needed for {use}.", cure
            )


def graphics_card() -> Finding:
    """Ask nvidia-smi for the cards and their free memory."""
    command = ["nvidia-smi", "--query-gpu=name,memory.free", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return Finding(
            "GPU",
            "note",
            "No NVIDIA GPU answers; the small embedded checkpoint needs none, others are slow.",
            "For a published Qwen3-VL use a machine with a GPU and its driver (nvidia-smi works).",
        )
    cards = "; ".join(line.strip() + " free" for line in answer.stdout.splitlines() if line)
    if version("torch").endswith("+cpu"):
        cure = "Remove the folder .venv and set up again: make setup"
        return Finding("GPU", "problem", f"{cards}; but torch is installed without CUDA.", cure)
    return Finding("GPU", "ok", cards)


def embedded_model() -> Finding:
    """See whether the checkpoint that ships with Deskhand is complete."""
    folder = EMBEDDED_FOLDER
    if (folder / "config.json").is_file() and any(folder.glob("*.safetensors")):
        size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        return Finding("embedded model", "ok", f"small embedded checkpoint, {size:.1f} MB")
    return Finding(
        "embedded model",
        "problem",
        "The embedded checkpoint is not in the package.",
        "Install Deskhand again, or make one: deskhand train embedded",
    )


def published_models(variables: Mapping[str, str]) -> Finding:
    """Look for Qwen3-VL checkpoints in the model hub's cache."""
    root = variables.get("HF_HUB_CACHE") or os.path.join(
        variables.get("HF_HOME", "~/.cache/huggingface"), "hub"
    )
    folders = Path(root).expanduser().glob("models--*Qwen3-VL*")
    names = sorted(f.name.removeprefix("models--").replace("--", "/") for f in folders)
    if names:
        return Finding("published models", "ok", ", ".join(names))
    return Finding(
        "published models",
        "note",
        "No Qwen3-VL checkpoint is in the model hub's cache.",
        "deskhand run ... --model Qwen/Qwen3-VL-2B-Instruct fetches one (about 4.3 GB).",
    )


def journal_folder(folder: Path) -> Finding:
    """Try to write where runs are recorded, and see how much room is left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free_gb = shutil.disk_usage(folder).free / 1e9
    except OSError as reason:
        cure = "Make it writable, or set DESKHAND_HOME to a folder that is."
        return Finding("runs", "problem", f"{folder} cannot be written ({reason}).", cure)
    if free_gb < 1:
        cure = "Free some space, or set DESKHAND_HOME to a folder on a larger disk."
        return Finding("runs", "problem", f"Only {free_gb:.1f} GB are left in {folder}.", cure)
    return Finding("runs", "ok", f"{folder} is writable, {free_gb:.0f} GB free")
