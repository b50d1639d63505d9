"""The bar on a phone's speed: what adb and looking add to what the phone takes itself.

Responsible for judging the times that ``suites.phone_latency`` takes. They mean something on a
machine that does nothing else, so the tests never run them.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from statistics import median, quantiles

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import TaskResult
from benchmarks.suites.phone_latency import taps
from environments.settle import DEFAULT_PATIENCE

TAPS = 200
SEEN_MS = 60.0
LAG_MS = DEFAULT_PATIENCE.quiet_s * 1000 + 60


def latency(bench: Bench) -> Finding:
    """Tap 200 times; time the last changed frame and the settled look."""
    keys = {f"tap/{number}": number for number in bench.part_of(range(TAPS))}
    with ExitStack() as opened:
        finger = cache(lambda: opened.enter_context(taps(bench.stop)))

        def measure(key: str) -> TaskResult:
            timed = finger().tap(keys[key])
            ok = timed.beyond_ms <= SEEN_MS and timed.lag_ms <= LAG_MS
            told = (
                f"{timed.beyond_ms:.1f} beyond {timed.world_ms:.1f} ms to {timed.app}, "
                f"settled {timed.lag_ms:.1f} ms after ({timed.rule})"
            )
            return _kept(measured(key, "tap", ok, told), timed.beyond_ms, timed.lag_ms)

        results = bench.each("android-latency", keys, measure)
    return _finding(results)


def _kept(result: TaskResult, beyond_ms: float, lag_ms: float) -> TaskResult:
    return result.model_copy(update={"steps_ms": ({"beyond": beyond_ms, "lag": lag_ms},)})


def _finding(results: list[TaskResult]) -> Finding:
    beyond_ms = [result.steps_ms[0]["beyond"] for result in results]
    lags_ms = [result.steps_ms[0]["lag"] for result in results]
    p50 = median(beyond_ms)
    late = sum(lag > LAG_MS for lag in lags_ms)
    return Finding(
        f"p50 {p50:.1f} ms to the last changed frame, {late} of {len(results)} looks later than "
        f"{LAG_MS:g} ms after the last change (latest {max(lags_ms):.0f})",
        p50 <= SEEN_MS and not late,
        (f"last changed frame p95 {_p95(beyond_ms):.1f} ms; look p50 {median(lags_ms):.0f} ms",),
        {"p50_ms": p50, "max_lag_ms": max(lags_ms), "late": late},
    )


def _p95(times_ms: list[float]) -> float:
    return quantiles(times_ms, n=20)[-1] if len(times_ms) > 1 else times_ms[0]


BARS = (
    Bar(
        "android-latency",
        "200 taps on the practice phone over adb: from sending one to its last changed frame in "
        "memory beyond what the phone took, and from its last change to the settled look",
        f"p50 <= {SEEN_MS:g} ms, look <= {LAG_MS:g} ms after the last change",
        latency,
        timing=True,
    ),
)
