"""The bars on MiniWoB++: what an oracle, chance and a small checkpoint reach, what a step costs.

Responsible for which episodes a figure rests on. All of them are played with ``static`` settling;
what the default costs is measured beside it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.bars.base import Bar, Bench, Finding, reaches
from benchmarks.base import Kind, TaskResult
from benchmarks.report import by_group, tally, wilson
from benchmarks.suites.miniwob.catalogue import LEFT_OUT, TASKS
from benchmarks.suites.miniwob.oracles import ORACLES, WITHOUT
from benchmarks.suites.miniwob.presets import Settle
from benchmarks.suites.miniwob.run import MiniWobRun, raw_words

ORACLE_SEEDS = range(10)
ORACLE_RATE, ORACLE_TYPES = 0.98, 40
CHANCE = 0.093
"""Success of random clicks under BrowserGym's protocol, measured before over 625 episodes."""
CHANCE_S, DISPLAYS = 150, 2
CHECKPOINT = Path(__file__).parents[1] / "suites" / "miniwob" / "checkpoint"
"""The embedded checkpoint after the course "pages"."""

FROM_PIXELS = 0.24
"""CC-Net's without the DOM, over 104 of the tasks (Humphreys et al., "A data-driven approach for
learning to control computers", 2022; its score counts partial rewards)."""

MOST_WEIGHTS = 10_000_000
STEP_MS = 120
SLICED_SEEDS = 2
OVERHEAD_TASKS = TASKS[::12]


def oracle(bench: Bench) -> Finding:
    """Play every task that has an oracle, and tell why the others have none."""
    tasks = _spread(tuple(ORACLES), bench.share)
    seeds = tuple(ORACLE_SEEDS) if bench.whole else tuple(ORACLE_SEEDS)[:SLICED_SEEDS]
    run = MiniWobRun("native", tasks, seeds, "static", "oracle")
    results = bench.play("miniwob-oracle", run, workers=DISPLAYS if bench.whole else 1)
    count, groups = tally(results), by_group(results)
    enough = len(groups) >= ORACLE_TYPES or not bench.whole
    solved = sum(group.successes == len(seeds) for group in groups.values())
    missed = [f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS]
    without = [f"no oracle for {task}: {why}" for task, why in {**WITHOUT, **LEFT_OUT}.items()]
    return Finding(
        f"{count.words()} of {len(groups)} types of task; {solved} solved with every seed",
        reaches(count, ORACLE_RATE, bench.whole) and enough,
        (*missed, *without),
        {"types": len(groups), "solved": solved, "successes": count.successes},
    )


def chance(bench: Bench) -> Finding:
    """Click at random under BrowserGym's protocol, on two displays."""
    run = MiniWobRun("browsergym", *_episodes(bench), "static", "random")
    started = time.monotonic()
    results = bench.play("miniwob-random", run, workers=DISPLAYS)
    wall_s = time.monotonic() - started
    # What was kept from before took its time then: half of what its episodes took, on two displays.
    played_s = sum(result.setup_seconds + result.seconds for result in results)
    took_s = max(wall_s, played_s / DISPLAYS)
    count = tally(results)
    low, high = wilson(count.successes, count.played)
    return Finding(
        f"{count.words()}; {took_s:.0f} s on {DISPLAYS} displays",
        low <= CHANCE <= high and not count.errors and (took_s <= CHANCE_S or not bench.whole),
        raw_words(results),
        {"rate": count.rate, "interval": [low, high], "seconds": took_s},
    )


def learnt(bench: Bench) -> Finding:
    """Let the small checkpoint that learnt the pages play BrowserGym's episodes."""
    run = MiniWobRun("browsergym", *_episodes(bench), "static", "model", str(CHECKPOINT))
    count = tally(results := bench.play("miniwob-embedded", run))
    groups = by_group(results)
    weights, is_more = _weights(CHECKPOINT), count.rate > FROM_PIXELS or not bench.whole
    return Finding(
        f"{count.words()}; {weights / 1e6:.1f} million weights",
        reaches(count, FROM_PIXELS, bench.whole) and is_more and weights < MOST_WEIGHTS,
        (*raw_words(results), *(f"{task:28} {each.words()}" for task, each in groups.items())),
        {"rate": count.rate, "weights": weights},
    )


def overhead(bench: Bench) -> Finding:
    """Measure steps of the random clicker from one to the next, with both ways of settling."""
    static, default = (_step_ms(bench, settle) for settle in ("static", "default"))
    return Finding(
        f"p50 {static:.0f} ms with static settling; {default:.0f} ms with the default",
        static <= STEP_MS,
        data={"static_ms": static, "default_ms": default},
    )


def _step_ms(bench: Bench, settle: Settle) -> float:
    seeds = tuple(bench.part_of(range(3)))
    run = MiniWobRun("browsergym", OVERHEAD_TASKS, seeds, settle, "random")
    return median(_walls(bench.play(f"miniwob-overhead-{settle}", run)))


def _walls(results: Iterable[TaskResult]) -> list[float]:
    # The first step takes the first look as well.
    return [step["wall"] for result in results for step in result.steps_ms[1:]]


def _episodes(bench: Bench) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return tasks and seeds, BrowserGym's own where there are none.

    A slice is one seed of many tasks, which differ more from each other than their seeds do.
    """
    return (TASKS, ()) if bench.whole else (_spread(TASKS, bench.share * 5), (0,))


def _weights(folder: Path) -> int:
    """Return how many numbers a checkpoint holds."""
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as held:
        return sum(math.prod(held.get_slice(name).get_shape()) for name in held.keys())  # noqa: SIM118 - not a dict


def _spread(tasks: tuple[str, ...], share: float) -> tuple[str, ...]:
    """Return a share of the tasks, evenly from all of them."""
    return tasks[:: max(round(1 / share), 1)]


BARS = (
    Bar(
        "miniwob-oracle",
        "MiniWoB++ with the oracle over X events: every task that has one, 10 seeds",
        f">= {ORACLE_RATE:g} over at least {ORACLE_TYPES} types of task",
        oracle,
        needs_registry=True,
        needs="miniwob",
    ),
    Bar(
        "miniwob-random",
        "MiniWoB++ with random clicks, BrowserGym's protocol, 625 episodes, static settling",
        f"the 95 % interval contains {CHANCE:.1%}; <= {CHANCE_S} s on two cores",
        chance,
        needs_registry=True,
        needs="miniwob",
    ),
    Bar(
        "miniwob-embedded",
        "MiniWoB++ by a checkpoint of under 10 M weights from pixels, BrowserGym's protocol",
        f"> {FROM_PIXELS:.0%} of 625 episodes, which CC-Net reaches from pixels over 104 tasks",
        learnt,
        needs_registry=True,
        needs="miniwob",
    ),
    Bar(
        "miniwob-overhead",
        "what a step of MiniWoB++ takes without the model, from look to look",
        f"p50 <= {STEP_MS} ms with static settling; with the default measured",
        overhead,
        timing=True,
        needs_registry=True,
        needs="miniwob",
    ),
)
