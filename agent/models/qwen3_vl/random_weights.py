"""Qwen3-VL networks with random weights, made in memory.

Responsible for small models of the true architecture, dense and mixture of experts, for tests and
for benchmarks that need the work of a model and not its sense. Trains nothing.
"""

from __future__ import annotations

from typing import Any

import torch

from agent.models.qwen3_vl.byte_pairs import (
    TEMPLATE,
    THINKING_TEMPLATE,
    learnt,
    spoken_like_qwen,
)
from agent.models.qwen3_vl.images import ImageRules
from agent.models.qwen3_vl.loading import Checkpoint, make_ready
from agent.models.qwen3_vl.vocabulary import Vocabulary

WORDS = """
The screen shows a window with some buttons. I click the Save button, then type the name into the
field and press Enter. {"name": "computer_use", "arguments": {"action": "left_click", "coordinate":
[512, 384]}} right_click double_click mouse_move scroll terminate status success failure Straße été
"""
SPLIT = r"\p{N}|[^\r\n\p{L}\p{N}]?\p{L}+| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+"
"""Like Qwen's own split: digits alone, a word with what leads to it, punctuation in runs."""

SPREAD = 0.5
"""Standard deviation of the weights: at transformers' 0.02 every reply would repeat one token."""


def random_checkpoint(
    seed: int, moe: bool = False, thinking: bool = False, dtype: torch.dtype = torch.float32
) -> Checkpoint:
    """Return a tiny network behind the same loading steps as a published one."""
    tokenizer = small_tokenizer(thinking)
    model = random_model(tokenizer, seed, moe).to(dtype)
    size = model.lm_head.out_features
    kind = "mixture of experts" if moe else "dense"
    name = f"random weights ({kind}, seed {seed})"
    return make_ready(name, model, Vocabulary(tokenizer, size), ImageRules())


def small_tokenizer(thinking: bool = False) -> Any:
    """Return a byte-level BPE with the control tokens of Qwen3-VL."""
    template = THINKING_TEMPLATE if thinking else TEMPLATE
    return spoken_like_qwen(learnt([WORDS], SPLIT, 480), template)


def random_model(tokenizer: Any, seed: int, moe: bool = False) -> Any:
    """Return transformers' own model of two layers, 64 wide."""
    import transformers

    family = "Qwen3VLMoe" if moe else "Qwen3VL"
    config = getattr(transformers, f"{family}Config")(**_settings(tokenizer, moe))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return getattr(transformers, f"{family}ForConditionalGeneration")(config).eval()


def _settings(tokenizer: Any, moe: bool) -> dict[str, Any]:
    ids = tokenizer.convert_tokens_to_ids
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
    return {
        "text_config": _text_settings(tokenizer) | (experts if moe else {}),
        "vision_config": _vision_settings(),
        "image_token_id": ids("<|image_pad|>"),
        "video_token_id": ids("<|video_pad|>"),
        "vision_start_token_id": ids("<|vision_start|>"),
        "vision_end_token_id": ids("<|vision_end|>"),
        "tie_word_embeddings": False,
    }


def _text_settings(tokenizer: Any) -> dict[str, Any]:
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [4, 2, 2]}
    return {
        # Padded like the published ones, so that rows without a token exist.
        "vocab_size": -(-(len(tokenizer) + 1) // 64) * 64,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 8192,
        "rope_parameters": rope | {"mrope_interleaved": True},
        "initializer_range": SPREAD,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


def _vision_settings() -> dict[str, Any]:
    return {
        "depth": 3,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_heads": 2,
        "out_hidden_size": 64,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0, 1],
        "initializer_range": SPREAD,
    }
