"""Attention of new tokens over the cached rows.

Responsible for the kernels and for handing them to transformers' layers. Knows no tokens; which
kernel is used is decided by ``trust``.

New queries see all cached rows and each other up to themselves ("lower right" causal). transformers
builds a full mask for that, which keeps torch from its flash kernel and from sharing key heads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.bias import causal_lower_right
from torch.nn.functional import scaled_dot_product_attention

from agent.models.qwen3_vl.cache import KeyValues

FLASH_PACKAGES = ("flash_attn_interface", "flash_attn")
"""Modules of FlashAttention 3 and 2, better one first."""

FOLDED = 32
"""Most new tokens for which folding pays on a CPU; its mask is as many times as large."""

OURS = "deskhand"
"""Name under which transformers' layers call ``attend``."""

Kernel = Callable[[Tensor, Tensor, Tensor, float], Tensor]
"""(heads, n, d) queries, (key heads, m, d) keys and values, scale -> (n, heads, d)."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """The tokens of one session in a pack: its rows, and how many are new."""

    rows: KeyValues
    count: int


class Batch:
    """The new tokens of several sessions; stands where transformers' layers expect a cache."""

    def __init__(self, segments: Sequence[Segment], kernel: Kernel) -> None:
        """Take the segments in the order in which their tokens are packed."""
        self.segments = segments
        self.kernel = kernel

    def update(self, keys: Tensor, values: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        """Write (1, heads, n, d) new keys and values into the sessions' rows."""
        first = 0
        for segment in self.segments:
            part = slice(first, first + segment.count)
            segment.rows.write(layer, keys[0, :, part], values[0, :, part])
            first += segment.count
        return keys, values

    def attend(self, layer: int, queries: Tensor, scale: float) -> Tensor:
        """Return (1, n, heads, d): each session's queries over its own rows."""
        found, first = [], 0
        for segment in self.segments:
            rows = segment.rows
            total = rows.length + segment.count
            new = queries[0, :, first : first + segment.count]
            keys, values = rows.keys[layer][:, :total], rows.values[layer][:, :total]
            found.append(self.kernel(new, keys, values, scale))
            first += segment.count
        return torch.cat(found)[None]


def use_ours(model: Any) -> None:
    """Let the language model's layers call ``attend``; its plain forward still works."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(OURS, attend)
    AttentionMaskInterface.register(OURS, sdpa_mask)
    model.set_attn_implementation({"text_config": OURS})


def attend(
    module: Any, queries: Tensor, keys: Tensor, values: Tensor, mask: Any, **given: Any
) -> tuple[Tensor, Any]:
    """Attend as transformers' layers ask for it; ``pack`` holds what our own loop has cached."""
    pack: Batch | None = given.pop("pack", None)
    if pack is not None:
        return pack.attend(module.layer_idx, queries, given["scaling"]), None
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    return sdpa_attention_forward(module, queries, keys, values, mask, **given)


def sdpa(queries: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """Attend with torch's own choice of kernel, flash where it can."""
    count, total = queries.shape[1], keys.shape[1]
    on_cpu = queries.device.type == "cpu"
    if on_cpu and count <= FOLDED:
        return _sdpa_folded(queries, keys, values, scale)
    mask: Any = None
    if 1 < count < total:
        mask = (
            _hidden(count, total, 1).to(queries.dtype)
            if on_cpu
            else causal_lower_right(count, total)
        )
    out = scaled_dot_product_attention(
        queries[None],
        keys[None],
        values[None],
        attn_mask=mask,
        is_causal=count == total and count > 1,
        scale=scale,
        enable_gqa=queries.shape[0] != keys.shape[0],
    )
    return out[0].transpose(0, 1)


def _sdpa_folded(queries: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """Attend with the queries that share a key head as rows of it: a fifth faster for a few."""
    heads, count, width = queries.shape
    shared, total = keys.shape[:2]
    rows = queries.reshape(1, shared, heads // shared * count, width)
    mask = _hidden(count, total, heads // shared).to(queries.dtype) if count > 1 else None
    out = scaled_dot_product_attention(rows, keys[None], values[None], attn_mask=mask, scale=scale)
    return out.view(heads, count, width).transpose(0, 1)


@lru_cache(maxsize=2)
def _hidden(count: int, total: int, group: int) -> Tensor:
    """Return (group * count, total), 0 or minus infinity; the same for all layers of a pass."""
    hidden = torch.ones(count, total, dtype=torch.bool).triu(total - count + 1)
    return torch.zeros(count, total).masked_fill_(hidden, -torch.inf).repeat(group, 1)


def plain(queries: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """Attend by the book, in float32: what is left when no kernel can be trusted."""
    group = queries.shape[0] // keys.shape[0]
    wide = [x.repeat_interleave(group, 0).float() for x in (keys, values)]
    scores = queries.float() @ wide[0].transpose(1, 2) * scale
    count, total = scores.shape[1:]
    seen = torch.ones(count, total, dtype=torch.bool, device=scores.device).tril(total - count)
    weights = scores.masked_fill(~seen, -torch.inf).softmax(-1)
    return (weights @ wide[1]).transpose(0, 1).to(queries.dtype)


def torch_flash(queries: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """Attend with the FlashAttention that torch ships, called as itself: CUDA, half precision.

    The operator of torch 2.9 to 2.13 (``aten::_flash_attention_forward``) aligns the causal mask to
    the lower right, shares key heads, and without cumulative lengths cuts long rows into parts.
    """
    count, total = queries.shape[1], keys.shape[1]
    new, old, held = (x.transpose(0, 1)[None] for x in (queries, keys, values))
    out = torch.ops.aten._flash_attention_forward(
        new, old, held, None, None, count, total, 0.0, True, False, scale=scale
    )
    found: Tensor = out[0][0]
    return found


def flash_attn(queries: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
    """Attend with the flash-attn package, version 2 or 3; its causal mask is lower right."""
    new, old, held = (x.transpose(0, 1)[None] for x in (queries, keys, values))
    out = _flash_function()(new, old, held, softmax_scale=scale, causal=True)
    found: Tensor = (out[0] if isinstance(out, tuple) else out)[0]
    return found


@cache
def _flash_function() -> Any:
    package = next(filter(find_spec, FLASH_PACKAGES), FLASH_PACKAGES[-1])
    return import_module(package).flash_attn_func


KERNELS: dict[str, Kernel] = {
    "flash-attn": flash_attn,
    "torch flash": torch_flash,
    "sdpa": sdpa,
    "plain": plain,
}
