"""What this machine can do for Deskhand, and the one-line cure where it cannot.

Responsible for looking, never for mending: every check returns a ``Finding`` and starts nothing
that outlives it. Loads neither torch nor weights.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import home_folder
from agent.doctor_phones import phones
from agent.findings import Finding, Level
from agent.models.qwen3_vl.shapes import SHAPES
from agent.models.qwen3_vl.sizes import (
    BYTES_PER_WEIGHT,
    CONTEXT_TOKENS,
    GIB,
    choose_size,
    size_hint,
    sizes_in,
)
from agent.models.registry import EMBEDDED_FOLDER
from environments.base import Stop
from environments.errors import ConfigError

if TYPE_CHECKING:
    from environments.platforms.machine import Machine


@dataclass(frozen=True, slots=True)
class Card:
    """An NVIDIA GPU, and how much of its memory is free."""

    name: str
    free_bytes: int


def examine(
    variables: Mapping[str, str] = os.environ, context: int = CONTEXT_TOKENS
) -> Iterator[Finding]:
    """Yield one finding after the other, the quick ones first.

    Args:
        variables: of the environment.
        context: tokens that are to fit beside a model's weights.
    """
    yield from display(variables)
    yield from programs()
    yield from phones(Stop())
    cards = graphics_cards()
    yield graphics(cards)
    yield from memory(cards, context)
    yield embedded_model()
    yield published_models(variables)
    yield journal_folder(home_folder())


def display(variables: Mapping[str, str]) -> Iterator[Finding]:
    """See whether the person's own display can be seen, driven and shared; Wayland cannot."""
    from environments.desktop.session import session_problem
    from environments.platforms.opening import NATIVE, this_machine

    if platform.system() in NATIVE:
        yield from native_display(this_machine(), variables)
        return
    problem = session_problem(variables)
    if problem:
        # Without any desktop session this is a server, where nobody misses a display.
        bare = not any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
        text, _, cure = problem.partition(". ")
        yield Finding("display", "note" if bare else "problem", f"{text}.", cure)
    else:
        yield from _own_display(variables)


def calibration(
    variables: Mapping[str, str], stop: Stop, system: str = platform.system()
) -> Iterator[Finding]:
    """Click targets of our own on each monitor and tell where the clicks arrived.

    Raises:
        DeviceError: the display went away meanwhile.
        Stopped: a stop was asked for.
    """
    from environments.desktop.calibration import calibrate
    from environments.desktop.session import session_problem
    from environments.desktop.x11 import DisplayAddress
    from environments.platforms.opening import NATIVE

    if system in NATIVE:
        text = "The targets are windows of an X display; there are none for this system."
        cure = 'See where a model points instead: deskhand ground "the Save button" --image FILE'
        yield Finding("calibration", "problem", text, cure)
        return
    problem = session_problem(variables)
    if problem:
        text, _, cure = problem.partition(". ")
        yield Finding("calibration", "problem", f"{text}.", cure)
        return
    address = DisplayAddress(variables["DISPLAY"], variables.get("XAUTHORITY"))
    for found in calibrate(address, stop):
        if found.is_good:
            yield Finding("calibration", "ok", found.sentence())
        else:
            cure = "Close what stands above all windows (a lock screen, a menu) and try again."
            yield Finding("calibration", "problem", found.sentence(), cure)


def _own_display(variables: Mapping[str, str]) -> Iterator[Finding]:
    from environments.desktop.monitors import x_monitors
    from environments.desktop.x11 import DisplayAddress, connect

    connection = connect(DisplayAddress(variables["DISPLAY"], variables.get("XAUTHORITY")))
    try:
        root = connection.screen()
        size = f"{root.width_in_pixels}x{root.height_in_pixels}"
        yield Finding("display", "ok", f"{variables['DISPLAY']} answers, {size}, X11")
        told = "; ".join(monitor.words() for monitor in x_monitors(connection))
        yield Finding("monitors", "ok", told)
        yield _input_permission(bool(connection.has_extension("XTEST")))
    finally:
        connection.close()
    yield sharing(variables)


