"""An interrupted run's past, as far as its journal still tells it.

Responsible for turning rows and pictures back into the steps that a run goes on behind, and for
saying in sentences what could not be read. Of a call that was announced and whose outcome nobody
wrote down it is not known whether it was done: the model is told exactly that. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agent.archive import IMAGES, CallRecord, RunRecord, StepRecord, raw_rows
from agent.config import RunSettings
from agent.grounding import read_picture
from agent.models.base import Reply
from agent.parsing import Plan
from agent.step import Step
from environments.base import Observation
from environments.effects import Effect
from environments.errors import ConfigError, JournalError
from environments.geometry import Screen
from tools.control import Answer, Terminate
from tools.schema import Ending, ToolCall, ToolResult

UNKNOWN = (
    "It is not known whether this was done: Deskhand was cut off in the middle of it. "
    "Look at the screen before you do it again."
)
UNREADABLE = "It is no longer known what was done here: this part of the record cannot be read."
RESUMED = (
    "Deskhand was interrupted after this and goes on now. What else was asked for was not done, "
    "and the screen may have changed meanwhile: look at it."
)
PICTURES = 16
"""Newest screenshots that are read in again; older steps are told in words."""

_ENDS: TypeAdapter[Terminate | Answer] = TypeAdapter(Terminate | Answer)
_NOWHERE = Screen(1, 1)


@dataclass(frozen=True, slots=True)
class Past:
    """What a run has behind it.

    Attributes:
        task: what was asked for.
        settings: how.
        steps: every step of which something came, oldest first; the latest have their pictures.
        doubtful: calls of which it is not known whether they were done, oldest first.
        faults: what could not be read, in sentences.
    """

    task: str
    settings: RunSettings
    steps: tuple[Step, ...]
    doubtful: tuple[ToolCall, ...]
    faults: tuple[str, ...]


def recall(folder: Path) -> Past:
    """Return the past of a run out of its journal.

    Raises:
        JournalError: it is damaged as a whole, or does not say how the run was started.
    """
    faults: list[str] = []
    rows = raw_rows(folder, "run", "id")
    if not rows:
        raise JournalError(f"The journal of run {folder.name} is damaged (it says nothing).")
    settings = _settings(folder, rows[0].get("settings"))
    calls = _calls(raw_rows(folder, "calls", "id"), faults)
    steps = list(_steps(raw_rows(folder, "steps", "number"), calls, faults))
    doubtful = _doubtful(steps)
    if steps:
        steps[-1] = replace(steps[-1], remark=RESUMED)
    first = max(0, len(steps) - PICTURES)
    seen = [_with_picture(step, folder / IMAGES, faults) for step in steps[first:]]
    task = str(rows[0]["task"])
    return Past(task, settings, (*steps[:first], *seen), doubtful, tuple(faults))


def steps_of(record: RunRecord) -> list[Step]:
    """Return the steps of a run of which something came, without their pictures."""
    steps = [
        _step(step, tuple(map(_done, step.calls)))
        for step in record.steps
        if step.calls or step.error is not None
    ]
    for resumption in record.resumptions:
        last = next((n for n, s in reversed([*enumerate(steps)]) if s.index < resumption.step), -1)
        if last >= 0:
            steps[last] = replace(steps[last], remark=RESUMED)
    return steps


def _settings(folder: Path, text: object) -> RunSettings:
    if not isinstance(text, str):
        raise JournalError(
            f"The run {folder.name} does not say how it was started, so it cannot go on: only runs "
            "of deskhand run can. Start the task again."
        )
    try:
        return RunSettings.model_validate_json(text)
    except ValidationError as error:
        raise JournalError(
            f"How the run {folder.name} was started cannot be read (it may be from another version "
            f"of Deskhand: {error.error_count()} fields); start the task again."
        ) from error


def _calls(rows: Iterable[Mapping[str, Any]], faults: list[str]) -> list[tuple[int, _Done]]:
    """Return each call with the number of its step, in the order in which they were announced."""
    found = []
    for row in rows:
        try:
            call = CallRecord.model_validate(row)
        except ValidationError:
            step = row["step"] if isinstance(row["step"], int) else -1
            faults.append(f"A call of step {step + 1} cannot be read in the journal.")
            found.append((step, _unreadable()))
        else:
            found.append((call.step, _done(call)))
    return found


_Done = tuple[ToolCall, ToolResult]


def _done(call: CallRecord) -> _Done:
    asked = ToolCall(call.name, call.arguments)
    ending = _ending(call)
    if call.ended_at is None:
        # An end that was only announced is as good as one that was heard: it touches nothing.
        return asked, ToolResult(UNKNOWN, effect=Effect.UNVERIFIABLE, ending=ending)
    result = ToolResult(
        call.content or "",
        is_error=bool(call.is_error),
        effect=call.effect,
        point_px=call.point_px,
        ending=None if call.is_error else ending,
    )
    return asked, result


def _unreadable() -> _Done:
    return ToolCall("", {}), ToolResult(UNREADABLE, effect=Effect.UNVERIFIABLE)


def _ending(call: CallRecord) -> Ending | None:
    try:
        wish = _ENDS.validate_python(call.arguments)
    except ValidationError:
        return None
    does = wish.request(_NOWHERE, 1).does
    return does if isinstance(does, Ending) else None


def _steps(
    rows: Iterable[Mapping[str, Any]], calls: Sequence[tuple[int, _Done]], faults: list[str]
) -> Iterable[Step]:
    known: set[int] = set()
    for row in rows:
        number = row["number"]
        known.add(number)
        done = tuple(one for step, one in calls if step == number)
        try:
            record = StepRecord.model_validate(row)
        except ValidationError:
            faults.append(f"Step {number + 1} cannot be read in the journal.")
            record = StepRecord(number=number, at="", reply="" if done else None)
        # Else nothing came of it: the model was still thinking, or nothing of it was announced.
        if done or record.error is not None:
            yield _step(record, done)
    lost = [one for step, one in calls if step not in known]
    if lost:
        yield _step(StepRecord(number=len(known), at="", reply=""), tuple(lost))


def _step(record: StepRecord, done: tuple[_Done, ...]) -> Step:
    calls = tuple(call for call, _ in done)
    plan = Plan(record.thought or "", calls, record.error)
    look = None
    return Step(
        record.number,
        look,
        Reply(record.reply or ""),
        plan,
        tuple(result for _, result in done),
        record.timings_ms or {},
        screen_was=record.image.removesuffix(".png"),
    )


def _with_picture(step: Step, images: Path, faults: list[str]) -> Step:
    if not step.screen_was:
        return step
    try:
        frame = read_picture(images / f"{step.screen_was}.png")
    except ConfigError:
        faults.append(
            f"The picture of step {step.index + 1} is missing or damaged, so the model is told of "
            "this step in words."
        )
        return step
    screen = Screen(frame.shape[1], frame.shape[0])
    return replace(step, observation=Observation(frame, screen, time_s=0.0))


def _doubtful(steps: Sequence[Step]) -> tuple[ToolCall, ...]:
    """Return the calls of unknown outcome that were not carried out again later."""
    open_calls: list[ToolCall] = []
    for step in steps:
        for call, result in zip(step.plan.calls, step.results, strict=False):
            if result.content == UNKNOWN and result.ending is None:
                open_calls.append(call)
            elif result.effect is not None and not result.is_error:
                open_calls = [one for one in open_calls if not is_same_call(one, call)]
    return tuple(open_calls)


NEAR = 25
"""Two points of one call that lie so near, on a grid of 1000, mean the same thing."""


def is_same_call(one: ToolCall, other: ToolCall) -> bool:
    """Tell whether two calls ask for the same; points may differ a little."""
    same: Callable[[Any, Any], bool] = _is_alike
    return one.name == other.name and same(dict(one.arguments), dict(other.arguments))


def _is_alike(one: Any, other: Any) -> bool:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_is_alike, one, other))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= NEAR
    return bool(one == other)
