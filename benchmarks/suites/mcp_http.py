"""What must not hurt an MCP server over HTTP: strangers, floods, and clients that misbehave.

Responsible for the cases of strangers, each on a real server: what is sent, and what must have come
of it. Those of clients stand in ``mcp_misbehaving``; the bar, in ``bars.doors``.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping

from benchmarks.suites.mcp_misbehaving import CLIENTS, Case, expected, served_after
from benchmarks.suites.mcp_raw import RawClient, vanish
from benchmarks.suites.mcp_stand import PATIENCE_S, Served
from environments.base import Stop

LARGE_BYTES = 50 * 1024 * 1024


def _status(wanted: int, **changed: str | None) -> Case:
    def case(server: Served, stop: Stop) -> str:
        client = RawClient(server)
        said = client.send(client.request("initialize", {}), client.headers(**changed))
        return expected(said, wanted)

    return case


def _lookalike(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    near = f"127.0.0.1:{server.port}.example.org"
    body = client.request("initialize", {})
    return expected(client.send(body, client.headers(Host=near)), 421) or expected(
        client.send(body, client.headers(Origin=f"http://{near}")), 403
    )


def _own_origin(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    own = f"http://127.0.0.1:{server.port}"
    about = {"protocolVersion": "2025-11-25", "capabilities": {}}
    about["clientInfo"] = {"name": "raw", "version": "1"}
    said = client.send(client.request("initialize", about), client.headers(Origin=own))
    return expected(said, 200)


def _large(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    return expected(client.send(b" " * LARGE_BYTES), 413) or served_after(server)


def _large_in_chunks(server: Served, stop: Stop) -> str:
    client = RawClient(server)

    def chunks() -> Iterator[bytes]:
        for _ in range(LARGE_BYTES >> 16):
            yield b" " * (1 << 16)

    try:
        said = client.send(chunks(), client.headers(**{"Transfer-Encoding": "chunked"}))
    except (ConnectionError, http.client.HTTPException):
        return served_after(server)  # The line was cut, which refuses it too.
    return expected(said, 413) or served_after(server)


def _large_from_a_stranger(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    try:
        said = client.send(b" " * LARGE_BYTES, client.headers(Authorization=None))
    except (ConnectionError, http.client.HTTPException):
        return served_after(server)
    return expected(said, 401) or served_after(server)


def _garbage(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    for body in (b"{", b"[" * 10_000, b"\xff\xfe", b'{"jsonrpc": "2.0"}'):
        wrong = expected(client.send(body), 400)
        if wrong:
            return f"{body[:20]!r}: {wrong}"
    return served_after(server)


def _half_a_body(server: Served, stop: Stop) -> str:
    """Promise more than is sent, and keep the line open while others are served."""
    client = RawClient(server)
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    line.putrequest("POST", "/mcp", skip_host=True)
    for name, value in client.headers(**{"Content-Length": "1000"}).items():
        line.putheader(name, value)
    line.endheaders(b"{")
    wrong = served_after(server)
    vanish(line)
    return wrong or served_after(server)


def _unknown_session(server: Served, stop: Stop) -> str:
    client = RawClient(server)
    client.session = "0" * 32
    return expected(client.send(client.calling("observe")), 400, 404)


CASES: Mapping[str, Case] = {
    "without a token": _status(401, Authorization=None),
    "with a wrong token": _status(401, Authorization="Bearer wrong"),
    "with a token of another kind": _status(401, Authorization="Basic d3Jvbmc6d3Jvbmc="),
    "from a foreign page": _status(403, Origin="https://example.org"),
    "from a page without a name": _status(403, Origin="null"),
    "for another host": _status(421, Host="example.org"),
    "for a host that looks alike": _lookalike,
    "from our own origin": _own_origin,
    "a body of 50 MB": _large,
    "a body of 50 MB in chunks": _large_in_chunks,
    "a body of 50 MB from a stranger": _large_from_a_stranger,
    "garbage": _garbage,
    "half a body": _half_a_body,
    "a session that does not exist": _unknown_session,
    **CLIENTS,
}


def tried(name: str, server: Served, stop: Stop) -> str:
    """Return what is wrong after one case, empty if nothing."""
    return CASES[name](server, stop)
