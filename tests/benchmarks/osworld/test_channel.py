"""Questions and answers: what is an answer, and how long it is waited for."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Thread
from typing import IO

import pytest

from benchmarks.suites.osworld.channel import Channel
from environments.errors import DeviceDisconnectedError, DeviceError

Ends = tuple[Channel, IO[bytes], IO[bytes]]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A channel, what it asks and where it is answered."""
    with ExitStack() as opened:
        (asked, asks), (answers, answered) = os.pipe(), os.pipe()
        channel = Channel(os.fdopen(asks, "wb", 0), os.fdopen(answers, "rb", 0))
        opened.callback(channel.close)
        inside = opened.enter_context(os.fdopen(asked, "rb"))
        yield channel, inside, opened.enter_context(os.fdopen(answered, "wb", 0))


def answer_with(ends: Ends, lines: Callable[[str], list[bytes]]) -> Thread:
    def serve() -> None:
        number = json.loads(ends[1].readline())["number"]
        for line in lines(number):
            ends[2].write(line)

    thread = Thread(target=serve)
    thread.start()
    return thread


def answer(number: str, **fields: object) -> bytes:
    return json.dumps({**fields, "number": number}).encode() + b"\n"


def test_what_does_not_bear_the_questions_number_is_no_answer(ends: Ends) -> None:
    forged = [b'{"code": 0}\n', b"[]\n", b"no json\n", answer("0" * 32, code=0)]
    thread = answer_with(ends, lambda number: [*forged, answer(number, code=7)])
    assert ends[0].ask(30.0, do="run") == {"code": 7}
    thread.join()


def test_no_two_questions_bear_the_same_number(ends: Ends) -> None:
    channel, inside, _ = ends
    numbers = set()
    for _ in range(3):
        with pytest.raises(DeviceDisconnectedError):
            channel.ask(0.0, do="load")
        numbers.add(json.loads(inside.readline())["number"])
    assert len(numbers) == 3
    assert {len(number) for number in numbers} == {32}


def test_half_an_answer_is_not_waited_for_longer_than_was_said(ends: Ends) -> None:
    thread = answer_with(ends, lambda number: [answer(number)[:-1]])
    with pytest.raises(DeviceDisconnectedError, match=r"did not answer for 0\.2 s"):
        ends[0].ask(0.2, do="load")
    thread.join()


def test_an_answer_that_came_too_late_does_not_answer_the_next_question(ends: Ends) -> None:
    channel, inside, answers = ends
    with pytest.raises(DeviceDisconnectedError):
        channel.ask(0.0, do="get")
    late = json.loads(inside.readline())["number"]
    answers.write(answer(late, data="old"))
    thread = answer_with(ends, lambda number: [answer(number, data="new")])
    assert channel.ask(30.0, do="get") == {"data": "new"}
    thread.join()


def test_a_question_that_nobody_reads_is_given_up(ends: Ends) -> None:
    with pytest.raises(DeviceDisconnectedError, match=r"did not answer for 0\.2 s"):
        ends[0].ask(0.2, do="put", data="x" * (1 << 20))
    with pytest.raises(DeviceDisconnectedError, match="has ended"):
        ends[0].ask(30.0, do="load")


def test_what_could_not_be_done_is_told(ends: Ends) -> None:
    thread = answer_with(ends, lambda number: [answer(number, error="no such file")])
    with pytest.raises(DeviceError, match=r"In the sandbox: no such file\."):
        ends[0].ask(30.0, do="put")
    thread.join()


def test_an_end_in_the_middle_of_an_answer_is_an_end(ends: Ends) -> None:
    ends[2].write(b'{"half')
    ends[2].close()
    with pytest.raises(DeviceDisconnectedError, match="has ended"):
        ends[0].ask(30.0, do="load")
