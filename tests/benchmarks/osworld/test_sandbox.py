"""The sandbox: what its programs can reach, and that nothing of it remains."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.suites.osworld.home import HOME
from benchmarks.suites.osworld.machine import Machine
from benchmarks.suites.osworld.sandbox import Sandbox
from benchmarks.suites.osworld.traces import Traces, mark_of
from benchmarks.suites.osworld.walls import sandbox_problem
from benchmarks.suites.osworld.warden import can_scope
from environments.actions import OpenApp, PressKeys
from environments.base import Stop
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress
from environments.errors import ConfigError, DeviceDisconnectedError, DeviceError
from tests.benchmarks.osworld.files import PROBLEM, TERMINAL

ROOM = (HOME, "/tmp", "/dev/shm", "/run/user/1000")
pytestmark = pytest.mark.skipif(PROBLEM is not None, reason=PROBLEM or "it works")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with VirtualDisplay(320, 200, window_manager=False) as display:
        made = Sandbox(display.address)
        yield made
        made.close()


def test_commands_run_as_another_user_in_a_home_of_their_own(sandbox: Sandbox) -> None:
    said = sandbox.run("id -u; pwd; echo kept > a.txt; cat a.txt; exit 3", shell=True)
    assert (said.code, said.out) == (3, f"1000\n{HOME}\nkept\n")
    assert sandbox.get(f"{HOME}/a.txt") == b"kept\n"


def test_files_of_this_machine_cannot_be_seen_or_changed(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("private")
    assert sandbox.get(str(secret)) is None
    assert sandbox.run(["touch", "/usr/bin/deskhand-was-here"]).code != 0


def test_of_etc_only_the_settings_of_programs_are_there(sandbox: Sandbox) -> None:
    names = set(sandbox.run(["ls", "-A", "/etc"]).out.split())
    assert {"fonts", "ld.so.cache", "passwd"} <= names
    kept_out = {"shadow", "gshadow", "sudoers", "sudoers.d", "ssh", "environment", "pip.conf"}
    assert not names & (kept_out | {"hostname", "fstab", "gitconfig", "npmrc", "krb5.keytab"})
    assert sandbox.get("/etc/passwd") == (
        b"root:x:0:0:root:/root:/bin/bash\nuser:x:1000:1000:user:/home/user:/bin/bash\n"
    )
    keys = ("/etc/ssl/private", "/usr/local/etc", str(Path.home() / ".ssh"))
    assert sandbox.run(["ls", "-A", *keys]).out in (
        "",
        "/usr/local/etc:\n",
    )
    own = Path("/etc/machine-id")
    assert not own.exists() or sandbox.get("/etc/machine-id") != own.read_bytes()


def test_nothing_can_be_written_but_what_has_a_bound(sandbox: Sandbox) -> None:
    writable = sandbox.run(
        "find / -xdev -writable ! -type l; find /dev -writable -type d", shell=True
    )
    found = set(writable.out.split()) - {"/dev/pts"}
    assert {path for path in found if not path.startswith(ROOM)} == set()
    for place in ROOM:
        size = sandbox.run(["stat", "-f", "-c", "%b %S", place]).out.split()
        assert 0 < int(size[0]) * int(size[1]) <= 2 << 30, place


def test_a_program_that_fills_its_memory_files_is_told_so_and_can_be_followed(
    sandbox: Sandbox,
) -> None:
    said = sandbox.run("head -c 100M /dev/zero > $XDG_RUNTIME_DIR/full", shell=True)
    assert said.code != 0
    assert "No space left" in said.err
    sandbox.run("rm $XDG_RUNTIME_DIR/full", shell=True)


def test_what_is_called_by_name_cannot_be_replaced(sandbox: Sandbox) -> None:
    for name in ("cat", "python", "chromium"):
        with pytest.raises(DeviceError, match=r"Read-only|Permission"):
            sandbox.put(f"/run/deskhand/bin/{name}", b"#!/bin/sh\necho forged\n", 0o755)
    assert sandbox.run("> /run/deskhand/warden.py", shell=True).code != 0


# What the warden's own user can try against another of its processes: see proc(5) and ptrace(2).
_ATTACK = """
import ctypes, os
def tried(deed):
    try:
        return deed() or "done"
    except OSError as cause:
        return type(cause).__name__
