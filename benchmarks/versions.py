"""Which version of the world and of a model a figure belongs to.

Responsible for short hashes that change when results may no longer be mixed. Judges nothing.
"""

from __future__ import annotations

from pathlib import Path

import xxhash

import tools
from agent.models import qwen3_vl
from environments import practice

LARGEST_READ = 32 * 2**20
"""Bytes up to which a file's content counts; of larger ones name and size."""


def world_version() -> str:
    """Return the hash of the practice world's source."""
    return _hash_of(Path(practice.__file__).parent, "*.py")


def engine_version() -> str:
    """Return the hash of the engine's and the tools' source, which decide what can be said."""
    places = (Path(qwen3_vl.__file__).parent, Path(tools.__file__).parent)
    return "".join(_hash_of(folder, "*.py")[:4] for folder in places)


def model_version(source: str) -> str:
    """Return the hash of a checkpoint's files, empty for what is not a folder."""
    folder = Path(source).expanduser()
    return _hash_of(folder, "*") if folder.is_dir() else ""


def _hash_of(folder: Path, pattern: str) -> str:
    digest = xxhash.xxh3_64()
    for path in sorted(folder.glob(pattern)):
        if path.is_file():
            size = path.stat().st_size
            digest.update(f"{path.name} {size} ".encode())
            digest.update(path.read_bytes() if size <= LARGEST_READ else b"")
    return digest.hexdigest()[:8]
