"""The networks whose time is measured: random weights, so nothing has to be fetched.

Responsible for a tiny one for a CPU, with a small vocabulary or with Qwen's own, for the published
shapes on a GPU, and for writing a tiny one to a folder that a server can load. The tiny shape is
one that vLLM's kernels for a CPU take as well (shared notes on performance, section 7). Weights are
random and never zero: with zeros a GPU multiplies about an eighth faster. Their replies have no
sense; their work is that of any weights.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent.models.profiles.nous import tools_block
from agent.models.qwen3_vl.byte_pairs import learnt, spoken_like_qwen
from agent.models.qwen3_vl.images import ImageRules
from agent.models.qwen3_vl.loading import Checkpoint, make_ready
from agent.models.qwen3_vl.random_weights import SPLIT
from agent.models.qwen3_vl.vocabulary import Vocabulary
from environments.errors import ConfigError
from tools.computer_use import computer_use

TINY, WORDY = "tiny", "tiny-151k"
LONGEST = 65_536
"""Tokens that the tiny network can read: 50 steps of a trace fit."""

WORDS = 4096
"""Most words of the small vocabulary, learnt from the tools block; the block then takes about as
many tokens as with the published tokenizer (902 and 922)."""

TINY_SPREAD, SPREAD = 0.3, 0.02
"""Standard deviation of the weights; the tiny network would repeat one token with the usual one."""


def network(size: str, seed: int, device: str = "cpu") -> Checkpoint:
    """Return a network of its own: "tiny", "tiny-151k", or a published size ("2B", "4B", "8B").

    Raises:
        ConfigError: there is no such size.
    """
    if size not in (TINY, WORDY):
        return _published(size, seed, device)
    tokenizer = _tokenizer(size)
    model = _tiny_model(tokenizer, seed).to(device)
    words = Vocabulary(tokenizer, model.lm_head.out_features)
    return make_ready(f"{size}, random weights", model, words, ImageRules())


def save_for_server(folder: Path, size: str, seed: int) -> None:
    """Write a tiny network as a server wants it: weights, tokenizer, template, picture rules."""
    tokenizer = _tokenizer(size)
    _tiny_model(tokenizer, seed).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    rules = _rules_file(ImageRules())
    for name in ("preprocessor_config.json", "video_preprocessor_config.json"):
        kind = "Video" if name.startswith("video") else "Image"
        more = {f"{kind.lower()}_processor_type": _PROCESSORS[kind]}
        (folder / name).write_text(json.dumps(rules | more), encoding="utf-8")


_PROCESSORS = {"Image": "Qwen2VLImageProcessorFast", "Video": "Qwen3VLVideoProcessor"}


def _rules_file(rules: ImageRules) -> dict[str, Any]:
    return {
        "patch_size": rules.patch_px,
        "merge_size": rules.merge,
        "temporal_patch_size": rules.temporal,
        "image_mean": list(rules.mean),
        "image_std": list(rules.std),
        "size": {"shortest_edge": rules.min_px, "longest_edge": rules.max_px},
        "processor_class": "Qwen3VLProcessor",
    }


def _tokenizer(size: str) -> Any:
    """Return Qwen's own, or a byte-level BPE whose words are those of the tools."""
    if size == WORDY:
        return published_tokenizer()
    return spoken_like_qwen(learnt([tools_block([computer_use().spec])], SPLIT, WORDS))


def _tiny_model(tokenizer: Any, seed: int) -> Any:
    """Return four layers of width 256 and heads of 64, which servers' kernels take as well."""
    import torch
    import transformers as untyped

    transformers: Any = untyped
    ids = tokenizer.convert_tokens_to_ids
    config = transformers.Qwen3VLConfig(
        text_config=_text_settings(tokenizer),
        vision_config=_VISION,
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return transformers.Qwen3VLForConditionalGeneration(config).eval()


def _text_settings(tokenizer: Any) -> dict[str, Any]:
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [12, 10, 10]}
    return {
        "vocab_size": -(-(len(tokenizer) + 1) // 64) * 64,
        "hidden_size": 256,
        "intermediate_size": 768,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 64,
        "max_position_embeddings": LONGEST,
        "rope_parameters": rope | {"mrope_interleaved": True},
        "initializer_range": TINY_SPREAD,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }


_VISION: dict[str, Any] = {
    "depth": 4,
    "hidden_size": 128,
    "intermediate_size": 512,
    "num_heads": 2,
    "out_hidden_size": 256,
    "num_position_embeddings": 2304,
    "deepstack_visual_indexes": [0, 1, 2],
    "initializer_range": TINY_SPREAD,
}


def _published(size: str, seed: int, device: str) -> Checkpoint:
    """Return a network of a published shape: made without weights, then filled where it lives."""
    import torch

    from agent.models.qwen3_vl.shapes import build_on_meta, published_config

    model = build_on_meta(published_config(size)).to(torch.bfloat16).to_empty(device=device)
    chance = torch.Generator(device).manual_seed(seed)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim == 1:
                weights.fill_(1.0)
            else:
                weights.normal_(0.0, SPREAD, generator=chance)
    _fill_buffers(model, device)
    words = Vocabulary(published_tokenizer(), model.lm_head.out_features)
    return make_ready(f"{size}, random weights", model.eval(), words, ImageRules())


def _fill_buffers(model: Any, device: str) -> None:
    """Compute the rotary frequencies again; without weights they were never computed."""
    for part in model.modules():
        if hasattr(part, "inv_freq"):
            fresh = type(part)(part.config) if hasattr(part, "config") else type(part)(part.dim)
            for name, value in fresh.named_buffers():
                setattr(part, name, value.to(device))
    model.tie_weights()


def published_tokenizer() -> Any:
    """Return Qwen's own tokenizer, whose ranks come with qwen-agent, with Qwen3-VL's added tokens.

    Raises:
        ConfigError: qwen-agent is not installed as declared.
    """
    from importlib.util import find_spec

    found = find_spec("qwen_agent")
    ranks = Path(found.origin).parent / "utils/qwen.tiktoken" if found and found.origin else None
    if ranks is None or not ranks.is_file():
        raise ConfigError("Qwen's token ranks are missing; install qwen-agent, as declared.")
    return _from_ranks(ranks)


def _from_ranks(ranks: Path) -> Any:
    from tokenizers import normalizers
    from transformers.convert_slow_tokenizer import TikTokenConverter as Untyped

    converter: Any = Untyped
    bpe = converter(vocab_file=str(ranks), pattern=QWEN_SPLIT).converted()
    bpe.normalizer = normalizers.NFC()
    return spoken_like_qwen(bpe)


QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen's tokenizer splits text before it merges (qwen-agent 0.0.34, tokenization_qwen.py)."""
