"""What a line of the phone's shell consists of.

Responsible for the names of its parts only; ``parser`` makes them, ``shell`` executes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf


class ShellSyntaxError(Exception):
    """The line is no sentence of the shell's language."""


class Unfinished(ShellSyntaxError):
    """The line ends inside a quote or a construct; more of it may come."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself; unquoted, it may still be a pattern of file names."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name`` or ``${name operator word}``; ``#`` as operator without word is the length."""

    name: str
    quoted: bool
    operator: str = ""
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(...)`` or backticks: the output of a program."""

    program: Program
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((...))``: the value of an expression, whose own words are expanded first."""

    word: Word
    quoted: bool


Part = Literal | Variable | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """What lies between blanks and operators."""

    parts: tuple[Part, ...]

    def literal(self) -> str | None:
        """Return the text if the word consists of nothing else, None otherwise."""
        if all(isinstance(part, Literal) for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Literal))
        return None

    def keyword(self) -> str | None:
        """Return the text if it is a single unquoted piece, which may be a reserved word."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Literal):
            return None if self.parts[0].quoted else self.parts[0].text
        return None


@dataclass(frozen=True, slots=True)
class Redirection:
    """Where a descriptor's bytes go or come from; a here-document's text stands in ``target``."""

    descriptor: int
    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, a command's words and its redirections, at an offset of the source."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """``{ ...; }``, or ``( ... )`` whose changes end with it."""

    body: Program
    is_subshell: bool
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with their bodies, tried in order; the last may have no condition."""

    branches: tuple[tuple[Program | None, Program], ...]
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """``while`` or ``until``."""

    condition: Program
    body: Program
    ends_on_success: bool
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``."""

    name: str
    words: tuple[Word, ...]
    body: Program
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """``case word in pattern) ... ;; esac``."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Program], ...]
    redirections: tuple[Redirection, ...] = ()


Command = Simple | Group | If | While | For | Case


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands of which each reads what the former wrote."""

    commands: tuple[Command, ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """Pipelines joined by ``&&`` and ``||``, each with the operator before it."""

    pipelines: tuple[tuple[OneOf["", "&&", "||"], Pipeline], ...]
    in_background: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """A separator or redirection as it stands in the source."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Program:
    """A whole line or several, with its source and all that a look at it needs."""

    items: tuple[Item, ...]
    source: str
    simples: tuple[Simple, ...] = ()
    operators: tuple[Operator, ...] = ()
