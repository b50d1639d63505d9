"""The embedded checkpoint's network in training: many questions about many screens at once.

Responsible for the configuration of the tiny Qwen3-VL and for one batched forward over it: equal
pictures, and several questions per picture that share its tokens and cannot see each other. The
weights and modules are transformers'; only the order of calls is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from agent.training.samples import COLUMNS, ROWS, Sample, Segment
from environments.practice import words

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration

PATCH_PX = 16
MERGE = 2
PICTURE = ROWS * COLUMNS
LOOK_LAYERS = {"label": 1, "point": 2}
"""The layers whose first head is taught where to look, from the label and from the digits."""

ALIGN_SCALE = 16.0
MASKED = -1e9


def build_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3VLForConditionalGeneration:
    """Build the network with random weights; about three million parameters."""
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
            "max_position_embeddings": 4096,
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
            "temporal_patch_size": 2,
            "num_position_embeddings": 400,
            "deepstack_visual_indexes": [1],
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    return Qwen3VLForConditionalGeneration(config)


@dataclass
class Batch:
    """Tensors of one batch; B screens, L positions, P patches.

    Attributes:
        pixels: (B, P, 768) float, one temporal slice, normalised, patches in merge order.
        labels: (B, 80) index into ``words.LABELS`` or -1.
        ids: (B, L); the picture's place is held by image pads.
        positions: (3, B, L) for mRoPE.
        mask: (B, 1, L, L) additive.
        weights: (B, L) loss weight of predicting the token that stands there.
        looks: for "label" and "point" pairs of (n, 2) positions and (n, 80) wanted tokens.
    """

    pixels: Tensor
    labels: Tensor
    ids: Tensor
    positions: Tensor
    mask: Tensor
    weights: Tensor
    looks: dict[str, tuple[Tensor, Tensor]]

    def to(self, device: str) -> Batch:
        """Return the batch on a device."""
        looks = {name: (at.to(device), to.to(device)) for name, (at, to) in self.looks.items()}
        tensors = {name: value.to(device) for name, value in vars(self).items() if name != "looks"}
        return Batch(**tensors, looks=looks)


@dataclass
class Plans:
    """Questions without their picture: (N, L) ids and loss weights, (3, N, L) positions."""

    ids: Tensor
    weights: Tensor
    positions: Tensor

    def to(self, device: str) -> Plans:
        """Return them on a device."""
        return Plans(*(value.to(device) for value in (self.ids, self.weights, self.positions)))


def patchify(frames: np.ndarray[Any, Any]) -> Tensor:
    """Return (B, P, 768) patches in Qwen2VL's merge order, one temporal slice of them."""
    batch, height, width, _ = frames.shape
    grid = (
        height // PATCH_PX // MERGE,
        MERGE,
        PATCH_PX,
        width // PATCH_PX // MERGE,
        MERGE,
        PATCH_PX,
    )
    pixels = torch.from_numpy(frames).float().div_(127.5).sub_(1.0).view(batch, *grid, 3)
    ordered = pixels.permute(0, 1, 4, 2, 5, 7, 3, 6)
    return ordered.reshape(batch, -1, 3 * PATCH_PX * PATCH_PX)


