"""How many tokens a conversation may have.

Responsible for the size of a session's buffers, from what was asked for, what the model was trained
for and what memory is left.
"""

from __future__ import annotations

from typing import Any

import torch

from agent.models.qwen3_vl.cache import rows_by_device
from agent.models.qwen3_vl.graphs import PAGE
from environments.errors import ModelError

USUAL_TOKENS = 32_768
"""Room where nobody asked for more: about fourteen screenshots of 1080p."""

LEAST_TOKENS = 2_048
"""Below this not even one screenshot and the tools fit."""

SHARE = 0.8
"""Part of a GPU's free memory that one session takes; the tower and activations need the rest."""


def room_for(model: Any, asked: int | None) -> int:
    """Return the tokens that a session's buffers should hold.

    Raises:
        ModelError: what was asked for is more than the model takes or memory holds.
    """
    if asked is not None and asked < 1:
        raise ModelError("A conversation needs room for at least one token.")
    longest: int = model.config.text_config.max_position_embeddings
    fitting = _fitting(model)
    if asked is not None and asked > longest:
        raise ModelError(f"The model takes {longest} tokens at most; ask for that many or fewer.")
    if asked is not None and fitting is not None and asked > fitting:
        raise ModelError(
            f"The GPU's free memory holds {fitting} tokens of conversation and not {asked}; "
            "ask for fewer with --context, or load the weights smaller with --quantize."
        )
    room = min(longest, asked or USUAL_TOKENS, *([] if fitting is None else [fitting]))
    if room < min(LEAST_TOKENS, longest, asked or LEAST_TOKENS):
        raise ModelError(
            f"Beside the weights there is memory for {room} tokens only, too few for a "
            "screenshot; name a smaller model, or load this one smaller with --quantize."
        )
    # Whole pages, which recorded decoding needs; a small remainder more.
    return -(-room // PAGE) * PAGE if fitting is not None else room


def _fitting(model: Any) -> int | None:
    """Return the tokens that free memory holds; None on a CPU, whose buffers grow as they fill.

    Each layer's rows lie where the layer is, so the fullest of several GPUs decides.
    """
    if model.device.type != "cuda":
        return None
    taken = rows_by_device(model.model.language_model)
    return min(int(SHARE * _free(device)) // size for device, size in taken.items())


def _free(device: torch.device) -> int:
    """Return what the GPU has free, and what torch holds of it without using it."""
    unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + unused
