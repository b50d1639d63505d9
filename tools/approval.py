"""The rules that decide whether a call may be carried out.

Responsible for the seam through which every valid call passes before it acts. Today there is one
rule, which allows everything: nothing here protects a person's desktop yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tools.schema import Request, ToolCall


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may act; the reason is told to the model when it may not."""

    allowed: bool
    reason: str = ""


class Approver(Protocol):
    """Whoever decides about a call: a rule, or a person behind a question."""

    def review(self, call: ToolCall, request: Request) -> Verdict:
        """Decide about one valid call before it acts.

        Raises:
            Stopped: a stop was asked for while a question was open.
        """
        ...


class AllowAll:
    """The approver that allows everything."""

    def review(self, call: ToolCall, request: Request) -> Verdict:
        """Allow the call."""
        return Verdict(allowed=True)
