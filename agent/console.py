"""The run as a person watches it: each step's thought, call, effect and timing, live.

Responsible for words and colours on a terminal, or the same words plain where there is none. What
the model wrote is shown without its control characters, so that it cannot steer the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.listener import Listener
from agent.models.base import Reply
from agent.outcome import Outcome
from agent.parsing import Plan
from agent.step import Step
from environments.base import Observation
from environments.effects import Effect
from environments.errors import Stopped
from tools.schema import ToolCall, ToolResult

if TYPE_CHECKING:
    from rich.console import Console

STAGES = ("capture", "preprocess", "vision", "prefill", "decode", "parse", "act", "settle")
"""The parts of a step's time, in the order in which they are spent."""

WORK = (
    ("screens", (("frames_encoded", "encoded"), ("frames_reused", "from memory"))),
    (
        "tokens",
        (
            ("context_tokens", "in context"),
            ("tokens_reused", "from memory"),
            ("tokens_prefilled", "read"),
            ("tokens_generated", "written"),
            ("tokens_forced", "of them forced"),
        ),
    ),
    ("drafts", (("drafts_proposed", "proposed"), ("drafts_accepted", "accepted"))),
    ("passes", (("forwards", ""),)),
)
"""The counters of one reply in words: what was counted, and how much of it was what."""

BYTES = "bytes_moved"
MEGABYTE = 1_000_000

LONGEST_THOUGHT = 600
"""Characters of one thought that are shown; a runaway reply must not fill the terminal."""

LONGEST_CALL = 160
"""Characters of one call that are shown; its text may be a whole letter."""

CALL_TAG = "<tool_call>"
INDENT = " " * 9
STATUS_STYLES = {"success": "bold green", "failed": "bold red"}
EFFECT_STYLES = {Effect.CONFIRMED: "green", Effect.NO_OP: "yellow"}


class LiveConsole(Listener):
    """Prints a run while it happens."""

    def __init__(self, console: Console, verbose: bool = False) -> None:
        """Print on a console; ``verbose`` adds the model's work and what a verdict is based on."""
        self._console = console
        self._verbose = verbose
        self._number = 0
        self._thought = ThoughtStream()
        self._announced: ToolCall | None = None

    def on_observation(self, observation: Observation) -> None:
        """Begin a step; its head waits for the thought, so that both share a line."""
        self._number += 1
        self._thought = ThoughtStream()
        self._print(f"Step {self._number:<3} ", style="bold", end="")

    def on_notice(self, text: str) -> None:
        """Show a sentence on the line of the step's head; its thought begins the next one.

        While a call is being done, the sentence stands below the call, before what comes of it.
        """
        if self._announced:
            self._print(f"\n{INDENT}{printable(text)}", style="yellow", end="")
            return
        self._print(printable(text), style="yellow", end=f"\n{INDENT}")

    def on_text(self, text: str) -> None:
        """Show the thought as it comes, up to the call."""
        self._print(self._thought.take(text), end="")

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        """Close the line of the thought; show why a reply could not be read."""
        if not self._thought.shown:
            self._print(printable(plan.thought)[:LONGEST_THOUGHT] or "(no thought)", end="")
        self._print("")
        if plan.error:
            self._print(f"{INDENT}not readable: {printable(plan.error)}", style="red")
        work = describe_work(reply.counters)
        if self._verbose and work:
            self._print(f"{INDENT}{work}", style="dim")
        if plan.calls:
            self._announce(plan.calls[0])

    def on_result(self, call: ToolCall, result: ToolResult) -> None:
        """Show what came of a call, behind it."""
        if call is not self._announced:
            self._announce(call)
        self._announced = None
        style = "red" if result.is_error else EFFECT_STYLES.get(result.effect or Effect.CONFIRMED)
        self._print(f"  ->  {printable(describe_result(result))}", style=style)
        reason = explain_result(result)
        if self._verbose and reason:
            self._print(f"{INDENT}{printable(reason)}", style="dim")

    def on_step(self, step: Step) -> None:
        """Show where the time of the step went."""
        self._print(f"{INDENT}{describe_timings(step.timings_ms)}", style="dim")

    def on_outcome(self, outcome: Outcome) -> None:
        """Show how it ended and how that was checked."""
        if self._announced:
            self._print("")
        style = STATUS_STYLES.get(outcome.status, "bold yellow")
        self._print(f"{outcome.status}: {printable(outcome.reason)}", style=style)
        if outcome.answer:
            self._print(f"{INDENT}answer: {printable(outcome.answer)}")
        if outcome.checked_by:
            evidence = printable(outcome.evidence)
            self._print(f"{INDENT}checked by {outcome.checked_by}: {evidence}")

    def _announce(self, call: ToolCall) -> None:
        """Show a call while it is being done; what comes of it completes the line."""
        self._announced = call
        self._print(f"{INDENT}{describe_call(call)}", style="cyan", end="")

    def _print(self, text: str, style: str | None = None, end: str = "\n") -> None:
        try:
            self._console.print(
                text, style=style, end=end, markup=False, highlight=False, soft_wrap=True
            )
        except (OSError, SystemExit) as error:  # rich leaves with SystemExit when a pipe closes.
            raise Stopped("Nothing can be printed any more: the output was closed.") from error


