"""Typed text that the shell took for its own language.

Responsible for the rule by which a line shows that a client did not quote what it typed. A line
does not say where its text came from, so the rule is about what may stand in it: the arguments of
``input text``, of an ADB Keyboard broadcast and the address of ``am start -d`` must be one literal
word each, and what follows such a command in its line may only report its status or give the input
method back. Anything else is counted. A text that happens to read like such a report is missed; it
then shows in what arrived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from environments.practice.phone.wire.grammar import Literal, Program, Simple, Variable, Word

_OPTIONS_WITH_VALUE = {"-d": 1, "-a": 1, "-n": 1, "-t": 1, "-c": 1, "-p": 1, "-f": 1}
_EXTRAS = ("-e", "--es", "--esn", "--ez", "--ei", "--el", "--ef", "--eu", "--eia", "--user")
_HARMLESS_TARGETS = ("/dev/null", "1", "2")
_TYPED = re.compile(r"\binput\s+(\S+\s+)*?text\b|ADB_INPUT_")


@dataclass(frozen=True, slots=True)
class Injection:
    """A piece of a line that was executed, expanded or split, though it was meant as text."""

    line: str
    piece: str
    reason: str


def find_injections(program: Program) -> Iterator[Injection]:
    """Yield what a line shows."""
    for number, simple in enumerate(program.simples):
        typed = _typed_words(simple)
        if typed is None:
            continue
        for reason in _inside(typed, simple):
            piece = program.source[simple.start : simple.end]
            yield Injection(program.source, piece, reason)
        followers = program.simples[number + 1 :]
        for operator in program.operators:
            inside = simple.start < operator.at < simple.end
            if inside or (operator.at >= simple.end and not _is_status(followers)):
                if inside and all(_is_harmless(one.target) for one in simple.redirections):
                    continue
                if operator.text == "\n" and not followers:
                    continue
                rest = program.source[operator.at :]
                yield Injection(program.source, rest, f"operator {operator.text!r}")
                break


def types_text(program: Program) -> bool:
    """Tell whether any of its commands types text."""
    return any(_typed_words(simple) is not None for simple in program.simples)


def broken_line(source: str) -> Iterator[Injection]:
    """Yield an injection if a line that is no sentence of the shell was to type text."""
    if _TYPED.search(source):
        yield Injection(source, source, "the line cannot be read")


def _typed_words(simple: Simple) -> list[Word] | None:
    """Return the words that hold typed text, None for any other command."""
    texts = [word.literal() for word in simple.words]
    if not texts:
        return None
    if texts[0] == "cmd":
        return _typed_words_of(simple.words[1:], texts[1:])
    return _typed_words_of(simple.words, texts)


def _typed_words_of(words: tuple[Word, ...], texts: list[str | None]) -> list[Word] | None:
    if texts[:1] == ["input"] and "text" in texts[1:5]:
        return list(words[texts.index("text", 1) + 1 :])
    if texts[:2] == ["am", "broadcast"] and any((t or "").startswith("ADB_INPUT") for t in texts):
        return _after_option(words, texts, ("msg", "chars"), back=1)
    if texts[:1] == ["am"] and texts[1:2] in (["start"], ["start-activity"]) and "-d" in texts:
        return _after_option(words, texts, ("-d",), back=0)
    return None


def _after_option(
    words: tuple[Word, ...], texts: list[str | None], names: tuple[str, ...], back: int
) -> list[Word] | None:
    """Return the word after a name, and what follows it without being an option."""
    at = next((n for n, text in enumerate(texts) if text in names and n > back), None)
    if at is None or at + 1 >= len(words):
        return None
    typed = [words[at + 1]]
    number = at + 2
    while number < len(words):
        text = texts[number] or ""
        if text in _EXTRAS:
            number += 2 if text == "--user" else 3
        elif text in _OPTIONS_WITH_VALUE:
            number += 2
        elif text.startswith("--"):
            number += 1
        else:
            typed.append(words[number])
            number += 1
    return typed


def _inside(typed: list[Word], simple: Simple) -> Iterator[str]:
    if len(typed) > 1:
        yield "split at blanks"
    for word in typed:
        if any(not isinstance(part, Literal) for part in word.parts):
            yield "substitution"
        first = word.parts[0] if word.parts else None
        if isinstance(first, Literal) and not first.quoted and first.text.startswith("~"):
            yield "home folder"
        bare = "".join(p.text for p in word.parts if isinstance(p, Literal) and not p.quoted)
        if re.search(r"\{[^{}]*,[^{}]*\}", bare):
            yield "braces"
    if any(not _is_harmless(one.target) for one in simple.redirections):
        yield "redirection"


def _is_harmless(target: Word) -> bool:
    return target.literal() in _HARMLESS_TARGETS


def _is_status(followers: tuple[Simple, ...]) -> bool:
    """Tell whether these commands only report a status or give the input method back."""
    statuses = {"?"} | {
        name
        for simple in followers
        for name, value in simple.assignments
        if not simple.words and _names(value) == {"?"}
    }
    return bool(followers) and all(_reports(simple, statuses) for simple in followers)


def _reports(simple: Simple, statuses: set[str]) -> bool:
    texts = [word.literal() for word in simple.words]
    if not texts:
        return all(name in statuses for name, _ in simple.assignments)
    if texts[:2] in (["ime", "set"], ["ime", "reset"], ["ime", "disable"]):
        return True
    if texts[:1] == ["rm"]:  # The marker of a keyboard that was changed.
        return all((text or "").startswith(("-", "/data/local/tmp/")) for text in texts[1:])
    if texts[:1] not in (["echo"], ["printf"], ["exit"]):
        return False
    return any(_names(word) & statuses for word in simple.words)


def _names(word: Word) -> set[str]:
    return {part.name for part in word.parts if isinstance(part, Variable)}
