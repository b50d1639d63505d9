"""The program that runs inside the sandbox: starts programs there, hands files in and out.

Responsible for doing there what it is told on standard input, one JSON object a line, each answered
by one on standard output that bears the number of its question. Runs alone, without the rest of
Deskhand; when its input ends it ends at once, whatever it is doing, and the whole sandbox with it.
What it is told comes from task files and from this suite, never from a model. What runs beside it
may be anybody's: it looks into the warden's memory and pipes in vain, and whatever it makes of
files, commands and servers is answered, at the latest when the time for it is over.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import itertools
import json
import os
import queue
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO, Any

LARGEST_BYTES = 256 << 20
_MOST_SAID_BYTES = 16 << 20
_MOST_NAMES = 50_000
_PIECE_BYTES = 1 << 16
_LOOK_S = 0.1
_LINGER_S = 1.0
"""What a command's children may still say after its own end, if they hold its output open."""

_PR_SET_DUMPABLE = 4  # linux/prctl.h
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446  # The same on every architecture.
_SCOPE_ABSTRACT_UNIX_SOCKET = 1  # linux/landlock.h
_SCOPED_SINCE = 6
"""The Landlock interface that knows scopes; Linux 6.12 brought it."""


def run(wanted: dict[str, Any]) -> dict[str, Any]:
    """Run a command to its end, or to the end of its time, and return what it said till then."""
    with subprocess.Popen(
        wanted["command"],
        shell=wanted["shell"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        heard = _heard(process, time.monotonic() + wanted["seconds"])
        late = process.poll() is None
        if late:
            os.killpg(process.pid, signal.SIGKILL)
    if heard is None:
        return {"code": process.returncode, "late": True, "out": "", "err": ""}
    out, err = (each.decode(errors="replace") for each in heard)
    return {"code": process.returncode, "late": late, "out": out, "err": err}


def _heard(process: subprocess.Popen[bytes], until: float) -> list[bytearray] | None:
    # What a command leaves running may hold its output for ever; its own end is what counts.
    said = {pipe: bytearray() for pipe in (process.stdout, process.stderr) if pipe}
    running = True
    with DefaultSelector() as pipes:
        for pipe in said:
            pipes.register(pipe, EVENT_READ)
        while pipes.get_map() and time.monotonic() < until:
            for key, _ in pipes.select(_LOOK_S):
                piece = os.read(key.fd, _PIECE_BYTES)
                said[key.fileobj] += piece  # type: ignore[index]
                if not piece:
                    pipes.unregister(key.fileobj)
            if sum(map(len, said.values())) > _MOST_SAID_BYTES:
                return None
            if running and process.poll() is not None:
                running = False
                until = min(until, time.monotonic() + _LINGER_S)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, until - time.monotonic()))
    return list(said.values())


