"""What a report says of a run: its steps, its calls and its summary as values for the page.

Responsible for which words stand where. Writes no HTML and makes no pictures. Text of a run is
untrusted: here it loses what steers a reader's screen and what would fill it; that none of it
becomes markup is the template's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from agent.archive import CallRecord, ResumptionRecord, RunRecord, StepRecord
from agent.console import describe_timings, describe_work, printable

LONGEST = 20_000
"""Characters of a whole reply that are shown; a runaway one must not fill the page."""

LONG = 600
"""Characters of any other text; what a model wrote stands in full in its reply."""

_SECOND_MS = 1000

NO_OUTCOME = "Nothing is on record of what came of it."


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a call pointed, in percent of the picture; ``number`` counts the calls of the step."""

    number: int
    across: str
    down: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One call: what was asked for, what the rules made of it, what came of it."""

    name: str
    arguments: str
    decision: str
    came: str
    effect: str
    is_error: bool
    timings: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """What one step says; ``reply`` is all that the model wrote.

    ``resumed`` is what was noted when the run was taken up again at this step.
    """

    number: int
    resumed: tuple[str, ...]
    at: str
    window: str
    thought: str
    error: str
    deeds: tuple[Deed, ...]
    reply: str
    timings: str
    work: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One part of the time of a run; ``share`` is a whole number of percent."""

    name: str
    total: str
    typical: str
    share: int


def readable(text: str | None, longest: int = LONG) -> str:
    """Return text of a run line by line, without control characters, and not without end."""
    shown = (text or "")[:longest]
    lines = "\n".join(printable(line) for line in shown.splitlines())
    left_out = len(text or "") - len(shown)
    return f"{lines}\n[{left_out:,} more characters are left out]" if left_out else lines


def step_words(step: StepRecord, resumptions: Sequence[ResumptionRecord]) -> StepWords:
    """Return what a step says; of the resumptions of its run it takes its own."""
    return StepWords(
        number=step.number + 1,
        resumed=tuple(readable(each.note) for each in resumptions if each.step == step.number),
        at=_clock(step.at),
        window=readable(step.foreground),
        thought=readable(step.thought),
        error=readable(step.error),
        deeds=tuple(_deed(call) for call in step.calls),
        reply=readable(step.reply, LONGEST),
        timings=describe_timings(step.timings_ms) if step.timings_ms else "",
        work=describe_work(step.counters or {}),
    )


def marks(calls: Sequence[CallRecord], width_px: int, height_px: int) -> tuple[Mark, ...]:
    """Return where the calls of a step pointed on its picture: the middle of each pixel."""
    return tuple(
        Mark(number, _percent(call.point_px[0], width_px), _percent(call.point_px[1], height_px))
        for number, call in enumerate(calls, 1)
        if call.point_px
    )


def summary(record: RunRecord) -> dict[str, str]:
    """Return the lines on top of a report; a line with nothing to say is left out."""
    about, outcome = record.summary, record.outcome
    calls = [call for step in record.steps for call in step.calls]
    lines = {
        "Ended": f"{about.status}: {about.reason}",
        "Checked by": f"{outcome.checked_by}: {outcome.evidence}"
        if outcome and outcome.checked_by
        else "nothing",
        "Second look": outcome.second_look if outcome else "",
        "Answer": (outcome.answer or "") if outcome else "",
        "Task": about.task,
        "Model": about.model,
        "Screen": about.environment,
        "Began": f"{about.started_at[:10]} {_clock(about.started_at)}",
        "Took": _duration(record),
        "Steps": f"{len(record.steps)}, with {len(calls)} calls",
        "Effects": _effects(calls),
        "Not readable": _count(sum(bool(step.error) for step in record.steps), "reply", "replies"),
        "Work": describe_work(_total(step.counters for step in record.steps)),
        "Run": about.id,
    }
    return {name: readable(text) for name, text in lines.items() if text}


def stages(record: RunRecord) -> tuple[Stage, ...]:
    """Return where the time of a run went, in the order in which it is spent in a step."""
    spent: dict[str, list[float]] = {}
    for step in record.steps:
        for name, milliseconds in (step.timings_ms or {}).items():
            spent.setdefault(name, []).append(milliseconds)
    whole = sum(map(sum, spent.values())) or 1.0
    return tuple(
        Stage(readable(name), seconds(sum(ms)), seconds(median(ms)), round(100 * sum(ms) / whole))
        for name, ms in spent.items()
    )


def asked(step: StepRecord | None) -> object:
    """Return what a step asked for, so that two runs can be compared."""
    return step and [(call.name, call.arguments) for call in step.calls]


def seconds(milliseconds: float) -> str:
    """Return a time as a person reads it."""
    whole_ms = round(milliseconds)
    return f"{whole_ms} ms" if whole_ms < _SECOND_MS else f"{milliseconds / _SECOND_MS:.1f} s"


def _deed(call: CallRecord) -> Deed:
    arguments = dict(call.arguments)
    name = str(arguments.pop("action", "")) or call.name
    body = ", ".join(
        f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items()
    )
    effect = "refused" if call.is_error else call.effect.value if call.effect else ""
    # What the model was told begins with the verdict, which the page sets apart.
    came = (call.content or "").removeprefix(effect).removeprefix(": ")
    return Deed(
        name=readable(name),
        arguments=readable(body),
        decision=readable(call.decision),
        came=readable(came) if call.ended_at else NO_OUTCOME,
        effect=effect,
        is_error=bool(call.is_error) or not call.ended_at,
        timings=describe_timings(call.timings_ms) if call.timings_ms else "",
    )


def _effects(calls: Sequence[CallRecord]) -> str:
    counted = Counter(_effect(call) for call in calls)
    return ", ".join(f"{count} {name}" for name, count in counted.most_common())


def _effect(call: CallRecord) -> str:
    if not call.ended_at:
        return "not on record"
    return "refused" if call.is_error else call.effect.value if call.effect else "without effect"


def _total(counters: Iterator[Mapping[str, int] | None] | Sequence[None]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counters:
        # What stands in the context is no amount that adds up.
        total.update({k: v for k, v in (each or {}).items() if k != "context_tokens"})
    return total


def _duration(record: RunRecord) -> str:
    about = record.summary
    if not about.ended_at:
        return ""
    took = datetime.fromisoformat(about.ended_at) - datetime.fromisoformat(about.started_at)
    return seconds(took.total_seconds() * 1000)


def _clock(at: str) -> str:
    return f"{at[11:19]} UTC"


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}" if number else ""


def _percent(pixel: int, size_px: int) -> str:
    return f"{100 * (pixel + 0.5) / size_px:.2f}%"
