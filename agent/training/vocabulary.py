"""The tokenizer of the embedded checkpoint.

Responsible for the words: every word of the practice worlds, and every fixed piece of a tool call,
is one token; anything else falls back to bytes, and digits stand alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.qwen3_vl.byte_pairs import learnt, spoken_like_qwen
from environments.practice.phone import words
from environments.practice.tongues import WORDS

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

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
    '{"name": "mobile_use", "arguments": {"action": "',
    '], "coordinate2": [',
    '], "time": ',
    '", "button": "',
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
Tap Hold Swipe task Launch Start app Settings Brightness Landscape Send Write Messages message Reply
notification answer Answer Dismiss away Clear only Show wrote what Read messages of Add contact
number Save Contacts new Find Delete Remove note Notes Add pasted copied was paste Paste clipboard
page Browser follow link go then tap photo Photos confirm allow deny asks for it Allow Deny
long_press swipe click system_button open Enter Menu Home Back
누르세요 Нажмите 点击
"""

SEEN = Path(__file__).with_name("page_words.txt")
"""Words that stand on MiniWoB++'s pages, most in several tasks, and on programs; one to a line."""

FOREIGN = tuple(word for tongue in WORDS.values() for word in tongue)

NAMES: tuple[str, ...] = tuple(
    dict.fromkeys((*words.LABELS, *SEEN.read_text(encoding="utf-8").split(), *FOREIGN))
)
"""Everything that can be read on a screen and asked for by one token."""

MOST_WORDS = 8192
"""More than there are, so that every word becomes one token."""

LONGEST = 4096
"""Tokens that the network was laid out for."""


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Build the tokenizer; the same words always give the same ids."""
    pieces = "|".join(re.escape(piece) for piece in sorted(PIECES, key=len, reverse=True))
    split = rf"{pieces}|[\p{{L}}_]+|\p{{N}}|[^\p{{L}}\p{{N}}_]"
    bpe = learnt([*PIECES, *NAMES, *PROSE.split()], split, MOST_WORDS)
    tokenizer: PreTrainedTokenizerFast = spoken_like_qwen(bpe)
    tokenizer.model_max_length = LONGEST
    return tokenizer
