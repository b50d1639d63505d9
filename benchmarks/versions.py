"""Which version of the world and of a model a figure belongs to.

Responsible for short hashes, and words of programs, that change when results may no longer be
mixed. Judges nothing.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import xxhash

import agent
import environments
import tools

LIBRARIES = ("torch", "transformers", "pillow", "numpy")
"""Of these a version can change what a model sees or says."""
ANSWER_S = 20
UNKNOWN = "it does not say"
"""The version of a program that is there and has no answer, such as VLC where root asks."""
LARGEST_READ = 32 * 2**20
"""Bytes up to which a file's content counts; of larger ones name and size."""


def code_version() -> str:
    """Return the hash of all source that can change a result: the world, the body, the mind."""
    roots = [Path(next(iter(package.__path__))) for package in (environments, tools, agent)]
    return _hash_of_source((root, path) for root in roots for path in sorted(root.rglob("*.py")))


def sources_version(folder: Path) -> str:
    """Return the hash of all source below a folder, such as that of the rules of a scorer."""
    return _hash_of_source((folder, path) for path in sorted(folder.rglob("*.py")))


def program_versions(*names: str) -> dict[str, str]:
    """Return what programs say of their version, those that are not installed left out."""
    return {name: _program_version(name) for name in names if shutil.which(name)}


@cache
def _program_version(name: str) -> str:
    """Return the first line with a number in it that a program prints for ``--version``."""
    try:
        done = subprocess.run(
            (name, "--version"), capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    lines = done.stdout.splitlines() if done.returncode == 0 else []
    return next((" ".join(line.split()) for line in lines if re.search(r"\d", line)), UNKNOWN)


def played_version() -> str:
    """Return the same with what sets tasks and scores them: suites, players, runner."""
    here = Path(__file__).parent
    paths = [*sorted(here.glob("*.py")), *sorted((here / "suites").rglob("*.py"))]
    return _hash_of_source(((here, path) for path in paths), code_version())


def _hash_of_source(paths: Iterable[tuple[Path, Path]], before: str = "") -> str:
    digest = xxhash.xxh3_64(before.encode())
    for root, path in paths:
        digest.update(f"{path.relative_to(root)} ".encode() + path.read_bytes())
    return digest.hexdigest()[:8]


def library_versions() -> dict[str, str]:
    """Return the versions of Python, Deskhand and the libraries that decide what is seen."""
    found = {"python": platform.python_version()}
    return found | {name: importlib.metadata.version(name) for name in ("deskhand", *LIBRARIES)}


def machine(*, with_gpu: bool) -> str:
    """Return what times depend on, in words without any name; the GPU where a model may use it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    words = f"{platform.system()} {platform.machine()}, {cores} cores"
    if not with_gpu:
        return words
    import torch  # Takes seconds, which a baseline needs not wait for.

    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
    return f"{words}, {gpu}"


def model_version(source: str) -> str:
    """Return the hash of a checkpoint's files, or of a script; empty for what is not here."""
    path = Path(source).expanduser()
    return _hash_of(sorted(path.glob("*")) if path.is_dir() else [path]) if path.exists() else ""


def _hash_of(paths: Sequence[Path]) -> str:
    digest = xxhash.xxh3_64()
    for path in paths:
        if path.is_file():
            size = path.stat().st_size
            digest.update(f"{path.name} {size} ".encode())
            digest.update(path.read_bytes() if size <= LARGEST_READ else b"")
    return digest.hexdigest()[:8]
