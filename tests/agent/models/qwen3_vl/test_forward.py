"""The engine's forward passes against transformers' own, in float32."""

from collections import Counter

import pytest
import torch

from agent.models.base import Message
from agent.models.qwen3_vl.forward import CHUNK, Conversation
from agent.models.qwen3_vl.images import ImageRules, prepare
from agent.models.qwen3_vl.loading import Checkpoint
from agent.models.qwen3_vl.positions import positions_of
from agent.models.qwen3_vl.prompt import Prompt, lay_out
from agent.models.qwen3_vl.random_weights import random_checkpoint, random_model, small_tokenizer
from agent.models.qwen3_vl.vision import LinearPatchEmbed, see
from environments.base import Stop
from environments.errors import Stopped
from tests.agent.models.qwen3_vl.conversations import picture, two_pictures

RULES = ImageRules().within((1, 64))
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


def plain_inputs(prompt: Prompt) -> dict[str, torch.Tensor]:
    patches = [prepare(image.frame, RULES) for image in prompt.images]
    kinds = torch.zeros(1, len(prompt.ids), dtype=torch.int)
    for span in prompt.spans:
        kinds[0, span.start : span.end] = 1
    return {
        "input_ids": torch.tensor([prompt.ids]),
        "attention_mask": torch.ones(1, len(prompt.ids), dtype=torch.long),
        "mm_token_type_ids": kinds,
        "pixel_values": torch.cat([torch.from_numpy(p.values) for p in patches]),
        "image_grid_thw": torch.tensor([[1, p.rows, p.columns] for p in patches]),
    }


def read(checkpoint: Checkpoint, prompt: Prompt, stop: Stop) -> tuple[Conversation, torch.Tensor]:
    with torch.inference_mode():
        seen = [see(checkpoint.model, prepare(image.frame, RULES)) for image in prompt.images]
        conversation = Conversation(checkpoint.model, Counter())
        return conversation, conversation.read(prompt, seen, stop)


def test_positions_equal_transformers_own(checkpoint):
    prompt = long_prompt(checkpoint)
    inputs = plain_inputs(prompt)
    wanted, delta = checkpoint.model.model.get_rope_index(
        inputs["input_ids"], inputs["mm_token_type_ids"], inputs["image_grid_thw"]
    )
    found, following = positions_of(len(prompt.ids), prompt.spans)
    assert torch.equal(found, wanted[:, 0])
    assert following == len(prompt.ids) + int(delta)


def test_chunked_prefill_gives_the_logits_of_one_plain_forward(checkpoint):
    prompt = long_prompt(checkpoint)
    _, found = read(checkpoint, prompt, Stop())
    with torch.inference_mode():
        wanted = checkpoint.model(**plain_inputs(prompt)).logits[0, -1]
    assert torch.allclose(found, wanted, atol=1e-3, rtol=1e-4)


def test_greedy_tokens_equal_plain_generate(checkpoint):
    prompt = long_prompt(checkpoint)
    with torch.inference_mode():
        wanted = checkpoint.model.generate(
            **plain_inputs(prompt), max_new_tokens=24, min_new_tokens=24, do_sample=False
        )[0, len(prompt.ids) :].tolist()
        conversation, logits = read(checkpoint, prompt, Stop())
        end = checkpoint.vocabulary.control["<|im_end|>"]
        found = []
        while len(found) < len(wanted):
            logits[end] = -torch.inf  # what min_new_tokens does
            found.append(int(logits.argmax()))
            logits = conversation.add(found[-1:])
    assert found == wanted


def test_tokens_read_together_give_the_logits_of_tokens_read_one_by_one(checkpoint):
    prompt = lay_out(two_pictures(), checkpoint.vocabulary, RULES)
    ids = checkpoint.vocabulary.encode("I click the Save button.")
    with torch.inference_mode():
        together, _ = read(checkpoint, prompt, Stop())
        singly, _ = read(checkpoint, prompt, Stop())
        found = together.add(ids)
        for token in ids:
            wanted = singly.add([token])
    assert torch.allclose(found, wanted, atol=1e-3, rtol=1e-4)


def test_a_second_conversation_does_not_disturb_the_first(checkpoint):
    short = lay_out([Message("user", (picture(5), "go"))], checkpoint.vocabulary, RULES)
    with torch.inference_mode():
        first, _ = read(checkpoint, short, Stop())
        alone = first.add([1, 2, 3])
        again, _ = read(checkpoint, short, Stop())
        read(checkpoint, long_prompt(checkpoint), Stop())
        assert torch.equal(again.add([1, 2, 3]), alone)


def test_a_stop_ends_prefill_between_two_chunks(checkpoint):
    prompt, stop, counters = long_prompt(checkpoint), Stop(), Counter()
    seen = [see(checkpoint.model, prepare(image.frame, RULES)) for image in prompt.images]

    class StopsAfterOne(Counter):
        def __setitem__(self, key, value):
            super().__setitem__(key, value)
            stop.set("enough")

    counters = StopsAfterOne()
    with torch.inference_mode(), pytest.raises(Stopped, match="enough"):
        Conversation(checkpoint.model, counters).read(prompt, seen, stop)
    assert counters["forwards"] == 1


def test_the_linear_patch_embedding_equals_the_convolution_and_shares_its_weights():
    model = random_model(small_tokenizer(), seed=3)
    convolution = model.model.visual.patch_embed
    patches = torch.from_numpy(prepare(picture(4).frame, RULES).values)
    linear = LinearPatchEmbed(convolution.proj)
    with torch.inference_mode():
        assert torch.allclose(linear(patches), convolution(patches), atol=1e-4)
    assert linear.weight.data_ptr() == convolution.proj.weight.data_ptr()


def test_a_loaded_model_has_no_convolution_left(checkpoint):
    kinds = {type(module) for module in checkpoint.model.modules()}
    assert LinearPatchEmbed in kinds
    assert torch.nn.Conv3d not in kinds