class Collator:
    """Lays samples out as one batch: picture first, then the questions one after the other."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        """Prepare the tokens that stand around every picture."""
        pad = tokenizer.convert_tokens_to_ids("<|image_pad|>")
        start = tokenizer.encode("<|im_start|>user\n<|vision_start|>", add_special_tokens=False)
        end = tokenizer.encode("<|vision_end|>", add_special_tokens=False)
        self.prefix = [*start, *[pad] * PICTURE, *end]
        self.picture_at = len(start)
        self._padding = tokenizer.pad_token_id

    def prefix_positions(self) -> Tensor:
        """Return (3, prefix) mRoPE positions: text counts on, the picture spreads over its grid."""
        at = self.picture_at
        text = torch.arange(at).expand(3, -1)
        rows = torch.arange(ROWS).repeat_interleave(COLUMNS)
        columns = torch.arange(COLUMNS).repeat(ROWS)
        picture = torch.stack([torch.zeros_like(rows), rows, columns]) + at
        after = torch.arange(len(self.prefix) - at - PICTURE) + at + max(ROWS, COLUMNS)
        return torch.cat([text, picture, after.expand(3, -1)], 1)

    def plans(self, segments: Sequence[Segment]) -> Plans:
        """Lay out questions as they stand in a batch, the visual tokens left out."""
        kept = [*range(self.picture_at), *range(self.picture_at + PICTURE, len(self.prefix))]
        head = self.prefix_positions()[:, kept]
        longest = -(-(len(kept) + max(len(s.ids) for s in segments)) // 16) * 16
        ids = torch.full((len(segments), longest), self._padding)
        weights = torch.zeros(len(segments), longest)
        for row, segment in enumerate(segments):
            end = len(kept) + len(segment.ids)
            ids[row, :end] = torch.tensor([*(self.prefix[at] for at in kept), *segment.ids])
            weights[row, len(kept) : end] = torch.tensor(segment.weights)
        after = head[:, -1:] + 1 + torch.arange(longest - len(kept))
        positions = torch.cat([head, after], 1)[:, None].expand(3, len(segments), -1)
        return Plans(ids, weights, positions.contiguous())

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """Lay the samples out."""
        prefix = len(self.prefix)
        lengths = [prefix + sum(len(s.ids) for s in sample.segments) for sample in samples]
        size, longest = len(samples), -(-max(lengths) // 32) * 32
        ids = torch.full((size, longest), self._padding)
        weights = torch.zeros(size, longest)
        positions = torch.zeros(3, size, longest, dtype=torch.long)
        owner = torch.full((size, longest), -1)
        looks: dict[str, tuple[list[list[int]], list[Tensor]]] = {n: ([], []) for n in LOOK_LAYERS}
        head = self.prefix_positions()
        for row, sample in enumerate(samples):
            ids[row, :prefix] = torch.tensor(self.prefix)
            positions[:, row, :prefix] = head
            owner[row, :prefix] = 0
            at = prefix
            for number, segment in enumerate(sample.segments, 1):
                end = at + len(segment.ids)
                ids[row, at:end] = torch.tensor(segment.ids)
                weights[row, at:end] = torch.tensor(segment.weights)
                positions[:, row, at:end] = head[0, -1] + 1 + torch.arange(end - at)
                owner[row, at:end] = number
                wanted = torch.zeros(PICTURE)
                wanted[segment.looks] = 1.0
                if segment.looks and segment.label_at >= 0:
                    looks["label"][0].append([row, at + segment.label_at])
                    looks["label"][1].append(wanted)
                for point in segment.point_at if segment.looks else ():
                    looks["point"][0].append([row, at + point])
                    looks["point"][1].append(wanted)
                at = end
        allowed = (owner[:, None, :] == 0) | (owner[:, None, :] == owner[:, :, None])
        allowed &= torch.ones(longest, longest, dtype=torch.bool).tril()
        allowed |= torch.eye(longest, dtype=torch.bool)
        return Batch(
            pixels=patchify(np.stack([s.frame for s in samples])),
            labels=torch.from_numpy(np.stack([s.labels for s in samples])),
            ids=ids,
            positions=positions,
            mask=torch.zeros(size, 1, longest, longest).masked_fill_(~allowed[:, None], MASKED),
            weights=weights,
            looks={
                name: (
                    torch.tensor(at).view(-1, 2),
                    torch.stack(to) if to else torch.zeros(0, PICTURE),
                )
                for name, (at, to) in looks.items()
            },
        )


class Network:
    """The tiny Qwen3-VL with the forward that training needs."""

    def __init__(
        self, model: Qwen3VLForConditionalGeneration, tokenizer: PreTrainedTokenizerFast
    ) -> None:
        """Wrap a model; nothing is copied."""
        self.model = model
        self._picture_at = Collator(tokenizer).picture_at
        self._label_tokens = torch.tensor(
            [tokenizer.encode(label, add_special_tokens=False)[0] for label in words.LABELS]
        )
        self._entered: dict[int, Tensor] = {}
        for layer in LOOK_LAYERS.values():
            norm = model.model.language_model.layers[layer].input_layernorm
            norm.register_forward_hook(self._keep(layer))

    def _keep(self, layer: int) -> Any:
        def hook(_module: Any, _inputs: Any, output: Tensor) -> None:
            self._entered[layer] = output

        return hook

    def see(self, pixels: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return (B, 80, hidden) visual tokens and the DeepStack taps of equal pictures."""
        visual = self.model.model.visual
        weight = visual.patch_embed.proj.weight.sum(2).flatten(1)
        hidden = functional.linear(pixels, weight, visual.patch_embed.proj.bias)
        places, rotary = self._places(visual, hidden)
        hidden = hidden + places
        taps = []
        for number, block in enumerate(visual.blocks):
            hidden = hidden + self._attend(block.attn, block.norm1(hidden), rotary)
            hidden = hidden + block.mlp(block.norm2(hidden))
            if number in visual.deepstack_visual_indexes:
                merger = visual.deepstack_merger_list[visual.deepstack_visual_indexes.index(number)]
                taps.append(merger(hidden.flatten(0, 1)).view(len(pixels), PICTURE, -1))
        merged: Tensor = visual.merger(hidden.flatten(0, 1))
        return merged.view(len(pixels), PICTURE, -1), taps

    @staticmethod
    def _places(visual: Any, hidden: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        from transformers import vision_utils as module

        grid = torch.tensor([[1, ROWS * MERGE, COLUMNS * MERGE]])
        indices, shares = module.get_vision_interpolation_indices_and_weights(
            grid,
            num_grid_per_side=visual.num_grid_per_side,
            mode=visual.interpolation_mode,
            align_corners=visual.interpolation_align_corners,
            spatial_merge_size=MERGE,
            kwargs={},
        )
        position_ids = module.get_vision_position_ids(grid, MERGE, kwargs={})
        device = hidden.device
        places = (visual.pos_embed(indices.to(device)) * shares.to(device)[:, :, None]).sum(1)
        return places, visual.rotary_pos_emb(hidden, position_ids.to(device))

    @staticmethod
    def _attend(attention: Any, hidden: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        from transformers.models.qwen3_vl.modeling_qwen3_vl import apply_rotary_pos_emb_vision

        batch, count, _ = hidden.shape
        mixed = attention.qkv(hidden).view(batch * count, 3, attention.num_heads, -1)
        query, key, value = mixed.unbind(1)
        cos, sin = (part.repeat(batch, 1) for part in rotary)
        query, key = apply_rotary_pos_emb_vision(query, key, cos, sin)
        split = [
            part.reshape(batch, count, attention.num_heads, -1).transpose(1, 2).to(value.dtype)
            for part in (query, key, value)
        ]
        mixed = functional.scaled_dot_product_attention(split[0], split[1], split[2])
        out: Tensor = attention.proj(mixed.transpose(1, 2).reshape(batch, count, -1))
        return out

    def align_loss(self, seen: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return how badly visual tokens name their labels, and the share named rightly."""
        on = labels >= 0
        names = self.model.model.language_model.embed_tokens.weight[
            self._label_tokens.to(seen.device)
        ]
        seen = functional.normalize(seen[on].float(), dim=-1)
        logits = ALIGN_SCALE * seen @ functional.normalize(names.float(), dim=-1).T
        wanted = labels[on]
        return functional.cross_entropy(logits, wanted), (
            logits.argmax(-1) == wanted
        ).float().mean()

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses by name: "align", "text", "label" and "point", and two shares."""
        seen, taps = self.see(batch.pixels)
        align, named = self.align_loss(seen, batch.labels)
        hidden = self._read(batch, seen, taps)
        text, exact = self._told(hidden, batch.ids, batch.weights)
        found = {"align": align, "named": named, "text": text, "exact": exact}
        for name, layer in LOOK_LAYERS.items():
            at, to = batch.looks[name]
            mass = (self._looked(layer, batch, at) * to).sum(-1)
            found[name] = -(mass + 1e-4).log().mean()
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
        """Return (n, 80): the attention that the first head pays to the picture at some places."""
        from transformers.models.qwen3_vl.modeling_qwen3_vl import apply_rotary_pos_emb

        text = self.model.model.language_model
        attention, entered = text.layers[layer].self_attn, self._entered[layer]
        width = attention.head_dim
        query = attention.q_norm(functional.linear(entered, attention.q_proj.weight[:width]))
        key = attention.k_norm(functional.linear(entered, attention.k_proj.weight[:width]))
        cos, sin = text.rotary_emb(entered, batch.positions)
        query, key = apply_rotary_pos_emb(query, key, cos, sin, unsqueeze_dim=0)
        rows = query[0] if query.dim() == 4 else query  # noqa: PLR2004
        keys = key[0] if key.dim() == 4 else key  # noqa: PLR2004
        scores = torch.einsum("nd,nkd->nk", rows[at[:, 0], at[:, 1]], keys[at[:, 0]])
        scores = scores * attention.scaling + batch.mask[at[:, 0], 0, at[:, 1]]
        span = slice(self._picture_at, self._picture_at + PICTURE)
        looked: Tensor = scores.float().softmax(-1)[:, span]
        return looked

    def _read(self, batch: Batch, seen: Tensor, taps: list[Tensor]) -> Tensor:
        text = self.model.model.language_model
        embedded = text.embed_tokens(batch.ids)
        span = slice(self._picture_at, self._picture_at + PICTURE)
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
