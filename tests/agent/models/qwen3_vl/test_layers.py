"""Our loop over the layers against transformers' own forward, in float32."""

import pytest
import torch

from agent.models.base import Message
from agent.models.qwen3_vl.attention import KERNELS, Batch, Segment
from agent.models.qwen3_vl.cache import KeyValues
from agent.models.qwen3_vl.images import ImageRules, prepare
from agent.models.qwen3_vl.layers import Ask, Network, prompt_asks
from agent.models.qwen3_vl.loading import Checkpoint
from agent.models.qwen3_vl.positions import positions_of
from agent.models.qwen3_vl.prompt import Prompt, lay_out
from agent.models.qwen3_vl.random_weights import random_checkpoint, random_model, small_tokenizer
from agent.models.qwen3_vl.session import Session, Shown
from agent.models.qwen3_vl.vision import LinearPatchEmbed, see
from environments.errors import ModelError
from tests.agent.models.qwen3_vl.conversations import picture, two_pictures

RULES = ImageRules().within((1, 64))
CHUNK = 512
WORDS = "type the name into the field " * 56


@pytest.fixture(scope="module", params=[False, True], ids=["dense", "moe"])
def checkpoint(request) -> Checkpoint:
    return random_checkpoint(7, moe=request.param)


def long_prompt(checkpoint: Checkpoint) -> Prompt:
    messages = [*two_pictures(), Message("user", (WORDS, picture(3, 256, 256), WORDS, WORDS))]
    prompt = lay_out(messages, checkpoint.vocabulary, RULES)
    assert len(prompt.ids) > 2 * CHUNK
    assert any(span.start < CHUNK < span.end for span in prompt.spans)
    return prompt


def twice(values: torch.Tensor) -> torch.Tensor:
    """Repeat a still picture's pixels along time, as transformers' own processor does."""
    return values.unflatten(1, (3, 1, -1)).repeat(1, 1, 2, 1).flatten(1)


def plain_inputs(prompt: Prompt) -> dict[str, torch.Tensor]:
    patches = [prepare(image.frame, RULES) for image in prompt.images]
    kinds = torch.zeros(1, len(prompt.ids), dtype=torch.int)
    for span in prompt.spans:
        kinds[0, span.start : span.end] = 1
    return {
        "input_ids": torch.tensor([prompt.ids]),
        "attention_mask": torch.ones(1, len(prompt.ids), dtype=torch.long),
        "mm_token_type_ids": kinds,
        "pixel_values": torch.cat([twice(torch.from_numpy(p.values)) for p in patches]),
        "image_grid_thw": torch.tensor([[1, p.rows, p.columns] for p in patches]),
    }


def read(
    checkpoint: Checkpoint, prompt: Prompt, session: Session | None = None
) -> tuple[Network, Session, torch.Tensor]:
    """Read what is new of a prompt and return the logits that follow it."""
    network = Network(checkpoint.model)
    session = session or Session.empty(network.text, 4096)
    with torch.inference_mode():
        seen = [
            (Shown(span, image.frame_hash), see(checkpoint.model, prepare(image.frame, RULES)))
            for span, image in zip(prompt.spans, prompt.images, strict=True)
            if span.start >= len(session)
        ]
        for ask in prompt_asks(session, prompt.ids, seen, CHUNK):
            (answer,) = network.answer([ask])
    return network, session, answer.logits[-1]


