"""Several conversations on one network at the same time."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from agent.models.base import Message
from agent.models.qwen3_vl.decoding import Work
from agent.models.qwen3_vl.engine import Engine, Qwen3VLModel
from agent.models.qwen3_vl.layers import Answer, Ask, Network
from agent.models.qwen3_vl.random_weights import random_checkpoint
from agent.models.qwen3_vl.scheduler import Scheduler
from agent.models.qwen3_vl.session import Session
from environments.base import Stop
from environments.errors import ModelError, Stopped
from tests.agent.models.qwen3_vl.conversations import SmallProfile, picture
from tools.computer_use import computer_use

TOOLS = [computer_use().spec]


class Watched(Network):
    """A network that notes which sessions share a pass."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.checkpoint.model)
        self.passes: list[list[tuple[int, bool]]] = []

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        self.passes.append([(id(ask.session), ask.is_prefill) for ask in asks])
        return super().answer(asks)


def conversation(seed: int) -> list[Message]:
    return [Message("user", (picture(seed), f"Click {seed}."))]


def watched() -> tuple[Engine, Watched]:
    engine = Engine(random_checkpoint(3))
    network = Watched(engine)
    engine.scheduler = Scheduler(network)
    return engine, network


def writing(session: Session, tokens: Sequence[int], barrier: threading.Barrier) -> Work[float]:
    """Read tokens one by one, once everybody is there."""
    total = 0.0
    for token in tokens:
        answer = yield Ask(session, [token])
        total += float(answer.logits[0, 0])
    return total


def test_conversations_at_the_same_time_say_what_each_says_alone():
    engine = Engine(random_checkpoint(3))
    alone = [
        Qwen3VLModel(engine, SmallProfile()).generate(conversation(n), TOOLS, stop=Stop()).text
        for n in range(6)
    ]
    shared = Engine(engine.checkpoint)

    def reply(number: int) -> str:
        model = Qwen3VLModel(shared, SmallProfile())
        return model.generate(conversation(number), TOOLS, stop=Stop()).text

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(reply, range(6))) == alone


def test_a_prompt_is_read_before_others_go_on_and_then_all_share_each_pass():
    engine, network = watched()
    text = network.text
    sessions = [Session.empty(text, 64) for _ in range(3)]

    def two_more() -> Work[None]:
        """Ask for two more replies while the first is under way."""
        yield Ask(sessions[0], [1])
        others.extend(pool.submit(engine.scheduler.run, reads(s)) for s in sessions[1:])
        while len(engine.scheduler._jobs) < 3:
            yield Ask(sessions[0], [2])
        for _ in range(6):
            yield Ask(sessions[0], [3])

    def reads(session: Session) -> Work[None]:
        yield Ask(session, [5, 6], positions=torch.arange(2).expand(3, -1))
        for _ in range(3):
            yield Ask(session, [7])

    others: list = []
    with ThreadPoolExecutor(2) as pool:
        engine.scheduler.run(two_more())
        for other in others:
            other.result()
    late = network.passes[next(i for i, p in enumerate(network.passes) if p[0][1]) :]
    assert [len(asks) for asks in late[:2]] == [1, 1], "prompts first, one at a time"
    assert all(is_prefill for asks in late[:2] for _, is_prefill in asks)
    assert [len(asks) for asks in late[2:5]] == [3, 3, 3], "then everybody in one pass"


def test_a_stop_ends_one_conversation_and_not_the_others():
    engine = Engine(random_checkpoint(3))
    stop = Stop()
    stop.set("enough")
    with pytest.raises(Stopped):
        Qwen3VLModel(engine, SmallProfile()).generate(conversation(1), TOOLS, stop=stop)
    other = Qwen3VLModel(engine, SmallProfile())
    assert other.generate(conversation(2), TOOLS, stop=Stop()).text


class Forgetful(Network):
    """A network that has no memory left for the first asks it is given."""

    def __init__(self, engine: Engine, times: int) -> None:
        super().__init__(engine.checkpoint.model)
        self.times = times

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        if self.times > 0:
            self.times -= 1
            raise torch.OutOfMemoryError("CUDA out of memory")
        return super().answer(asks)


def forgetful(times: int) -> Qwen3VLModel:
    engine = Engine(random_checkpoint(3))
    engine.scheduler = Scheduler(Forgetful(engine, times))
    return Qwen3VLModel(engine, SmallProfile())


def three_screens() -> list[Message]:
    return [Message("user", (picture(1), "a", picture(2), "b", picture(3), "Click Save."))]


def test_without_memory_the_older_screenshots_are_given_up_and_it_is_tried_once_more():
    model = forgetful(1)
    before = model.context_tokens
    reply = model.generate(three_screens(), TOOLS, stop=Stop())
    fewer = Message("user", ("(an older screenshot, left out for lack of memory)", "a",
                             "(an older screenshot, left out for lack of memory)", "b",
                             picture(3), "Click Save."))  # fmt: skip
    fresh = Qwen3VLModel(Engine(random_checkpoint(3)), SmallProfile())
    assert reply.text == fresh.generate([fewer], TOOLS, stop=Stop()).text
    assert model.prompt_tokens([fewer]) == model.context_tokens < before, "and less is claimed"