class ThoughtStream:
    """The thought of one reply, cut out of the pieces in which the reply comes."""

    def __init__(self) -> None:
        self._text = ""
        self.shown = 0

    def take(self, piece: str) -> str:
        """Return what is new to show: nothing of the call, one line, not more than fits."""
        self._text += piece if len(self._text) < 2 * LONGEST_THOUGHT else ""
        head, tag, _ = self._text.partition(CALL_TAG)
        sure = head if tag else head[: len(head) - _begun_tag(head)]
        sure = sure.replace("<think>", " ").replace("</think>", " ")
        line = " ".join(printable(sure).split())[:LONGEST_THOUGHT]
        fresh = line[self.shown :]
        self.shown = max(self.shown, len(line))
        return fresh


def _begun_tag(text: str) -> int:
    """Return how many characters at the end may be the beginning of a tag."""
    held = len(text) - text.rfind("<")
    return held if held <= min(len(CALL_TAG), len(text)) and ">" not in text[-held:] else 0


def printable(text: str) -> str:
    """Return text without anything a terminal would obey; line ends become spaces."""
    return "".join(c if c.isprintable() else " " for c in text)


def describe_call(call: ToolCall) -> str:
    """Return a call in one short line: the action first, then its arguments."""
    arguments = dict(call.arguments)
    name = arguments.pop("action", call.name)
    words = [f"{key}={value!r}" for key, value in arguments.items()]
    line = printable(f"{name}({', '.join(words)})")
    return line if len(line) <= LONGEST_CALL else f"{line[:LONGEST_CALL]}...)"


def describe_result(result: ToolResult) -> str:
    """Return what came of a call in a few words."""
    if result.is_error:
        return f"refused: {result.content}"
    if result.ending:
        return f"the model says: {result.ending.claim}"
    return result.effect.value if result.effect else result.content


def explain_result(result: ToolResult) -> str:
    """Return why an action has the verdict that it has, and by which rule the screen settled."""
    if result.effect is None or result.observation is None:
        return ""
    reason = result.content.removeprefix(f"{result.effect.value}: ")
    return f"{reason} | settled: {result.observation.settled_by}"


def describe_timings(timings_ms: Mapping[str, float]) -> str:
    """Return the split of a step's time, and its total, in milliseconds."""
    stages = [*STAGES, *(stage for stage in timings_ms if stage not in STAGES)]
    spent = {stage: round(timings_ms.get(stage, 0)) for stage in stages}
    parts = [f"{stage} {ms}" for stage, ms in spent.items() if ms]
    return " | ".join([*parts, f"total {sum(timings_ms.values()):.0f} ms"])


def describe_work(counters: Mapping[str, int]) -> str:
    """Return what a model counted for one reply in words; what it did none of is left out."""
    parts = []
    for thing, kinds in WORK:
        counted = [(counters[name], word) for name, word in kinds if counters.get(name)]
        if counted:
            parts.append(f"{thing} " + ", ".join(f"{n:,} {word}".strip() for n, word in counted))
    if counters.get(BYTES):
        parts.append(f"{counters[BYTES] / MEGABYTE:.1f} MB moved")
    named = {name for _, kinds in WORK for name, _ in kinds} | {BYTES}
    parts += [
        f"{name} {count:,}" for name, count in counters.items() if count and name not in named
    ]
    return " | ".join(parts)