def add(network: Network, session: Session, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return network.answer([Ask(session, ids)])[0].logits[-1]


def test_positions_equal_transformers_own(checkpoint):
    prompt = long_prompt(checkpoint)
    inputs = plain_inputs(prompt)
    wanted, delta = checkpoint.model.model.get_rope_index(
        inputs["input_ids"], inputs["mm_token_type_ids"], inputs["image_grid_thw"]
    )
    found, following = positions_of(len(prompt.ids), prompt.spans)
    assert torch.equal(found, wanted[:, 0])
    assert following == len(prompt.ids) + int(delta)
    assert read(checkpoint, prompt)[1].next_position == following


def test_chunked_prefill_gives_the_logits_of_one_plain_forward(checkpoint):
    prompt = long_prompt(checkpoint)
    _, _, found = read(checkpoint, prompt)
    with torch.inference_mode():
        wanted = checkpoint.model(**plain_inputs(prompt)).logits[0, -1]
    assert torch.allclose(found, wanted, atol=1e-3, rtol=1e-4)


def test_greedy_tokens_equal_plain_generate(checkpoint):
    prompt = long_prompt(checkpoint)
    with torch.inference_mode():
        wanted = checkpoint.model.generate(
            **plain_inputs(prompt), max_new_tokens=24, min_new_tokens=24, do_sample=False
        )[0, len(prompt.ids) :].tolist()
    network, session, logits = read(checkpoint, prompt)
    end = checkpoint.vocabulary.control["<|im_end|>"]
    found: list[int] = []
    while len(found) < len(wanted):
        banned = torch.arange(len(logits)) == end  # what min_new_tokens does
        found.append(int(logits.masked_fill(banned, -torch.inf).argmax()))
        logits = add(network, session, found[-1:])
    assert found == wanted


def test_tokens_read_together_give_the_logits_of_tokens_read_one_by_one(checkpoint):
    prompt = lay_out(two_pictures(), checkpoint.vocabulary, RULES)
    ids = checkpoint.vocabulary.encode("I click the Save button.")
    network, together, _ = read(checkpoint, prompt)
    _, singly, _ = read(checkpoint, prompt)
    found = add(network, together, ids)
    for token in ids:
        wanted = add(network, singly, [token])
    assert torch.allclose(found, wanted, atol=1e-3, rtol=1e-4)


def test_sessions_read_in_one_pass_get_what_each_gets_alone(checkpoint):
    short = lay_out([Message("user", (picture(5), "go"))], checkpoint.vocabulary, RULES)
    long = long_prompt(checkpoint)
    network, first, _ = read(checkpoint, short)
    _, second, _ = read(checkpoint, long)
    _, first_alone, _ = read(checkpoint, short)
    _, second_alone, _ = read(checkpoint, long)
    wanted = [add(network, first_alone, [1, 2, 3]), add(network, second_alone, [4])]
    with torch.inference_mode():
        found = network.answer([Ask(first, [1, 2, 3]), Ask(second, [4])])
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one.logits[-1], other, atol=1e-3, rtol=1e-4)


def test_a_session_that_is_full_says_so_before_anything_is_read(checkpoint):
    network = Network(checkpoint.model)
    session = Session.empty(network.text, 4)
    with torch.inference_mode():
        network.answer([Ask(session, [1, 2, 3])])
        with pytest.raises(ModelError, match="outgrown its 4 tokens"):
            network.answer([Ask(session, [4, 5])])
    assert session.ids == [1, 2, 3]


def test_sdpa_gives_what_plain_attention_gives_for_new_tokens_over_old_ones():
    torch.manual_seed(0)
    for new, total in ((1, 1), (1, 9), (5, 9), (9, 9)):
        queries = torch.randn(4, new, 16)
        keys, values = torch.randn(2, 2, total, 16)
        found = KERNELS["sdpa"](queries, keys, values, 0.25)
        assert torch.allclose(found, KERNELS["plain"](queries, keys, values, 0.25), atol=1e-5)


def test_rows_are_written_behind_those_that_count(checkpoint):
    text = checkpoint.model.model.language_model
    rows = KeyValues(text, 8)
    rows.length = 3
    new = torch.ones(1, text.config.num_key_value_heads, 2, text.config.head_dim)
    Batch([Segment(rows, 2)], KERNELS["sdpa"]).update(new, new, 1)
    assert torch.equal(rows.keys[1][:, 3:5], new[0])
    assert rows.length == 3


def test_the_linear_patch_embedding_equals_the_convolution():
    model = random_model(small_tokenizer(), seed=3)
    convolution = model.model.visual.patch_embed
    still = torch.from_numpy(prepare(picture(4).frame, RULES).values)
    linear = LinearPatchEmbed(convolution.proj)
    with torch.inference_mode():
        wanted = convolution(twice(still))
        assert torch.allclose(linear(twice(still)), wanted, atol=1e-4)
        assert torch.allclose(linear(still), wanted, atol=1e-4)
    assert linear.weight.data_ptr() == convolution.proj.weight.data_ptr()


def test_a_loaded_model_has_no_convolution_left(checkpoint):
    kinds = {type(module) for module in checkpoint.model.modules()}
    assert LinearPatchEmbed in kinds
    assert torch.nn.Conv3d not in kinds
