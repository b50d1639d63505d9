"""Intervals and paired tests for what benchmarks count.

Responsible for the mathematics, exact where that is cheap and seeded where it samples. Knows no
results.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

Z_95 = 1.959964
"""Standard normal quantile of 0.975."""
SAMPLES = 10_000
"""Bootstrap samples; the ends of an interval then move by about 1 % of its width between seeds."""
PORTION = 100
"""Samples drawn at once, so that thousands of values take little memory."""


def wilson(successes: float, played: float) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Wilson 1927, score interval); (0, 1) if none played."""
    if played == 0:
        return 0.0, 1.0
    rate, square = successes / played, Z_95 * Z_95
    centre = (rate + square / (2 * played)) / (1 + square / played)
    spread = math.sqrt(rate * (1 - rate) / played + square / (4 * played * played))
    half = Z_95 * spread / (1 + square / played)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def wilson_of_groups(groups: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the 95 % interval of a rate of cases that come in groups, as steps do in episodes.

    Cases of a group resemble each other, so that many say less than as many single ones: it is
    Wilson's of the number played over the design effect (Korn and Graubard 1998). At a rate of 0 or
    1, where that cannot be known, as of one case for each group.

    Args:
        groups: successes and cases played of each.
    """
    groups = [(hits, played) for hits, played in groups if played]
    hits, played = (sum(column) for column in zip(*groups, strict=True)) if groups else (0, 0)
    if hits in (0, played) or len(groups) == 1:
        worth = float(len(groups))
    else:
        rate = hits / played
        apart = sum((h - rate * n) ** 2 for h, n in groups) * len(groups) / (len(groups) - 1)
        worth = min(played, played**2 * rate * (1 - rate) / apart) if apart else played
    return wilson(worth * hits / played if played else 0, worth)


def mean_of_rates(rates: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Return the 95 % interval of the plain mean of independent rates, each with its own interval.

    The distances to the ends are added as squares (MOVER, Zou and Donner 2008).

    Args:
        rates: rate, low end and high end of each; at least one.
    """
    mean = sum(rate for rate, _, _ in rates) / len(rates)
    below = math.hypot(*(rate - low for rate, low, _ in rates)) / len(rates)
    above = math.hypot(*(high - rate for rate, _, high in rates)) / len(rates)
    return max(mean - below, 0.0), min(mean + above, 1.0)


def bootstrap_mean(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean (Efron 1979), always the same for a seed.

    A single value says nothing of its spread; its interval is (-inf, inf), as for none.
    """
    if len(values) < 2:  # noqa: PLR2004 - the fewest that differ
        return -math.inf, math.inf
    data, rng = np.asarray(values, np.float64), np.random.default_rng(seed)
    means = [
        data[rng.integers(0, len(data), (PORTION, len(data)))].mean(axis=1)
        for _ in range(SAMPLES // PORTION)
    ]
    low, high = np.percentile(np.concatenate(means), (2.5, 97.5))
    return float(low), float(high)


def sign_test(fewer: int, more: int) -> float:
    """Return the exact two-sided p that two directions are equally likely; ties do not count.

    With the episodes that only one of two players won this is McNemar's test in its exact form.
    """
    count, least = fewer + more, min(fewer, more)
    tail = sum(math.comb(count, k) for k in range(least + 1))
    return float(min(1.0, 2 * tail / 2**count))
