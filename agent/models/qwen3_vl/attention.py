"""Which attention runs, and whether it can be trusted.

Responsible for choosing FlashAttention where it is installed and for comparing what was chosen with
plain attention at load: kernels have been seen to give noise in silence (colette issue 80).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor

from agent.models.qwen3_vl.forward import Conversation
from agent.models.qwen3_vl.images import Patches
from agent.models.qwen3_vl.positions import ImageSpan
from agent.models.qwen3_vl.prompt import Prompt
from agent.models.qwen3_vl.vision import see
from environments.base import Stop

PLAIN = "eager"
LIKENESS = {torch.float32: 0.9999}
LOWEST_LIKENESS = 0.95
"""Least cosine between the logits of two attentions that compute the same thing; lower for short
number formats, where rounding can send a token to another expert. Noise is near zero."""

PROBE_GRID = (4, 6)
PROBE_WORDS = 40


def preferred(device: torch.device) -> str:
    """Return the attention to try first; the package counts only where its kernels can run."""
    if device.type == "cuda" and find_spec("flash_attn") is not None:
        return "flash_attention_2"
    return "sdpa"


def settle_on(model: Any, chosen: str, image_pad: int) -> str | None:
    """Leave the model with an attention that agrees with plain attention.

    Returns:
        A sentence for the person if the chosen one did not agree, else None.
    """
    wanted = _probe(model, PLAIN, image_pad)
    for name in dict.fromkeys((chosen, "sdpa", PLAIN)):
        if name == PLAIN or _agrees(model, name, image_pad, wanted):
            model.set_attn_implementation(name)
            return None if name == chosen else _notice(chosen, name)
    raise AssertionError("plain attention agrees with itself")


def _notice(chosen: str, taken: str) -> str:
    return (
        f"The attention {chosen!r} does not agree with plain attention on this machine; "
        f"{taken!r} is used instead, which is slower."
    )


def _agrees(model: Any, name: str, image_pad: int, wanted: Tensor) -> bool:
    try:
        found = _probe(model, name, image_pad)
    except torch.OutOfMemoryError:
        raise
    except (ImportError, ValueError, RuntimeError):
        # Built for another card or torch, or a head size it does not take.
        return False
    least = LIKENESS.get(wanted.dtype, LOWEST_LIKENESS)
    cosine = torch.nn.functional.cosine_similarity(found.float(), wanted.float(), dim=0)
    return bool(cosine >= least)


def _probe(model: Any, attention: str, image_pad: int) -> Tensor:
    """Return the logits after a small picture and some words, in the model's own number format."""
    model.set_attn_implementation(attention)
    merge = model.config.vision_config.spatial_merge_size
    rows, columns = PROBE_GRID
    patches = _noise(model.config.vision_config, rows * merge, columns * merge)
    words = list(range(1, PROBE_WORDS + 1))
    ids = (*words, *[image_pad] * (rows * columns), *words)
    prompt = Prompt(ids, (ImageSpan(len(words), rows, columns),), ())
    with torch.inference_mode():
        logits = _read(model, prompt, patches)
    return logits.to(model.dtype)


def _read(model: Any, prompt: Prompt, patches: Patches) -> Tensor:
    from collections import Counter

    return Conversation(model, Counter()).read(prompt, [see(model, patches)], Stop())


def _noise(config: Any, rows: int, columns: int) -> Patches:
    width = config.in_channels * config.temporal_patch_size * config.patch_size**2
    values = np.random.default_rng(0).uniform(-1, 1, (rows * columns, width))
    return Patches(values.astype(np.float32), rows, columns)
