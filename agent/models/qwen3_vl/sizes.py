"""Which published Qwen3-VL fits a GPU.

Responsible for the table of sizes and the choice by free memory. Asks no hardware: the caller says
how much memory is free.
"""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1 << 30
CONTEXT_TOKENS = 16_384
"""Tokens that must fit beside the weights: system, tools and about six screenshots of 1080p."""

OVERHEAD_BYTES = 2 * GIB
"""Activations, the CUDA context and one frame in the vision tower; an allowance, not measured."""


@dataclass(frozen=True, slots=True)
class Size:
    """One published checkpoint; figures from its config (reference: QwenLM/Qwen3-VL model list).

    Attributes:
        hub_id: where its weights are published.
        weights_gib: weights in bf16.
        kv_bytes_per_token: keys and values of one token in bf16.
    """

    hub_id: str
    weights_gib: float
    kv_bytes_per_token: int

    @property
    def needed_bytes(self) -> int:
        """Memory for weights, context and overhead."""
        context = CONTEXT_TOKENS * self.kv_bytes_per_token
        return int(self.weights_gib * GIB) + context + OVERHEAD_BYTES


SIZES = (
    Size("Qwen/Qwen3-VL-2B-Instruct", 4.0, 114_688),
    Size("Qwen/Qwen3-VL-4B-Instruct", 8.3, 147_456),
    Size("Qwen/Qwen3-VL-8B-Instruct", 16.3, 147_456),
    Size("Qwen/Qwen3-VL-30B-A3B-Instruct", 57.9, 98_304),
    Size("Qwen/Qwen3-VL-32B-Instruct", 62.1, 262_144),
)
"""Smallest first. The 235B-A22B is loaded when named; no single card holds it."""


def choose_size(free_bytes: int) -> Size | None:
    """Return the largest checkpoint that fits, or None if not even the smallest does."""
    fitting = [size for size in SIZES if size.needed_bytes <= free_bytes]
    return fitting[-1] if fitting else None


def size_hint(free_bytes: int) -> str:
    """Return the half sentence that tells a person what would fit."""
    size = choose_size(free_bytes)
    free = f"{free_bytes / GIB:.1f} GiB"
    if size is None:
        return f"with {free} free no published size fits; use --model embedded or another GPU"
    return f"with {free} free the largest that fits is {size.hub_id}"
