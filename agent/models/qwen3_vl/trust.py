"""Which attention a loaded model uses: the fastest of those that agree with plain attention.

Responsible for the comparison at load and for the timing. Kernels have been seen to give noise in
silence (colette issue 80), so none is believed because it runs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

from agent.models.qwen3_vl.attention import FLASH_PACKAGES, KERNELS, Kernel, use_ours
from agent.models.qwen3_vl.graphs import Chain, CudaGraphs, Graphs, flash
from agent.models.qwen3_vl.images import Patches
from agent.models.qwen3_vl.layers import Answer, Ask, Network, prompt_asks
from agent.models.qwen3_vl.positions import ImageSpan, positions_of
from agent.models.qwen3_vl.session import Session, Shown
from agent.models.qwen3_vl.vision import see

PLAIN, EAGER = "plain", "eager"
LIKENESS = {torch.float32: 0.9999}
LOWEST_LIKENESS = 0.95
"""Least cosine between the logits of two attentions that compute the same thing; lower for short
number formats, where rounding can send a token to another expert. Noise is near zero."""

PROBE_GRID = (4, 6)
PROBE_WORDS = 40
PROBE_CHUNK = 64
PROBE_ROWS = 256
PROBE_CHAIN = 2
TIMED = 5
TIMED_CONTEXT, TIMED_NEW = 8_192, {1: 60, 512: 5}
"""Cached tokens that kernels are timed with, and how often a step of an agent asks for how many new
ones: sixty tokens of a reply, five chunks of a screenshot and its words."""


def choose_attention(model: Any, kernels: Sequence[str] | None = None) -> tuple[str, str | None]:
    """Leave the model with attention that agrees with plain attention, in tower and text.

    Args:
        model: transformers' own.
        kernels: names of those to try; None for all that can run on the model's device.

    Returns:
        The name of the kernel, and a sentence for the person if a better one could not be used.
    """
    wanted = _plain_logits(model)
    use_ours(model)
    tower = _choose_tower(model, wanted)
    names = _candidates(model) if kernels is None else kernels
    trusted = [name for name in names if _agrees(model, name, wanted)]
    taken = _fastest(model, trusted) if len(trusted) > 1 else (trusted or [PLAIN])[0]
    text = (
        None
        if taken != PLAIN
        else (
            "No fast attention agrees with plain attention on this machine; "
            "plain attention is used, which is slower."
        )
    )
    return taken, " ".join(filter(None, (text, tower))) or None


def choose_graphs(model: Any, attention: str) -> tuple[bool, str | None]:
    """Tell whether decoding can be recorded on this GPU, and a sentence if it cannot.

    A recorded pass and a recorded chain must say what eager passes say.
    """
    if model.device.type != "cuda":
        return False, None
    graphs = Graphs(model, CudaGraphs(model.device), flash)
    if _decodes_alike(model, attention, graphs):
        return True, None
    return False, (
        "Decoding cannot be recorded as CUDA graphs with this model on this machine; "
        "it goes on launch by launch, which is slower."
    )


def _decodes_alike(model: Any, attention: str, graphs: Graphs) -> bool:
    """Compare recorded decoding with eager decoding of the same tokens."""
    eager, recorded = Network(model, KERNELS[attention]), Network(model, KERNELS[attention], graphs)
    allowed = torch.ones(model.lm_head.out_features, dtype=torch.bool, device=model.device)
    try:
        with torch.inference_mode():
            found = _decoded(recorded, [4], Chain(allowed, frozenset(), PROBE_CHAIN))
            wanted = _decoded(eager, [4, *found.picked], None)
            read = _decoded(recorded, [4, *found.picked], None)
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, TypeError, ValueError):
        # A layer that looks at its own results on the host cannot be captured.
        return False
    said = found.logits.argmax(-1).tolist()
    return (
        list(found.picked) == said[:-1]
        and len(said) == PROBE_CHAIN + 1
        and _is_like(found.logits, wanted.logits)
        and _is_like(read.logits, wanted.logits)
    )


def _decoded(network: Network, ids: Sequence[int], leave: Chain | None) -> Answer:
    """Return what follows a few words and some more, for each of these."""
    session = Session.empty(network.text, PROBE_ROWS)
    places = positions_of(PROBE_WORDS - 1, ())[0]
    network.answer([Ask(session, range(1, PROBE_WORDS), positions=places)])
    network.answer([Ask(session, [1, 2, 3])])
    return network.answer([Ask(session, ids, len(ids), chain=leave)])[0]


def _is_like(found: Tensor, wanted: Tensor) -> bool:
    cosine = torch.nn.functional.cosine_similarity(found.float(), wanted.float(), dim=-1)
    return bool(cosine.min() >= LIKENESS.get(wanted.dtype, LOWEST_LIKENESS))


def _candidates(model: Any) -> list[str]:
    on_gpu = model.device.type == "cuda"
    names = ["flash-attn"] if on_gpu and any(map(find_spec, FLASH_PACKAGES)) else []
    half = model.dtype in (torch.bfloat16, torch.float16)
    return [*names, *(["torch flash"] if on_gpu and half else []), "sdpa"]


def _choose_tower(model: Any, wanted: Tensor) -> str | None:
    """Leave the vision tower with sdpa, or with eager attention where that gives noise."""
    model.set_attn_implementation({"vision_config": "sdpa"})
    if _agrees(model, PLAIN, wanted):
        return None
    model.set_attn_implementation({"vision_config": EAGER})
    return (
        "The fast attention of the vision tower does not agree with plain attention on this "
        "machine; plain attention is used for pictures, which is slower."
    )


def _agrees(model: Any, name: str, wanted: Tensor) -> bool:
    try:
        found = _our_logits(model, KERNELS[name])
    except torch.OutOfMemoryError:
        raise
    except (ImportError, ValueError, RuntimeError, TypeError):
        # Built for another card or torch, or a head size it does not take.
        return False
    return _is_like(found, wanted)


def _probe(model: Any) -> tuple[list[int], ImageSpan]:
    """Return a picture between words, longer than a chunk."""
    rows, columns = PROBE_GRID
    words = list(range(1, PROBE_WORDS + 1))
    ids = [*words, *[model.config.image_token_id] * (rows * columns), *words]
    return ids, ImageSpan(len(words), rows, columns)


def _plain_logits(model: Any) -> Tensor:
    """Return what transformers' own forward with eager attention says after the probe."""
    before = model.config._attn_implementation
    model.set_attn_implementation(EAGER)
    ids, span = _probe(model)
    patches = _noise(model.config.vision_config)
    kinds = torch.zeros(1, len(ids), dtype=torch.int)
    kinds[0, span.start : span.end] = 1
    temporal = model.config.vision_config.temporal_patch_size
    still = torch.as_tensor(patches.values).view(len(patches.values), 3, 1, -1)
    pixels = still.repeat(1, 1, temporal, 1)
    with torch.inference_mode():
        out = model(
            input_ids=torch.tensor([ids], device=model.device),
            mm_token_type_ids=kinds.to(model.device),
            pixel_values=pixels.flatten(1).to(model.device),
            image_grid_thw=torch.tensor([[1, patches.rows, patches.columns]], device=model.device),
            use_cache=False,
        )
    model.set_attn_implementation(before)
    logits: Tensor = out.logits[0, -1].to(model.dtype)
    return logits


