"""A process of ours that cannot outlive us.

Responsible for starting one program and ending exactly that one. A small shell stands between: it
reads from a pipe that only we hold open, and ends the program when the pipe closes, so even a
killed parent leaves nothing running and no files. (A parent-death signal would fire when the
starting *thread* ends, see prctl(2), PR_SET_PDEATHSIG.)
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_SUPERVISE = (
    'folder=$1; shift; "$@" </dev/null & child=$!; exec >/dev/null; read -r _; '
    'kill "$child" 2>/dev/null; wait "$child"; rm -rf -- "$folder"'
)
_PATIENCE_S = 5.0


class Companion:
    """One running program; its standard output is ours to read."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        """Start it in a session of its own, so a terminal's Ctrl-C does not reach it first.

        What it complains about stands in ``folder``/log; the folder goes when the program goes.
        """
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _SUPERVISE, "sh", str(folder), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=dict(env),
                start_new_session=True,
            )

    def first_line(self) -> str:
        """Return the first line that it prints; empty when it ended or closed its output."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()

    def close(self) -> None:
        """End it and wait until it is gone; may be called twice."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process.stdout.close()