def forge():
    number = os.open("/proc/1/fd/1", os.O_WRONLY)
    os.write(number, b'{"code": 0, "late": false, "out": "forged", "err": ""}\\n' * 3)
def look():
    os.read(os.open("/proc/1/fd/0", os.O_RDONLY | os.O_NONBLOCK), 1)
def trace():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, 1, None, None):  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
def remember():
    open("/proc/1/mem", "rb")
def surroundings():
    open("/proc/1/environ", "rb").read()
def take():
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.syscall(438, libc.syscall(434, 1, 0), 1, 0)  # pidfd_getfd(pidfd_open(1), 1)
    if number < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
print(*map(tried, (forge, look, trace, remember, surroundings, take)))
"""


def test_an_answer_cannot_be_forged_from_inside(sandbox: Sandbox) -> None:
    said = sandbox.run(["python", "-c", _ATTACK])
    assert (said.code, said.out.split()) == (0, ["PermissionError"] * 6), said.err
    assert sandbox.run(["id", "-u"]).out == "1000\n"


def test_no_signal_from_inside_ends_or_stops_it(sandbox: Sandbox) -> None:
    sandbox.run("for n in $(seq 1 64); do kill -$n 1; done", shell=True)
    assert sandbox.run(["id", "-u"]).out == "1000\n"


def test_the_kernels_settings_cannot_be_written_by_whoever_is_root_outside(
    sandbox: Sandbox,
) -> None:
    for name in ("kernel/core_pattern", "kernel/hostname", "vm/drop_caches"):
        assert sandbox.run(f": >> /proc/sys/{name}", shell=True).code != 0, name
    assert sandbox.run(["unshare", "-Ur", "true"]).code != 0, "no namespace to be root in"


def test_its_network_has_nobody_but_itself(sandbox: Sandbox) -> None:
    assert sandbox.run("cut -d: -f1 /proc/net/dev | tail -n +3 | tr -d ' '", shell=True).out == (
        "lo\n"
    )
    assert sandbox.fetch("http://127.0.0.1:9/") is None


_REACHED = """
import socket, sys
def tried(family, address):
    with socket.socket(family) as guest:
        try:
            guest.connect(address)
        except OSError as cause:
            return type(cause).__name__
        return "reached"
print(tried(socket.AF_UNIX, sys.argv[1].replace("@", "\\0")))
print(tried(socket.AF_INET, ("127.0.0.1", int(sys.argv[2]))))
"""


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (False, ["ConnectionRefusedError", "ConnectionRefusedError"]),
        pytest.param(
            True,
            ["PermissionError", "reached"],
            marks=pytest.mark.skipif(not can_scope(), reason="needs Linux 6.12 with Landlock"),
        ),
    ],
)
def test_the_sockets_of_a_session_are_out_of_reach_with_or_without_network(
    network: bool, expected: list[str]
) -> None:
    name = f"deskhand-{os.getpid()}"
    with (
        socket.socket(socket.AF_UNIX) as session,
        socket.create_server(("127.0.0.1", 0)) as server,
        VirtualDisplay(320, 200, window_manager=False) as display,
    ):
        session.bind(f"\0{name}")
        session.listen()
        made = Sandbox(display.address, network)
        try:
            port = str(server.getsockname()[1])
            said = made.run(["python", "-c", _REACHED, f"@{name}", port])
            assert said.out.split() == expected, said.err
            assert made.run(["xprop", "-root", "_NOTHING"]).code == 0, "its own display is there"
            assert made.run("touch a; mkdir d; mv a d/a; ln d/a b", shell=True).code == 0
        finally:
            made.close()


def test_only_its_own_processes_are_there(sandbox: Sandbox) -> None:
    assert sandbox.run(["kill", "-0", str(os.getpid())]).code != 0


def test_a_command_without_end_is_ended_and_told(sandbox: Sandbox) -> None:
    with pytest.raises(DeviceError, match=r"did not end within 0\.3 s"):
        sandbox.run(["sleep", "60"], seconds=0.3)
    assert sandbox.run(["pgrep", "-x", "sleep"]).code == 1


def test_what_a_command_leaves_running_is_not_waited_for(sandbox: Sandbox) -> None:
    said = sandbox.run("setsid sleep 321 & echo told; exit 4", shell=True, seconds=60)
    assert (said.code, said.out) == (4, "told\n")
    with pytest.raises(DeviceError, match=r"did not end within 0\.3 s"):
        sandbox.run("setsid sleep 321 & sleep 321", shell=True, seconds=0.3)
    assert sandbox.run(["pkill", "-f", "sleep 321"]).code == 0, "they go on, as they were told"


def test_a_command_that_only_closes_its_output_is_waited_for(sandbox: Sandbox) -> None:
    assert sandbox.run("exec >&- 2>&-; sleep 0.3; exit 5", shell=True).code == 5


def test_a_pipe_that_nobody_serves_holds_nobody_up(sandbox: Sandbox) -> None:
    sandbox.run(["mkfifo", f"{HOME}/pipe"])
    assert sandbox.get(f"{HOME}/pipe") is None
    with pytest.raises(DeviceError, match="pipe"):
        sandbox.put(f"{HOME}/pipe", b"x")
    assert sandbox.run(["rm", f"{HOME}/pipe"]).code == 0


_SERVER = """
import socket
server = socket.create_server(("127.0.0.1", {port}))
open("ready", "w")
while True:
    guest, _ = server.accept()
    guest.recv(1000)
    guest.sendall({said})
