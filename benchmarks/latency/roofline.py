"""The least time that a step can take: its arithmetic and its memory traffic at full speed.

Responsible for counting both from a model's config and for measuring the two ceilings of a GPU. The
formulas are those of the shared notes on performance, section 2, whose table the tests repeat:
matrix products and attention of tower and prefill at the arithmetic ceiling, one reading of weights
and cache per token at the ceiling of memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.latency.replay import Taken

MATRIX, MATRIX_TIMES = 8192, 20
COPIED_BYTES, COPY_TIMES = 1 << 32, 10
PATCH_VALUES = 3 * 16 * 16
"""Pixels of a patch of a still picture; its second time is the same and costs nothing."""


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What a machine can do at best."""

    flops_per_s: float
    bytes_per_s: float


@dataclass(frozen=True, slots=True)
class Tower:
    """A vision tower in numbers: width, inner width, layers, mergers, output width."""

    hidden: int
    inner: int
    depth: int
    mergers: int
    out: int

    def flops(self, patches: int) -> float:
        """Return the arithmetic for one picture of so many patches."""
        block = 4 * self.hidden**2 + 2 * self.hidden * self.inner
        joined = 4 * self.hidden
        merger = joined**2 + joined * self.out
        linear = 2 * patches * (self.depth * block + PATCH_VALUES * self.hidden)
        merged = 2 * (patches // 4) * self.mergers * merger
        return linear + merged + 4 * patches**2 * self.hidden * self.depth


@dataclass(frozen=True, slots=True)
class Work:
    """A model in numbers.

    Attributes:
        tower: its vision tower.
        weights: of the language model's layers that one token goes through, head set aside.
        head: weights of the head.
        attended: values that one token's attention multiplies per token it sees.
        kv_bytes: cache of one token.
        weight_bytes: bytes of one weight.
    """

    tower: Tower
    weights: int
    head: int
    attended: int
    kv_bytes: int
    weight_bytes: int = 2

    def vision_ms(self, patches: int, at: Ceilings) -> float:
        """Return the floor of one picture."""
        return self.tower.flops(patches) / at.flops_per_s * 1000

    def prefill_ms(self, new: int, past: int, at: Ceilings) -> float:
        """Return the floor of reading ``new`` tokens behind ``past`` cached ones."""
        seen = new * past + new**2 / 2
        flops = 2 * self.weights * new + 2 * self.head + 4 * self.attended * seen
        return flops / at.flops_per_s * 1000

    def decode_ms(self, context: int, at: Ceilings) -> float:
        """Return the floor of one token: weights and cache are read once."""
        read = (self.weights + self.head) * self.weight_bytes + self.kv_bytes * context
        return read / at.bytes_per_s * 1000

    def step_ms(self, step: Taken, patches: int, at: Ceilings) -> float:
        """Return the floor of the work that a measured step did, one pass per token."""
        done = step.counters
        new, written = done["tokens_prefilled"], done["tokens_generated"]
        past = done.get("tokens_reused", 0)
        vision = done["frames_encoded"] * self.vision_ms(patches, at)
        decode = written * self.decode_ms(new + past + written // 2, at)
        return vision + self.prefill_ms(new, past, at) + decode


def work_of(config: Any, weight_bytes: int = 2) -> Work:
    """Return a Qwen3-VL config in numbers; of a mixture, the experts that work on one token."""
    text, sight = config.text_config, config.vision_config
    experts = getattr(text, "num_experts_per_tok", None)
    inner = experts * text.moe_intermediate_size if experts else text.intermediate_size
    queries, shared = (
        text.head_dim * heads for heads in (text.num_attention_heads, text.num_key_value_heads)
    )
    layer = 2 * text.hidden_size * (queries + shared) + 3 * text.hidden_size * inner
    mergers = 1 + len(sight.deepstack_visual_indexes)
    return Work(
        Tower(sight.hidden_size, sight.intermediate_size, sight.depth, mergers, text.hidden_size),
        text.num_hidden_layers * layer,
        text.vocab_size * text.hidden_size,
        text.num_hidden_layers * queries,
        2 * text.num_hidden_layers * shared * weight_bytes,
        weight_bytes,
    )


def measure_ceilings(device: str = "cuda") -> Ceilings:
    """Return what this GPU reaches: a large bf16 matrix product, and a large copy (read, write)."""
    import torch

    matrix = torch.randn(MATRIX, MATRIX, device=device, dtype=torch.bfloat16)
    out = torch.empty_like(matrix)
    product_s = _seconds(lambda: torch.mm(matrix, matrix, out=out), MATRIX_TIMES)
    source = torch.randn(COPIED_BYTES // 4, device=device)
    target = torch.empty_like(source)
    copy_s = _seconds(lambda: target.copy_(source), COPY_TIMES)
    return Ceilings(2 * MATRIX**3 / product_s, 2 * COPIED_BYTES / copy_s)


def _seconds(act: Any, times: int) -> float:
    """Return the seconds of one act on the GPU, the mean over many after some to warm up."""
    import torch

    cuda: Any = torch.cuda
    for _ in range(3):
        act()
    begun, ended = cuda.Event(enable_timing=True), cuda.Event(enable_timing=True)
    begun.record()
    for _ in range(times):
        act()
    ended.record()
    cuda.synchronize()
    return float(begun.elapsed_time(ended)) / 1000 / times
