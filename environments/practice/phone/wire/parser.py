"""The grammar of the phone's shell: from a line to a program.

Responsible for operators, reserved words and here-documents by the rules of POSIX (Shell Command
Language, 2.7 to 2.10), as Android's mksh follows them; functions are not known. Executes nothing.
One grammar, whose rules call each other, is longer than a file usually is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from environments.practice.phone.wire.grammar import (
    Case,
    Command,
    For,
    Group,
    If,
    Item,
    Literal,
    Operator,
    Pipeline,
    Program,
    Redirection,
    ShellSyntaxError,
    Simple,
    Unfinished,
    While,
    Word,
)
from environments.practice.phone.wire.words import BLANKS, ENDS_WORD, WordReader

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_REDIRECTION = re.compile(r"(\d*)(>>|>&|<&|>\||<<<|<<-|<<|>|<)")
_CLOSING = ("then", "elif", "else", "fi", "do", "done", "esac", "}")


def parse(source: str) -> Program:
    """Return a line, or several, as a program.

    Raises:
        Unfinished: a quote or a construct is open at its end.
        ShellSyntaxError: it is no sentence of the shell.
    """
    parser = _Parser(source)
    items = parser.items(())
    if parser.reader.peek():
        raise ShellSyntaxError(f"unexpected '{parser.reader.peek()}'")
    return Program(items, source, tuple(parser.simples), tuple(parser.operators))


class _Parser:
    def __init__(self, source: str) -> None:
        self.reader = WordReader(source, parse)
        self.simples: list[Simple] = []
        self.operators: list[Operator] = []

    def items(self, stops: Sequence[str]) -> tuple[Item, ...]:
        """Read commands up to a closing parenthesis or one of the reserved words ``stops``."""
        items: list[Item] = []
        while True:
            self._blank_lines()
            if not self.reader.peek() or self.reader.peek() == ")" or self.reader.peek(2) == ";;":
                return tuple(items)
            if (word := self._reserved()) is not None and word in stops:
                return tuple(items)
            if word in _CLOSING:
                raise ShellSyntaxError(f"unexpected '{word}'")
            items.append(self._item())

    def _item(self) -> Item:
        joined = [("", self._pipeline())]
        while self._blanks().peek(2) in ("&&", "||"):
            operator = self._operator(2)
            self._blank_lines()
            joined.append((operator, self._pipeline()))
        background = False
        if self.reader.peek(2) != ";;" and self.reader.peek() in (";", "&"):
            background = self._operator(1) == "&"
        return Item(tuple(joined), background)  # type: ignore[arg-type]

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._reserved() == "!":
            self.reader.word()
            negated = not negated
        commands = [self._command()]
        while self._blanks().peek() == "|" and self.reader.peek(2) != "||":
            self._operator(1)
            self._blank_lines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Command:
        if self._blanks().peek() == "(":
            self._operator(1)
            body = self._body((), None)
            if self.reader.peek() != ")":
                raise Unfinished("no closing parenthesis")
            self._operator(1)
            return Group(body, True, self._redirections())
        match self._reserved():
            case "{":
                self.reader.word()
                return Group(self._body(("}",), "}"), False, self._redirections())
            case "if":
                return self._if()
            case "while" | "until" as kind:
                self.reader.word()
                condition = self._body(("do",), "do")
                body = self._body(("done",), "done")
                return While(condition, body, kind == "until", self._redirections())
            case "for":
                return self._for()
            case "case":
                return self._case()
        return self._simple()

    def _body(self, stops: Sequence[str], end: str | None) -> Program:
        start = self.reader.at
        items = self.items(stops)
        body = Program(items, self.reader.source[start : self.reader.at])
        if end is not None:
            self._expect(end)
        return body

    def _if(self) -> If:
        branches: list[tuple[Program | None, Program]] = []
        while True:
            word = self._reserved()
            if word == "fi":
                self.reader.word()
                return If(tuple(branches), self._redirections())
            if word not in ("if", "elif", "else"):
                raise Unfinished("no closing fi")
            self.reader.word()
            condition = None if word == "else" else self._body(("then",), "then")
            branches.append((condition, self._body(("elif", "else", "fi"), None)))

    def _for(self) -> For:
        self.reader.word()
        name = self._blanks().word().keyword() or ""
        self._blank_lines()
        words: list[Word] = []
        if self._reserved() == "in":
            self.reader.word()
            while self._blanks().peek() and self.reader.peek() not in ENDS_WORD:
                words.append(self.reader.word())
        if self._blanks().peek() == ";":
            self._operator(1)
        self._blank_lines()
        self._expect("do")
        return For(name, tuple(words), self._body(("done",), "done"), self._redirections())

    def _case(self) -> Case:
        self.reader.word()
        word = self._blanks().word()
        self._blank_lines()
        self._expect("in")
        branches: list[tuple[tuple[Word, ...], Program]] = []
        self._blank_lines()
        while self._reserved() != "esac":
            branches.append(self._branch())
            self._blank_lines()
        self.reader.word()
        return Case(word, tuple(branches), self._redirections())

    def _branch(self) -> tuple[tuple[Word, ...], Program]:
        if self._blanks().peek() == "(":
            self._operator(1)
        patterns = [self._blanks().word()]
        while self._blanks().peek() == "|":
            self._operator(1)
            patterns.append(self._blanks().word())
        if self.reader.peek() != ")":
            raise Unfinished("no closing esac")
        self._operator(1)
        body = self._body(("esac",), None)
        if self.reader.peek(2) == ";;":
            self._operator(2)
        return tuple(patterns), body

    def _simple(self) -> Simple:
        start = self._blanks().at
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        end = start
        while True:
            if (found := self._redirection()) is not None:
                redirections.append(found)
            elif self._blanks().peek() == "" or self.reader.peek() in ENDS_WORD:
                break
            else:
                self._assignment_or_word(assignments, words)
            end = self.reader.at
        if not (assignments or words or redirections):
            self._nothing_here()
        simple = Simple(tuple(assignments), tuple(words), tuple(redirections), start, end)
        self.simples.append(simple)
        return simple

    def _assignment_or_word(self, assignments: list[tuple[str, Word]], words: list[Word]) -> None:
        match = None if words else _ASSIGNMENT.match(self.reader.source, self.reader.at)
        if match is None:
            words.append(self.reader.word())
            return
        self.reader.at = match.end()
        assignments.append((match.group()[:-1], self.reader.word()))

    def _nothing_here(self) -> None:
        if not self.reader.peek():
            raise Unfinished("unexpected EOF")
        raise ShellSyntaxError(f"unexpected '{self.reader.peek()}'")

    def _redirections(self) -> tuple[Redirection, ...]:
        found: list[Redirection] = []
        while (one := self._redirection()) is not None:
            found.append(one)
        return tuple(found)

    def _redirection(self) -> Redirection | None:
        match = _REDIRECTION.match(self.reader.source, self._blanks().at)
        if match is None:
            return None
        number, operator = match.groups()
        self.operators.append(Operator(match.group(), self.reader.at))
        self.reader.at = match.end()
        if not self._blanks().peek() or self.reader.peek() in ENDS_WORD:
            raise ShellSyntaxError("missing the name of a redirection")
        descriptor = int(number) if number else int(operator[0] == ">")
        target = self.reader.word()
        if operator in ("<<", "<<-"):
            target = self._here_document(target, strips_tabs=operator == "<<-")
        return Redirection(descriptor, operator, target)

    def _here_document(self, word: Word, strips_tabs: bool) -> Word:
        # The text follows the line, so it is read from there at once and cut out of the source.
        end = word.literal() or ""
        quoted = any(isinstance(part, Literal) and part.quoted for part in word.parts)
        source = self.reader.source
        line_end = source.find("\n", self.reader.at)
        if line_end < 0:
            raise Unfinished("no here-document")
        lines: list[str] = []
        at = line_end + 1
        while True:
            close = source.find("\n", at)
            line = source[at:] if close < 0 else source[at:close]
            line = line.lstrip("\t") if strips_tabs else line
            if line == end:
                break
            if close < 0:
                raise Unfinished("no end of the here-document")
            lines.append(line + "\n")
            at = close + 1
        rest = source[close:] if close >= 0 else ""
        self.reader.source = source[:line_end] + rest
        text = "".join(lines)
        if quoted:
            return Word((Literal(text, True),))
        # Inside, quotes stand for themselves while variables do not: as between double quotes.
        escaped = text.replace('"', '\\"')
        return WordReader(f'"{escaped}"', parse).word()

    def _expect(self, keyword: str) -> None:
        self._blank_lines()
        if self._reserved() != keyword:
            rest = self.reader.peek()
            raise ShellSyntaxError(f"unexpected '{rest}'") if rest else Unfinished(f"no {keyword}")
        self.reader.word()

    def _reserved(self) -> str | None:
        """Return the next word if it may be a reserved one, without taking it."""
        self._blanks()
        found = re.compile(r"[!{}]|[a-z]+").match(self.reader.source, self.reader.at)
        if found is None:
            return None
        after = self.reader.source[found.end() : found.end() + 1]
        return found.group() if after == "" or after in ENDS_WORD else None

    def _operator(self, length: int) -> str:
        text = self.reader.peek(length)
        self.operators.append(Operator(text, self.reader.at))
        self.reader.at += length
        return text

    def _blanks(self) -> WordReader:
        reader = self.reader
        while True:
            if reader.peek(2) == "\\\n":
                reader.at += 2
            elif reader.peek() and reader.peek() in BLANKS:
                reader.at += 1
            elif reader.peek() == "#" and self._starts_a_word():
                end = reader.source.find("\n", reader.at)
                self.operators.append(Operator("#", reader.at))
                reader.at = len(reader.source) if end < 0 else end
            else:
                return reader

    def _starts_a_word(self) -> bool:
        return self.reader.at == 0 or self.reader.source[self.reader.at - 1] in ENDS_WORD

    def _blank_lines(self) -> None:
        while self._blanks().peek() == "\n":
            self.operators.append(Operator("\n", self.reader.at))
            self.reader.at += 1
