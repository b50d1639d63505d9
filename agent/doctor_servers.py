"""What the doctor finds out about a model server.

Responsible for the words; the questions to the server stand in ``agent.models.servers``.
"""

from __future__ import annotations

from collections.abc import Iterator

from agent.findings import Finding
from agent.models.manner import Manner
from environments.errors import ConfigError


def model_server(url: str, served: str | None = None) -> Iterator[Finding]:
    """Connect to a server and tell what it is, and what follows from it."""
    from agent.models.openai_compatible import connect, leaving

    try:
        for warning in leaving(url):
            yield Finding("note", "note", warning)
        found = connect(url, Manner(served=served), told=lambda _: None)
    except ConfigError as error:
        text, _, cure = str(error).partition("; ")
        yield Finding("server", "problem", text, cure)
        return
    server, (least, most) = found.server, found.profile.image_tokens
    what = f"{server.found.software} {server.found.version}".strip()
    yield Finding("server", "ok", f"{what} at {server.line.address.base}")
    room = server.found.most_tokens
    yield Finding("model", "ok", server.found.served + (f", {room} tokens" if room else ""))
    yield Finding("profile", "ok", found.profile.name)
    held = "held to the tools' schemas while they are written"
    if server.holds and found.profile.is_held:
        yield Finding("calls", "ok", held)
    else:
        yield Finding("calls", "note", f"not {held}; what is wrong goes back to the model")
    if server.thinks:
        how = "by the server" if server.bounds else "here: it is cut and asked to go on"
        yield Finding("thoughts", "ok", f"bounded {how}")
    yield Finding("pictures", "ok", f"sent with {least} to {most} visual tokens")
    for notice in found.notices:
        yield Finding("note", "note", notice)
