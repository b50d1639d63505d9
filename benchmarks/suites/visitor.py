"""A person at an X display: another process that moves the mouse and presses keys.

Responsible for playing the person where Deskhand shares a desktop, in measurements and in tests.
Reads one JSON list a line (["move", x, y], ["down" | "up", KEYSYM NAME], ["click"]) and answers
each with one line when the display has taken it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Visitor:
    """Drives that process; started and ended with this object."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """Start it on the display that ``env`` names; returns when it is connected."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.suites.visitor"],
            env=env,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._heard() == "ready"

    def does(self, *what: object) -> None:
        """Have it do one thing, and wait until the display has taken it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        assert self._heard() == "done"

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main() -> None:
    """Do what standard input says until it ends."""
    from Xlib import display

    connection = display.Display()
    _answer("ready")
    for line in sys.stdin:
        _do(connection, *json.loads(line))
        connection.sync()
        _answer("done")
    connection.close()


def _answer(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _do(connection: Any, verb: str, *about: Any) -> None:
    from Xlib import XK, X

    if verb == "move":
        connection.xtest_fake_input(X.MotionNotify, x=about[0], y=about[1])
    elif verb == "click":
        connection.xtest_fake_input(X.ButtonPress, 1)
        connection.xtest_fake_input(X.ButtonRelease, 1)
    else:
        code = connection.keysym_to_keycode(XK.string_to_keysym(about[0]))
        connection.xtest_fake_input(X.KeyPress if verb == "down" else X.KeyRelease, code)


if __name__ == "__main__":
    main()
