"""The language model's forward passes over one conversation.

Responsible for prefill in chunks, for adding tokens to the key-value cache and for the work
counters. Positions are computed here and passed; the model's ``rope_deltas`` is never read. Chooses
no token.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from agent.models.qwen3_vl.positions import positions_of
from agent.models.qwen3_vl.prompt import Prompt
from agent.models.qwen3_vl.vision import Seen
from environments.base import Stop

CHUNK = 512
"""Most tokens of one prefill pass; a stop is looked for between two."""


class Conversation:
    """One conversation in the cache: what was read, and where the next token stands."""

    def __init__(self, model: Any, counters: Counter[str]) -> None:
        from transformers import DynamicCache

        self._model = model
        self._text = model.model.language_model
        self._cache = DynamicCache(config=model.config.text_config)
        self._next_position = 0
        self._counters = counters

    def read(self, prompt: Prompt, seen: Sequence[Seen], stop: Stop) -> Tensor:
        """Prefill a prompt and return (size,) float32 logits of what follows it.

        Raises:
            Stopped: between two chunks.
        """
        embeds, visual, taps = self._embed(prompt, seen)
        positions, self._next_position = positions_of(len(prompt.ids), prompt.spans)
        hidden = embeds
        for start in range(0, len(prompt.ids), CHUNK):
            stop.check()
            part = slice(start, start + CHUNK)
            shown, deep = _chunk_taps(visual, taps, part)
            hidden = self._forward(embeds[:, part], positions[:, part], shown, deep)
        self._counters["tokens_prefilled"] += len(prompt.ids)
        return self._logits(hidden)

    def add(self, ids: Sequence[int]) -> Tensor:
        """Append text tokens in one pass and return (size,) float32 logits of what follows."""
        embeds = self._text.embed_tokens(torch.tensor([ids], device=self._model.device))
        positions, self._next_position = positions_of(len(ids), (), self._next_position)
        return self._logits(self._forward(embeds, positions, None, None))

    def _embed(
        self, prompt: Prompt, seen: Sequence[Seen]
    ) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """Return embeddings (1, L, hidden), the mask of visual tokens (L,) and the joined taps."""
        embeds = self._text.embed_tokens(torch.tensor([prompt.ids], device=self._model.device))
        visual = torch.zeros(len(prompt.ids), dtype=torch.bool)
        for span, picture in zip(prompt.spans, seen, strict=True):
            embeds[0, span.start : span.end] = picture.tokens.to(embeds.dtype)
            visual[span.start : span.end] = True
        taps = tuple(torch.cat(layer) for layer in zip(*(s.taps for s in seen), strict=True))
        return embeds, visual, taps

    def _forward(
        self, embeds: Tensor, positions: Tensor, visual: Tensor | None, taps: list[Tensor] | None
    ) -> Tensor:
        self._counters["forwards"] += 1
        out = self._text(
            inputs_embeds=embeds,
            position_ids=positions[:, None].to(embeds.device),
            past_key_values=self._cache,
            use_cache=True,
            visual_pos_masks=visual,
            deepstack_visual_embeds=taps,
        )
        hidden: Tensor = out.last_hidden_state
        return hidden

    def _logits(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self._model.lm_head(hidden[0, -1])
        return logits.float()


def _chunk_taps(
    visual: Tensor, taps: tuple[Tensor, ...], part: slice
) -> tuple[Tensor | None, list[Tensor] | None]:
    """Return the mask and the taps of one chunk; nothing where it holds no picture."""
    shown = visual[part]
    count = int(shown.sum())
    if not count:
        return None, None
    before = int(visual[: part.start].sum())
    device = taps[0].device if taps else None
    return shown[None].to(device), [tap[before : before + count] for tap in taps]
