"""From a name to a profile.

Responsible for where profiles are looked for (the embedded checkpoint's own module, the files that
ship with the package, a person's own files), for which one a checkpoint asks for by its names and
its network, and for which one of a family befits a kind of screen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agent.config import home_folder
from agent.models.profiles.base import Profile
from agent.models.profiles.described import FOLDER, Described, read_profile
from environments.base import Kind
from environments.errors import ConfigError

EMBEDDED = "embedded"
DEFAULT_PROFILE = "qwen3vl-desktop"
OWN_FOLDER = "profiles"
"""Beside the person's configuration; a file there goes before ours of the same name."""


def load_profile(name: str) -> Profile:
    """Return a profile by its name, or from a path that ends with ".toml".

    Raises:
        ConfigError: there is none of that name, or its file is no profile.
    """
    if name == EMBEDDED:
        from agent.models.profiles.embedded import PROFILE

        return PROFILE
    if name.endswith(".toml"):
        return read_profile(Path(name).expanduser())
    path = _paths().get(name)
    if path is None:
        raise ConfigError(
            f"There is no profile {name!r:.80}; use one of {', '.join(profile_names())}, or name a "
            "file that ends with .toml."
        )
    return _read(path)


def profile_names() -> tuple[str, ...]:
    """Return the names of all profiles that are here."""
    return (EMBEDDED, *sorted(_paths()))


@dataclass(frozen=True, slots=True)
class Suggested:
    """Which profile a checkpoint asks for.

    Attributes:
        name: of the profile.
        notice: a sentence for the person where its name told nothing, else empty.
    """

    name: str
    notice: str = ""


def suggested(names: Sequence[str], types: Sequence[str] = ()) -> Suggested:
    """Return the profile that a checkpoint asks for.

    Its names go first, for those of a family that was trained further tell more than its network
    does; but no name makes one network into another.

    Args:
        names: what it is called, the name that people use first.
        types: what its network is called: ``model_type`` or ``architectures`` of config.json, the
            architecture of a GGUF file.
    """
    kinds = {_plain(kind) for kind in types if kind}
    for name in names:
        if own := _named(name, kinds):
            return Suggested(own.name)
    fitting = (own for own in _described() if kinds & set(own.description.types))
    found = next((own.name for own in fitting), DEFAULT_PROFILE)
    called = f", a {_plain(types[0]):.40}," if kinds else ""
    return Suggested(
        found,
        f"No profile knows the name {next(iter(names), '')!r:.80}, so the model{called} is spoken "
        f"to as {found}; name another one with --profile.",
    )


def suggested_for(source: str) -> Suggested:
    """Return the profile that a folder or hub id asks for; of a folder its config.json is read."""
    folder = Path(source).expanduser()
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # Not here yet, or no checkpoint.
        return suggested((source,))
    if not isinstance(config, dict):
        return suggested((source,))
    networks = config.get("architectures")
    told = (config.get("model_type"), *(networks if isinstance(networks, list) else ()))
    names = (str(folder.resolve()), config.get("_name_or_path"))
    return suggested(
        *([text for text in texts if isinstance(text, str)] for texts in (names, told))
    )


def known_by(checkpoint: str) -> str | None:
    """Return the profile that the name of a checkpoint asks for; None where none does."""
    own = _named(checkpoint, set())
    return own.name if own else None


def _named(checkpoint: str, kinds: Set[str]) -> Described | None:
    name = _last_part(checkpoint.lower())
    found = [
        (part, own)
        for own in _described()
        for part in own.description.matches
        if part in name and _may_be(own, kinds)
    ]
    longest = max(found, key=lambda pair: len(pair[0]), default=None)
    return longest[1] if longest else None


def _may_be(own: Described, kinds: Set[str]) -> bool:
    """Tell whether a network may be of a profile's family; one that is not known may."""
    types = set(own.description.types)
    return not kinds or not types or bool(kinds & types)


def _last_part(name: str) -> str:
    """Return what a path or hub id ends with: folders above it may be called anything.

    In the hub's own folders that is a number, and the name stands above it.
    """
    name = name.replace("\\", "/")
    cached = re.search(r"models--[^/]*--([^/]+)/snapshots/[^/]*/?$", name)
    return cached[1] if cached else name.rstrip("/").rpartition("/")[2]


def _plain(kind: str) -> str:
    """Return a network's name as all who name it have it in common: "qwen25vl"."""
    return re.sub(r"[^a-z0-9]", "", kind.lower()).removesuffix("forconditionalgeneration")


def suited(profile: Profile, kind: Kind) -> Profile:
    """Return the one of a profile's family that befits a kind of screen; itself if none does."""
    if not isinstance(profile, Described) or profile.description.kind in (kind, None):
        return profile
    family = profile.description.family
    kin = [own for own in _described() if own.description.family == family]
    return next((own for own in kin if own.description.kind == kind), profile)


def _described() -> Iterator[Described]:
    return map(_read, _paths().values())


def _paths() -> dict[str, Path]:
    """Return the files by the names they are called by, which are those of the files."""
    folders = (FOLDER, home_folder() / OWN_FOLDER)
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}


@cache
def _read(path: Path) -> Described:
    return read_profile(path)
