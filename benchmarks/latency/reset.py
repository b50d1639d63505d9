"""How long the practice world takes from nothing to its first picture, in process.

Responsible for the measurement only.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from environments.base import Stop
from environments.practice.environment import InProcessPractice


def measure_resets(templates: Sequence[str], seeds: Sequence[int]) -> dict[str, list[float]]:
    """Return milliseconds per template: reset to a seed and look at it for the first time."""
    desktop = InProcessPractice(templates[0], seeds[0], Stop())
    desktop.observe()
    return {t: [_reset(desktop, t, seed) for seed in seeds] for t in templates}


def _reset(desktop: InProcessPractice, template: str, seed: int) -> float:
    started = time.perf_counter()
    desktop.task.reset(template, seed)
    desktop.observe()
    return (time.perf_counter() - started) * 1000
