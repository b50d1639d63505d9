"""The official Python client, talking to what ``deskhand mcp`` serves, in this very process."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp.client.client import Client

from agent.config import settings_from
from agent.mcp_session import service_for
from tools.mcp.calling import Service
from tools.mcp.door import TurnStop
from tools.mcp.server import server_for

Talk = Callable[[Client], Awaitable[None]]
Answering = Callable[[str], types.ElicitResult]


def talking(
    talk: Talk,
    folder: Path,
    replies: Sequence[str] = (),
    answer: Answering | None = None,
    mode: str = "legacy",
    secrets: frozenset[str] = frozenset(),
    **settings: Any,
) -> Service:
    """Let a client talk to a practice desktop and return what served it."""
    script = folder / "script.json"
    script.write_text(json.dumps(list(replies)), encoding="utf-8")
    usual = {"on": "practice:in-process", "template": "fill_form", "seed": 3}
    given = {**usual, "model": f"scripted:{script}", **settings}
    asked = _asking(answer) if answer else None
    with ExitStack() as opened:
        chosen = settings_from(**given)
        service = opened.enter_context(service_for(chosen, secrets, TurnStop()))

        async def main() -> None:
            async with Client(server_for(service), mode=mode, elicitation_callback=asked) as client:
                await talk(client)

        anyio.run(main)
    return service


def _asking(answer: Answering) -> Any:
    async def asked(context: object, params: types.ElicitRequestParams) -> types.ElicitResult:
        return answer(params.message)

    return asked


def words(result: types.CallToolResult) -> str:
    """Return the text of a result."""
    return "\n".join(b.text for b in result.content if isinstance(b, types.TextContent))