def _our_logits(model: Any, kernel: Kernel) -> Tensor:
    """Return the same from our own loop, read in chunks over the cache."""
    network = Network(model, kernel)
    ids, span = _probe(model)
    session = Session.empty(network.text, len(ids))
    with torch.inference_mode():
        seen = see(model, _noise(model.config.vision_config))
        for ask in prompt_asks(session, ids, [(Shown(span, "probe"), seen)], PROBE_CHUNK):
            (answer,) = network.answer([ask])
    return answer.logits[-1].to(model.dtype)


def _fastest(model: Any, names: list[str]) -> str:
    """Return the kernel that takes least for a step of decoding and one of prefill together."""
    config = model.config.text_config
    heads, shared, width = (
        config.num_attention_heads, config.num_key_value_heads, config.head_dim,
    )  # fmt: skip
    like = {"device": model.device, "dtype": model.dtype}
    rows = torch.randn(2, shared, TIMED_CONTEXT, width, **like)
    asked = [(torch.randn(heads, new, width, **like), often) for new, often in TIMED_NEW.items()]

    def spent(name: str) -> float:
        return sum(often * _time(KERNELS[name], queries, rows) for queries, often in asked)

    return min(names, key=spent)


def _time(kernel: Kernel, queries: Tensor, rows: Tensor) -> float:
    times = []
    for _ in range(TIMED):
        torch.cuda.synchronize(queries.device)
        start = time.perf_counter()
        kernel(queries, rows[0], rows[1], queries.shape[-1] ** -0.5)
        torch.cuda.synchronize(queries.device)
        times.append(time.perf_counter() - start)
    return median(times[1:])


def _noise(config: Any) -> Patches:
    merge = config.spatial_merge_size
    rows, columns = PROBE_GRID[0] * merge, PROBE_GRID[1] * merge
    width = config.in_channels * config.patch_size**2
    values = np.random.default_rng(0).uniform(-1, 1, (rows * columns, width))
    return Patches(values.astype(np.float32), rows, columns)