def start(wanted: dict[str, Any]) -> dict[str, Any]:
    """Start a program that goes on by itself; what it says is for nobody."""
    process = subprocess.Popen(
        wanted["command"],
        shell=wanted["shell"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.returncode = 0  # Reaped with all others, and never by this object.
    return {"pid": process.pid}


def put(wanted: dict[str, Any]) -> dict[str, Any]:
    """Write a file, with the folders above it."""
    path = Path(wanted["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with _opened(path, flags) as file:
        file.write(base64.b64decode(wanted["data"]))
    path.chmod(wanted["mode"])
    return {}


def get(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return a regular file's content, null where there is none."""
    try:
        with _opened(Path(wanted["path"]), os.O_RDONLY) as file:
            if os.fstat(file.fileno()).st_size > LARGEST_BYTES:
                return {"error": f"{wanted['path']} is larger than {LARGEST_BYTES >> 20} MiB"}
            content = file.read(LARGEST_BYTES)
    except OSError:
        return {"data": None}
    return {"data": base64.b64encode(content).decode()}


def _opened(path: Path, flags: int) -> IO[bytes]:
    # A pipe that nobody serves would be waited for without end.
    number = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY, 0o644)
    if stat.S_ISREG(os.fstat(number).st_mode):
        return os.fdopen(number, "wb" if flags & os.O_WRONLY else "rb")
    os.close(number)
    raise OSError(f"{path} is no regular file")


def tree(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in a folder and below, null where there is none."""
    path = Path(wanted["path"])
    seen = itertools.count(1)
    return {"tree": _folder(path.name, str(path), seen) if path.is_dir() else None}


def _folder(name: str, path: str, seen: Iterator[int]) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if next(seen) > _MOST_NAMES:
                raise ValueError(f"more than {_MOST_NAMES} names stand there")
            below = entry.is_dir(follow_symlinks=False)
            file = {"type": "file", "name": entry.name}
            found.append(_folder(entry.name, entry.path, seen) if below else file)
    children = sorted(found, key=lambda each: str(each["name"]))
    return {"type": "directory", "name": name, "children": children}


def fetch(wanted: dict[str, Any]) -> dict[str, Any]:
    """Ask a server inside the sandbox; one that does not come to an end is as good as none."""
    answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(_answered(wanted)), daemon=True).start()
    try:
        return answers.get(timeout=wanted["seconds"])
    except queue.Empty:
        return {"body": None}


def _answered(wanted: dict[str, Any]) -> dict[str, Any]:
    from http.client import HTTPException
    from urllib.request import HTTPHandler, Request, build_opener

    try:
        request = Request(wanted["url"], method=wanted["method"], headers=wanted["headers"])
        with build_opener(HTTPHandler).open(request, timeout=wanted["seconds"]) as answer:
            body = answer.read(_MOST_SAID_BYTES + 1)
    except (OSError, ValueError, HTTPException):
        return {"body": None}
    whole = len(body) <= _MOST_SAID_BYTES
    return {"body": body.decode(errors="replace") if whole else None}


def load(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return whether anything computes right now, and the ticks that were used so far."""
    ticks, busy = 0, False
    for fields in _processes():
        ticks += int(fields[11]) + int(fields[12])  # proc(5): utime and stime
        busy = busy or fields[0] in ("R", "D")
    return {"ticks": ticks, "busy": busy}


def _processes() -> Iterator[list[str]]:
    for name in os.listdir("/proc"):
        if not name.isdecimal() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                yield file.read().rpartition(")")[2].split()
        except OSError:
            continue


def scope(wanted: dict[str, Any]) -> dict[str, Any]:
    """Keep what is started from now on from the abstract sockets of those outside (Landlock)."""
    libc = ctypes.CDLL(None, use_errno=True)
    # struct landlock_ruleset_attr: file accesses, network accesses, scopes
    rules = (ctypes.c_uint64 * 3)(0, 0, _SCOPE_ABSTRACT_UNIX_SOCKET)
    number = libc.syscall(_LANDLOCK_CREATE_RULESET, rules, ctypes.sizeof(rules), 0)
    if number < 0 or libc.syscall(_LANDLOCK_RESTRICT_SELF, number, 0) != 0:
        raise OSError(ctypes.get_errno(), "sockets outside cannot be kept out of reach")
    return {}


def can_scope() -> bool:
    """Tell whether this kernel can do so."""
    return bool(ctypes.CDLL(None).syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1) >= _SCOPED_SINCE)


_DEEDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "run": run,
    "start": start,
    "put": put,
    "get": get,
    "tree": tree,
    "fetch": fetch,
    "load": load,
    "scope": scope,
}
_TOLD = (OSError, ValueError, LookupError, RuntimeError, MemoryError)
"""What the one asking hears about: what is wrong with files, commands and addresses."""


def _reap() -> None:
    # The first process of its namespace inherits every orphan, and takes all with it when it ends.
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _seal() -> None:
    # Where memory runs out the programs of a task fall first, and not the model that plays them.
    Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    # Before anything else runs here: a process that is not dumpable can be neither traced nor
    # looked into through /proc, not even by its own user (ptrace(2), proc(5)).
    if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        sys.exit("The warden's memory and pipes cannot be closed to others.")
    # The kernel keeps other signals from a namespace's first process, as long as none is handled.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _listen(heard: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        heard.put(line)
    os._exit(0)  # At once: an ordinary end would wait for what is being done.


def main() -> None:
    """Serve until the input ends."""
    _seal()
    heard: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(heard,), daemon=True).start()
    while True:
        wanted = json.loads(heard.get())
        _reap()
        try:
            answer = _DEEDS[wanted["do"]](wanted)
        except _TOLD as cause:
            answer = {"error": str(cause) or type(cause).__name__}
        sys.stdout.write(json.dumps({**answer, "number": wanted["number"]}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
