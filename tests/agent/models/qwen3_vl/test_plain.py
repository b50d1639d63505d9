import pytest
import torch

from agent.models.base import Message
from agent.models.qwen3_vl.engine import Engine, Qwen3VLModel
from agent.models.qwen3_vl.plain import PlainModel
from agent.models.qwen3_vl.random_weights import random_checkpoint
from agent.models.registry import EMBEDDED_FOLDER, choose_model, load_model
from environments.base import Stop
from environments.errors import ConfigError, ModelError, Stopped
from tests.agent.models.qwen3_vl.conversations import (
    SmallProfile,
    engine,
    picture,
    two_pictures,
)
from tools.computer_use import computer_use
from tools.schema import ToolSpec

TOOLS = [computer_use().spec]


def plain(seed: int, **changes: bool) -> PlainModel:
    return PlainModel(random_checkpoint(seed, **changes), SmallProfile())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("moe", [False, True], ids=["dense", "moe"])
def test_generate_and_the_engine_give_the_same_reply(seed, moe):
    ours = engine(seed, moe=moe).generate(two_pictures(), TOOLS, stop=Stop())
    theirs = plain(seed, moe=moe).generate(two_pictures(), TOOLS, stop=Stop())
    assert theirs.text == ours.text
    assert theirs.finish == ours.finish
    assert theirs.counters["tokens_generated"] == ours.counters["tokens_generated"]


@pytest.mark.parametrize("seed", range(4))
def test_a_thinking_model_gives_the_same_reply(seed):
    ours = engine(seed, thinking=True).generate(two_pictures(), TOOLS, stop=Stop())
    theirs = plain(seed, thinking=True).generate(two_pictures(), TOOLS, stop=Stop())
    assert "</think>" in theirs.text
    assert theirs.text == ours.text


def test_without_tools_the_reply_is_the_same_free_text():
    ours = engine(1).generate(two_pictures(), [], stop=Stop())
    theirs = plain(1).generate(two_pictures(), [], stop=Stop())
    assert (theirs.text, theirs.finish) == (ours.text, "length")


def test_without_pictures_the_reply_is_the_same():
    words = [Message("user", ("Click Save.",))]
    ours = engine(2).generate(words, TOOLS, stop=Stop())
    theirs = plain(2).generate(words, TOOLS, stop=Stop())
    assert theirs.text == ours.text


def test_every_picture_is_encoded_and_every_token_read_at_each_reply():
    model = plain(1)
    messages = [Message("user", (picture(1), "then", picture(1)))]
    first, second = (model.generate(messages, TOOLS, stop=Stop()) for _ in range(2))
    assert second.counters == first.counters
    assert second.counters["frames_encoded"] == 2
    assert second.counters["tokens_prefilled"] > 2 * 6


def test_one_forward_makes_one_token():
    reply = plain(3).generate(two_pictures(), TOOLS, stop=Stop())
    assert reply.counters["forwards"] == reply.counters["tokens_generated"]
    assert set(reply.timings_ms) == {"preprocess", "vision", "prefill", "decode"}
    assert min(reply.timings_ms.values()) > 0


def test_a_call_that_nears_its_cap_is_closed_like_the_engine_closes_it():
    text = {"type": "string", "minLength": 1, "maxLength": 5000}
    schema = {"type": "object", "properties": {"text": text}, "required": ["text"]}
    tools = [ToolSpec("note", "", {}, schema | {"additionalProperties": False})]
    profile = SmallProfile(call_tokens=40)
    ours = Qwen3VLModel(Engine(random_checkpoint(4)), profile).generate(
        two_pictures(), tools, stop=Stop()
    )
    reply = PlainModel(random_checkpoint(4), profile).generate(two_pictures(), tools, stop=Stop())
    assert reply.finish == "length"
    assert reply.text == ours.text


@pytest.mark.parametrize("after", [1, 12])
def test_a_stop_set_while_reading_ends_generation_within_one_token(after):
    stop, pieces = Stop(), []

    def read(piece: str) -> None:
        pieces.append(piece)
        if len(pieces) == after:
            stop.set("a person said so")

    with pytest.raises(Stopped, match="a person said so"):
        plain(2).generate(two_pictures(), TOOLS, stop=stop, on_text=read)
    assert len(pieces) == after


def test_a_stop_during_the_first_forward_ends_it_at_the_next_layer():
    checkpoint, stop, seen = random_checkpoint(2), Stop(), []

    def first_layer_is_done(*_: object) -> None:
        seen.append("layer")
        stop.set("at once")

    model = PlainModel(checkpoint, SmallProfile())
    checkpoint.model.model.language_model.layers[0].register_forward_hook(first_layer_is_done)
    with pytest.raises(Stopped):
        model.generate(two_pictures(), TOOLS, stop=stop, on_text=pytest.fail)
    assert seen == ["layer"]


def test_weights_that_are_no_numbers_end_in_a_sentence():
    checkpoint = random_checkpoint(1)
    checkpoint.model.model.language_model.norm.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="not a number"):
        PlainModel(checkpoint, SmallProfile()).generate(two_pictures(), TOOLS, stop=Stop())


def test_a_prompt_longer_than_the_model_takes_is_a_sentence():
    checkpoint = random_checkpoint(1)
    checkpoint.model.config.text_config.max_position_embeddings = 20
    with pytest.raises(ModelError, match="fewer screenshots"):
        PlainModel(checkpoint, SmallProfile()).generate(two_pictures(), TOOLS, stop=Stop())


def test_what_generate_is_told_of_sampling_changes_nothing():
    checkpoint = random_checkpoint(5)
    checkpoint.model.generation_config.update(do_sample=True, temperature=5.0, top_k=3)
    torch.manual_seed(0)
    reply = PlainModel(checkpoint, SmallProfile()).generate(two_pictures(), TOOLS, stop=Stop())
    assert reply.text == plain(5).generate(two_pictures(), TOOLS, stop=Stop()).text


@pytest.mark.skipif(not EMBEDDED_FOLDER.exists(), reason="the embedded checkpoint is not here")
def test_transformers_before_a_name_gives_the_same_replies_through_generate():
    ours, theirs = load_model("embedded"), load_model("transformers:embedded")
    assert isinstance(theirs.model, PlainModel)
    assert theirs.is_embedded
    assert "plain generate" in theirs.model.name
    screen = Message("user", (picture(1, 256, 320), "Task: Click Save."))
    replies = [m.model.generate([screen], TOOLS, stop=Stop()) for m in (ours, theirs)]
    assert replies[0].text == replies[1].text


def test_transformers_before_a_script_is_refused_in_a_sentence():
    with pytest.raises(ConfigError, match="goes before a checkpoint"):
        choose_model("transformers:scripted:x.json")
