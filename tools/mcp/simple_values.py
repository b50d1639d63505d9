"""Texts, numbers and listed values of another server's schema, in words that a grammar knows.

Responsible for their bounds: where a schema has none, or one that no compiler takes, there is one
that leaves room; a value that it lets through wrongly is caught by the check of the call.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

KINDS = ("object", "array", "string", "integer", "number", "boolean", "null")
_TEXT, LIST, _NUMBER = 2_000, 50, 10**15
"""Bounds where a schema has none: a call that a grammar writes must have an end."""

_OURS: Mapping[str, float] = {
    **{"maxLength": _TEXT, "maxItems": LIST, "maxProperties": LIST},
    **{"minimum": -_NUMBER, "maximum": _NUMBER},
}
_DECIMALS = 6
Node = Mapping[str, Any]


def text_of(form: Node) -> dict[str, Any]:
    """Return a text with an end."""
    return {"type": "string", **sized(form, "Length", _TEXT)}


def sized(form: Node, what: str, most: int) -> dict[str, int]:
    """Return ``minWHAT`` if there is one, and ``maxWHAT``: the given one, at most ``most``."""
    low, high = (_whole(form.get(f"{bound}{what}")) for bound in ("min", "max"))
    high = most if high is None else min(high, most)
    return {f"min{what}": low, f"max{what}": max(low, high)} if low else {f"max{what}": high}


def _whole(value: Any) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < _NUMBER else None


def range_of(kind: str, form: Node) -> dict[str, Any] | None:
    """Return an integer or a number between bounds, None if there is none between them."""
    step = 1 if kind == "integer" else 0
    low = max(-_NUMBER, _bound(form, "minimum"), _bound(form, "exclusiveMinimum") + step)
    high = min(_NUMBER, -_bound(form, "maximum", -1), -_bound(form, "exclusiveMaximum", -1) - step)
    if kind == "integer":
        low, high = math.ceil(low), math.floor(high)
    else:
        scale = 10**_DECIMALS
        low, high = math.floor(low * scale) / scale, math.ceil(high * scale) / scale
    return {"type": kind, "minimum": low, "maximum": high} if low <= high else None


def _bound(form: Node, word: str, sign: int = 1) -> float:
    """Return a lower bound, minus infinity where there is none; of an upper one, its opposite."""
    value = form.get(word)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return -math.inf
    return sign * value


def values_of(form: Node) -> dict[str, Any] | None:
    """Return a choice of listed values, of the types that a form names; None if there is none."""
    given = form.get("enum", [form.get("const")])
    values = given if isinstance(given, list) else []
    if "const" in form and "enum" in form:
        values = [value for value in values if json.dumps(value) == json.dumps(form["const"])]
    named = form.get("type", KINDS)
    kinds = [named] if isinstance(named, str) else named
    fitting = [value for value in values if _is_one_of(value, kinds)]
    return {"enum": fitting} if fitting else None


def _is_one_of(value: Any, kinds: Any) -> bool:
    match value:
        case bool():
            return "boolean" in kinds
        case int():
            return "integer" in kinds or "number" in kinds
        case float():
            return "number" in kinds or ("integer" in kinds and value.is_integer())
        case str():
            return "string" in kinds
        case None:
            return "null" in kinds
        case list():
            return "array" in kinds
    return "object" in kinds


def for_reading(node: Any) -> Any:
    """Return a schema without the bounds that are ours: a model need not read them."""
    if isinstance(node, list):
        return [for_reading(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        word: value if word == "enum" else for_reading(value)
        for word, value in node.items()
        if isinstance(value, dict | list) or word not in _OURS or value != _OURS[word]
    }
