"""The bar on teaching: an application that the checkpoint was never shown, learnt from its runs.

Responsible for which runs teach and which tasks are asked. Everything is real: the oracle's runs go
through the loop and the journal, teaching is that of ``deskhand train lora``, and before and after
the checkpoint acts on tasks of seeds that no run is of.
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bars.base import Bar, Bench, Finding, measured, reaches, stays_under
from benchmarks.base import TaskResult
from benchmarks.report import SMALL, tally
from benchmarks.suites.practice_run import PracticeRun
from benchmarks.suites.recording import record
from benchmarks.versions import code_version, model_version
from environments.practice.unseen import record_goods

if TYPE_CHECKING:
    from agent.archive import RunRecord

NAME = "lora-application"
APPLICATION = record_goods.__name__
RECORDED = range(3000, 3050)
ASKED = range(2000, 2050)
BEFORE, AFTER = 0.2, 0.8
RANK, EPOCHS = 16, 6


def lora_application(bench: Bench) -> Finding:
    """Measure the embedded checkpoint on the application before and after it has learnt it.

    A slice records, teaches and asks little, so it is judged by what it could do before only.
    """
    seeds = bench.part_of(ASKED)
    before = tally(bench.play(NAME, PracticeRun((APPLICATION,), seeds)))
    adapter = _taught(bench)
    run = PracticeRun((APPLICATION,), seeds, model=_with(adapter))
    after = tally(bench.play(NAME, run))
    fails_before = stays_under(before, BEFORE, bench.whole)
    passed = fails_before and reaches(after, AFTER, bench.whole)
    notes = (f"before {before.words()}", f"after {after.words()}", _told(adapter), SMALL)
    data = {"before": before.rate, "after": after.rate}
    figure = f"{before.rate:.2f} before, {after.rate:.2f} after"
    if not bench.whole and fails_before:
        return Finding(figure, None, notes, data)
    return Finding(figure, passed, notes, data)


def _taught(bench: Bench) -> Path:
    """Return the folder of the adapter, taught now or before from runs recorded now or before."""
    from agent.models.qwen3_vl.adapters import NOTE
    from agent.models.registry import choose_model
    from agent.tuning.settings import Settings, usual_rate
    from agent.tuning.teaching import Assignment, teach
    from agent.tuning.tuner import STATE

    version = f"{model_version(choose_model('embedded').source)}-{code_version()}"
    seeds = bench.part_of(RECORDED)
    name = f"{NAME}/recorded-{version}-{len(seeds)}"
    runs, adapter = (
        bench.folder / NAME / f"{w}-{version}-{len(seeds)}" for w in ("runs", "taught")
    )
    if not bench.log(name).read():
        for left in (runs, adapter):
            shutil.rmtree(left, ignore_errors=True)
    bench.each(name, map(str, seeds), partial(_record, bench, runs))
    if not (adapter / NOTE).exists() or (adapter / STATE).exists():
        rate = usual_rate("lora", is_small=True)
        settings = Settings(rank=RANK, rate=rate, epochs=EPOCHS if bench.whole else 1)
        assignment = Assignment("embedded", _records(runs), settings, adapter)
        teach(assignment, lambda _: bench.stop.check())
    return adapter


def _record(bench: Bench, runs: Path, seed: str) -> TaskResult:
    outcome = record(APPLICATION, int(seed), runs, bench.stop)
    bench.stop.check()
    return measured(seed, "recorded", outcome.status == "success", outcome.reason)


def _records(runs: Path) -> tuple[RunRecord, ...]:
    from agent.choosing_runs import ALL, VERIFIED, choose_runs

    return choose_runs(runs, [ALL], VERIFIED).records


def _with(adapter: Path) -> str:
    from agent.models.registry import adapted

    return adapted("embedded", adapter)


def _told(adapter: Path) -> str:
    from agent.tuning.tuner import HISTORY

    history = json.loads((adapter / HISTORY).read_text(encoding="utf-8"))["history"]
    steps = max(int(entry["step"]) for entry in history)
    right = [entry["right"] for entry in history if "right" in entry]
    shown = f", held-out replies right {right[0]:.2f} -> {max(right):.2f}" if right else ""
    return f"LoRA of rank {RANK} on the language model, {steps} steps of up to 8 replies{shown}"


BARS: tuple[Bar, ...] = (
    Bar(
        NAME,
        f"embedded checkpoint on an application it was never shown, {len(ASKED)} seeds: before and "
        f"after LoRA on {len(RECORDED)} recorded runs of it",
        f"< {BEFORE:.2f} before, > {AFTER:.2f} after",
        lora_application,
        needs_checkpoint=True,
        needs="peft",
    ),
)
