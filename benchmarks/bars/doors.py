"""The bars on MCP: clients of other people's making, and what comes in over HTTP.

Responsible for counting. The cases stand in ``suites.mcp_client`` (in the client's own language),
``suites.mcp_typescript``, ``suites.mcp_http`` and ``suites.mcp_misbehaving``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites import mcp_http
from benchmarks.suites.mcp_stand import Served, served
from benchmarks.suites.mcp_typescript import CASES, Transport, installed, results

TRANSPORTS: tuple[Transport, ...] = ("http", "stdio")


def typescript(bench: Bench) -> Finding:
    """Count what the official TypeScript client can do over each transport."""
    keys = {f"{how}/{case}": (how, case) for case in CASES for how in TRANSPORTS}
    chosen = [list(keys)[number] for number in bench.part_of(range(len(keys)))]
    with ExitStack() as opened:
        place = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="deskhand-mcp-")))
        sdk = cache(lambda: installed(place / "sdk"))

        def measure(key: str) -> TaskResult:
            how, case = keys[key]
            wrong = results(sdk(), place / key, how, [case])[case]
            return measured(key, how, not wrong, wrong or "as it must be")

        return _counted(bench.each("mcp-typescript", chosen, measure))


def http(bench: Bench) -> Finding:
    """Count what strangers, floods and vanishing clients do not do to a server."""
    keys = list(mcp_http.CASES)
    chosen = [keys[-1 - number] for number in bench.part_of(range(len(keys)))]
    with ExitStack() as opened:

        @cache
        def server() -> Served:
            place = opened.enter_context(tempfile.TemporaryDirectory(prefix="deskhand-mcp-"))
            return opened.enter_context(served(Path(place)))

        def measure(key: str) -> TaskResult:
            wrong = mcp_http.tried(key, server(), bench.stop)
            return measured(key, "http", not wrong, wrong or "as it must be")

        return _counted(bench.each("mcp-http", chosen, measure))


def _counted(found: Sequence[TaskResult]) -> Finding:
    good = sum(result.kind is Kind.SUCCESS for result in found)
    notes = tuple(f"{r.key}: {r.reason}" for r in found if r.kind is not Kind.SUCCESS)
    return Finding(f"{good} of {len(found)} cases", good == len(found), notes)


BARS = (
    Bar(
        "mcp-typescript",
        "the official TypeScript client over stdio and HTTP: lists, calls, is asked, cancels",
        f"{len(CASES) * len(TRANSPORTS)} of {len(CASES) * len(TRANSPORTS)}",
        typescript,
        needs_registry=True,
    ),
    Bar(
        "mcp-http",
        "HTTP: strangers, floods and clients that vanish; pressed keys by the X server's word",
        f"{len(mcp_http.CASES)} of {len(mcp_http.CASES)}",
        http,
    ),
)
