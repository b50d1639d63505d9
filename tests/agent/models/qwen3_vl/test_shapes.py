import subprocess
import sys

import pytest
import torch

from agent.models.qwen3_vl.attention import use_ours
from agent.models.qwen3_vl.layers import Ask, Network, prompt_asks
from agent.models.qwen3_vl.positions import ImageSpan
from agent.models.qwen3_vl.session import Session, Shown
from agent.models.qwen3_vl.shapes import (
    SHAPES,
    VOCABULARY,
    build_on_meta,
    published_config,
    shape_of,
)
from agent.models.qwen3_vl.vision import Seen, use_linear_patches
from environments.errors import ConfigError

# The published sizes in billions of weights: all of them, and those of the vision tower.
PUBLISHED = {
    "2B": (2.128, 0.407),
    "4B": (4.438, 0.415),
    "8B": (8.767, 0.576),
    "30B-A3B": (31.071, 0.539),
    "32B": (33.357, 0.595),
    "235B-A22B": (235.670, 0.576),
}
SAFETENSORS_BYTES_OF_4B = 8_875_719_344
"""Size of the published weights of the 4B, headers included."""


@pytest.mark.parametrize("name", SHAPES)
def test_the_model_built_from_a_shape_has_as_many_weights_as_published(name):
    shape = shape_of(name)
    model = build_on_meta(published_config(name))
    assert all(weights.is_meta for weights in model.parameters())
    in_all = sum(weights.numel() for weights in model.parameters())
    seeing = sum(weights.numel() for weights in model.model.visual.parameters())
    assert in_all == shape.parameters
    assert seeing == shape.vision.parameters(shape.hidden)
    assert (round(in_all / 1e9, 3), round(seeing / 1e9, 3)) == PUBLISHED[name]


@pytest.mark.parametrize("name", SHAPES)
def test_our_loop_accepts_every_layer_of_a_published_shape(name):
    model = build_on_meta(published_config(name)).to(torch.bfloat16)
    use_ours(model)
    network = Network(model)
    session = Session.empty(network.text, capacity=64)
    picture = Shown(ImageSpan(5, rows=8, columns=4), "a picture")
    with torch.inference_mode():
        seen = seen_on_meta(model, patches=4 * 32)
        asks = list(prompt_asks(session, range(50), [(picture, seen)], chunk=20))
        for ask in (*asks, Ask(session, [1, 2, 3], wanted=3)):
            (answer,) = network.answer([ask])
    assert answer.logits.is_meta
    assert answer.logits.shape == (3, VOCABULARY)
    assert (len(session), session.rows.length) == (53, 53)


def seen_on_meta(model, patches):
    """Run all modules of the tower, but not what it works out on the host from a picture's grid."""
    visual = model.model.visual
    use_linear_patches(model)
    config = visual.config
    hidden = visual.patch_embed(torch.empty(patches, 3 * 16 * 16, device="meta"))
    width = config.hidden_size // config.num_heads
    turns = torch.empty(patches, width, device="meta", dtype=hidden.dtype)
    ends = torch.tensor([0, patches], dtype=torch.int32)
    taps = []
    for index, block in enumerate(visual.blocks):
        hidden = block(hidden, cu_seqlens=ends, position_embeddings=(turns, turns))
        if index in config.deepstack_visual_indexes:
            taps.append(visual.deepstack_merger_list[len(taps)](hidden))
    return Seen(visual.merger(hidden), tuple(taps))


@pytest.mark.parametrize("name", SHAPES)
def test_the_cache_of_one_token_is_counted_from_the_config(name):
    text = published_config(name).text_config
    rows = 2 * text.num_hidden_layers * text.num_key_value_heads * text.head_dim
    assert shape_of(name).kv_bytes_per_token == 2 * rows


def test_the_weights_of_the_4b_take_the_bytes_that_are_published():
    headers = SAFETENSORS_BYTES_OF_4B - 2 * shape_of("4B").parameters
    assert 0 < headers < 100_000


def test_an_unknown_size_is_refused_in_a_sentence():
    with pytest.raises(ConfigError, match="There is no size '7B'; use one of 2B, 4B"):
        published_config("7B")


def test_counting_needs_no_torch():
    code = (
        "import sys; from agent.models.qwen3_vl.shapes import SHAPES;"
        "[shape.parameters for shape in SHAPES.values()];"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