def test_memory_that_runs_out_twice_ends_in_a_sentence():
    with pytest.raises(ModelError, match="too little memory to go on with this conversation"):
        forgetful(2).generate(three_screens(), TOOLS, stop=Stop())


def test_after_that_the_engine_works_on():
    model = forgetful(2)
    with pytest.raises(ModelError):
        model.generate(three_screens(), TOOLS, stop=Stop())
    assert model.generate(three_screens(), TOOLS, stop=Stop()).text


def test_what_ran_out_of_memory_is_free_before_it_is_tried_again():
    model, alive = forgetful(1), []

    class Remembers(Engine):
        def new_session(self) -> Session:
            alive.append([ref() is not None for ref in made])
            session = super().new_session()
            made.append(weakref.ref(session.rows))
            return session

    made: list = []
    engine = Remembers(model._engine.checkpoint)
    engine.scheduler = Scheduler(Forgetful(engine, 1))
    Qwen3VLModel(engine, SmallProfile()).generate(three_screens(), TOOLS, stop=Stop())
    assert alive == [[], [False]]


def test_an_error_in_the_head_of_a_shared_pass_leaves_the_others_as_they_were():
    class Fails(torch.nn.Module):
        """A head with too little memory for two."""

        def forward(self, hidden):
            if len(hidden) > 1:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return head(hidden)

    engine = Engine(random_checkpoint(3))
    head = engine.checkpoint.model.lm_head
    text = engine.network.text
    alone = [step_by_step(engine, Session.empty(text, 64), n) for n in (1, 2)]
    engine.checkpoint.model.lm_head = Fails()
    sessions = [Session.empty(text, 64) for _ in range(2)]
    barrier = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        futures = [
            pool.submit(lambda s=s, n=n: (barrier.wait(), step_by_step(engine, s, n))[1])
            for s, n in zip(sessions, (1, 2), strict=True)
        ]
        assert [future.result() for future in futures] == alone


def step_by_step(engine: Engine, session: Session, first: int) -> list[int]:
    """Return what greedy decoding says after a token."""

    def work() -> Work[list[int]]:
        said = [first]
        for _ in range(12):
            answer = yield Ask(session, said[-1:])
            said.append(int(answer.logits[-1].argmax()))
        return said

    return engine.scheduler.run(work())


def test_a_reply_that_is_done_does_not_wait_for_another_one():
    engine = Engine(random_checkpoint(3))
    text, leave = engine.network.text, threading.Event()

    def long() -> Work[None]:
        session = Session.empty(text, 4096)
        while not leave.is_set():
            yield Ask(session, [1])
            session.rollback(0)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(engine.scheduler.run, long())
        second = pool.submit(step_by_step, engine, Session.empty(text, 64), 2)
        assert second.result(30)[0] == 2
        assert not first.done()
        leave.set()
        first.result(30)


def test_an_interrupt_leaves_no_reply_behind():
    engine = Engine(random_checkpoint(3))

    class Interrupted(Network):
        times = 1

        def answer(self, asks: Sequence[Ask]) -> list[Answer]:
            if self.times:
                self.times -= 1
                raise KeyboardInterrupt
            return super().answer(asks)

    engine.scheduler = Scheduler(Interrupted(engine.checkpoint.model))
    heard: list[str] = []
    model = Qwen3VLModel(engine, SmallProfile())
    with pytest.raises(KeyboardInterrupt):
        model.generate(conversation(1), TOOLS, stop=Stop(), on_text=heard.append)
    again = model.generate(conversation(1), TOOLS, stop=Stop())
    assert heard == []
    fresh = Qwen3VLModel(Engine(engine.checkpoint), SmallProfile())
    assert again.text == fresh.generate(conversation(1), TOOLS, stop=Stop()).text


def test_a_stop_is_heard_while_another_thread_reads_ahead():
    engine, reading, let_go = Engine(random_checkpoint(3)), threading.Event(), threading.Event()

    class Slow(Network):
        def answer(self, asks: Sequence[Ask]) -> list[Answer]:
            reading.set()
            let_go.wait(30)
            return super().answer(asks)

    engine.scheduler = Scheduler(Slow(engine.checkpoint.model))
    model, stop = Qwen3VLModel(engine, SmallProfile()), Stop()
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(model.look_ahead, conversation(1), stop=Stop())
        reading.wait(30)
        stop.set("enough")
        with pytest.raises(Stopped, match="enough"):
            model.generate(conversation(1), TOOLS, stop=stop)
        assert not ahead.done()
        let_go.set()
