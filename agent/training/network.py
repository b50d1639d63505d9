"""The embedded checkpoint's network in training: many questions about many screens at once.

Responsible for the configuration of the tiny Qwen3-VL, for one batched forward over equal pictures
and their questions, and for the losses. The weights and modules are transformers'; only the order
of calls is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from agent.training.batches import Batch, Collator, Plans
from agent.training.samples import MERGE, PATCH_PX
from agent.training.vocabulary import LONGEST, NAMES

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration

TEMPORAL = 2
LOOK_LAYERS = {"label": 1, "point": 2}
"""The layers whose first head is taught where to look, by where it looks from."""

ALIGN_SCALE = 16.0


def build_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3VLForConditionalGeneration:
    """Build the network with random weights; about four million parameters."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    def ids(token: str) -> int:
        return int(tokenizer.convert_tokens_to_ids(token))  # type: ignore[arg-type]

    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [12, 10, 10]}
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": -(-len(tokenizer) // 64) * 64,
            "hidden_size": 192,
            "intermediate_size": 384,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 64,
            "max_position_embeddings": LONGEST,
            "rope_parameters": rope | {"mrope_interleaved": True},
            "tie_word_embeddings": True,
            "eos_token_id": ids("<|im_end|>"),
            "pad_token_id": ids("<|endoftext|>"),
        },
        vision_config={
            "depth": 4,
            "hidden_size": 128,
            "intermediate_size": 384,
            "num_heads": 4,
            "out_hidden_size": 192,
            "patch_size": PATCH_PX,
            "spatial_merge_size": MERGE,
            "temporal_patch_size": TEMPORAL,
            "num_position_embeddings": 400,
            "deepstack_visual_indexes": [1],
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    model = Qwen3VLForConditionalGeneration(config)
    if not torch.cuda.is_available():
        model.set_attn_implementation("eager")  # See ``attended``.
    return model


class Network:
    """The tiny Qwen3-VL with the forward that training needs."""

    def __init__(
        self, model: Qwen3VLForConditionalGeneration, tokenizer: PreTrainedTokenizerFast
    ) -> None:
        """Wrap a model; nothing is copied."""
        self.model = model
        self._picture_at = Collator(tokenizer).picture_at
        self._name_tokens = torch.tensor(
            [tokenizer.encode(name, add_special_tokens=False)[0] for name in NAMES]
        )
        self._entered: dict[int, Tensor] = {}
        for layer in LOOK_LAYERS.values():
            norm = model.model.language_model.layers[layer].input_layernorm
            norm.register_forward_hook(self._keep(layer))

    def _keep(self, layer: int) -> Any:
        def hook(_module: Any, _inputs: Any, output: Tensor) -> None:
            self._entered[layer] = output

        return hook

    def see(self, batch: Batch) -> tuple[Tensor, list[Tensor]]:
        """Return (B, T, hidden) visual tokens and the DeepStack taps of equally large pictures."""
        pixels = batch.pixels
        visual = self.model.model.visual
        weight = visual.patch_embed.proj.weight.sum(2).flatten(1)
        hidden = functional.linear(pixels, weight, visual.patch_embed.proj.bias)
        places, rotary = self._places(visual, hidden, batch)
        hidden = hidden + places
        taps = []
        for number, block in enumerate(visual.blocks):
            hidden = hidden + self._attend(block.attn, block.norm1(hidden), rotary)
            hidden = hidden + block.mlp(block.norm2(hidden))
            if number in visual.deepstack_visual_indexes:
                merger = visual.deepstack_merger_list[visual.deepstack_visual_indexes.index(number)]
                taps.append(_each(merger(hidden.flatten(0, 1)), len(pixels)))
        merged: Tensor = visual.merger(hidden.flatten(0, 1))
        return _each(merged, len(pixels)), taps

    @staticmethod
    def _places(visual: Any, hidden: Tensor, batch: Batch) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return (B, P, width) learnt places and (B x P, half) rotations of every patch."""
        from transformers import vision_utils as module

        held = torch.tensor([[1, rows * MERGE, columns * MERGE] for rows, columns in batch.shapes])
        indices, shares = module.get_vision_interpolation_indices_and_weights(
            held,
            num_grid_per_side=visual.num_grid_per_side,
            mode=visual.interpolation_mode,
            align_corners=visual.interpolation_align_corners,
            spatial_merge_size=MERGE,
            kwargs={},
        )
        position_ids = module.get_vision_position_ids(held, MERGE, kwargs={})
        device = hidden.device
        places = (visual.pos_embed(indices.to(device)) * shares.to(device)[:, :, None]).sum(1)
        cos, sin = visual.rotary_pos_emb(hidden, position_ids.to(device))

        def chosen(of_all: Tensor) -> Tensor:
            return of_all.view(len(batch.shapes), -1, of_all.shape[-1])[batch.grids]

        return chosen(places), (chosen(cos).flatten(0, 1), chosen(sin).flatten(0, 1))

    @staticmethod
    def _attend(attention: Any, hidden: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        from transformers.models.qwen3_vl.modeling_qwen3_vl import apply_rotary_pos_emb_vision

        batch, count, _ = hidden.shape
        mixed = attention.qkv(hidden).view(batch * count, 3, attention.num_heads, -1)
        query, key, value = mixed.unbind(1)
        query, key = apply_rotary_pos_emb_vision(query, key, *rotary)
        split = [
            part.reshape(batch, count, attention.num_heads, -1).transpose(1, 2).to(value.dtype)
            for part in (query, key, value)
        ]
        mixed = attended(*split)
        out: Tensor = attention.proj(mixed.transpose(1, 2).reshape(batch, count, -1))
        return out

    def align_loss(self, seen: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return how badly visual tokens name their labels, and the share named rightly."""
        on = labels >= 0
        names = self.model.model.language_model.embed_tokens.weight[
            self._name_tokens.to(seen.device)
        ]
        seen = functional.normalize(seen[on].float(), dim=-1)
        logits = ALIGN_SCALE * seen @ functional.normalize(names.float(), dim=-1).T
        wanted = labels[on]
        loss = functional.cross_entropy(logits, wanted, reduction="sum") / max(len(wanted), 1)
        return loss, (logits.argmax(-1) == wanted).float().mean()

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses by name: "align", "text", "label" and "point", and two shares."""
        seen, taps = self.see(batch)
        align, named = self.align_loss(seen, batch.labels)
        hidden = self._read(batch, seen, taps)
        text, exact = self._told(hidden, batch.ids, batch.weights)
        found = {"align": align, "named": named, "text": text, "exact": exact}
        for name, layer in LOOK_LAYERS.items():
            at, to = batch.looks[name]
            looked = self._looked(layer, batch, at)
            away = 1 - looked.sum(-1)  # What is nowhere is to be looked for off the picture.
            mass = torch.where(to.any(-1), (looked * to).sum(-1), away)
            found[name] = -(mass + 1e-4).log().sum() / max(len(mass), 1)
        return found

    def plan_losses(self, plans: Plans) -> dict[str, Tensor]:
        """Return the loss "plan" and the share of tokens told rightly, without any picture."""
        out = self.model.model.language_model(
            input_ids=plans.ids, position_ids=plans.positions, use_cache=False
        )
        plan, planned = self._told(out.last_hidden_state, plans.ids, plans.weights)
        return {"plan": plan, "planned": planned}

    def _told(self, hidden: Tensor, ids: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        on = weights[:, 1:] > 0
        logits = self.model.lm_head(hidden[:, :-1][on]).float()
        wanted, weighed = ids[:, 1:][on], weights[:, 1:][on]
        each = functional.cross_entropy(logits, wanted, reduction="none")
        exact = (logits.argmax(-1) == wanted).float().mean()
        return (each * weighed).sum() / weighed.sum(), exact

    def _looked(self, layer: int, batch: Batch, at: Tensor) -> Tensor:
        """Return (n, T): the attention that the first head pays to the picture at some places."""
        from transformers.models.qwen3_vl.modeling_qwen3_vl import apply_rotary_pos_emb

        text = self.model.model.language_model
        attention, entered = text.layers[layer].self_attn, self._entered[layer]
        width = attention.head_dim
        query = attention.q_norm(functional.linear(entered, attention.q_proj.weight[:width]))
        key = attention.k_norm(functional.linear(entered, attention.k_proj.weight[:width]))
        cos, sin = text.rotary_emb(entered, batch.positions)
        query, key = apply_rotary_pos_emb(query[:, None], key[:, None], cos, sin)
        rows, columns = at.unbind(1)
        scores = torch.einsum("nd,nkd->nk", query[rows, 0, columns], key[rows, 0])
        scores = scores * attention.scaling + batch.mask[rows, 0, columns]
        span = self._picture(batch)
        looked: Tensor = scores.float().softmax(-1)[:, span]
        return looked

    def _picture(self, batch: Batch) -> slice:
        rows, columns = batch.shapes[0]
        return slice(self._picture_at, self._picture_at + rows * columns)

    def _read(self, batch: Batch, seen: Tensor, taps: list[Tensor]) -> Tensor:
        text = self.model.model.language_model
        embedded = text.embed_tokens(batch.ids)
        span = self._picture(batch)
        hidden = torch.cat(
            [embedded[:, : span.start], seen.to(embedded.dtype), embedded[:, span.stop :]], 1
        )
        rotary = text.rotary_emb(hidden, batch.positions)
        for number, layer in enumerate(text.layers):
            hidden = layer(hidden, attention_mask=batch.mask, position_embeddings=rotary)
            if number < len(taps):
                hidden = hidden.clone()
                hidden[:, span] = hidden[:, span] + taps[number].to(hidden.dtype)
        out: Tensor = text.norm(hidden)
        return out


def attended(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return attention over (B, heads, P, width).

    At the few hundred positions of a small screen a CPU takes half the time that torch 2.13's own
    takes, forward and back, if it is written out and nothing is made float32.
    """
    if query.is_cuda:
        return functional.scaled_dot_product_attention(query, key, value)
    with torch.autocast("cpu", enabled=False):
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        mixed: Tensor = scores.softmax(-1) @ value
    return mixed


def _each(tokens: Tensor, pictures: int) -> Tensor:
    return tokens.view(pictures, -1, tokens.shape[-1])