"""


def serving(sandbox: Sandbox, port: int, said: bytes) -> None:
    sandbox.start(["python", "-c", _SERVER.format(port=port, said=said)])
    while sandbox.get(f"{HOME}/ready") is None:
        pass
    sandbox.run(["rm", f"{HOME}/ready"])


@pytest.mark.parametrize(
    ("port", "said"), [(4321, b"nonsense\r\n\r\n"), (4322, b"HTTP/1.1 200 OK\r\n")]
)
def test_a_server_inside_that_answers_nonsense_or_nothing_is_none(
    sandbox: Sandbox, port: int, said: bytes
) -> None:
    serving(sandbox, port, said)
    assert sandbox.fetch(f"http://127.0.0.1:{port}/") is None
    assert sandbox.fetch("http://127.0.0.1:0x/") is None


_TOO_MUCH = """
import os
open("wide", "wb").truncate(300 << 20)
os.mkdir("many")
for number in range(50_001):
    os.close(os.open(f"many/{number}", os.O_CREAT))
os.mkdir("deep")
os.chdir("deep")
for _ in range(1100):
    os.mkdir("d")
    os.chdir("d")
"""


def test_what_is_too_much_to_be_looked_at_is_told_and_ends_nothing(sandbox: Sandbox) -> None:
    with pytest.raises(DeviceError, match="or said too much"):
        sandbox.run(["yes"])
    assert sandbox.run(["python", "-c", _TOO_MUCH]).code == 0
    with pytest.raises(DeviceError, match="larger than 256 MiB"):
        sandbox.get(f"{HOME}/wide")
    for name, why in (("many", "more than 50000 names"), ("deep", "recursion")):
        with pytest.raises(DeviceError, match=why):
            sandbox.tree(f"{HOME}/{name}")
    assert sandbox.run(["rm", "-r", "wide", "many", "deep"]).code == 0


def test_programs_of_tasks_fall_before_whoever_plays_when_memory_runs_out(sandbox: Sandbox) -> None:
    assert sandbox.run(["cat", "/proc/self/oom_score_adj"]).out == "500\n"


def test_a_program_that_is_not_there_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(DeviceError, match="nosuchprogram"):
        sandbox.start(["nosuchprogram"])


def test_what_is_no_file_is_none(sandbox: Sandbox) -> None:
    assert sandbox.get(HOME) is None
    assert sandbox.get("/dev/zero") is None
    assert sandbox.tree(f"{HOME}/nothing") is None


def test_waiting_ends_when_the_programs_rest(sandbox: Sandbox) -> None:
    assert sandbox.rest(20.0, Stop())
    sandbox.start("while :; do :; done", shell=True)
    assert not sandbox.rest(0.6, Stop())
    sandbox.run(["pkill", "-x", "sh"])


# Twice forked, in sessions of their own, deaf to what ends programs politely; one is stopped.
_STAYING = """
import os, signal, time
for number in range(1, 65):
    if number not in (signal.SIGKILL, signal.SIGSTOP) and not 32 <= number < 34:
        signal.signal(number, signal.SIG_IGN)
