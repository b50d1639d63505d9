"""Is a run going round in circles, and how far up the ladder has that led?

Responsible for recognising a loop in the steps of a run and for what the model is told about it:
first that it is so, then to aim anew, then to go back, then to ask, and at last nothing, for the
run is ended (``limits``). It is a function of the steps and the screens between them and of nothing
else, so a run that is resumed stands where it stood. Says nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from agent.step import Step
from environments.effects import Effect
from tools.schema import ToolResult


class Rung(IntEnum):
    """How far a loop has come."""

    NONE = 0
    TELL = 1
    AIM = 2
    BACK = 3
    ASK = 4
    STOP = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands after a step.

    Attributes:
        rung: the highest rung that any kind of loop has reached.
        words: what goes round, for the model and for a person; empty on ``Rung.NONE``.
        risen: the step before stood lower, so this is the moment to say it.
    """

    rung: Rung
    words: str = ""
    risen: bool = False


NOWHERE = Standing(Rung.NONE)

SAME = (3, 5, 7, 9, 11)
PING_PONG = (4, 6, 8, 10, 12)
AGAIN = (2, 4, 6, 7, 8)
IDLE = (5, 7, 8, 10, 12)
"""Steps of a kind in a row at which each rung is reached. Every loop ends within its twelfth step
and leaves the model at least one step to try what it was told."""

_MEMORY = 12
"""Earlier steps in which the same call on the same screen is looked for."""

ADVICE = {
    Rung.TELL: "This leads nowhere: do something else.",
    Rung.AIM: "Look at the screen anew: name what you want to reach and where it is, and aim at "
    "the middle of it.",
    Rung.BACK: "Go back to where it still went well: close what was opened in vain (Escape, "
    "Cancel, Back), and come to the goal by another way.",
    Rung.ASK: "If there is a tool to ask a person, ask now. If there is no other way, end the task "
    "with status failure; the run will be ended soon if this goes on.",
}


def standing(steps: Sequence[Step], screens: Sequence[str]) -> Standing:
    """Return where a run stands after the last of its steps.

    Args:
        steps: the steps so far; only the latest are looked at.
        screens: the hash of each step's screen, and of the screen after the last one.
    """
    now = _highest(steps, screens)
    if now.rung is Rung.NONE:
        return NOWHERE
    before = _highest(steps[:-1], screens[:-1])
    return Standing(now.rung, now.words, risen=now.rung > before.rung)


def advice(stands: Standing) -> str:
    """Return what the model is told at this moment; empty unless the run has just come here."""
    if not stands.risen or stands.rung not in ADVICE:
        return ""
    return f"{stands.words} {ADVICE[stands.rung]}"


def _highest(steps: Sequence[Step], screens: Sequence[str]) -> Standing:
    found = [
        (_rung(count, ladder), words.format(count=count))
        for count, ladder, words in (
            (_same(steps, screens), SAME, "The same was done {count} times and nothing changed."),
            (
                _ping_pong(steps, screens),
                PING_PONG,
                "The screen has gone back and forth between the same two states for {count} steps.",
            ),
            (
                _again(steps, screens),
                AGAIN,
                "The last {count} calls were all made on the very same screens before.",
            ),
            (_idle(steps, screens), IDLE, "The last {count} steps had no effect."),
        )
    ]
    rung, words = max(found, key=lambda one: one[0])
    return Standing(rung, words) if rung else NOWHERE


def _rung(count: int, ladder: Sequence[int]) -> Rung:
    return Rung(sum(count >= threshold for threshold in ladder))


def _same(steps: Sequence[Step], screens: Sequence[str]) -> int:
    """Return how many steps made the same calls, none of which changed anything."""
    count = 0
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if not step.plan.calls or _starts_anew(step) or _moved(step, screens, index):
            break
        if step.plan.calls != steps[-1].plan.calls:
            break
        count += 1
    return count


def _ping_pong(steps: Sequence[Step], screens: Sequence[str]) -> int:
    """Return how many steps led back and forth between two screens."""
    count = 0
    for at in range(len(screens) - 1, 1, -1):
        back = screens[at] == screens[at - 2] != screens[at - 1]
        if not back or _starts_anew(steps[at - 1]):
            break
        count += 1
    return count + 1 if count else 0


def _again(steps: Sequence[Step], screens: Sequence[str]) -> int:
    """Return how many of the last steps made a call that was made on the same screen before."""
    first = next((at + 1 for at in range(len(steps) - 1, -1, -1) if _starts_anew(steps[at])), 0)
    count = 0
    for index in range(len(steps) - 1, first, -1):
        if not _was_before(steps, screens, index, first):
            break
        count += 1
    return count


def _was_before(steps: Sequence[Step], screens: Sequence[str], index: int, first: int) -> bool:
    calls, screen = steps[index].plan.calls, screens[index]
    earlier = range(max(first, index - _MEMORY), index)
    return bool(calls) and any(
        screens[one] == screen and steps[one].plan.calls == calls for one in earlier
    )


def _idle(steps: Sequence[Step], screens: Sequence[str]) -> int:
    """Return how many of the last steps had no effect, whatever they tried."""
    count = 0
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if _starts_anew(step) or _moved(step, screens, index) or _learnt(step):
            break
        count += 1
    return count


def _moved(step: Step, screens: Sequence[str], index: int) -> bool:
    """Tell whether a step changed the screen; what moves by itself does not count."""
    if any(result.effect is Effect.CONFIRMED for result in step.results):
        return True
    unsure = any(result.effect is Effect.UNVERIFIABLE for result in step.results)
    return unsure and screens[index] != screens[index + 1]


def _learnt(step: Step) -> bool:
    """Tell whether a step asked something and was answered."""
    return any(_is_answer(result) for result in step.results)


def _is_answer(result: ToolResult) -> bool:
    return result.effect is None and not result.is_error


def _starts_anew(step: Step) -> bool:
    """Tell whether a person got in between or said something: then the same is right again."""
    return bool(step.remark) or any(result.person_first for result in step.results)
