"""Applications by name: which always ask, which are harmless, which may be opened.

Responsible for the lists that ship with Deskhand and for telling what an application, a package or
a window's title stands for. A person's own lists come with the rules and add to these.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from tools.rules.classes import KINDS, Kind
from tools.rules.words import cleaned


def is_a_world(environment: str) -> bool:
    """Tell whether an environment, as named with ``--on``, is one that ships with Deskhand."""
    return any(
        environment == name or environment.startswith(f"{name}:") for name in listed("worlds")
    )


def danger_of(names: Iterable[str], own: Iterable[str] = ()) -> frozenset[Kind] | None:
    """Return what mostly happens in an application; None unless it is a dangerous one.

    Args:
        names: its name, its package, the title of its window.
        own: names of a person's own list, found anywhere in those.
    """
    known = [cleaned(name) for name in names if name.strip()]
    kinds = {kind for kind in KINDS if any(_pattern(kind).fullmatch(n) for n in known)}
    # A package or a title tells the program at its end: "notes.txt - Terminal".
    parts = [part.strip() for name in known for part in re.split(r" [-\u2013\u2014|:] |\.", name)]
    kinds |= {kind for kind in KINDS if any(_pattern(kind).fullmatch(p) for p in parts if p)}
    is_listed = any(cleaned(name) in one for name in own if cleaned(name) for one in known)
    return frozenset(kinds) if kinds or is_listed else None


def is_chatty(*names: str) -> bool:
    """Tell whether a text is sent by Enter in what is called so."""
    return any(_chatty().search(cleaned(name)) for name in names)


@cache
def listed(name: str) -> frozenset[str]:
    """Return one of the lists of plain names: "harmless", "opened", "worlds"."""
    return frozenset(_read()["names"][name])


@cache
def _pattern(kind: Kind) -> re.Pattern[str]:
    return re.compile("|".join(_read()["dangerous"].get(kind, ["(?!)"])), re.DOTALL)


@cache
def _chatty() -> re.Pattern[str]:
    return re.compile("|".join(_read()["names"]["chatty"]))


@cache
def _read() -> Mapping[str, Mapping[str, list[str]]]:
    text = files("tools").joinpath("data/apps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
