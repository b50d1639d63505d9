"""How long ``deskhand --help`` takes, and whether it loads torch.

Responsible for running the command as it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from environments.errors import ConfigError


def measure_help(times: int) -> list[float]:
    """Return milliseconds from start to end of the command, each in a new process."""
    return [_timed([str(_command()), "--help"]) for _ in range(times)]


def help_loads_torch() -> bool:
    """Tell whether torch is imported by the time the help has been printed."""
    script = (
        "import sys, agent.cli\n"
        "try: agent.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1] == "True"


def _command() -> Path:
    beside = Path(sys.executable).with_name("deskhand")
    found = str(beside) if beside.exists() else shutil.which("deskhand")
    if found is None:
        raise ConfigError("The command deskhand is not installed; run: make setup")
    return Path(found)


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return (time.perf_counter() - started) * 1000
