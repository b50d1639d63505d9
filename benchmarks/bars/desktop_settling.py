"""The bars on looking: when a screen has settled, what an action did, what a look costs.

Responsible for judging what the suites measure. Rows on time mean something on a machine that does
nothing else, so the tests never run them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean, median, quantiles

from benchmarks.bars.base import Bar, Bench, Finding, measured, reaches
from benchmarks.base import Kind, TaskResult
from benchmarks.report import tally
from benchmarks.suites import effects, looking_cost, settling
from environments.base import Stop
from environments.settle import DEFAULT_PATIENCE

FIXED_WAIT_MS = 2000.0
MEAN_WAIT_MS = FIXED_WAIT_MS / 4
LAG_MS = DEFAULT_PATIENCE.quiet_s * 1000 + 60
REAL, IDLE, SUSPECTED = "real effect", "no-op", 0.9
CAPTURES, CAPTURE_MS = 200, 4.0
_TRIES = 5
"""A scene that this machine was too busy to draw in its time is played again."""


def early_looks(bench: Bench) -> Finding:
    """Count looks that were taken before the last change."""
    results = _settled(bench)
    count = tally(results)
    early = [result.key for result in results if result.kind is Kind.AGENT_FAIL]
    figure = f"{len(early)} early of {count.played}"
    return Finding(
        f"{figure}, {count.errors} not drawn as written" if count.errors else figure,
        reaches(count, 1.0, bench.whole),
        notes=(f"early: {', '.join(early)}",) if early else (),
        data={"early": early, "played": count.played},
    )


def waits(bench: Bench) -> Finding:
    """Measure how long was waited, and how long after the last change the look came back."""
    results = [result for result in _settled(bench) if result.kind.counts]
    waits_ms = [result.steps_ms[0]["wall"] for result in results]
    lags_ms = [result.steps_ms[0]["lag"] for result in results]
    figure = f"mean wait {mean(waits_ms):.0f} ms, lag at most {max(lags_ms):.0f} ms"
    return Finding(
        f"{figure}, {len(results)} windows",
        mean(waits_ms) <= MEAN_WAIT_MS and max(lags_ms) <= LAG_MS,
        notes=(f"lag p50 {median(lags_ms):.0f} ms; wait at most {max(waits_ms):.0f} ms",),
        data={"mean_wait_ms": mean(waits_ms), "max_lag_ms": max(lags_ms)},
    )


def verdicts(bench: Bench) -> Finding:
    """Count what was said of actions of which it is known whether they do something."""
    cases = _part(bench, effects.CASES)
    results = bench.each("desktop-effects", cases, Sessions(cases, bench.stop).result)
    real = [result for result in results if result.group == REAL]
    idle = [result for result in results if result.group == IDLE]
    missed = [f"{result.key} {result.reason}" for result in real if not result.score]
    suspected = tally(idle).successes
    return Finding(
        f"{len(missed)} of {len(real)} real effects called a no-op, "
        f"{suspected} of {len(idle)} no-ops suspected",
        not missed and reaches(tally(idle), SUSPECTED, bench.whole),
        notes=tuple(missed),
        data={"missed": missed, "real": len(real), "idle": len(idle), "suspected": suspected},
    )


class Sessions:
    """What was said in each session; played when the first of its actions is asked for."""

    def __init__(self, cases: Sequence[str], stop: Stop) -> None:
        """Play only as much of each session as ``cases`` ask for."""
        self._stop = stop
        self._counts = Counter(case.rpartition("/")[0] for case in cases)
        self._said: dict[str, list[effects.Said]] = {}

    def result(self, case: str) -> TaskResult:
        """Return what came of one action."""
        session, _, number = case.rpartition("/")
        if session not in self._said:
            self._said[session] = effects.play(session, self._stop, self._counts[session])
        said = self._said[session][int(number)]
        words = f"{said.what}: {said.effect.value} ({said.reason})"
        return measured(case, REAL if said.real else IDLE, said.is_right, words)


def look_cost(bench: Bench) -> Finding:
    """Measure capture, hash and tile compare of one frame, whatever part of it has changed."""
    n = len(bench.part_of(range(CAPTURES)))
    by_scene = {scene: looking_cost.measure(scene, n) for scene in looking_cost.SCENES}
    worst = max(by_scene, key=lambda scene: median(by_scene[scene]))
    notes = tuple(f"{scene}: {_spread(times_ms)}" for scene, times_ms in by_scene.items())
    p50 = median(by_scene[worst])
    return Finding(
        f"p50 {p50:.2f} ms ({worst}, the slowest)", p50 <= CAPTURE_MS, notes, data={"p50_ms": p50}
    )


def _settled(bench: Bench) -> list[TaskResult]:
    cases = _part(bench, settling.CASES)
    return bench.each("desktop-settling", cases, lambda case: _play(case, bench))


def _part(bench: Bench, cases: Sequence[str]) -> list[str]:
    return [cases[number] for number in bench.part_of(range(len(cases)))]


def _play(case: str, bench: Bench) -> TaskResult:
    for _ in range(_TRIES):
        wait = settling.play(case, bench.stop)
        if wait.as_written:
            break
    kind = Kind.AGENT_FAIL if wait.early else Kind.SUCCESS
    return TaskResult(
        key=case,
        group=case.partition("/")[0],
        seed=int(case.partition("/")[2]),
        kind=kind if wait.as_written else Kind.ENV_ERROR,
        score=float(not wait.early),
        reason=f"ended by {wait.rule}",
        seconds=wait.wait_ms / 1000,
        steps_ms=({"wall": wait.wait_ms, "lag": wait.lag_ms},),
    )


def _spread(times_ms: Sequence[float]) -> str:
    p95 = quantiles(times_ms, n=20)[-1] if len(times_ms) > 1 else times_ms[0]
    return f"p50 {median(times_ms):.2f} ms, p95 {p95:.2f} ms"


BARS = (
    Bar(
        "desktop-settling",
        "looks at 30 animated windows (fade, spinner, late dialog, caret, progress bar, video)",
        "no early one",
        early_looks,
    ),
    Bar(
        "desktop-settling-time",
        "the same windows: from the click to the look, and from the last change to the look",
        f"mean wait <= {MEAN_WAIT_MS:g} ms, lag <= {LAG_MS:g} ms",
        waits,
        timing=True,
    ),
    Bar(
        "desktop-effects",
        "verdicts on 200 actions with known effect, in an editor, a calculator and moving windows",
        f"no real effect called a no-op, >= {SUSPECTED:.0%} of no-ops suspected",
        verdicts,
    ),
    Bar(
        "desktop-capture-cost",
        "capture, hash and tile compare of one Observation's frame at 1920x1080",
        f"p50 <= {CAPTURE_MS:g} ms together",
        look_cost,
        timing=True,
    ),
)
