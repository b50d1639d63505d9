"""Recorded passes, run as they are where there is no GPU to record on."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
import torch

from agent.models.base import Message, Reply
from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel
from agent.models.qwen3_vl.graphs import CHAIN, WIDTHS, AsItIs, Chain, Graphs, masked
from agent.models.qwen3_vl.layers import Ask, Network
from agent.models.qwen3_vl.loading import Checkpoint
from agent.models.qwen3_vl.random_weights import random_checkpoint
from agent.models.qwen3_vl.session import Session
from agent.models.qwen3_vl.trust import _decodes_alike
from environments.base import Stop
from tests.agent.models.qwen3_vl.conversations import SmallProfile, picture
from tools.computer_use import computer_use

TOOLS = [computer_use().spec]


class Counting(AsItIs):
    """Counts what is recorded and what is replayed."""

    def __init__(self) -> None:
        self.recorded = self.replayed = 0

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        self.recorded += 1

        def replay() -> None:
            self.replayed += 1
            work()

        return replay


@pytest.fixture(scope="module", params=[False, True], ids=["dense", "moe"])
def checkpoint(request) -> Checkpoint:
    return random_checkpoint(21, moe=request.param)


def networks(checkpoint: Checkpoint) -> tuple[Network, Network, Counting]:
    recorder = Counting()
    graphs = Graphs(checkpoint.model, recorder, masked)
    return Network(checkpoint.model), Network(checkpoint.model, graphs=graphs), recorder


def begun(network: Network, capacity: int = 256) -> Session:
    session = Session.empty(network.text, capacity)
    with torch.inference_mode():
        network.answer([Ask(session, range(1, 30))])
    return session


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 20, 32])
def test_a_recorded_pass_of_any_width_says_what_an_eager_one_says(checkpoint, count):
    eager, recorded, _ = networks(checkpoint)
    first, second = begun(eager), begun(recorded)
    with torch.inference_mode():
        for start in (40, 80):
            ids = range(start, start + count)
            (wanted,) = eager.answer([Ask(first, ids, count)])
            (found,) = recorded.answer([Ask(second, ids, count)])
            assert torch.allclose(found.logits, wanted.logits, atol=1e-3, rtol=1e-4)
    assert first.ids == second.ids


def test_one_recording_serves_every_length(checkpoint):
    _, recorded, recorder = networks(checkpoint)
    session = begun(recorded)
    before = recorder.recorded
    with torch.inference_mode():
        for token in range(20):
            recorded.answer([Ask(session, [token])])
    assert recorder.recorded == before + 1
    assert recorder.replayed >= 20


def test_a_wide_pass_and_one_near_the_end_of_the_room_go_without_recording(checkpoint):
    _, recorded, recorder = networks(checkpoint)
    session = begun(recorded, capacity=68)
    before = recorder.replayed
    with torch.inference_mode():
        recorded.answer([Ask(session, range(1, WIDTHS[-1] + 2))])
        recorded.answer([Ask(session, [1, 2, 3, 4, 5])])
    assert recorder.replayed == before


def test_a_chain_picks_what_greedy_decoding_picks(checkpoint):
    eager, recorded, _ = networks(checkpoint)
    first, second = begun(eager), begun(recorded)
    allowed = torch.ones(checkpoint.vocabulary.size, dtype=torch.bool)
    with torch.inference_mode():
        wanted, token = [], 3
        for _ in range(CHAIN + 1):
            (answer,) = eager.answer([Ask(first, [token])])
            token = int(answer.logits[-1].argmax())
            wanted.append(token)
        leave = Chain(allowed, frozenset(), CHAIN)
        (found,) = recorded.answer([Ask(second, [3], chain=leave)])
    assert list(found.picked) == wanted[:-1]
    assert found.logits.argmax(-1).tolist() == wanted
    assert second.ids == first.ids


def test_a_chain_ends_one_link_behind_the_token_that_ends_it(checkpoint):
    _, recorded, _ = networks(checkpoint)
    allowed = torch.ones(checkpoint.vocabulary.size, dtype=torch.bool)
    with torch.inference_mode():
        leave = Chain(allowed, frozenset(), CHAIN)
        (whole,) = recorded.answer([Ask(begun(recorded), [3], chain=leave)])
        end = whole.picked[2]
        assert end not in whole.picked[:2]
        leave = Chain(allowed, frozenset([end]), CHAIN)
        (found,) = recorded.answer([Ask(begun(recorded), [3], chain=leave)])
    assert list(found.picked) == list(whole.picked[:3])


@pytest.mark.parametrize("drafts", [True, False])
def test_replies_are_the_same_with_recorded_passes(checkpoint, drafts):
    options = Options(drafts=drafts)
    graphs = Graphs(checkpoint.model, AsItIs(), masked)
    plain = Qwen3VLModel(Engine(checkpoint, options), SmallProfile())
    fast = Qwen3VLModel(Engine(checkpoint, options, graphs), SmallProfile())
    messages = [Message("user", (picture(1), "Click Save."))]
    for step in range(4):
        wanted, found = say(plain, messages), say(fast, messages)
        assert found.text == wanted.text
        messages += [
            Message("assistant", (wanted.text,)),
            Message("user", (picture(step), "Result: confirmed")),
        ]


def say(model: Qwen3VLModel, messages: list[Message]) -> Reply:
    return model.generate(messages, TOOLS, stop=Stop())


def test_recorded_decoding_that_agrees_is_trusted_and_noise_is_not(checkpoint):
    good = Graphs(checkpoint.model, AsItIs(), masked)
    assert _decodes_alike(checkpoint.model, "sdpa", good)

    def noise(queries, keys, values, used, scale):
        return torch.randn_like(queries.transpose(0, 1))

    def refusal(queries, keys, values, used, scale):
        raise RuntimeError("operation not permitted when stream is capturing")

    for broken in (noise, refusal):
        graphs = Graphs(checkpoint.model, AsItIs(), broken)
        assert not _decodes_alike(checkpoint.model, "sdpa", graphs)


def test_a_width_that_cannot_be_recorded_goes_on_without(checkpoint):
    class OnlyOne(AsItIs):
        def record(self, work: Callable[[], None]) -> Callable[[], None]:
            if self.first:
                self.first = False
                return super().record(work)
            raise RuntimeError("operation not permitted when stream is capturing")

        first = True

    eager = Network(checkpoint.model)
    recorded = Network(checkpoint.model, graphs=Graphs(checkpoint.model, OnlyOne(), masked))
    first, second = begun(eager), begun(recorded)
    with torch.inference_mode():
        for ids in ([1], [1, 2, 3], [4]):
            (wanted,) = eager.answer([Ask(first, ids)])
            (found,) = recorded.answer([Ask(second, ids)])
            assert torch.allclose(found.logits, wanted.logits, atol=1e-3, rtol=1e-4)
    assert first.ids == second.ids


def test_what_was_recorded_goes_with_its_session(checkpoint):
    _, recorded, _ = networks(checkpoint)
    session = begun(recorded)
    rows = weakref.ref(session.rows)
    del session
    gc.collect()
    assert rows() is None


def test_a_chain_that_stands_still_is_not_trusted(checkpoint):
    class Stuck(Graphs):
        def of(self, rows):
            passes = super().of(rows)
            passes._long_length = passes._long_length.clone()
            return passes

    assert not _decodes_alike(checkpoint.model, "sdpa", Stuck(checkpoint.model, AsItIs(), masked))
