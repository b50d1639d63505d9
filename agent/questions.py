"""Questions to a person while a run goes on, in every way that there is; the first answer counts.

Responsible for one open question at a time: for telling of it, for waiting, and for closing every
way when it is answered, when the time is over or when the run is stopped. What a way is stands in
``agent.answering`` (terminal, ``deskhand answer``) and ``agent.notifications``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Protocol

from environments.base import Stop
from tools.asking import Heard, Inquiry

LOOK_EVERY_S = 0.05


class Open(Protocol):
    """A question that stands open in one way."""

    def answer(self) -> str | None:
        """Return what was answered by now, None while nothing was."""
        ...

    def close(self) -> None:
        """Take the question back; may be called twice."""
        ...


class Way(Protocol):
    """A way to reach a person.

    Attributes:
        name: where an answer came from, in words ("at the terminal").
        calls: a person who does not expect a question notices it this way.
    """

    name: str
    calls: bool

    def open(self, inquiry: Inquiry) -> Open | None:
        """Put the question; None where this way is not there now, or cannot take such an answer."""
        ...


class Questions:
    """Asks one person in every way that there is."""

    def __init__(
        self,
        ways: Sequence[Way],
        stop: Stop,
        tell: Callable[[str], None],
        waits: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask in these ways.

        Args:
            ways: how to reach the person.
            stop: ends an open question at once.
            tell: hears the question and its answer, for the record and the screen.
            waits: also wait where no way calls a person, for one who looks by themselves.
            clock: seconds.
        """
        self._ways, self._stop, self._tell = ways, stop, tell
        self._waits, self._clock = waits, clock

    def ask(self, inquiry: Inquiry) -> Heard:
        """Ask one question and wait for the answer, at most as long as it says."""
        self._stop.check()
        self._tell(f"Question: {inquiry.text}{_choice(inquiry)}")
        with ExitStack() as closing:
            opened = []
            for way in self._ways:
                question = way.open(inquiry)
                if question is not None:
                    closing.callback(question.close)
                    opened.append((way, question))
            if not self._waits and not any(way.calls for way, _ in opened):
                heard = Heard(None, "nobody is there to ask")
            else:
                heard = self._wait(opened, inquiry)
        self._tell(_told(heard, inquiry))
        return heard

    def _wait(self, opened: Sequence[tuple[Way, Open]], inquiry: Inquiry) -> Heard:
        until = self._clock() + inquiry.limit_s
        while True:
            for way, question in opened:
                text = question.answer()
                if text is not None and fits(text, inquiry):
                    return Heard(_whole(text.strip(), inquiry), way.name)
            if self._clock() >= until:
                return Heard(None, f"no answer within {inquiry.limit_s:g} s")
            self._stop.wait(LOOK_EVERY_S)


def fits(text: str, inquiry: Inquiry) -> bool:
    """Tell whether a text is an answer; only one of the options is where there are some."""
    said = text.strip().casefold()
    return bool(said) and (not inquiry.options or said in _spellings(inquiry))


def _spellings(inquiry: Inquiry) -> set[str]:
    short = {option[0] for option in inquiry.options}
    return {*inquiry.options, *(short if len(short) == len(inquiry.options) else ())}


def _whole(text: str, inquiry: Inquiry) -> str:
    """Return the option that a first letter stands for."""
    return next((o for o in inquiry.options if text.casefold() in (o, o[0])), text)


def _told(heard: Heard, inquiry: Inquiry) -> str:
    if heard.text is None:
        return f"{heard.how[0].upper()}{heard.how[1:]}."
    return f"Answered {heard.how}{'' if inquiry.purpose == 'secret' else f': {heard.text}'}."


def _choice(inquiry: Inquiry) -> str:
    return f" [{'/'.join(inquiry.options)}]" if inquiry.options else ""
