"""How a task file says what a value must be: ``{"method": ..., "ref": ...}``.

Responsible for this small language alone, which the metrics on tables and on JSON share.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "le": operator.le,
    "lt": operator.lt,
    "ge": operator.ge,
    "gt": operator.gt,
}


def matches(value: Any, rule: Mapping[str, Any]) -> bool:
    """Tell whether a value fits a rule.

    Methods: eq, ne, le, lt, ge, gt; ``re`` with flags ("re.IGNORECASE"); "approx:0.01";
    "range.te" (t: strict, e: may be equal, for either end); str_list_eq and str_set_eq of a text
    with commas.

    Raises:
        ValueError: there is no such method.
    """
    method, ref = str(rule["method"]), rule["ref"]
    if method in _ORDER:
        return _ordered(method, value, ref)
    if method == "re" or method.startswith("re."):
        flags = re.RegexFlag(0)
        for name in method.split(".")[1:]:
            flags |= re.RegexFlag[name]
        return isinstance(value, str) and re.search(ref, value, flags) is not None
    if method.startswith("approx:"):
        return _near(value, float(ref), float(method.partition(":")[2]))
    if method.startswith("range."):
        low, high = (f"l{end}" for end in method[-2:])
        return _ordered(low, ref[0], value) and _ordered(high, value, ref[1])
    if method in ("str_list_eq", "str_set_eq"):
        kind: Callable[[Any], Any] = list if method == "str_list_eq" else set
        return bool(kind(str(value).strip("\"'").split(",")) == kind(ref))
    raise ValueError(f"A task compares by {method!r:.40}, which is not known here.")


def _ordered(method: str, left: Any, right: Any) -> bool:
    try:
        return bool(_ORDER[method](left, right))
    except TypeError:  # A missing value is not smaller or larger than anything.
        return False


def _near(value: Any, ref: float, at_most: float) -> bool:
    try:
        return abs(float(value) - ref) <= at_most
    except (TypeError, ValueError, OverflowError):
        return False
