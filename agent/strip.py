"""A run as a picture strip: one panel per step, while it happens or out of the journal.

Responsible for choosing what of a step is shown; drawing is done in ``agent.pictures``.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from agent.archive import RunRecord, StepRecord
from agent.console import describe_call, describe_result, printable
from agent.grounding import read_picture
from agent.listener import Listener
from agent.outcome import Outcome
from agent.pictures import Panel, make_panel, save_strip
from agent.step import Step
from environments.errors import ConfigError
from tools.schema import ToolCall, ToolResult

Deed = tuple[ToolCall, ToolResult]


class StripRecorder(Listener):
    """Keeps a small picture of every step and writes them as one PNG when the run has ended."""

    def __init__(self, path: Path, title: str) -> None:
        """Write to a path; ``title`` is the first line above the pictures."""
        self.path = path
        self._title = title
        self._panels: list[Panel] = []

    def on_step(self, step: Step) -> None:
        """Add the screen that the model looked at, with the point it chose."""
        if step.observation is None:
            return
        point_px = next((r.point_px for r in step.results if r.point_px), None)
        is_error = step.plan.error is not None or any(r.is_error for r in step.results)
        deeds = zip(step.plan.calls, step.results, strict=False)
        lines = caption(step.index, step.plan.thought, step.plan.error, deeds)
        self._panels.append(make_panel(step.observation.frame, lines, point_px, is_error))

    def on_outcome(self, outcome: Outcome) -> None:
        """Write the strip."""
        save_strip(self.path, [self._title, verdict(outcome)], self._panels)


def verdict(outcome: Outcome) -> str:
    """Return how a run ended, and what that rests on, in one line."""
    evidence = f" ({outcome.evidence})" if outcome.evidence else ""
    return printable(f"{outcome.status}: {outcome.reason}{evidence}")


def caption(index: int, thought: str, error: str | None, deeds: Iterable[Deed]) -> list[str]:
    """Return the lines under a step's picture: number and thought, calls, what came of them."""
    words = " ".join(printable(thought).split())
    lines = [f"Step {index + 1}: {words or '(no thought)'}"]
    if error:
        lines.append(f"not readable: {printable(error)}")
    for call, result in deeds:
        lines += [describe_call(call), printable(describe_result(result))]
    return lines


def recorded_caption(step: StepRecord) -> list[str]:
    """Return the same lines for a step as the journal has it."""
    return caption(step.number, step.thought or "", step.error, _recorded_deeds(step))


def recorded_panels(record: RunRecord) -> list[Panel]:
    """Return the panels of a run out of its journal; a picture gone or damaged is left out."""
    panels = []
    for step in record.steps:
        with suppress(ConfigError):
            frame = read_picture(record.picture(step.image))
            point_px = next((call.point_px for call in step.calls if call.point_px), None)
            is_error = step.error is not None or any(call.is_error for call in step.calls)
            panels.append(make_panel(frame, recorded_caption(step), point_px, is_error))
    return panels


def _recorded_deeds(step: StepRecord) -> Iterable[Deed]:
    for call in step.calls:
        content = call.content or "nothing is on record of what came of it"
        result = ToolResult(content, is_error=bool(call.is_error), effect=call.effect)
        yield ToolCall(call.name, call.arguments), result
