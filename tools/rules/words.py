"""Words on buttons and in dialogs that tell what a click leads to.

Responsible for finding the kinds of effect in a name, in the languages that desktops are mostly
used in, also where letters are spaced out, hidden between invisible ones or borrowed from another
alphabet. A word can only raise a class, so a wrong hit costs a question and nothing else.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from tools.rules.classes import KINDS, Kind


def cleaned(name: str) -> str:
    """Return a name as it reads: compatible forms folded, nothing invisible, spaced words joined.

    "S e n d" and "S.e.n.d" read "send", as does a word with zero-width letters in it.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    seen = "".join(
        " " if c.isspace() or c == "_" else c
        for c in folded
        if unicodedata.category(c) not in ("Cf", "Mn") or c.isspace()
    )
    line = " ".join(seen.split())
    return re.sub(r"\b(?:\w[ .\-·*]){2,}\w\b", lambda m: re.sub(r"[ .\-·*]", "", m[0]), line)


def says_something(name: str) -> bool:
    """Tell whether a name can be read: letters or digits, and no word in two alphabets."""
    line = cleaned(name)
    if not any(c.isalnum() for c in line):
        return False
    return not any(len(_alphabets(word)) > 1 for word in re.findall(r"[^\W\d_]+", line))


def kinds_in(text: str) -> frozenset[Kind]:
    """Return the kinds of effect that the words of a text speak of."""
    line = cleaned(text)
    bare = "".join(c for c in unicodedata.normalize("NFD", line) if unicodedata.category(c) != "Mn")
    found = {kind for kind in KINDS if _pattern(kind).search(line) or _bare(kind).search(bare)}
    return frozenset(found | {kind for kind in KINDS if _sign(kind).search(line)})


def first_words(text: str, count: int) -> str:
    """Return the beginning of a text."""
    return " ".join(cleaned(text).split()[:count])


def is_affirmation(name: str) -> bool:
    """Tell whether a name only says yes to what stands around it."""
    words = re.findall(r"\w+!?", cleaned(name))
    return bool(words) and words[0] in _buttons("affirmations")


def is_plain(name: str) -> bool:
    """Tell whether a name only leads somewhere, or back."""
    words = re.findall(r"\w+", cleaned(name))
    return bool(words) and words[0] in _buttons("plain") and not kinds_in(name)


@cache
def _read() -> Mapping[str, Mapping[str, list[str]]]:
    text = files("tools").joinpath("data/effect_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _buttons(name: str) -> frozenset[str]:
    return frozenset(_read()["buttons"][name])


@cache
def _sign(kind: Kind) -> re.Pattern[str]:
    # Folded as the names are, in which marks never stand alone.
    return re.compile("|".join(map(cleaned, _read()["signs"][kind])))


@cache
def _pattern(kind: Kind) -> re.Pattern[str]:
    words = _read()["kinds"][kind]
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


@cache
def _bare(kind: Kind) -> re.Pattern[str]:
    decomposed = unicodedata.normalize("NFD", _pattern(kind).pattern)
    return re.compile("".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(c, "?").split()[0] for c in word} & {
        "LATIN",
        "CYRILLIC",
        "GREEK",
        "ARMENIAN",
        "CHEROKEE",
    }
