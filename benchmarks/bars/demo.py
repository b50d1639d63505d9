"""The bar on the product as a whole: the demo ends well, again and again.

Responsible for running it as a person would, and for what it leaves behind.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import TaskResult
from benchmarks.report import SMALL, tally
from benchmarks.versions import code_version, model_version

DEMO_RUNS = 20
DEMO_ENDS = 19
DEMO_SEEDS = range(1, 1 + 10 * DEMO_RUNS, 10)
"""First seeds; the shipped one first, and far enough apart that second tries do not meet them."""

DEMO_LIMIT_S = 600
MARK = "DESKHAND_BAR"
"""Environment variable by which whatever a demo leaves running is found."""


def demo_repeat(bench: Bench) -> Finding:
    """Run the demo from different first seeds; each must end 0 and leave nothing running."""
    from agent.models.registry import choose_model

    version = f"{model_version(choose_model('embedded').source)}/code@{code_version()}"
    seeds = bench.part_of(DEMO_SEEDS)
    keys = {f"demo/embedded@{version}/{seed}": seed for seed in seeds}
    results = bench.each("demo-repeat", keys, lambda key: run_demo(key, keys[key]))
    count = tally(results)
    passed = count.successes >= (DEMO_ENDS if bench.whole else len(seeds))
    failures = tuple(f"{r.key}: {r.reason}" for r in results if r.score != 1)
    return Finding(f"{count.successes} of {len(seeds)} end 0", passed, (*failures, SMALL))


def run_demo(key: str, seed: int) -> TaskResult:
    """Run the demo as a person would, in a folder of its own."""
    mark, started = secrets.token_hex(8), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="deskhand-demo-") as folder:
        code, printed = _demo(seed, Path(folder), mark)
    left = left_running(mark)
    reason = f"exit code {code}, processes left running: {left or 'none'}"
    if code != 0:
        reason += f"; {printed[-600:]}"
    return measured(key, "demo", code == 0 and not left, reason, time.monotonic() - started)


def _demo(seed: int, folder: Path, mark: str) -> tuple[int | None, str]:
    """Return exit code (None if it had to be ended) and what was printed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "agent", "demo", "--seed", str(seed)],
            cwd=folder,
            env=os.environ | {MARK: mark, "DESKHAND_HOME": str(folder)},
            capture_output=True,
            text=True,
            timeout=DEMO_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"it did not end within {DEMO_LIMIT_S} seconds"
    return done.returncode, done.stdout + done.stderr


def left_running(mark: str) -> list[int]:
    """Return the processes that carry the mark in their environment (Linux)."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:  # it ended, or belongs to somebody else
            continue
        if wanted in variables:
            found.append(int(entry.name))
    return found


BARS = (
    Bar(
        "demo-repeat",
        f"the demo from {DEMO_RUNS} first seeds",
        f">= {DEMO_ENDS} end 0 and leave nothing running",
        demo_repeat,
        needs_checkpoint=True,
    ),
)
