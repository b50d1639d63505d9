"""The shared model as a process of this machine, which all worker processes ask.

Responsible for starting and ending it and for carrying questions over a local socket that only
processes of this run can open. What is said stands in ``benchmarks.shared_model``.
"""

from __future__ import annotations

import multiprocessing
import queue
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from typing import TYPE_CHECKING, Any

from benchmarks.shared_model import Answer, Conversations, Description, Question, loaded_from
from benchmarks.starting import deaf, deafened
from environments.base import Stop
from environments.errors import DeskhandError, ModelError

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

MOMENT_S = 0.05
"""How long an answer is waited for before the stop is looked at again."""
FAREWELL_S = 20.0
GONE = "The process of the shared model has ended."
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Address:
    """Where the model is asked, and what shows that the asker belongs to this run."""

    socket: Any
    """As ``multiprocessing.connection`` names it on this platform."""
    key: bytes
    description: Description


class ModelProcess:
    """A process that holds the model, seen from here."""

    def __init__(self, spec: str, stop: Stop) -> None:
        """Load the model there.

        Raises:
            ConfigError, ModelError: it is not there, or cannot be loaded.
            Stopped: a stop was asked for meanwhile.
        """
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(target=serve, args=(there, spec))
        with deafened():
            self._process.start()
        there.close()
        try:
            self.address = self._begun(stop)
        except BaseException:
            self.close()
            raise

    def check(self) -> None:
        """See that it is still there.

        Raises:
            ModelError: it is not; what was played so far is kept.
        """
        if not self._process.is_alive():
            raise ModelError(f"{GONE} Run the same command again to go on where it was.")

    def close(self) -> None:
        """End it; may be called twice."""
        self._pipe.close()
        with suppress(ValueError):  # It was closed before.
            self._process.join(FAREWELL_S)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()

    def _begun(self, stop: Stop) -> Address:
        while not self._pipe.poll(MOMENT_S):
            stop.check()
        try:
            said = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise ModelError("The process of the shared model ended while it loaded.") from error
        if isinstance(said, DeskhandError):
            raise said
        assert isinstance(said, Address)
        return said


def serve(pipe: Connection, spec: str) -> None:
    """Be the model's process, until the pipe is closed at its other end."""
    deaf()
    from agent.models.registry import load_model

    try:
        shared = Conversations(load_model(spec))
    except DeskhandError as error:
        pipe.send(error)
        return
    key = secrets.token_bytes(KEY_BYTES)
    listener = Listener(None, authkey=key)
    threading.Thread(target=_receive, args=(listener, shared), daemon=True).start()
    pipe.send(Address(listener.address, key, shared.description))
    with suppress(EOFError, OSError):
        pipe.recv()
    listener.close()


def model_at(address: Address) -> Loaded:
    """Return the shared model for one worker.

    Raises:
        ModelError: it is not there any more.
    """
    try:
        line = Client(address.socket, authkey=address.key)
    except (OSError, EOFError) as error:
        raise ModelError(GONE) from error
    return loaded_from(address.description, _Line(line))


class _Line:
    """Carries one worker's questions."""

    def __init__(self, line: Connection[Any, Any]) -> None:
        self._line = line

    def __call__(self, question: Question, stop: Stop) -> Answer:
        try:
            return self._asked(question, stop)
        except (EOFError, OSError) as error:
            raise ModelError(GONE) from error

    def _asked(self, question: Question, stop: Stop) -> Answer:
        self._line.send(question)
        told = False
        while not self._line.poll(MOMENT_S):
            if stop.is_set() and not told:
                told = True
                self._line.send(stop.reason)
        answer: Answer = self._line.recv()
        return answer


def _receive(listener: Listener, shared: Conversations) -> None:
    """Take every worker that shows the key, each with threads of its own."""
    while True:
        try:
            line = listener.accept()
        except multiprocessing.AuthenticationError:
            continue
        except OSError:
            return
        threading.Thread(target=_hear, args=(line, shared), daemon=True).start()


def _hear(line: Connection[Any, Any], shared: Conversations) -> None:
    """Hear one worker: questions, or why to stop answering the last one."""
    who, stop = secrets.token_hex(8), Stop()
    questions: queue.SimpleQueue[tuple[Question, Stop] | None] = queue.SimpleQueue()
    threading.Thread(target=_answer, args=(line, shared, who, questions), daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            said = line.recv()
            if isinstance(said, Question):
                stop = Stop()
                questions.put((said, stop))
            else:
                stop.set(str(said))
    stop.set("The worker has gone.")
    questions.put(None)


def _answer(
    line: Connection[Any, Any],
    shared: Conversations,
    who: str,
    questions: queue.SimpleQueue[tuple[Question, Stop] | None],
) -> None:
    try:
        while (asked := questions.get()) is not None:
            question, stop = asked
            answer = shared.answer(who, question, stop)
            with suppress(OSError):  # The worker has gone, as it will be heard to have.
                line.send(answer)
    finally:
        shared.forget(who)
        line.close()
