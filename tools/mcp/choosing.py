"""Which of other servers' tools a model is offered.

Responsible for how many there are and how long, and for telling a person of those that are left
out. What one tool becomes stands in ``foreign``.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate

import mcp_types as types

from environments.quoting import shortened
from tools.mcp.foreign import Call, joined_tool, names_for
from tools.mcp.schemas import UnclearSchemaError, is_grammatical
from tools.schema import Tool

MOST_TOOLS = 64
MOST_SHOWN = 100_000
"""Characters of all schemas together: they stand in every prompt."""

LONGEST_NAME = 128
_NAMED = 5
Key = tuple[str, str]
"""A server and a tool of its own."""

Offer = tuple[types.Tool, Call]
"""What a server says of a tool, and what calls it."""


def chosen(
    offered: Mapping[Key, Offer],
    taken: Collection[str],
    tell: Callable[[str], None],
) -> tuple[Tool, ...]:
    """Return those that can be offered to a model, and tell of the others."""
    names = names_for([key for key in offered if len(key[1]) <= LONGEST_NAME], taken)
    left_out = {key: "its name is too long, or taken" for key in offered if key not in names}
    found: dict[Key, Tool] = {}
    for key, name in names.items():
        about, call = offered[key]
        try:
            found[key] = joined_tool(key[0], about, name, call)
        except UnclearSchemaError as error:
            left_out[key] = f"its schema {error}"
    keys = list(found)[: _most_shown(list(found.values()))]
    keys = keys[: _most_together([found[key] for key in keys])]
    left_out |= {key: "there are too many" for key in found if key not in keys}
    if left_out:
        tell(_told_of(left_out, len(offered)))
    return tuple(found[key] for key in keys)


def _most_shown(tools: Sequence[Tool]) -> int:
    """Return how many of them, the first, may stand in a prompt."""
    sizes = [len(json.dumps(tool.spec.parameters, ensure_ascii=False)) for tool in tools]
    return min(MOST_TOOLS, bisect_right(list(accumulate(sizes)), MOST_SHOWN))


def _most_together(tools: Sequence[Tool]) -> int:
    """Return how many of them, the first, one grammar can hold a model to."""
    held = [tool.spec.input_schema for tool in tools]
    if is_grammatical(held):
        return len(held)
    return bisect_left(range(1, len(held)), True, key=lambda n: not is_grammatical(held[:n]))


def _told_of(left_out: Mapping[Key, str], most: int) -> str:
    named = [
        f"{shortened(tool)!r} of {server!r} ({why})"
        for (server, tool), why in list(left_out.items())[:_NAMED]
    ]
    more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
    told = "; ".join(named)
    return f"Of {most} tools of MCP servers {len(left_out)} are left out: {told}{more}."
