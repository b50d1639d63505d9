"""The shapes of the six published Qwen3-VL sizes.

Responsible for the facts of each size, for what follows from them (how many weights, how many bytes
of cache a token takes) and for transformers' own config of each. Holds no weights and asks no
hardware; counting needs neither torch nor transformers.

Sources: the model list and configs of QwenLM/Qwen3-VL, InternLM/xtuner's model configs for the
same sizes, and public copies of the published ``config.json`` files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from environments.errors import ConfigError

VOCABULARY = 151_936
HEAD_DIM = 128
"""The same in every size; not hidden / heads in 4B, 32B and the mixtures of experts."""

PATCH, TEMPORAL, MERGE, COLOURS = 16, 2, 2, 3
POSITIONS = 2304
"""Learnt positions of the vision tower: a grid of 48 by 48."""


@dataclass(frozen=True, slots=True)
class VisionShape:
    """A vision tower; ``taps`` are the layers whose output goes to the first text layers too."""

    depth: int
    hidden: int
    intermediate: int
    taps: tuple[int, ...]
    heads: int = 16

    def parameters(self, out: int) -> int:
        """Return the number of weights, for tokens that are ``out`` wide."""
        wide, inner = self.hidden, self.intermediate
        embedding = wide * (COLOURS * TEMPORAL * PATCH * PATCH + 1) + POSITIONS * wide
        attention = 4 * wide * wide + 4 * wide
        block = attention + 2 * wide * inner + inner + wide + 4 * wide
        joined = wide * MERGE * MERGE
        merger = joined * joined + joined + joined * out + out
        # The merger at the end normalises patches, those of the taps normalise joined patches.
        norms = 2 * wide + len(self.taps) * 2 * joined
        return embedding + self.depth * block + (1 + len(self.taps)) * merger + norms


@dataclass(frozen=True, slots=True)
class Experts:
    """A mixture of experts: how many, how many of them work on a token, how wide each is."""

    count: int
    active: int
    intermediate: int


@dataclass(frozen=True, slots=True)
class Matrices:
    """So many matrices of one shape."""

    count: int
    inputs: int
    outputs: int

    def weights(self, padded_to: int = 1) -> int:
        """Return how many weights they hold, with the inputs padded to a multiple."""
        return self.count * self.outputs * -(-self.inputs // padded_to) * padded_to


@dataclass(frozen=True, slots=True)
class Shape:
    """One published size.

    Attributes:
        hub_id: where its Instruct weights are published.
        hidden: width of the text model.
        intermediate: width of its MLP (of a dense one).
        layers: number of text layers.
        heads: query heads.
        kv_heads: key and value heads.
        tied: the output head is the embedding.
        vision: its vision tower.
        experts: None in a dense model.
    """

    hub_id: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    tied: bool
    vision: VisionShape
    experts: Experts | None = None

    @property
    def matrices(self) -> tuple[Matrices, ...]:
        """The text layers' matrices, experts included: what can be quantised."""
        queries, keys = self.heads * HEAD_DIM, self.kv_heads * HEAD_DIM
        experts = self.experts or Experts(1, 1, self.intermediate)
        mlps = self.layers * experts.count
        return (
            Matrices(self.layers, self.hidden, queries + 2 * keys),
            Matrices(self.layers, queries, self.hidden),
            Matrices(mlps, self.hidden, 2 * experts.intermediate),
            Matrices(mlps, experts.intermediate, self.hidden),
        )

    @property
    def other_weights(self) -> int:
        """Weights of everything else: vision, embedding, head, norms and routers."""
        norms = self.layers * 2 * (self.hidden + HEAD_DIM) + self.hidden
        routers = self.layers * self.hidden * self.experts.count if self.experts else 0
        words = VOCABULARY * self.hidden * (1 if self.tied else 2)
        return self.vision.parameters(self.hidden) + words + norms + routers

    @property
    def parameters(self) -> int:
        """All weights."""
        return sum(these.weights() for these in self.matrices) + self.other_weights

    @property
    def kv_bytes_per_token(self) -> int:
        """Bytes of keys and values of one token in bf16."""
        return 2 * self.layers * self.kv_heads * HEAD_DIM * 2


