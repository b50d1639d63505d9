"""Which of other servers' tools a model is offered.

Responsible for how many there are and how long, and for telling a person of those that are left
out. What one tool becomes stands in ``foreign``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping

import mcp_types as types

from environments.quoting import shortened
from tools.mcp.foreign import Call, joined_tool, names_for
from tools.mcp.schemas import UnclearSchemaError
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
    found: list[Tool] = []
    shown = 0
    for (server, own), name in names.items():
        about, call = offered[server, own]
        try:
            tool = joined_tool(server, about, name, call)
        except UnclearSchemaError as error:
            left_out[server, own] = f"its schema {error}"
            continue
        size = len(json.dumps(tool.spec.parameters, ensure_ascii=False))
        if len(found) == MOST_TOOLS or shown + size > MOST_SHOWN:
            left_out[server, own] = "there are too many"
            continue
        found.append(tool)
        shown += size
    if left_out:
        tell(_told_of(left_out, len(offered)))
    return tuple(found)


def _told_of(left_out: Mapping[Key, str], most: int) -> str:
    named = [
        f"{shortened(tool)!r} of {server!r} ({why})"
        for (server, tool), why in list(left_out.items())[:_NAMED]
    ]
    more = f" and {len(left_out) - _NAMED} more" if len(left_out) > _NAMED else ""
    told = "; ".join(named)
    return f"Of {most} tools of MCP servers {len(left_out)} are left out: {told}{more}."
