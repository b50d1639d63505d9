"""Arguments in the shapes that models give them, in the shapes that tools take.

Responsible for changes of form that cannot change the meaning: an array or number written as a
string, whole numbers written as decimals, a box where a point is wanted. What it does not
recognise it leaves as it is, for the tool to refuse. Fractions between 0 and 1 stay too: whether
they mean a share of the screen or its corner cannot be known.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_POINTS = frozenset({"coordinate", "coordinate2"})
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,20})?")
_LONGEST_ARRAY = 400


def coerce(arguments: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments; ``properties`` is the tool's JSON Schema of each."""
    return {
        name: _value(name, value, properties.get(name, {})) for name, value in arguments.items()
    }


def _value(name: str, value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and schema.get("type") in ("array", "number", "integer"):
        value = _unquoted(value)
    return _point(value) if name in _POINTS else value


def _unquoted(text: str) -> Any:
    """Read an array or a number out of a string; "(512, 384)" is an array too."""
    inner = text.strip()
    if len(inner) > _LONGEST_ARRAY or inner.count("[") > 1:
        return text
    if inner.startswith("(") and inner.endswith(")"):
        inner = f"[{inner[1:-1]}]"
    try:
        return json.loads(inner)
    except ValueError:
        return text


def _point(value: Any) -> Any:
    """Return [x, y] in whole numbers, from two numbers or from the corners of a box."""
    if not isinstance(value, list) or len(value) not in (2, 4):
        return value
    numbers = [_number(item) for item in value]
    if any(item is None for item in numbers):
        return value
    x, *_, y = known = [item for item in numbers if item is not None]
    if len(known) == 4:  # noqa: PLR2004 - left, top, right, bottom
        x, y = (known[0] + known[2]) / 2, (known[1] + known[3]) / 2
    if _is_share(known):
        return value
    return [round(x), round(y)]


def _number(item: Any) -> float | None:
    if isinstance(item, str) and _NUMBER.fullmatch(item.strip()):
        item = float(item)
    if isinstance(item, bool) or not isinstance(item, int | float):
        return None
    return item if math.isfinite(item) and abs(item) < 1e9 else None  # noqa: PLR2004


def _is_share(numbers: list[float]) -> bool:
    return all(0 <= item <= 1 for item in numbers) and any(item % 1 for item in numbers)
