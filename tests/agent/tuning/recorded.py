"""Runs that an oracle really made."""

from __future__ import annotations

from pathlib import Path

from agent.archive import RunRecord, list_runs, load_run
from benchmarks.suites.recording import record
from environments.base import Stop
from environments.practice.unseen import record_goods

APPLICATION = record_goods.__name__


def recorded(runs: Path, count: int = 2) -> list[RunRecord]:
    for seed in range(count):
        assert record(APPLICATION, seed, runs, Stop()).status == "success"
    return [load_run(runs, run.id) for run in list_runs(runs)]
