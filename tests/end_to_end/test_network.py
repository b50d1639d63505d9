"""Nothing phones home: a run opens no socket but to its own display.

Seen twice: by Python's own audit in the process, and by the kernel's calls of every process that a
run starts. And the other way round: where there is no network at all, a run goes as it always does.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.archive import load_run
from agent.models.qwen3_vl.random_weights import random_model, small_tokenizer
from agent.models.registry import choose_model

WATCHED = """
import json, sys

reached = []

def hear(event, values):
    if event == "socket.getaddrinfo" or (event == "socket.connect" and values[0].family != 1):
        reached.append(f"{event} {values[1:]}")

sys.addaudithook(hear)
from agent.cli import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as left:
    print(json.dumps({"code": left.code, "reached": reached}), file=sys.stderr)
"""
"""Runs a command; only sockets of family 1 (AF_UNIX), such as the display's, are let pass."""


def reached_by(home: Path, *arguments: str) -> dict[str, object]:
    """Run a command in a process of its own and return its exit code and whom it called."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, json.dumps(arguments)],
        env={"PATH": "", "HOME": str(home), "DESKHAND_HOME": str(home)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(json.loads(done.stderr.splitlines()[-1]))


def test_a_socket_to_elsewhere_would_be_noticed(tmp_path: Path) -> None:
    script = "main = lambda _: __import__('socket').getaddrinfo('localhost', 9)"
    code = WATCHED.replace("from agent.cli import main", script) + "\nprint(reached)"
    done = subprocess.run(
        [sys.executable, "-c", code, "[]"], capture_output=True, text=True, check=True
    )
    assert "socket.getaddrinfo" in done.stdout


def test_a_run_with_a_checkpoint_in_a_folder_calls_nobody(tmp_path: Path) -> None:
    tokenizer = small_tokenizer()
    random_model(tokenizer, 3).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    model = ("--model", str(tmp_path / "model"), "--max-steps", "1")
    found = reached_by(tmp_path, "run", "--on", "practice:in-process", *model)
    assert found["reached"] == []
    assert found["code"] in (1, 3, 7)  # Whatever random weights say in one step: it ran.


LOCAL = {"AF_UNIX", "AF_NETLINK"}
"""What leads to no other machine: sockets in the file system, and talk with the kernel."""

OWN_ADDRESSES = re.compile(
    r"@?/tmp/\.X11-unix/X\d+|/tmp/deskhand-display-\w+/.*|/var/run/nscd/socket"
)
"""The display, its session, and the C library's question whether somebody caches user names."""

STRACE = ("strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=socket,connect", "-o")
NO_NETWORK = ("unshare", "--net", "--map-root-user")
BY_DEFAULT = ["run", "Press the button", "--max-steps", "2"]
ON_PRACTICE = ["run", "--on", "practice", "--template", "fill_form"]


def able(*command: str) -> bool:
    """Tell whether a program is there and may do here what it is for."""
    return shutil.which(command[0]) is not None and not subprocess.call(
        [*command, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def deskhand(home: Path, *arguments: str, within: Sequence[str]) -> dict[str, object]:
    """Run a command as a person would, inside another one, and return its answer."""
    done = subprocess.run(
        [*within, sys.executable, "-m", "agent", *arguments, "--json"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "DESKHAND_HOME": str(home)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    return dict(json.loads(done.stdout))


def sockets(log: Path) -> tuple[set[str], set[str]]:
    """Return the families of all sockets that were asked for, and the paths connected to."""
    calls = log.read_text(encoding="utf-8", errors="replace")
    families = set(re.findall(r"socket\((\w+)", calls)) | set(re.findall(r"sa_family=(\w+)", calls))
    connected = re.findall(r'connect\(.*sun_path=(@?)"([^"]*)"', calls)
    return families, {mark + path for mark, path in connected}


@pytest.fixture
def tracer(tmp_path: Path) -> tuple[str, ...]:
    """Return what goes before a command whose sockets are to be written down."""
    tracing = (*STRACE, str(tmp_path / "sockets"))
    if not able(*tracing):
        pytest.skip("strace is missing or may not look: apt-get install strace")
    return tracing


@pytest.fixture
def embedded_by_default() -> None:
    """Skip where the default model would be fetched, or the default display cannot be opened."""
    if not choose_model("auto").is_embedded:
        pytest.skip("with a GPU the default model is a published one, which is fetched once")
    for program in ("Xvfb", "openbox"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing: apt-get install xvfb openbox")


def test_a_socket_of_a_process_far_down_would_be_noticed(
    tmp_path: Path, tracer: tuple[str, ...]
) -> None:
    call = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    subprocess.run([*tracer, "sh", "-c", f'"{sys.executable}" -c "{call}"; true'], check=True)
    families, _ = sockets(tmp_path / "sockets")
    assert "AF_INET" in families


@pytest.mark.usefixtures("embedded_by_default")
@pytest.mark.parametrize("arguments", [BY_DEFAULT, ON_PRACTICE], ids=["by default", "on practice"])
def test_no_process_of_a_run_opens_a_socket_but_to_its_display(
    tmp_path: Path, tracer: tuple[str, ...], arguments: list[str]
) -> None:
    answer = deskhand(tmp_path, *arguments, within=tracer)
    run = load_run(tmp_path / "runs", str(answer["run"]))
    assert len(run.steps) >= 2
    assert any(step.calls for step in run.steps)
    families, addresses = sockets(tmp_path / "sockets")
    assert "AF_UNIX" in families
    assert families <= LOCAL
    assert any("X11-unix" in address for address in addresses)
    assert {address for address in addresses if not OWN_ADDRESSES.fullmatch(address)} == set()


@pytest.mark.usefixtures("embedded_by_default")
def test_a_run_does_its_task_where_there_is_no_network_at_all(tmp_path: Path) -> None:
    if not able(*NO_NETWORK):
        pytest.skip("no namespace of one's own can be made here")
    answer = deskhand(tmp_path, *ON_PRACTICE, within=NO_NETWORK)
    assert answer["status"] == "success", answer
