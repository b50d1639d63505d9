"""The bars on model servers: their faults, and the practice suite behind one.

Responsible for counting. The faults stand in ``suites.server_faults``; the server that is compared
with is started by the person (docs/servers.md) and named in a variable.
"""

from __future__ import annotations

import os
from dataclasses import asdict

from agent.models.registry import choose_model
from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.comparison import Pairs, paired
from benchmarks.report import SMALL, by_group, tally
from benchmarks.suites.practice_places import PLACES, Where
from benchmarks.suites.practice_run import PracticeRun
from benchmarks.suites.server_faults import cases, trial
from environments.errors import ConfigError

SERVER_VARIABLE = "DESKHAND_BENCH_MODEL"
"""Environment variable with the address of a server that serves the embedded checkpoint."""

IN_PROCESS: tuple[Where, ...] = ("in-process", "phone")
SEEDS = range(2300, 2320)
MOST_APART = 0.03


def faults(bench: Bench) -> Finding:
    """Count the trials after which a server's fault was mended or told, and nothing was made up."""
    known = {case.key: case for case in cases()}
    keys = bench.part_of(range(len(known)))
    chosen = [key for number, key in enumerate(known) if number in keys]
    results = bench.each(
        "server-faults",
        chosen,
        lambda key: measured(
            key, known[key].kind, not (wrong := trial(known[key])), wrong or "as it must be"
        ),
    )
    good = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    kinds = len({result.group for result in results})
    figure = f"{good} of {len(results)} trials of {kinds} kinds"
    return Finding(figure, good == len(results), notes)


def behind(bench: Bench) -> Finding:
    """Play the same episodes in this process and behind a server.

    Raises:
        ConfigError: no server is named, or not one with the embedded checkpoint.
    """
    url = os.environ.get(SERVER_VARIABLE, "")
    if not url:
        raise ConfigError(f"No server to compare with; name one in {SERVER_VARIABLE}.")
    if not choose_model(url).is_embedded:
        raise ConfigError(f"{SERVER_VARIABLE} must name the embedded checkpoint: URL#embedded.")
    seeds = bench.part_of(SEEDS)
    here, there = (_played(bench, model, seeds) for model in ("embedded", url))
    pairs = paired(here, there)
    groups = by_group(there)
    notes = [
        f"{group:16} {count.words()} in process, {groups[group].words()} behind the server"
        for group, count in by_group(here).items()
    ]
    low, high = pairs.interval
    apart = f"{pairs.difference:+.3f} [{low:+.3f}, {high:+.3f}]"
    won = f"only in process {pairs.only_first}, only behind it {pairs.only_second}"
    sides = f"in process {tally(here).words()}; behind the server {tally(there).words()}"
    broke = sum(not result.kind.counts for result in (*here, *there))
    return Finding(
        f"{apart} of {pairs.count} pairs; {sides}",
        not broke and _is_near(pairs, bench.whole),
        (won, *notes, SMALL),
        asdict(pairs),
    )


def _played(bench: Bench, model: str, seeds: tuple[int, ...]) -> list[TaskResult]:
    """Return the results on every template of both worlds."""
    runs = [PracticeRun(PLACES[on].templates, seeds, on=on, model=model) for on in IN_PROCESS]
    return [result for run in runs for result in bench.play("server-vllm", run)]


def _is_near(pairs: Pairs, whole: bool) -> bool:
    """Tell whether the difference is surely small; a slice must only not speak against it."""
    low, high = pairs.interval
    if whole:
        return low >= -MOST_APART and high <= MOST_APART
    return low <= MOST_APART and high >= -MOST_APART


BARS = (
    Bar(
        "server-faults",
        "faults of a model server, with other pictures, breaks and counts each time",
        "all mended or told, no point from half of a reply",
        faults,
    ),
    Bar(
        "server-vllm",
        f"every template of both worlds, {len(SEEDS)} seeds each, in process and behind a server",
        f"within {MOST_APART * 100:.0f} points, the 95 % interval of the pairs too",
        behind,
        needs_checkpoint=True,
        needs_registry=True,
    ),
)
