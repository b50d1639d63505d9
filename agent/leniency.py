"""JSON as models write it: read strictly first, leniently after, or not at all.

Responsible for one JSON object at a known place in a text. Mends what has one meaning only (single
quotes, trailing commas, unquoted keys, ``"key=[``, missing closing brackets at the very end) and
refuses the rest; a text that breaks off inside a string is never completed.
"""

from __future__ import annotations

import json
import re
from typing import Any

import json5

LONGEST = 16_384
"""Characters that one call may take; a 2,000 character text fits eight times escaped."""

_DEEPEST = 16
# Seen in the wild: {"action": "key", "keys=["ctrl", "c"]}
_GLUED_KEY = re.compile(r'([{,]\s{0,8})"(\w{1,32})=(?=[\[{])')
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"|\'(?:[^\'\\]|\\.)*+\'|["\'\[\]{}]', re.DOTALL)
_PAIRS = {"]": "[", "}": "{"}
_CLOSERS = {"[": "]", "{": "}"}


class Unreadable(ValueError):
    """The text is no JSON object, not even a sloppy one; the message completes "... could not"."""


def read_object(text: str, start: int, complete: bool = False) -> tuple[dict[str, Any], int]:
    """Return the object that begins at ``start`` and the position behind it.

    With ``complete``, brackets that are missing at the very end are added.

    Raises:
        Unreadable: there is no object, or none that has only one meaning.
    """
    window = text[start : start + LONGEST]
    try:
        value, length = _read(window, complete)
    except Unreadable:
        mended = _GLUED_KEY.sub(r'\1"\2": ', window)
        if mended == window:
            raise
        value, length = _read(mended, complete)
    return value, start + length


def _read(window: str, complete: bool) -> tuple[dict[str, Any], int]:
    source, missing = _bounds(window)
    if missing and not complete:
        raise Unreadable("a call breaks off")
    value = _strict(source + missing) or _lenient(source + missing)
    if not isinstance(value, dict):
        raise Unreadable("the call is not a JSON object")
    return value, len(source)


def _bounds(window: str) -> tuple[str, str]:
    """Return the text of the object and the closing brackets that it lacks."""
    open_brackets: list[str] = []
    for piece in _PIECE.finditer(window):
        mark = piece[0]
        if mark in ("'", '"'):
            raise Unreadable("a string never ends")
        if mark in _CLOSERS:
            open_brackets.append(mark)
        elif mark in _PAIRS:
            if not open_brackets or open_brackets.pop() != _PAIRS[mark]:
                raise Unreadable("its brackets do not match")
            if not open_brackets:
                return window[: piece.end()], ""
        if len(open_brackets) > _DEEPEST:
            raise Unreadable("it is nested too deeply")
    if not open_brackets or len(window) == LONGEST:
        raise Unreadable("a call never ends")
    return window, "".join(_CLOSERS[mark] for mark in reversed(open_brackets))


def _strict(text: str) -> Any:
    try:
        return json.loads(text, strict=False, object_pairs_hook=_unique)
    except ValueError:
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise Unreadable("a call says the same thing twice")
    return value


def _lenient(text: str) -> Any:
    try:
        return json5.loads(text, allow_duplicate_keys=False)
    except ValueError:
        raise Unreadable("the JSON of a call is broken") from None
