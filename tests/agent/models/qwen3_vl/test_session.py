"""What is kept from one reply to the next, and that a reply does not tell."""

from collections.abc import Sequence

import pytest

from agent.models.base import Image, Message, Reply
from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel
from agent.models.qwen3_vl.layers import Answer, Ask, Network
from agent.models.qwen3_vl.loading import Checkpoint
from agent.models.qwen3_vl.random_weights import random_checkpoint
from agent.models.qwen3_vl.scheduler import Scheduler
from environments.base import Stop
from environments.errors import Stopped
from tests.agent.models.qwen3_vl.conversations import SmallProfile, picture
from tools.computer_use import computer_use

TOOLS = [computer_use().spec]


@pytest.fixture(scope="module", params=[False, True], ids=["dense", "moe"])
def checkpoint(request) -> Checkpoint:
    return random_checkpoint(11, moe=request.param)


@pytest.fixture
def engine(checkpoint) -> Engine:
    return Engine(checkpoint)


def model_of(engine: Engine) -> Qwen3VLModel:
    return Qwen3VLModel(engine, SmallProfile())


def say(model: Qwen3VLModel, messages: list[Message]) -> Reply:
    return model.generate(messages, TOOLS, stop=Stop())


def begin(shot: Image) -> list[Message]:
    return [Message("system", ("You use a desktop.",)), Message("user", (shot, "Click Save."))]


def go_on(messages: list[Message], reply: Reply, shot: Image) -> list[Message]:
    return [
        *messages,
        Message("assistant", (reply.text,)),
        Message("user", (shot, "Result: confirmed")),
    ]


def test_a_second_step_reads_only_what_is_new_and_says_what_a_cold_one_says(engine):
    model = model_of(engine)
    first = say(model, begin(picture(1)))
    longer = go_on(begin(picture(1)), first, picture(2))
    warm = say(model, longer)
    model.forget()
    cold = say(model, longer)
    assert warm.text == cold.text
    assert warm.counters["tokens_reused"] > first.counters["tokens_prefilled"]
    assert warm.counters["tokens_prefilled"] < cold.counters["tokens_prefilled"] / 2
    assert warm.counters["frames_reused"] == 1
    assert cold.counters["tokens_reused"] == 0


def test_what_the_model_said_is_never_tokenised_again(engine):
    model = model_of(engine)
    first = say(model, begin(picture(1)))
    warm = say(model, go_on(begin(picture(1)), first, picture(2)))
    read_before = first.counters["tokens_prefilled"] + first.counters["tokens_generated"]
    # All but the end that the grammar forced, which was written and not read yet.
    assert read_before - warm.counters["tokens_reused"] <= len('"}}\n</tool_call>')


def test_a_frame_that_did_not_change_costs_no_look(engine):
    model = model_of(engine)
    first = say(model, begin(picture(1)))
    again = say(model, go_on(begin(picture(1)), first, picture(1)))
    assert again.counters["frames_encoded"] == 0
    assert again.counters["frames_reused"] == 2


def test_a_frame_that_changed_under_the_same_words_is_read_again(engine):
    model = model_of(engine)
    say(model, begin(picture(1)))
    changed = say(model, begin(picture(2)))
    fresh = say(model_of(engine), begin(picture(2)))
    assert changed.text == fresh.text
    assert 0 < changed.counters["tokens_reused"] < 30


def test_messages_may_shrink_and_grow_at_will(engine):
    model = model_of(engine)
    messages = begin(picture(1))
    for step in range(2, 6):
        messages = go_on(messages, say(model, messages), picture(step))
    for shown in (messages[:4], messages, [*messages[:2], *messages[4:]], messages[:2]):
        warm = say(model, list(shown))
        model.forget()
        assert say(model, list(shown)).text == warm.text


def test_two_conversations_on_one_engine_do_not_disturb_each_other(engine):
    first, second = model_of(engine), model_of(engine)
    one, other = begin(picture(1)), begin(picture(7, 128, 64))
    for step in range(3):
        one = go_on(one, say(first, one), picture(20 + step))
        other = go_on(other, say(second, other), picture(30 + step))
    for model, messages in ((first, one), (second, other)):
        warm = say(model, messages)
        model.forget()
        assert say(model, messages).text == warm.text


def test_a_fork_goes_on_by_itself(engine):
    model = model_of(engine)
    messages = begin(picture(1))
    messages = go_on(messages, say(model, messages), picture(2))
    say(model, messages)
    twin = model.fork()
    say(twin, begin(picture(9)))
    warm = say(model, messages)
    assert warm.counters["tokens_prefilled"] < 8
    model.forget()
    assert say(model, messages).text == warm.text


