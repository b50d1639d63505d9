"""What came of the steps of a run, seen from its end: which worked, and which were repaired.

Responsible for a verdict on each step out of what the journal holds: errors, effects, and whether
the screen came back. It decides what is worth learning and what was better than what. Reads no
picture; a screen is known by its hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from agent.recall import UNKNOWN
from agent.step import Step
from environments.effects import Effect
from tools.schema import ToolCall

UNDOING = frozenset(
    {("esc",), ("escape",), ("ctrl", "z"), ("alt", "left"), ("browserback",), ("back",)}
)
"""Keys by which a person goes back."""

UNDOING_BUTTONS = frozenset({"back"})


class Verdict(StrEnum):
    """What came of a step."""

    WORKED = "worked"
    ERROR = "error"
    """The reply could not be read, or a call was refused or failed."""
    NO_EFFECT = "no effect"
    UNDONE = "undone"
    """The next step went back, and the screen was what it had been."""
    UNKNOWN = "unknown"
    """Nobody wrote down what came of it."""


def verdicts(steps: Sequence[Step]) -> list[Verdict]:
    """Return what came of each step."""
    return [
        Verdict.UNDONE if alone is Verdict.WORKED and _is_undone(steps, index) else alone
        for index, alone in enumerate(map(_alone, steps))
    ]


def repairs(steps: Sequence[Step], judged: Sequence[Verdict]) -> Iterator[tuple[int, int]]:
    """Yield (failed, repaired): a step in vain, and the one that worked on the very same screen.

    Between them lie only further steps in vain and, behind one that was undone, the way back.
    """
    for index, verdict in enumerate(judged):
        if verdict in (Verdict.WORKED, Verdict.UNKNOWN):
            continue
        later = index + (2 if verdict is Verdict.UNDONE else 1)
        while later < len(steps) and steps[later].screen == steps[index].screen != "":
            if judged[later] is Verdict.WORKED:
                if _does(steps[later]) != _does(steps[index]):
                    yield index, later
                break
            later += 2 if judged[later] is Verdict.UNDONE else 1


def _does(step: Step) -> list[tuple[str, dict[str, object]]]:
    return [(call.name, dict(call.arguments)) for call in step.plan.calls]


def _alone(step: Step) -> Verdict:
    if step.plan.error is not None or any(result.is_error for result in step.results):
        return Verdict.ERROR
    if not step.results or any(result.content == UNKNOWN for result in step.results):
        return Verdict.UNKNOWN
    if any(result.effect is Effect.NO_OP for result in step.results):
        return Verdict.NO_EFFECT
    return Verdict.WORKED


def _is_undone(steps: Sequence[Step], index: int) -> bool:
    if index + 2 >= len(steps) or not steps[index].screen:
        return False
    back = steps[index + 1].plan.calls
    return steps[index + 2].screen == steps[index].screen and any(map(_goes_back, back))


def _goes_back(call: ToolCall) -> bool:
    keys, button = call.arguments.get("keys"), call.arguments.get("button")
    if isinstance(keys, list | tuple):
        return tuple(str(key).lower() for key in keys) in UNDOING
    return isinstance(button, str) and button.lower() in UNDOING_BUTTONS