SMALL_VISION = VisionShape(24, 1024, 4096, (5, 11, 17))
LARGE_VISION = VisionShape(27, 1152, 4304, (8, 16, 24))

SHAPES = {
    "2B": Shape(
        "Qwen/Qwen3-VL-2B-Instruct", 2048, 6144, 28, 16, 8, True, SMALL_VISION
    ),
    "4B": Shape(
        "Qwen/Qwen3-VL-4B-Instruct", 2560, 9728, 36, 32, 8, True, SMALL_VISION
    ),
    "8B": Shape(
        "Qwen/Qwen3-VL-8B-Instruct", 4096, 12288, 36, 32, 8, False, LARGE_VISION
    ),
    "30B-A3B": Shape(
        "Qwen/Qwen3-VL-30B-A3B-Instruct", 2048, 6144, 48, 32, 4, False, LARGE_VISION,
        Experts(128, 8, 768),
    ),
    "32B": Shape(
        "Qwen/Qwen3-VL-32B-Instruct", 5120, 25600, 64, 64, 8, False, LARGE_VISION
    ),
    "235B-A22B": Shape(
        "Qwen/Qwen3-VL-235B-A22B-Instruct", 4096, 12288, 94, 64, 4, False, LARGE_VISION,
        Experts(128, 8, 1536),
    ),
}  # fmt: skip
"""Smallest first."""


def published_config(name: str) -> Any:
    """Return transformers' config of a published size, every field as published.

    Args:
        name: "2B", "4B", "8B", "30B-A3B", "32B" or "235B-A22B".

    Raises:
        ConfigError: there is no such size.
    """
    import transformers

    shape = shape_of(name)
    family = "Qwen3VLMoe" if shape.experts else "Qwen3VL"
    return getattr(transformers, f"{family}Config")(
        text_config=_text_settings(shape),
        vision_config=_vision_settings(shape),
        image_token_id=151_655,
        video_token_id=151_656,
        vision_start_token_id=151_652,
        vision_end_token_id=151_653,
        tie_word_embeddings=shape.tied,
    )


def shape_of(name: str) -> Shape:
    """Return a published shape by the name of its size.

    Raises:
        ConfigError: there is no such size.
    """
    if name not in SHAPES:
        raise ConfigError(f"There is no size {name!r}; use one of {', '.join(SHAPES)}.")
    return SHAPES[name]


def build_on_meta(config: Any) -> Any:
    """Return transformers' own model of a config, all modules and no weights (device "meta")."""
    import torch
    import transformers

    family = "Qwen3VLMoe" if config.model_type == "qwen3_vl_moe" else "Qwen3VL"
    with torch.device("meta"):
        return getattr(transformers, f"{family}ForConditionalGeneration")(config).eval()


def _text_settings(shape: Shape) -> dict[str, Any]:
    rope = {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [24, 20, 20]}
    settings = {
        "vocab_size": VOCABULARY,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": HEAD_DIM,
        "max_position_embeddings": 262_144,
        "rms_norm_eps": 1e-6,
        "rope_parameters": rope | {"mrope_interleaved": True},
        "tie_word_embeddings": shape.tied,
        "bos_token_id": 151_643,
        "eos_token_id": 151_645,
    }
    return settings | (_expert_settings(shape.experts) if shape.experts else {})


def _expert_settings(experts: Experts) -> dict[str, Any]:
    return {
        "num_experts": experts.count,
        "num_experts_per_tok": experts.active,
        "moe_intermediate_size": experts.intermediate,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "norm_topk_prob": True,
    }


def _vision_settings(shape: Shape) -> dict[str, Any]:
    vision = shape.vision
    return {
        "depth": vision.depth,
        "hidden_size": vision.hidden,
        "intermediate_size": vision.intermediate,
        "num_heads": vision.heads,
        "out_hidden_size": shape.hidden,
        "patch_size": PATCH,
        "temporal_patch_size": TEMPORAL,
        "spatial_merge_size": MERGE,
        "num_position_embeddings": POSITIONS,
        "deepstack_visual_indexes": list(vision.taps),
        "hidden_act": "gelu_pytorch_tanh",
    }
