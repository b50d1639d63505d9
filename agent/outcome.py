"""How a run ended: checks, outcomes and the rules between them.

Responsible for one rule above all: failure never becomes success. Success needs the model's claim
and a check that does not come from the model, made after a fresh look. The whole table:

    the model claims   the check says    the outcome
    success            it holds          success
    success            it does not hold  failed
    success            there is none     unknown: "the model believes so; not checked"
    success            cannot be made    unknown
                       (in both cases the model is asked once more before a fresh look: if it then
                       thinks that the task is not done, failed; whatever else it says, unknown)
    failure            anything          failed
    nothing (limit)    anything          failed; a check that holds is told as evidence only, for
                                         nobody knows what a run without an end would do next
    an error, a stop   not asked         failed, or stopped by a person

The kinds of check that a person can ask for stand in ``agent.expectation``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol

from environments.base import Observation
from environments.errors import (
    ConfigError,
    DeviceError,
    JournalError,
    ModelError,
    Stopped,
)
from tools.schema import Ending

Status = Literal["success", "failed", "unknown", "stopped"]
EndedBy = Literal["claim", "limit", "time", "loop", "person", "device", "model", "journal", "crash"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check found; ``passed`` is None when it could not be made."""

    passed: bool | None
    text: str


class Check(Protocol):
    """A way to see whether a task was done that does not come from the model."""

    @property
    def name(self) -> str:
        """What is checked, as a person would write it ("file:/tmp/report.txt")."""
        ...

    def verify(self, observation: Observation) -> Evidence:
        """Look at the world; ``observation`` is a fresh settled look at the screen."""
        ...


@dataclass(frozen=True, slots=True)
class StateCheck:
    """A check by a function that knows the world's own state, such as the practice world's."""

    name: str
    test: Callable[[Observation], Evidence]

    def verify(self, observation: Observation) -> Evidence:
        """Ask the function."""
        return self.test(observation)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model thinks of its own claim before a fresh look.

    Attributes:
        believes: whether the task looks done; None where it cannot tell or was not asked.
        text: the same in words, empty if it was not asked.
    """

    believes: bool | None
    text: str = ""


UNASKED = Opinion(None)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that was reached; the reason is written for a person.

    ``kind`` tells the run's own time from its steps and from a run that went round in circles.
    """

    reason: str
    kind: Literal["limit", "time", "loop"] = "limit"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run.

    Attributes:
        status: the verdict.
        reason: one sentence for a person.
        evidence: what the check found, empty if there was none.
        claim: what the model said, None if it did not end the run itself.
        answer: the answer that the model gave, if it ended the run with one.
        checked_by: name of the check, None if there was none.
        ended_by: what made the run end.
        second_look: what the model said when it was asked once more, empty if it was not.
    """

    status: Status
    reason: str
    evidence: str = ""
    claim: Literal["success", "failure"] | None = None
    answer: str | None = None
    checked_by: str | None = None
    ended_by: EndedBy = "claim"
    second_look: str = ""


CRASHED = Outcome(
    "failed",
    "It broke off with an error that nobody foresaw: a bug in Deskhand, or in a part of your own.",
    ended_by="crash",
)
"""The outcome on record while no better one is known."""


_FAMILIES: tuple[tuple[type[Exception], EndedBy], ...] = (
    (DeviceError, "device"),
    (ModelError, "model"),
    (JournalError, "journal"),
)


Look = Callable[[], Observation]
SecondLook = Callable[[Ending, Look], Opinion]


def conclude(end: Ending | Limit, check: Check | None, look: Look, ask: SecondLook) -> Outcome:
    """Return the outcome of a run that ended by a claim or a limit; see the table above.

    Args:
        end: the claim or the limit.
        check: what decides about success, None if nothing does.
        look: takes a fresh look; called once at most.
        ask: asks the model once more; called at most once, and only for a claim of success that no
            check has decided.

    Raises:
        DeviceError, Stopped: the fresh look could not be taken.
    """
    look = cache(look)
    evidence = check.verify(look()) if check else Evidence(None, "")
    checked_by = check.name if check else None
    if isinstance(end, Limit):
        return Outcome(
            "failed", end.reason, evidence.text, checked_by=checked_by, ended_by=end.kind
        )
    is_open = end.claim == "success" and evidence.passed is None
    opinion = ask(end, look) if is_open else UNASKED
    status, reason = _verdict(end, evidence, opinion, checked=check is not None)
    return Outcome(
        status,
        reason,
        evidence.text,
        end.claim,
        end.answer,
        checked_by,
        second_look=opinion.text,
    )


def _verdict(
    end: Ending, evidence: Evidence, opinion: Opinion, *, checked: bool
) -> tuple[Status, str]:
    if end.claim == "failure":
        said = f": {end.words}" if end.words else "."
        return "failed", f"The model says that it could not do the task{said}"
    if evidence.passed:
        return "success", "The model says that the task is done, and the check confirms it."
    if evidence.passed is None and opinion.believes is False:
        return "failed", f"The model took its claim back when it looked once more ({opinion.text})."
    if evidence.passed is None:
        why = f"the check could not be made: {evidence.text}" if checked else "not checked"
        return "unknown", f"The model believes so; {why}."
    found = f": {evidence.text}" if evidence.text else ""
    return (
        "failed",
        f"The model says that the task is done, but the check does not confirm it{found}.",
    )


def interrupted(error: BaseException) -> Outcome:
    """Return the outcome of a run that an error or a person ended."""
    if isinstance(error, Stopped | KeyboardInterrupt):
        return Outcome("stopped", str(error) or "A person stopped the run.", ended_by="person")
    crash: EndedBy = "crash"
    ended_by = next((end for family, end in _FAMILIES if isinstance(error, family)), crash)
    return Outcome("failed", str(error), ended_by=ended_by)


_EXIT_BY_STATUS = {"success": 0, "failed": 1, "unknown": 3, "stopped": 4}
_EXIT_BY_END = {"device": 5, "model": 6, "limit": 7, "time": 7, "loop": 7}


def exit_code_of(end: Outcome | BaseException) -> int:
    """Return the exit code of ``deskhand run`` for an outcome, or for an error outside a run.

    0 success, 1 failed, 2 wrong usage or configuration, 3 claimed but not verified, 4 stopped by a
    person, 5 device error, 6 model error, 7 a limit was reached. A journal that cannot be written
    or read is 1, and so is a bug.
    """
    if isinstance(end, ConfigError):
        return 2
    outcome = end if isinstance(end, Outcome) else interrupted(end)
    return _EXIT_BY_END.get(outcome.ended_by, _EXIT_BY_STATUS[outcome.status])
