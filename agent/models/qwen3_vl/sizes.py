"""Which published Qwen3-VL fits a GPU, in which format, with how long a context.

Responsible for what each size needs, computed from its shape, and for the choice by free memory.
Asks no hardware: the caller says how much memory is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.models.qwen3_vl.shapes import SHAPES, Shape

GIB = 1 << 30
CONTEXT_TOKENS = 16_384
"""Tokens that must fit beside the weights: system, tools and about six screenshots of 1080p."""

OVERHEAD_BYTES = 2 * GIB
"""Activations, the CUDA context and one frame in the vision tower; an allowance, not measured."""

BYTES_PER_WEIGHT: Mapping[str, float] = {
    "bf16": 2.0,
    # One float32 scale for each output row; rounded up.
    "fp8": 1.002,
    "int8": 1.002,
    # One float32 for each block of 64 weights (bitsandbytes without double quantisation).
    "nf4": 0.5 + 4 / 64,
    # One bf16 scale and one bf16 zero for each group of 128 (torchao's packed format).
    "int4": 0.5 + 4 / 128,
}
"""Of the text layers' matrices; everything else stays in bf16 in every format."""

DENSE_ONLY = ("int8", "nf4")
"""Formats of bitsandbytes, which does not reach the weights of experts."""

PADDED_TO = {"int4": 1024}
"""torchao's packed format pads the inputs of each matrix (int4_tile_packed_to_4d_tensor.py)."""


@dataclass(frozen=True, slots=True)
class Size:
    """One published size in one format.

    Attributes:
        name: such as "8B".
        shape: its shape.
        form: "bf16", or what ``--quantize`` makes of it.
    """

    name: str
    shape: Shape
    form: str = "bf16"

    @property
    def hub_id(self) -> str:
        """Where its weights are published."""
        return self.shape.hub_id

    @property
    def option(self) -> str:
        """What a person adds to a command to get this format."""
        return "" if self.form == "bf16" else f" with --quantize {self.form}"

    @property
    def weight_bytes(self) -> int:
        """Memory of the weights."""
        padded_to = PADDED_TO.get(self.form, 1)
        projections = sum(these.weights(padded_to) for these in self.shape.matrices)
        return int(projections * BYTES_PER_WEIGHT[self.form]) + 2 * self.shape.other_weights

    def needed_bytes(self, context: int = CONTEXT_TOKENS) -> int:
        """Return the memory for weights, a context of so many tokens, and overhead."""
        return self.weight_bytes + context * self.shape.kv_bytes_per_token + OVERHEAD_BYTES


def sizes_in(form: str = "bf16") -> Iterator[Size]:
    """Yield the sizes that exist in a format, smallest first."""
    for name, shape in SHAPES.items():
        if shape.experts is None or form not in DENSE_ONLY:
            yield Size(name, shape, form)


def choose_size(free_bytes: int, context: int = CONTEXT_TOKENS, form: str = "bf16") -> Size | None:
    """Return the largest checkpoint that fits, or None if not even the smallest does."""
    fitting = [size for size in sizes_in(form) if size.needed_bytes(context) <= free_bytes]
    return fitting[-1] if fitting else None


def size_hint(free_bytes: int, context: int = CONTEXT_TOKENS) -> str:
    """Return the half sentence that tells a person what would fit, as it is and quantised."""
    plain = choose_size(free_bytes, context)
    best = _largest_quantised(free_bytes, context)
    free = f"with {free_bytes / GIB:.1f} GiB free"
    if best is None:
        return f"{free} no published size fits; use --model embedded or another GPU"
    if plain is None:
        return f"{free} only {best.hub_id}{best.option} fits"
    if best.shape.parameters <= plain.shape.parameters:
        return f"{free} the largest that fits is {plain.hub_id}"
    return f"{free} the largest that fits is {plain.hub_id}, or {best.hub_id}{best.option}"


def _largest_quantised(free_bytes: int, context: int) -> Size | None:
    """Return the largest that fits in any format; of several formats the one that loses least."""
    chosen = [choose_size(free_bytes, context, form) for form in BYTES_PER_WEIGHT]
    fitting = [size for size in chosen if size is not None]
    return max(fitting, key=lambda size: size.shape.parameters, default=None)
