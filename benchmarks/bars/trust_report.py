"""The bar on the report: long runs whose words attack the reader, opened in a real browser.

Responsible for the verdict. The runs are made by ``suites.report_runs``, the pages are judged by
``suites.report_pages``; what the browser saw is kept as pictures for whoever wants to look.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

from agent.archive import RunRecord
from agent.reports.page import write_report
from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.report_pages import Expected, look_at
from benchmarks.suites.report_runs import STEPS, busy_run, real_run

LARGEST_BYTES = 15_000_000
PAGES = ("desktop", "photographs", "both compared")
NAME = "trust-report"
LEAST_STEPS = 6
"""As many as every kind of step needs to be there."""


def report(bench: Bench) -> Finding:
    """Report on a run of the command line, on one of pictures that stay large, and on both.

    Without a browser there is no figure, and a slice says only that.
    """
    if shutil.which("chromium") is None:
        lacking = "not installed: apt-get install chromium"
        return Finding(lacking, None, missing=bench.whole)
    steps = max(LEAST_STEPS, len(bench.part_of(range(STEPS))))
    with tempfile.TemporaryDirectory(prefix="deskhand-report-") as folder:
        home = Path(folder)
        runs = {
            "desktop": cache(partial(real_run, home, steps)),
            "photographs": cache(partial(busy_run, home / "runs", steps)),
        }

        def page(key: str) -> TaskResult:
            name = key.partition("/")[0]
            records = [run() for each, run in runs.items() if name in (each, PAGES[-1])]
            return _page(key, records, home / f"{name}.html", bench)

        results = bench.each(NAME, [f"{name}/{steps} steps" for name in PAGES], page)
    good = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{result.key}: {result.reason}" for result in results)
    figure = f"{good} of {len(results)} pages of {steps} steps without a fault"
    return Finding(figure, good == len(results), notes)


def _page(key: str, records: Sequence[RunRecord], path: Path, bench: Bench) -> TaskResult:
    started = time.monotonic()
    size = write_report(path, records)
    took_s = time.monotonic() - started
    seen = look_at(path, expected(records), bench.stop)
    for look, picture in seen.pictures.items():
        kept = bench.folder / NAME / f"{path.stem}-{look}.png"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(picture)
    faults = [*seen.faults, *(["larger than 15 MB"] if size >= LARGEST_BYTES else [])]
    told = "; ".join(faults[:5]) or "no fault"
    reason = f"{size / 1e6:.1f} MB, written in {took_s:.1f} s; {told}"
    return measured(key, "page", not faults, reason, time.monotonic() - started)


def expected(records: Sequence[RunRecord]) -> Expected:
    """Return what the page of these runs must show."""
    steps = [step for record in records for step in record.steps]
    pointed = [step for step in steps if any(call.point_px for call in step.calls)]
    return Expected(max(len(record.steps) for record in records), len(steps), len(pointed))


BARS = (
    Bar(
        NAME,
        f"the report of runs of {STEPS} steps at 1920x1080 in Chromium: wide and at 390 px, light "
        "and dark, by keyboard, on paper, with words that attack the page",
        "opens offline under 15 MB; no request, no message on the console, readable at 390 px",
        report,
    ),
)
