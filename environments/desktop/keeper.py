"""Programs that cannot outlive us, with all that they start themselves.

Responsible for starting programs on a display of ours and for their end: on ``close``, and also
when this process is killed. How the program does it stands in ``keeper_program``.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from environments.errors import ConfigError

ANSWER_S = 10.0
"""A program is started within milliseconds; after so long it hangs."""

_PATIENCE_S = 10.0


class Keeper:
    """A process that starts programs for us, and ends them and their descendants with itself."""

    def __init__(self, log: Path) -> None:
        """Start it; what the programs say stands in ``log``."""
        program = Path(__file__).with_name("keeper_program.py")
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", str(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Number of the process that keeps the others."""
        return self._process.pid

    def start(self, argv: Sequence[str], env: Mapping[str, str], folder: Path | None = None) -> int:
        """Start a program and return its number; ``folder`` is where it works.

        Raises:
            ConfigError: it cannot be started.
        """
        return int(self._ask(argv, env, folder, line=False)["pid"])

    def start_and_hear(self, argv: Sequence[str], env: Mapping[str, str]) -> str:
        """Start a program and return the first line that it prints, empty if it ended instead.

        Raises:
            ConfigError: it cannot be started.
        """
        return str(self._ask(argv, env, None, line=True)["line"])

    def close(self) -> None:
        """End everything that was started, and wait for it; may be called twice."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _ask(
        self, argv: Sequence[str], env: Mapping[str, str], folder: Path | None, line: bool
    ) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = {
            "argv": list(argv),
            "env": dict(env),
            "folder": str(folder) if folder else None,
            "answer_with_line": line,
        }
        try:
            self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as cause:
            raise ConfigError(f"{argv[0]} cannot be started: the display was closed.") from cause
        ready = select.select([self._process.stdout], [], [], ANSWER_S)[0]
        answer = json.loads((self._process.stdout.readline() if ready else b"") or b"{}")
        if "pid" not in answer:
            raise ConfigError(
                f"{argv[0]} cannot be started: {answer.get('error', 'it does not answer')}."
            )
        assert isinstance(answer, dict)
        return answer
