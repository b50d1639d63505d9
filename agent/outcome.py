"""How a run ended: checks, outcomes and the rules between them.

Responsible for one rule above all: failure never becomes success. Success needs the model's claim
and a check that does not come from the model, made after a fresh look. The whole table:

    the model claims   the check says    the outcome
    success            it holds          success
    success            it does not hold  failed
    success            there is none     unknown: "the model believes so; not checked"
    success            cannot be made    unknown
    failure            anything          failed
    nothing (limit)    anything          failed; a check that holds is told as evidence only, for
                                         nobody knows what a run without an end would do next
    an error, a stop   not asked         failed, or stopped by a person

The kinds of check that a person can ask for stand in ``agent.expectation``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
EndedBy = Literal["claim", "limit", "person", "device", "model", "journal", "crash"]


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
class Limit:
    """A limit that was reached; the reason is written for a person."""

    reason: str


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
    """

    status: Status
    reason: str
    evidence: str = ""
    claim: Literal["success", "failure"] | None = None
    answer: str | None = None
    checked_by: str | None = None
    ended_by: EndedBy = "claim"


CRASHED = Outcome("failed", "Deskhand itself failed; this is a bug.", ended_by="crash")
"""The outcome on record while no better one is known."""


_FAMILIES: tuple[tuple[type[Exception], EndedBy], ...] = (
    (DeviceError, "device"),
    (ModelError, "model"),
    (JournalError, "journal"),
)


def conclude(end: Ending | Limit, check: Check | None, look: Callable[[], Observation]) -> Outcome:
    """Return the outcome of a run that ended by a claim or a limit; see the table above.

    Raises:
        DeviceError, Stopped: the fresh look for the check could not be taken.
    """
    evidence = check.verify(look()) if check else Evidence(None, "")
    status, reason = _verdict(end, evidence, checked=check is not None)
    checked_by = check.name if check else None
    if isinstance(end, Limit):
        return Outcome(status, reason, evidence.text, checked_by=checked_by, ended_by="limit")
    return Outcome(status, reason, evidence.text, end.claim, end.answer, checked_by)


def _verdict(end: Ending | Limit, evidence: Evidence, *, checked: bool) -> tuple[Status, str]:
    if isinstance(end, Limit):
        return "failed", end.reason
    if end.claim == "failure":
        return "failed", "The model says that it could not do the task."
    if evidence.passed:
        return "success", "The model says that the task is done, and the check confirms it."
    if evidence.passed is None:
        why = f"the check could not be made: {evidence.text}" if checked else "not checked"
        return "unknown", f"The model believes so; {why}."
    return "failed", "The model says that the task is done, but the check does not confirm it."


def interrupted(error: BaseException) -> Outcome:
    """Return the outcome of a run that an error or a person ended."""
    if isinstance(error, Stopped | KeyboardInterrupt):
        return Outcome("stopped", str(error) or "A person stopped the run.", ended_by="person")
    crash: EndedBy = "crash"
    ended_by = next((end for family, end in _FAMILIES if isinstance(error, family)), crash)
    return Outcome("failed", str(error), ended_by=ended_by)


_EXIT_BY_STATUS = {"success": 0, "failed": 1, "unknown": 3, "stopped": 4}
_EXIT_BY_END = {"device": 5, "model": 6, "limit": 7}


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
