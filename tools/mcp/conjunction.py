"""Several JSON Schemas as one: what fits both, what fits either.

Responsible for the words that the plain form of a schema keeps; of any other, the first one's
stays, and the check of a call knows both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]


def merged(one: Node, other: Node) -> dict[str, Any]:
    """Return a schema of what fits both, neither of which has references or choices any more."""
    both = {**other, **one}
    for word in one.keys() & other.keys() & _AGREED.keys():
        both[word] = _AGREED[word](one[word], other[word])
    if "properties" in both:
        names = dict.fromkeys((*_properties(one), *_properties(other)))
        both["properties"] = {name: _all_of(_at(one, name), _at(other, name)) for name in names}
    return both


def one_object(forms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return an object with the properties of several; required is what all require."""
    if len(forms) == 1:
        return forms[0]
    names = dict.fromkeys(name for form in forms for name in form["properties"])
    required = [name for name in names if all(name in form["required"] for form in forms)]
    return {
        "type": "object",
        "properties": {n: either([f["properties"].get(n) for f in forms]) for n in names},
        "required": required,
        "additionalProperties": False,
    }


def either(options: Iterable[dict[str, Any] | None]) -> dict[str, Any] | None:
    """Return what fits any of several, None where all of them are."""
    different = list({json.dumps(one): one for one in options if one is not None}.values())
    if not different:
        return None
    return different[0] if len(different) == 1 else {"anyOf": different}


def listed(value: Any) -> list[Any]:
    """Return a list that stands in a schema; anything else in its place is none."""
    return value if isinstance(value, list) else []


def mapped(value: Any) -> Mapping[str, Any]:
    """Return a mapping that stands in a schema; anything else in its place is none."""
    return value if isinstance(value, Mapping) else {}


def _properties(node: Node) -> Mapping[str, Any]:
    return mapped(node.get("properties", {}))


def _at(node: Node, name: str) -> Any:
    """Return what an object says about a property, whether it names it or not."""
    return _properties(node).get(name, node.get("additionalProperties", True))


def _all_of(one: Any, other: Any) -> Any:
    if one is False or other is False:
        return False
    if one is True or other is True or one == other:
        return other if one is True else one
    return {"allOf": [one, other]}


def _types(one: Any, other: Any) -> list[str]:
    some, others = ([v] if isinstance(v, str) else listed(v) for v in (one, other))
    return [kind for kind in ("integer", *some, *others) if _has(some, kind) and _has(others, kind)]


def _has(kinds: list[Any], kind: str) -> bool:
    return kind in kinds or (kind == "integer" and "number" in kinds)


def _values(one: Any, other: Any) -> list[Any]:
    # As JSON, where 1 is not true.
    known = {json.dumps(value, sort_keys=True) for value in listed(other)}
    return [value for value in listed(one) if json.dumps(value, sort_keys=True) in known]


def _largest(one: Any, other: Any) -> Any:
    return max((v for v in (one, other) if isinstance(v, int | float)), default=None)


def _smallest(one: Any, other: Any) -> Any:
    return min((v for v in (one, other) if isinstance(v, int | float)), default=None)


_AGREED: Mapping[str, Callable[[Any, Any], Any]] = {
    "type": _types,
    "enum": _values,
    "required": lambda one, other: [*listed(one), *listed(other)],
    "additionalProperties": _all_of,
    "items": _all_of,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems"), _largest),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems"), _smallest),
}
