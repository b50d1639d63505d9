"""From words to arguments: what the phone's shell makes of them.

Responsible for variables, substitutions, arithmetic, splitting, patterns of file names and quote
removal (POSIX Shell Command Language, 2.6). Knows no command; the output of ``$(...)`` comes from
its caller.
"""

from __future__ import annotations

import ast
import fnmatch
import operator
import re
from collections.abc import Callable, MutableMapping, Sequence

from environments.practice.phone.wire.grammar import (
    Arithmetic,
    Literal,
    Part,
    Program,
    ShellSyntaxError,
    Substitution,
    Variable,
    Word,
)

Segment = tuple[str, bool]
"""Text, and whether it was quoted."""

_PATTERN = re.compile(r"[*?\[]")
_BRACES = re.compile(r"^(.*?)\{([^{}]*,[^{}]*)\}(.*)$", re.DOTALL)

_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: int(left / right),
    ast.Mod: lambda left, right: left - right * int(left / right),
}
_COMPARED: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Expansion:
    """Expands words with a shell's variables."""

    def __init__(
        self,
        variables: MutableMapping[str, str],
        output_of: Callable[[Program], str],
        names: Callable[[str], Sequence[str]],
    ) -> None:
        """``names`` returns the file names that fit a pattern, in order."""
        self._variables = variables
        self._output_of = output_of
        self._names = names

    def fields(self, word: Word) -> list[str]:
        """Return what a word becomes as arguments: none, one or several."""
        fields: list[list[Segment]] = []
        open_field: list[Segment] | None = None
        for part in word.parts:
            text = self._value(part)
            if isinstance(part, Literal) or part.quoted:
                open_field = [*(open_field or []), (text, _is_quoted(part))]
                continue
            pieces = text.split()
            if open_field is not None and text and text[0].isspace():
                fields.append(open_field)
                open_field = None
            for number, piece in enumerate(pieces):
                if number:
                    fields.append(open_field or [])
                    open_field = None
                open_field = [*(open_field or []), (piece, False)]
            if pieces and text[-1].isspace():
                fields.append(open_field or [])
                open_field = None
        if open_field is not None:
            fields.append(open_field)
        return [name for field in fields for name in self._finished(field)]

    def text(self, word: Word) -> str:
        """Return what a word becomes where it is one text: in assignments and redirections."""
        segments = [(self._value(part), _is_quoted(part)) for part in word.parts]
        return "".join(text for text, _ in self._home(segments))

    def pattern(self, word: Word) -> str:
        """Return a word as a pattern in which quoted characters stand for themselves."""
        return "".join(
            re.sub(r"([*?\[])", r"[\1]", text) if _is_quoted(part) else text
            for part in word.parts
            for text in [self._value(part)]
        )

    def _finished(self, segments: list[Segment]) -> list[str]:
        segments = self._home(segments)
        text = "".join(text for text, _ in segments)
        bare = "".join(text for text, quoted in segments if not quoted)
        if _BRACES.match(bare) and len(segments) == 1:
            return [name for one in _braces(text) for name in self._finished([(one, False)])]
        if _PATTERN.search(bare):
            pattern = "".join(
                re.sub(r"([*?\[])", r"[\1]", piece) if quoted else piece
                for piece, quoted in segments
            )
            return list(self._names(pattern)) or [text]
        return [text]

    def _home(self, segments: list[Segment]) -> list[Segment]:
        if segments and not segments[0][1] and re.match(r"~(/|$)", segments[0][0]):
            home = self._variables.get("HOME", "/")
            return [(home.rstrip("/") + segments[0][0][1:] or "/", True), *segments[1:]]
        return segments

    def _value(self, part: Part) -> str:
        match part:
            case Literal():
                return part.text
            case Variable():
                return self._variable(part)
            case Substitution():
                return self._output_of(part.program).rstrip("\n")
            case Arithmetic():
                return str(calculate(self.text(part.word), self._variables))

    def _variable(self, part: Variable) -> str:
        value = self._variables.get(part.name)
        word = part.word or Word(())
        is_set = bool(value) if part.operator.startswith(":") else value is not None
        match part.operator.lstrip(":"):
            case "-":
                return value or "" if is_set else self.text(word)
            case "=":
                if not is_set:
                    self._variables[part.name] = self.text(word)
                return self._variables[part.name]
            case "+":
                return self.text(word) if is_set else ""
            case "?" if not is_set:
                raise ShellSyntaxError(f"{part.name}: {self.text(word) or 'parameter not set'}")
            case "#" if part.word is None:
                return str(len(value or ""))
            case "#" | "##" | "%" | "%%" as trim:
                return _trimmed(value or "", trim, self.pattern(word))
        return value or ""


def _is_quoted(part: Part) -> bool:
    return part.quoted


def _braces(text: str) -> list[str]:
    match = _BRACES.match(text)
    if match is None:
        return [text]
    before, choices, after = match.groups()
    return [one for choice in choices.split(",") for one in _braces(before + choice + after)]


def _trimmed(value: str, trim: str, pattern: str) -> str:
    lengths = range(len(value) + 1)
    for length in reversed(lengths) if len(trim) > 1 else lengths:
        cut = value[:length] if trim[0] == "#" else value[len(value) - length :]
        if fnmatch.fnmatchcase(cut, pattern):
            return value[length:] if trim[0] == "#" else value[: len(value) - length]
    return value


def calculate(expression: str, variables: MutableMapping[str, str]) -> int:
    """Return the value of a whole-number expression; its names are variables.

    Raises:
        ShellSyntaxError: it is none, or divides by zero.
    """
    try:
        return _number(ast.parse(expression.strip() or "0", mode="eval").body, variables)
    except (SyntaxError, ValueError, ZeroDivisionError, KeyError) as error:
        raise ShellSyntaxError(f"{expression}: bad expression") from error


def _number(node: ast.expr, variables: MutableMapping[str, str]) -> int:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.Name(id=name):
            return int(variables.get(name) or "0")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, variables)
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_number(left, variables), _number(right, variables))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            compared = _COMPARED[type(op)]
            return int(compared(_number(left, variables), _number(right, variables)))
    raise ValueError("no expression")
