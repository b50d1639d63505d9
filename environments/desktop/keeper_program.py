"""The program that keeps other programs: starts them, and ends every one of them with itself.

Responsible for leaving no process behind, whatever a program did to get away: as the subreaper of
its descendants (prctl(2), PR_SET_CHILD_SUBREAPER) it inherits each whose parent has gone, also
those that made themselves a session of their own. Runs alone, without the rest of Deskhand.

Standard input holds one JSON object a line: "argv", "env", "folder" and "answer_with_line"; each is
answered with {"pid": 1, "line": "..."} or {"error": "..."}. When the input ends, everything ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
_POLITE_S = 1.5
_LAST_S = 5.0


def main() -> None:
    """Serve until the input ends, then end every descendant."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("This system does not let a process keep its orphans (prctl).")
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # A terminal's Ctrl-C and a polite end are for whoever holds our input.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    _serve(woken)
    _end_all(woken)


def _serve(woken: int) -> None:
    rest = b""
    while True:
        readable = select.select([0, woken], [], [])[0]
        if woken in readable:
            os.read(woken, 4096)
            _reap()
        if 0 in readable:
            data = os.read(0, 1 << 16)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                print(json.dumps(_start(json.loads(line))), flush=True)  # noqa: T201 - the answer


def _start(wanted: dict[str, Any]) -> dict[str, Any]:
    speaks = wanted["answer_with_line"]
    try:
        process = subprocess.Popen(
            wanted["argv"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if speaks else sys.stderr,
            stderr=sys.stderr,
            env=wanted["env"],
            cwd=wanted["folder"],
            start_new_session=True,
            preexec_fn=_as_usual,  # noqa: PLW1509 - this process has one thread
        )
    except (OSError, ValueError) as cause:
        return {"error": str(cause)}
    process.returncode = 0  # Reaped here with all others, and never by this object.
    line = ""
    if process.stdout is not None:
        line = process.stdout.readline().decode(errors="replace").strip()
        process.stdout.close()
    return {"pid": process.pid, "line": line}


def _as_usual() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_DFL)


def _reap() -> bool:
    """Take what has ended; tell whether anything is left."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def _end_all(woken: int) -> None:
    started = time.monotonic()
    sent = None
    while _reap():
        waited_s = time.monotonic() - started
        if waited_s > _LAST_S:
            return
        kind = signal.SIGTERM if waited_s < _POLITE_S else signal.SIGKILL
        if kind != sent or kind == signal.SIGKILL:  # Killed ones may leave orphans to us.
            sent = kind
            for pid in _descendants():
                _signal(pid, kind)
        select.select([woken], [], [], 0.05)
        if select.select([woken], [], [], 0)[0]:
            os.read(woken, 4096)


def _signal(pid: int, kind: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, kind)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found, queue = [], [os.getpid()]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def _processes() -> Iterator[tuple[int, int]]:
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:
                # proc(5): the parent is the second field after the name, which ends with ")".
                yield int(name), int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError):
            continue


if __name__ == "__main__":
    main()
