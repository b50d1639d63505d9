"""``run_task``: the whole agent as one tool for others.

Responsible for its arguments and for what it answers; the run itself is put together in
``agent.assembly``, with the screen, the rules and the stop of whoever serves it. It is a run like
any other: with a journal, limits, and an outcome that says honestly how it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.assembly import RunReport, Stage
from agent.config import RunSettings
from agent.listener import Listener
from agent.step import Step
from environments.base import Environment, Glimpsed, Stop, Telling
from environments.errors import ToolError
from environments.quoting import on_one_line
from tools.mcp.served import Answer, Output, Progress, ServedTool, output_schema
from tools.schema import Annotations, ToolSpec
from tools.secrets import references
from tools.validation import strict_schema, validate

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

NAME = "run_task"
REPORT = "deskhand://runs/{}/report"
"""Address of a run's report among the documents that are served."""

MOST_STEPS, MOST_MINUTES = 200, 120.0
_LONGEST_THOUGHT = 200
_NEXT_TO_NOTHING = 0.001
_DESCRIPTION = (
    "Hand a whole task over to Deskhand's own agent: it looks, thinks and acts on the screen until "
    "the task is done or a limit is reached, and says honestly whether it was. `status` is "
    "`success` only if a check confirmed it; `unknown` means that the agent believes so and nobody "
    "checked. Tells its progress step by step and ends when the call is cancelled."
)


class _Task(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Annotated[str, Field(max_length=20_000, description="What to do, in plain words.")]
    expect: Annotated[
        str | None,
        Field(
            max_length=2000,
            description="What must hold at the end: file:PATH (it exists) or window:TITLE.",
            pattern=r"^(file|window):",  # What stands in a person's files is no client's to ask.
        ),
    ] = None
    max_steps: Annotated[int | None, Field(ge=1, le=MOST_STEPS, description="Steps at most.")] = (
        None
    )
    minutes: Annotated[
        float | None, Field(gt=0, le=MOST_MINUTES, description="Minutes at most.")
    ] = None


class Ended(Output):
    """How a run ended."""

    status: Literal["success", "failed", "unknown", "stopped"]
    reason: str
    evidence: str | None = None
    answer: str | None = None
    steps: int
    run: str
    report: str


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where and how the runs take place.

    Attributes:
        stage: the screen, open, with whoever is asked; and its practice task, if it has one.
        settings: what holds for every run.
        stop: ends a run.
        load: returns the model, loaded when it is first needed.
        secrets: names of the secrets that a task may refer to.
        after: is called when a run has ended, for what was seen before it.
    """

    stage: Stage
    settings: RunSettings
    stop: Stop
    load: Callable[[], Loaded]
    secrets: frozenset[str] = frozenset()
    after: Callable[[], None] = lambda: None


def run_task_tool(hosting: Hosting) -> ServedTool:
    """Return the tool."""
    adapter = TypeAdapter(_Task)
    schema = _described(adapter)
    spec = ToolSpec(NAME, _DESCRIPTION, schema, schema, Annotations("Do a whole task"))

    def answer(arguments: Mapping[str, Any], progress: Progress) -> Answer:
        wanted = validate(adapter, arguments)
        stage, settings = _prepared(hosting, wanted)
        told = _Telling(progress, settings.max_steps)
        report = _run(hosting, stage, settings, told)
        return _answer(report, told.steps)

    return ServedTool(spec, output_schema(Ended), answer)


def _described(adapter: TypeAdapter[_Task]) -> dict[str, Any]:
    """Return the schema with the words of each field, which the flat form leaves out."""
    schema = strict_schema(adapter)
    words = {name: field.description for name, field in _Task.model_fields.items()}
    fields = {name: {**f, "description": words[name]} for name, f in schema["properties"].items()}
    return {**schema, "properties": fields}


def _prepared(hosting: Hosting, wanted: _Task) -> tuple[Stage, RunSettings]:
    """Return where one run takes place and its settings.

    Raises:
        ToolError: there is no task, or it names a secret that it may not have.
        ConfigError: what is expected is nothing that can be checked.
    """
    from agent.expectation import parse_expectation

    foreign = references(wanted.task) - hosting.secrets
    if foreign:
        raise ToolError(
            f"The secret {min(foreign)} may not be used; the person can allow it with "
            "deskhand mcp --secret NAME."
        )
    given = {"max_steps": wanted.max_steps, "minutes": wanted.minutes, "expect": wanted.expect}
    changed = {name: value for name, value in given.items() if value is not None}
    settings = hosting.settings.model_copy(update={**changed, "task": wanted.task})
    stage = hosting.stage
    if wanted.task.strip():
        stage = replace(stage, task=wanted.task, check=None)
    elif not stage.task:
        raise ToolError("Say in task what to do.")
    if wanted.expect:
        stage = replace(stage, check=parse_expectation(wanted.expect))
    return stage, settings


def _run(hosting: Hosting, stage: Stage, settings: RunSettings, told: Listener) -> RunReport:
    from agent.assembly import run_on

    with _left_as_it_was(stage.environment):
        try:
            loaded = hosting.load()
            anew = loaded.another() if loaded.converse else loaded
            return run_on(stage, anew, settings, hosting.stop, [told])
        finally:
            hosting.after()


@contextmanager
def _left_as_it_was(environment: Environment) -> Iterator[None]:
    """Give the environment its own listeners back; a run puts its own there."""
    tell = environment.tell if isinstance(environment, Telling) else None
    glimpse = environment.glimpse if isinstance(environment, Glimpsed) else None
    try:
        yield
    finally:
        if isinstance(environment, Telling) and tell is not None:
            environment.tell = tell
        if isinstance(environment, Glimpsed) and glimpse is not None:
            environment.glimpse = glimpse


def _answer(report: RunReport, steps: int) -> Answer:
    outcome = report.outcome
    ended = Ended(
        status=outcome.status,
        reason=outcome.reason,
        evidence=outcome.evidence or None,
        answer=outcome.answer,
        steps=steps,
        run=report.run_id,
        report=REPORT.format(report.run_id),
    )
    said = f" It answers: {outcome.answer}" if outcome.answer else ""
    found = f" The check found: {outcome.evidence}" if outcome.evidence else ""
    text = f"{outcome.status}: {outcome.reason}{found}{said} The report is {ended.report}"
    return Answer(text, ended.data(), is_error=outcome.status in ("failed", "stopped"))


class _Telling(Listener):
    """Tells whoever called how far the run is."""

    def __init__(self, progress: Progress, most: int) -> None:
        self._progress, self._most = progress, float(most)
        self._last = 0.0
        self.steps = 0

    def on_step(self, step: Step) -> None:
        """Tell of a step, with what the model thought."""
        self.steps = step.index + 1
        thought = on_one_line(step.plan.thought)[:_LONGEST_THOUGHT]
        self._tell(float(self.steps), thought or f"step {self.steps}")

    def on_notice(self, text: str) -> None:
        """Tell what a person would be told."""
        self._tell(self._last + _NEXT_TO_NOTHING, text)

    def _tell(self, done: float, words: str) -> None:
        # The protocol wants every figure to be larger than the one before.
        self._last = max(done, self._last + _NEXT_TO_NOTHING)
        self._progress(self._last, self._most, words)
