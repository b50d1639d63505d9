"""Reading the words of the phone's shell.

Responsible for quotes, escapes, variables and substitutions by the rules of POSIX (Shell Command
Language, 2.2 to 2.6) and mksh's ``$'...'``; operators and commands are ``parser``'s. Executes
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from environments.practice.phone.wire.grammar import (
    Arithmetic,
    Literal,
    Part,
    Program,
    ShellSyntaxError,
    Substitution,
    Unfinished,
    Variable,
    Word,
)

BLANKS = " \t"
ENDS_WORD = " \t\n;&|<>()"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9?$!#@*-]")
_BRACED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*|[0-9?$!#@*-])(:?[-=+?]|%%?|##?)?")
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "e": "\x1b"}


class WordReader:
    """Reads words out of a source from a position that it moves along."""

    def __init__(self, source: str, parse: Callable[[str], Program]) -> None:
        self.source = source
        self.at = 0
        self._parse = parse

    def peek(self, count: int = 1) -> str:
        """Return the next characters without taking them."""
        return self.source[self.at : self.at + count]

    def word(self, stops: str = ENDS_WORD) -> Word:
        """Read a word up to one of ``stops`` outside of quotes."""
        parts: list[Part] = []
        while self.at < len(self.source) and self.peek() not in stops:
            self._piece(parts, stops)
        return Word(tuple(parts))

    def _piece(self, parts: list[Part], stops: str) -> None:
        match self.peek():
            case "'":
                parts.append(Literal(self._single(), True))
            case '"':
                parts.extend(self._double())
            case "\\":
                self._escape(parts)
            case "`" | "$":
                parts.append(self._dollar(quoted=False))
            case _:
                start = self.at
                while self.at < len(self.source) and self.peek() not in stops + "'\"\\`$":
                    self.at += 1
                parts.append(Literal(self.source[start : self.at], False))

    def _escape(self, parts: list[Part]) -> None:
        pair = self.peek(2)
        if len(pair) < 2:  # noqa: PLR2004
            raise Unfinished("The line ends after a backslash.")
        self.at += 2
        if pair[1] != "\n":  # An escaped line end joins two lines.
            parts.append(Literal(pair[1], True))

    def _until(self, end: str, what: str) -> str:
        close = self.source.find(end, self.at)
        if close < 0:
            raise Unfinished(f"no closing {what}")
        text = self.source[self.at : close]
        self.at = close + len(end)
        return text

    def _single(self) -> str:
        self.at += 1
        return self._until("'", "quote")

    def _ansi(self) -> str:
        self.at += 2
        text = ""
        while (character := self.peek()) != "'":
            if not character:
                raise Unfinished("no closing quote")
            self.at += 1
            if character == "\\":
                character = _ANSI.get(self.peek(), "\\" + self.peek())
                self.at += 1
            text += character
        self.at += 1
        return text

    def _double(self) -> list[Part]:
        self.at += 1
        parts: list[Part] = [Literal("", True)]
        while (character := self.peek()) != '"':
            if not character:
                raise Unfinished("no closing quote")
            if character in "$`":
                parts.append(self._dollar(quoted=True))
            else:
                parts.append(Literal(self._inside_double(), True))
        self.at += 1
        return parts

    def _inside_double(self) -> str:
        if self.peek() == "\\" and self.peek(2)[1:] and self.peek(2)[1] in '$`"\\\n':
            self.at += 2
            return self.source[self.at - 1].replace("\n", "")
        self.at += 1
        return self.source[self.at - 1]

    def _dollar(self, quoted: bool) -> Part:
        if self.peek() == "`":
            return self._backticks(quoted)
        if self.peek(3) == "$((":
            return self._arithmetic(quoted)
        if self.peek(2) == "$(":
            self.at += 2
            return Substitution(self._parse(self._balanced()), quoted)
        if self.peek(2) == "$'" and not quoted:
            return Literal(self._ansi(), True)
        self.at += 1
        if self.peek() == "{":
            return self._braced(quoted)
        name = _NAME.match(self.source, self.at)
        if name is None:
            return Literal("$", quoted)
        self.at = name.end()
        return Variable(name.group(), quoted)

    def _backticks(self, quoted: bool) -> Part:
        self.at += 1
        text = ""
        while (character := self.peek()) != "`":
            if not character:
                raise Unfinished("no closing quote")
            self.at += 1
            if character == "\\" and self.peek() and self.peek() in "`$\\":
                character = self.peek()
                self.at += 1
            text += character
        self.at += 1
        return Substitution(self._parse(text), quoted)

    def _arithmetic(self, quoted: bool) -> Part:
        self.at += 3
        inner = self._balanced()
        if self.peek() != ")":
            raise Unfinished("no closing ))") if not self.peek() else ShellSyntaxError("unexpected")
        self.at += 1
        return Arithmetic(WordReader(inner, self._parse).word(stops=""), quoted)

    def _balanced(self) -> str:
        start, depth = self.at, 1
        while depth:
            character = self.peek()
            if not character:
                raise Unfinished("no closing parenthesis")
            if character in "'\"\\`":
                self._piece([], stops=ENDS_WORD)
                continue
            depth += (character == "(") - (character == ")")
            self.at += 1
        return self.source[start : self.at - 1]

    def _braced(self, quoted: bool) -> Part:
        if self.peek(2) == "{#" and self.peek(3)[2:] not in ("}", ""):
            self.at += 2
            return Variable(self._until("}", "brace"), quoted, "#")
        head = _BRACED.match(self.source, self.at)
        if head is None:
            raise ShellSyntaxError("bad substitution")
        self.at = head.end()
        word = self.word(stops="}")
        if self.peek() != "}":
            raise Unfinished("no closing brace")
        self.at += 1
        return Variable(head.group(1), quoted, head.group(2) or "", word)
