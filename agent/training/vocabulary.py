"""The tokenizer of the embedded checkpoint.

Responsible for a byte-level BPE whose merges make every word of the practice world, and every
fixed piece of a tool call, one token; anything else falls back to bytes. Digits stand alone and
the special tokens are Qwen's, as reference for published Qwen3-VL checkpoints (QwenLM/Qwen3-VL).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from environments.practice import words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>",
    "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
ADDED = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>", "</tool_response>",
    "<think>", "</think>",
)  # fmt: skip
"""Not special: they survive ``skip_special_tokens``."""

PIECES = (
    '{"name": "computer_use", "arguments": {"action": "',
    '", "coordinate": [',
    "]}}",
    '], "pixels": -',
    '], "pixels": ',
    '", "text": "',
    '", "keys": ["',
    '", "status": "',
    '", "',
    '"}}',
    "}}",
    '"]}}',
    ", ",
)
"""Fixed text of a tool call, each one token."""

PROSE = """
Task Click Double click Type Press Scroll Set Close Done up down ctrl a s o p f n z to the button
Press push Please Turn on off Enable Disable Switch option Choose Pick Change as Run from menu In
choose Open and Enter then Set press into Replace in with Make read instead of confirm dialog switch
accept Go turn slider Move Select list Mark entry open tab enable Bring front window Use shortcut
Hit keys Shut left right middle mouse move key type wait terminate answer left_click right_click
double_click triple_click middle_click mouse_move left_click_drag scroll hscroll success failure
confirmed unverifiable suspected no op refused user assistant system
"""

TEMPLATE = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.content is string %}{{- message.content }}{%- else %}"
    "{%- for part in message.content %}{%- if part.type == 'image' %}"
    "{{- '<|vision_start|><|image_pad|><|vision_end|>' }}{%- else %}{{- part.text }}{%- endif %}"
    "{%- endfor %}{%- endif %}{{- '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Build the tokenizer; the same words always give the same ids."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    pieces = "|".join(re.escape(piece) for piece in sorted(PIECES, key=len, reverse=True))
    pattern = rf"{pieces}|[\p{{L}}_]+|\p{{N}}|[^\p{{L}}\p{{N}}_]"
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=8192,
        min_frequency=1,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([*PIECES, *words.LABELS, *PROSE.split()], trainer)
    bpe.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    bpe.add_tokens([AddedToken(token, special=False, normalized=False) for token in ADDED])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bpe,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        chat_template=TEMPLATE,
        model_max_length=4096,
        clean_up_tokenization_spaces=False,
    )
