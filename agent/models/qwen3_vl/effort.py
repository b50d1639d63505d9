"""What a reply costs: time by stage, and counted work.

Responsible for the names of both and for measuring. Does no work itself.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from environments.base import Stop

STAGES = ("preprocess", "vision", "prefill", "decode")
COUNTERS = (
    "frames_encoded", "frames_reused", "tokens_prefilled", "tokens_reused", "forwards",
    "tokens_generated", "tokens_forced", "drafts_proposed", "drafts_accepted", "bytes_moved",
    "context_tokens",
)  # fmt: skip
"""Work done for a reply, also ahead of it; "reused" is what stood since the last reply, and
"bytes_moved" the pixels that went to the model's device."""


class Stopwatch:
    """Milliseconds by stage; waits for the GPU at each border, or a stage would show in another."""

    def __init__(self, device: torch.device) -> None:
        """Measure work on a device."""
        self._device = device
        self.spent_ms: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what happens inside to a stage."""
        start = time.perf_counter()
        yield
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        self.spent_ms[name] += (time.perf_counter() - start) * 1000


@dataclass(slots=True, eq=False)
class Effort:
    """What one reply has cost so far, and the person's wish to stop it."""

    stop: Stop
    watch: Stopwatch
    counters: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTERS, 0)))
