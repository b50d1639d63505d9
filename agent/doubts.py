"""Keeping a run that was interrupted from doing something twice.

Responsible for the calls of which nobody knows whether they were done: whoever asks for one of them
again is told to look first, and where it could not be taken back a person is asked, whatever the
rules of the run would say. Everything else is decided by the rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.recall import is_same_call
from environments.base import Observation
from tools.approval import Approver, Verdict
from tools.asking import NO, YES, Inquiry, Nobody, Person
from tools.rules.classes import EffectClass
from tools.schema import Request, ToolCall

LOOK = (
    "it is not known whether exactly this was done before Deskhand was interrupted. Look at the "
    "screen: only if it shows that it was not done, ask for it once more"
)


class Doubts:
    """The approver of a run that goes on; it stands before the run's own."""

    def __init__(
        self, doubtful: Sequence[ToolCall], rules: Approver, person: Person | None = None
    ) -> None:
        """Take the calls of unknown outcome and whoever decides about all others."""
        self._doubtful = tuple(doubtful)
        self._told: set[int] = set()
        self._rules = rules
        self._person = person or Nobody()

    def review(self, call: ToolCall, request: Request, observation: Observation) -> Verdict:
        """Decide about one valid call before it acts."""
        number = next((n for n, one in enumerate(self._doubtful) if is_same_call(one, call)), None)
        if number is not None and number not in self._told:
            self._told.add(number)
            return Verdict(False, LOOK, "not known whether it was done before: refused once")
        verdict = self._rules.review(call, request, observation)
        if number is None or not verdict.allowed or not _needs_a_yes(verdict):
            return verdict
        return self._asked(call, verdict)

    def _asked(self, call: ToolCall, verdict: Verdict) -> Verdict:
        heard = self._person.ask(
            Inquiry(
                "approve",
                f"{call.name} {dict(call.arguments)}? It cannot be taken back, and it is not known "
                "whether it was done before Deskhand was interrupted.",
                (YES, NO),
            )
        )
        how = f"{verdict.decision}; not known whether it was done before: asked, {heard.how}"
        if heard.is_yes:
            return Verdict(True, "", how, verdict.look, verdict.where)
        return verdict.refused(
            "it may have been done before Deskhand was interrupted, cannot be taken back, and "
            "needs a person's yes, which nobody gave",
            how,
        )


def _needs_a_yes(verdict: Verdict) -> bool:
    """Tell whether the rules let something through unasked that cannot be taken back."""
    is_grave = verdict.decision.startswith(EffectClass.CONSEQUENTIAL.word)
    return is_grave and "asked" not in verdict.decision