def sharing(variables: Mapping[str, str]) -> Finding:
    """See whether the display tells the person's input from ours, and how a run is stopped."""
    from environments.desktop.panic import stop_key_of
    from environments.desktop.person import PersonWatch
    from environments.desktop.x11 import DisplayAddress

    address = DisplayAddress(variables["DISPLAY"], variables.get("XAUTHORITY"))
    try:
        watch = PersonWatch(address, lambda event, areas: None)
    except ConfigError as error:
        text, _, cure = str(error).partition(". ")
        return Finding("sharing", "problem", f"{text}.", cure)
    watch.close()
    stops = f"stop with {stop_key_of(variables)} or the mouse in a corner"
    if watch.sees_other_programs:
        return Finding("sharing", "ok", f"your input is told from Deskhand's; {stops}")
    return Finding(
        "sharing",
        "note",
        f"Only what comes from real devices counts as yours, not a remote desktop; {stops}.",
        "Use an X server with the extensions RECORD and X-Resource, on this machine.",
    )


def native_display(machine: Machine, variables: Mapping[str, str]) -> Iterator[Finding]:
    """See what Windows or macOS does not allow, and the step that helps."""
    from environments.desktop.panic import stop_key_of

    problem = machine.problem()
    if problem:
        text, _, cure = problem.partition(". ")
        yield Finding("display", "problem", f"{text}.", cure)
        return
    told = "; ".join(monitor.words() for monitor in machine.monitors())
    yield Finding("display", "ok", told)
    stops = f"stop with {stop_key_of(variables)} or the mouse in a corner"
    yield Finding("sharing", "ok", f"your input is told from Deskhand's; {stops}")


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
        ("dbus-daemon", "dbus-daemon", "a session of its own for --on virtual"),
    ):
        path = shutil.which(program)
        if path:
            yield Finding(program, "ok", path)
        else:
            cure = f"apt-get install {package}  (or: make setup)"
            yield Finding(
                program, "problem", f"{program} is missing; it is needed for {use}.", cure
            )


def graphics_cards() -> list[Card]:
    """Ask nvidia-smi for the cards; none where it does not answer."""
    command = ["nvidia-smi", "--query-gpu=name,memory.free", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return list(read_cards(answer.stdout))


def read_cards(table: str) -> Iterator[Card]:
    """Read lines such as "NVIDIA H200, 143167": a name and MiB; what is not so is left out."""
    for line in table.splitlines():
        name, _, free = line.rpartition(",")
        if name and free.strip().isdecimal():
            yield Card(name.strip(), int(free) << 20)


def graphics(cards: Sequence[Card]) -> Finding:
    """Tell the cards and their free memory, and whether torch can use them."""
    if not cards:
        return Finding(
            "GPU",
            "note",
            "No NVIDIA GPU answers; the small embedded checkpoint needs none, others are slow.",
            "For a published Qwen3-VL use a machine with a GPU and its driver (nvidia-smi works).",
        )
    told = "; ".join(f"{card.name}, {card.free_bytes / GIB:.1f} GiB free" for card in cards)
    if version("torch").endswith("+cpu"):
        cure = "Remove the folder .venv and set up again: make setup"
        return Finding("GPU", "problem", f"{told}; but torch is installed without CUDA.", cure)
    return Finding("GPU", "ok", told)


def memory(cards: Sequence[Card], context: int) -> Iterator[Finding]:
    """Tell what each published size needs in each format, and what of it fits the first card."""
    needs = f"GiB needed with a context of {context} tokens"
    if not cards:
        yield Finding("memory", "note", f"No GPU to measure against; {needs}:")
    else:
        free = cards[0].free_bytes
        best = choose_size(free, context)
        level: Level = "ok" if best else "note"
        hint = size_hint(free, context)
        yield Finding("memory", level, f"{hint[0].upper()}{hint[1:]}; {needs} (* too much):")
    for name in SHAPES:
        yield _needs_of(name, cards[0].free_bytes if cards else None, context)


def _needs_of(name: str, free: int | None, context: int) -> Finding:
    """Return one line of the table of sizes and formats."""
    cells, fits = [], False
    for form in BYTES_PER_WEIGHT:
        size = next((size for size in sizes_in(form) if size.name == name), None)
        needed = size.needed_bytes(context) if size else None
        fits |= needed is not None and free is not None and needed <= free
        cells.append(f"{form} {_cell(needed, free)}")
    return Finding(f"Qwen3-VL-{name}", "ok" if fits else "note", "  ".join(cells))


def _cell(needed: int | None, free: int | None) -> str:
    if needed is None:
        return f"{'-':>5} "
    mark = "*" if free is not None and needed > free else " "
    return f"{needed / GIB:5.1f}{mark}"


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