for stopped in (False, True):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open(f"stays-{stopped}", "w")
            if stopped:
                os.kill(os.getpid(), signal.SIGSTOP)
            while True:
                time.sleep(100)
        os._exit(0)
"""


def staying(machine: Machine) -> None:
    machine.sandbox.start(["python", "-c", _STAYING])
    machine.sandbox.start("nohup setsid sleep 300 & trap '' TERM HUP; sleep 300", shell=True)
    while None in (machine.sandbox.get(f"{HOME}/stays-{each}") for each in ("True", "False")):
        pass


def test_nothing_remains_of_a_machine() -> None:
    machine = Machine(Stop())
    staying(machine)
    assert sum("process" in each for each in machine.traces.left()) >= 7
    assert any("X11-unix" in each for each in machine.traces.left())
    machine.close()
    assert machine.traces.left() == ()
    with pytest.raises(DeviceDisconnectedError):
        machine.sandbox.run(["true"])


def test_what_answers_nonsense_in_the_browsers_place_is_no_browser() -> None:
    machine = Machine(Stop())
    try:
        body = b'[{"type": "page", "url": 7}]'
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        serving(machine.sandbox, 9222, head + body)
        assert machine.sandbox.fetch("http://127.0.0.1:9222/") == body.decode()
        assert machine.pages() == []
    finally:
        machine.close()


def test_whoever_waits_is_told_when_the_sandbox_is_killed() -> None:
    machine = Machine(Stop())
    staying(machine)
    told: list[str] = []

    def ask() -> None:
        try:
            machine.sandbox.run("setsid sleep 300 & touch begun; sleep 300", shell=True)
        except DeviceError as cause:
            told.append(str(cause))

    asking = Thread(target=ask)
    asking.start()
    os.kill(machine.sandbox.pid, signal.SIGKILL)
    asking.join()
    machine.close()
    assert told == ["The sandbox has ended."]
    assert machine.traces.left() == ()


@pytest.mark.skipif(bool(TERMINAL), reason=TERMINAL or "it is there")
def test_what_the_screen_can_start_is_started_inside() -> None:
    machine = Machine(Stop())
    try:
        machine.environment.execute(PressKeys(("ctrl", "alt", "t")))
        machine.await_front("Terminal")
        inside = machine.sandbox.run(["pgrep", "-x", "xterm"]).out.split()
        machine.environment.execute(OpenApp("xterm"))
        machine.rest()
        assert len(machine.sandbox.run(["pgrep", "-x", "xterm"]).out.split()) == len(inside) + 1
        assert len(inside) == 1
    finally:
        machine.close()


def test_another_file_by_the_same_name_and_number_is_nothing_that_remained(tmp_path: Path) -> None:
    file = tmp_path / "X7"
    file.touch()
    mark = mark_of(file)
    assert mark is not None
    assert Traces("", ((file, mark),)).left()[-1:] == (str(file),)
    os.utime(file, ns=(0, mark[1] + 1))  # As made anew: what is freed is given out again.
    assert str(file) not in Traces("", ((file, mark),)).left()


_KILLED = """
from benchmarks.suites.osworld.machine import Machine
from environments.base import Stop
machine = Machine(Stop())
machine.sandbox.start("trap '' TERM HUP; setsid sleep 300 & sleep 300", shell=True)
print(machine.traces.namespace, flush=True)
machine.sandbox.run("setsid sleep 300 & sleep 300", shell=True)
"""


def test_nothing_remains_when_we_are_killed_in_the_middle() -> None:
    with subprocess.Popen([sys.executable, "-c", _KILLED], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        traces = Traces(process.stdout.readline().decode().strip())
        assert traces.left()
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while traces.left() and time.monotonic() < deadline:
        os.sched_yield()
    assert traces.left() == ()


def test_without_bubblewrap_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "apt-get install bubblewrap" in (sandbox_problem() or "")
    with pytest.raises(ConfigError, match="bwrap is missing"):
        Sandbox(DisplayAddress(":1"))
