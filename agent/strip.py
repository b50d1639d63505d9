"""A run as a picture strip: the listener that collects one panel per step.

Responsible for choosing what of a step is shown; drawing is done in ``agent.pictures``.
"""

from __future__ import annotations

from pathlib import Path

from agent.console import describe_call, describe_result, printable
from agent.listener import Listener
from agent.outcome import Outcome
from agent.pictures import Panel, make_panel, save_strip
from agent.step import Step


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
        frame = step.observation.frame
        self._panels.append(make_panel(frame, caption_of(step), point_px, is_error))

    def on_outcome(self, outcome: Outcome) -> None:
        """Write the strip."""
        verdict = f"{outcome.status}: {outcome.reason}"
        if outcome.evidence:
            verdict += f" ({outcome.evidence})"
        save_strip(self.path, [self._title, printable(verdict)], self._panels)


def caption_of(step: Step) -> list[str]:
    """Return the lines under a step's picture: number and thought, calls, what came of them."""
    thought = " ".join(printable(step.plan.thought).split())
    lines = [f"Step {step.index + 1}: {thought or '(no thought)'}"]
    if step.plan.error:
        lines.append(f"not readable: {printable(step.plan.error)}")
    for call, result in zip(step.plan.calls, step.results, strict=False):
        lines += [describe_call(call), printable(describe_result(result))]
    return lines
