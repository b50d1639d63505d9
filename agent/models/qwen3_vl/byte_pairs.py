"""Byte-level tokenizers that are spoken to like Qwen3-VL's.

Responsible for learning the merges of a small vocabulary and for the special tokens and the chat
template that make an engine take it for Qwen's. Which words are learnt is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>",
    "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
"""In the order of published checkpoints (QwenLM/Qwen3-VL), which have them at 151643 to 151656."""

ADDED = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>",
    "<think>", "</think>",
)  # fmt: skip
"""Not special: they survive ``skip_special_tokens``; published at 151657 to 151668."""

TEMPLATE = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.content is string %}{{- message.content }}{%- else %}"
    "{%- for part in message.content %}{%- if part.type == 'image' %}"
    "{{- '<|vision_start|><|image_pad|><|vision_end|>' }}{%- else %}{{- part.text }}{%- endif %}"
    "{%- endfor %}{%- endif %}{{- '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
"""Turns of text and pictures as the published template renders them; it describes no tools."""

THINKING_TEMPLATE = TEMPLATE.replace("assistant\\n'", "assistant\\n<think>\\n'")


def learnt(texts: Iterable[str], split: str, size: int) -> Any:
    """Return a ``tokenizers.Tokenizer`` whose merges make whole words of some texts.

    Args:
        texts: what is learnt; the same texts always give the same ids.
        split: regular expression of what no merge crosses.
        size: most entries, the 256 bytes among them; fewer when there is no more to merge.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    bpe = Tokenizer(models.BPE())
    words = pre_tokenizers.Split(Regex(split), behavior="isolated")
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([words, letters])
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=1,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    return bpe


def spoken_like_qwen(bpe: Any, template: str = TEMPLATE) -> Any:
    """Return a ``PreTrainedTokenizerFast`` with Qwen's added tokens after those of ``bpe``."""
    from tokenizers import AddedToken
    from transformers import PreTrainedTokenizerFast as Untyped

    fast: Any = Untyped
    bpe.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    bpe.add_tokens([AddedToken(token, special=False, normalized=False) for token in ADDED])
    return fast(
        tokenizer_object=bpe,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=template,
        clean_up_tokenization_spaces=False,
    )
