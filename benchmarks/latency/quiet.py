"""Waiting until the machine does nothing.

Responsible for giving every backend the same machine: servers poll for a second after an answer and
keep a core busy meanwhile, which would be charged to whoever comes next. Agents' steps lie further
apart than that.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from environments.base import Stop

WINDOW_S, LONGEST_S = 0.1, 2.5
BUSY_CORES = 0.25
STAT = Path("/proc/stat")


def wait_for_quiet(stop: Stop) -> None:
    """Return when less than a quarter of one core is busy, or after some seconds all the same.

    Returns at once where the system does not tell (elsewhere than on Linux).

    Raises:
        Stopped: a stop was asked for.
    """
    end, before = time.monotonic() + LONGEST_S, _busy_s()
    while before is not None and time.monotonic() < end:
        stop.wait(WINDOW_S)
        now = _busy_s()
        if now is None or now - before < BUSY_CORES * WINDOW_S:
            return
        before = now


def _busy_s() -> float | None:
    """Return the seconds that all cores have worked so far: user, nice, system, interrupts."""
    if not STAT.exists():
        return None
    counts = [int(count) for count in STAT.read_text().splitlines()[0].split()[1:8]]
    idle = counts[3] + counts[4]
    return (sum(counts) - idle) / os.sysconf("SC_CLK_TCK")