@pytest.mark.parametrize("fast_forward", [True, False])
def test_guesses_save_passes_and_change_nothing(engine, fast_forward):
    plain = Qwen3VLModel(
        Engine(engine.checkpoint, Options(fast_forward=fast_forward, drafts=False)), SmallProfile()
    )
    guessing = Qwen3VLModel(
        Engine(engine.checkpoint, Options(fast_forward=fast_forward)), SmallProfile()
    )
    messages, saved = begin(picture(1)), 0
    for step in range(6):
        wanted, found = say(plain, messages), say(guessing, messages)
        assert found.text == wanted.text
        saved += wanted.counters["forwards"] - found.counters["forwards"]
        messages = go_on(messages, wanted, picture(step % 2))
    assert saved > 0


def test_old_pictures_can_be_left_out_of_the_cache(engine):
    model = Qwen3VLModel(Engine(engine.checkpoint, Options(keep_images=1)), SmallProfile())
    messages = begin(picture(1))
    for step in range(2, 5):
        messages = go_on(messages, say(model, messages), picture(step))
    last = say(model, messages).counters
    assert last["frames_encoded"] == 1
    prompt = last["tokens_reused"] + last["tokens_prefilled"]
    pads = 2 * 3  # of 64x96 pixels
    assert last["context_tokens"] == prompt - 3 * pads


def test_looking_ahead_pays_for_the_picture_before_it_is_asked_for(engine):
    model = model_of(engine)
    first = say(model, begin(picture(1)))
    messages = go_on(begin(picture(1)), first, picture(2))
    model.look_ahead(messages, stop=Stop())
    before = model.generate(messages, TOOLS, stop=Stop())
    assert before.counters["frames_encoded"] == 1, "the work done ahead is counted"
    assert before.timings_ms["vision"] == 0.0
    model.forget()
    assert before.text == say(model, messages).text


def test_what_was_looked_at_ahead_and_then_changed_is_rolled_back(engine):
    model = model_of(engine)
    first = say(model, begin(picture(1)))
    model.look_ahead(go_on(begin(picture(1)), first, picture(2)), stop=Stop())
    messages = go_on(begin(picture(1)), first, picture(3))
    warm = say(model, messages)
    model.forget()
    assert say(model, messages).text == warm.text


def evicting(engine: Engine, keep: int, room: int | None = None) -> Qwen3VLModel:
    options = Options(keep_images=keep, context_tokens=room)
    return Qwen3VLModel(Engine(engine.checkpoint, options), SmallProfile())


@pytest.mark.parametrize("keep", [1, 2, 6])
def test_what_is_left_out_does_not_depend_on_how_a_prompt_was_reached(engine, keep):
    model = evicting(engine, keep)
    messages = begin(picture(1))
    for step in range(2, 6):
        messages = go_on(messages, say(model, messages), picture(step))
    for shown in (messages, messages[:4], messages, [*messages[:2], *messages[4:]]):
        warm = say(model, list(shown))
        rows = warm.counters["context_tokens"]
        model.forget()
        cold = say(model, list(shown))
        assert cold.text == warm.text
        assert cold.counters["context_tokens"] == rows == model.prompt_tokens(shown)


def test_a_long_history_fits_a_room_that_only_its_newest_pictures_fit(engine):
    messages = begin(picture(1, 256, 256))
    small = evicting(engine, 1, room=800)
    for step in range(2, 8):
        messages = go_on(messages, say(small, messages), picture(step, 256, 256))
        small.forget()
    last = say(small, messages).counters
    assert last["tokens_prefilled"] > 800 > last["context_tokens"]


def test_a_picture_that_was_read_half_is_read_again():
    engine, stop = Engine(random_checkpoint(11)), Stop()
    large, small = (begin(picture(n, side, side)) for n, side in ((1, 960), (2, 320)))

    class StopsAfterOne(Network):
        def answer(self, asks: Sequence[Ask]) -> list[Answer]:
            stop.set("enough")
            return super().answer(asks)

    wide = SmallProfile(image_tokens=(1, 1000))
    model, usual = Qwen3VLModel(engine, wide), engine.scheduler
    engine.scheduler = Scheduler(StopsAfterOne(engine.checkpoint.model))
    with pytest.raises(Stopped):
        model.generate(large, TOOLS, stop=stop)
    engine.scheduler = usual
    warm = say(model, small)
    model.forget()
    assert say(model, small).text == warm.text
