"""``deskhand mcp`` and ``deskhand run --mcp`` as processes: pipes, ports, pressed keys, endings."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import mcp_types as types
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types.version import LATEST_MODERN_VERSION

from agent.archive import list_runs, load_run
from benchmarks.suites.mcp_http import CASES
from benchmarks.suites.mcp_raw import RawClient
from benchmarks.suites.mcp_stand import PATIENCE_S, Served, options, served, variables, within
from environments.base import Stop
from environments.geometry import Screen
from tests.agent.replies import DONE
from tools.mcp.client import joined
from tools.mcp.configuration import JoinedServer
from tools.schema import Errand

ROOT = Path(__file__).parents[2]
QUICK = [name for name in CASES if "50 MB" not in name and "at once" not in name]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.mark.parametrize("name", QUICK)
def test_over_http_a_stranger_is_refused_and_a_client_that_vanishes_leaves_nothing(
    server: Served, name: str
) -> None:
    assert CASES[name](server, Stop()) == ""


def test_our_own_run_can_use_our_own_server_by_its_address_and_token(server: Served) -> None:
    other = JoinedServer(url=server.url, headers={"Authorization": f"Bearer {server.token}"})
    told: list[str] = []
    with joined({"desk": other}, {"computer_use"}, Stop(), told.append) as tools:
        looking = next(tool for tool in tools if tool.spec.name == "observe")
        does = looking.prepare({}, Screen(10, 10), 1000).does
        assert isinstance(does, Errand)
        assert "640x480 pixels" in does.run()
    assert told == []


def test_with_a_wrong_token_a_server_does_not_join(server: Served) -> None:
    other = JoinedServer(url=server.url, headers={"Authorization": "Bearer wrong"})
    told: list[str] = []
    with joined({"desk": other}, (), Stop(), told.append) as tools:
        assert tools == ()
    assert "does not start" in told[0]


def test_over_stdio_nothing_but_the_protocol_is_written_and_it_ends_with_its_client(
    tmp_path: Path,
) -> None:
    greeting = {"protocolVersion": "2025-11-25", "capabilities": {}}
    greeting["clientInfo"] = {"name": "test", "version": "1"}  # type: ignore[assignment]
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": greeting},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "observe"}},
    ]
    with started(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = []
        for line in lines:
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            if "id" in line:
                said.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.stdout.read() == ""
        assert process.wait(PATIENCE_S) == 0
    assert [message["id"] for message in said] == [1, 2]
    assert said[1]["result"]["structuredContent"]["size_px"] == {"width": 640, "height": 480}


def test_a_signal_ends_a_server_in_the_middle_of_a_call(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        client = RawClient(server)
        client.greet()
        line = client.begin(client.calling("computer_use", action="wait", time=60))
        runs = tmp_path / "runs"
        assert within(PATIENCE_S, lambda: bool(list_runs(runs)), Stop())
    line.close()
    (run,) = list_runs(runs)
    assert run.status == "stopped"


def test_over_stdio_a_signal_ends_it_although_its_client_is_still_there(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0


def started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "agent", *options(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=variables(folder),
        cwd=ROOT,
        text=True,
    )


def test_what_a_client_over_stdio_holds_is_down_until_released_and_its_run_ends_with_it(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "agent", *options(tmp_path)]
    program = StdioServerParameters(
        command=command[0], args=command[1:], env=variables(tmp_path), cwd=ROOT
    )
    seen = Served(tmp_path, "http://127.0.0.1:0/mcp", "")
    pressed: list[int] = []

    async def main() -> None:
        async with Client(program) as client:
            hold = {"action": "hold", "keys": ["shift"]}
            assert not (await client.call_tool("gesture", hold)).is_error
            pressed.append(await anyio.to_thread.run_sync(seen.pressed))
            release = {"action": "release"}
            assert not (await client.call_tool("gesture", release)).is_error
            pressed.append(await anyio.to_thread.run_sync(seen.pressed))

    anyio.run(main)
    assert pressed == [1, 0]
    ended = within(PATIENCE_S, lambda: list_runs(tmp_path / "runs")[0].status == "stopped", Stop())
    assert ended


@pytest.mark.parametrize("over", ["stdio", "http"])
def test_a_yes_to_what_a_task_asks_counts_for_a_client_of_the_newest_protocol(
    tmp_path: Path, over: str
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([call("computer_use", action="type", text="a"), DONE]))
    arguments = ("--on", "practice:in-process", "--template", "fill_form", "--seed", "3")
    command = ("-m", "agent", "mcp", *arguments, "--model", f"scripted:{script}")
    strict = (*command, "--preset", "cautious")
    asked: list[str] = []

    async def answer(context: object, params: types.ElicitRequestParams) -> types.ElicitResult:
        asked.append(params.message)
        return types.ElicitResult(action="accept", content={"answer": "yes"})

    async def main() -> None:
        async with AsyncExitStack() as opened:
            way = await opened.enter_async_context(_way(over, strict, tmp_path))
            client = Client(way, elicitation_callback=answer)
            await opened.enter_async_context(client)
            assert client.protocol_version == LATEST_MODERN_VERSION
            await client.call_tool("run_task", {"task": "Write a letter"})

    anyio.run(main)
    assert len(asked) == 1
    first = load_run(tmp_path / "runs", list_runs(tmp_path / "runs")[0].id).steps[0].calls[0]
    assert (first.is_error, "yes through the client" in first.decision) == (False, True)


@asynccontextmanager
async def _way(over: str, command: tuple[str, ...], folder: Path) -> AsyncIterator[Any]:
    """Start a server and return how a client reaches it."""
    if over == "stdio":
        program = {"command": sys.executable, "args": list(command), "cwd": ROOT}
        yield StdioServerParameters(**program, env=variables(folder))
        return
    with subprocess.Popen(
        [sys.executable, *command, "--http", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=variables(folder),
        cwd=ROOT,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = json.loads(await anyio.to_thread.run_sync(process.stdout.readline))
        headers = {"Authorization": f"Bearer {told['token']}"}
        try:
            async with httpx2.AsyncClient(headers=headers, timeout=PATIENCE_S) as client:
                yield streamable_http_client(told["url"], http_client=client)
        finally:
            process.terminate()


def call(name: str, **arguments: Any) -> str:
    body = json.dumps({"name": name, "arguments": arguments})
    return f"Use {name}.\n<tool_call>\n{body}\n</tool_call>"


def test_a_run_uses_the_tools_of_a_configured_server_under_its_own_rules(tmp_path: Path) -> None:
    server = {"command": sys.executable, "args": ["-m", "tests.tools.mcp.programs"]}
    config, script = tmp_path / "mcp.json", tmp_path / "script.json"
    config.write_text(json.dumps({"mcpServers": {"ours": server | {"cwd": str(ROOT)}}}))
    script.write_text(json.dumps([call("add", a=2, b=3), call("delete_all"), DONE]))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "agent", "run", "Add two numbers"),
            *("--on", "practice:in-process", "--model", f"scripted:{script}"),
            *("--mcp", str(config), "--ask", "nobody", "--json"),
        ],
        env=variables(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    run = load_run(tmp_path / "runs", json.loads(done.stdout)["run"])
    added, deleted = (step.calls[0] for step in run.steps[:2])
    assert (added.is_error, str(added.content).splitlines()[-1]) == (False, "| 5")
    assert deleted.is_error
    assert "needs a person's yes" in str(deleted.content)
    assert added.decision == "read; preset balanced: allowed"
