"""What a benchmark is made of: suites, tasks, and what came of one episode.

Responsible for the words that suites, runner and reports share. Plays nothing and prints nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from random import Random
from typing import Annotated, Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from agent.outcome import Outcome
from environments.actions import Action
from environments.base import Environment, Stop

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""How much of a task was reached, by the state of the world at the end: 0 nothing, 1 all."""


class Kind(StrEnum):
    """How an episode ended; an episode that broke is never a zero.

    A timeout is the agent's own: its time, which runs from its first look, was up with the task not
    done. What a step did that began in time counts, however late it ended.
    """

    SUCCESS = "success"
    AGENT_FAIL = "agent_fail"
    TIMEOUT = "timeout"
    ENV_ERROR = "env_error"
    STOPPED = "stopped"

    @property
    def counts(self) -> bool:
        """Tell whether it says something about the agent; others are played again on resume."""
        return self in (Kind.SUCCESS, Kind.AGENT_FAIL, Kind.TIMEOUT)


class TaskResult(BaseModel):
    """What came of one episode: one line of the results file."""

    model_config = ConfigDict(frozen=True)

    key: str
    """What was played under which conditions; equal keys are the same episode."""
    group: str
    """Template or kind of task, by which tables are split."""
    seed: int
    kind: Kind
    score: Score | None = None
    """None where nothing could be scored."""
    reason: str = ""
    """One sentence for a person."""
    claim: str | None = None
    """What the agent said of itself, which does not enter the score."""
    seconds: float = 0.0
    """Of the agent, from its first look on; of an episode without a score, all of it."""
    setup_seconds: float = 0.0
    """Before that, which is nothing that an agent could be quicker in."""
    steps_ms: tuple[Mapping[str, float], ...] = ()
    """Milliseconds by stage for every step; "wall" is the whole step."""
    steps_work: tuple[Mapping[str, int], ...] = ()
    """What the model counted in every step: "tokens_prefilled", "tokens_generated", ..."""
    facts: Mapping[str, JsonValue] = Field(default_factory=dict)
    """What else the suite tells of the episode: a raw reward, a predicted point, a split."""
    tries: int = 1
    """How often it was begun; more than once only where a worker was lost."""


class Advice(Protocol):
    """What an oracle would do next."""

    @property
    def thought(self) -> str:
        """Say why, in words for a history."""
        ...

    @property
    def action(self) -> Action | None:
        """What to do; None when the task is done."""
        ...


@runtime_checkable
class Call(Protocol):
    """Advice that is a call already: what no ``Action`` says, such as to give up or to answer."""

    @property
    def thought(self) -> str:
        """Say why, in words for a history."""
        ...

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments of the screen's main tool."""
        ...


class Task(Protocol):
    """One case of a suite; ``setup`` comes first and ``teardown`` last, whatever happens."""

    @property
    def key(self) -> str:
        """Name within the suite, with everything that decides what is played."""
        ...

    @property
    def group(self) -> str:
        """Template or kind of task."""
        ...

    @property
    def seed(self) -> int:
        """What everything random in the task is drawn from."""
        ...

    @property
    def instruction(self) -> str:
        """What is asked for, in words; known after ``setup``."""
        ...

    @property
    def max_steps(self) -> int:
        """Turns of the loop that the agent gets; known after ``setup``."""
        ...

    def setup(self, stop: Stop) -> Environment:
        """Bring the world to its start and return it."""
        ...

    def score(self) -> float:
        """Return the score of the world as it stands."""
        ...

    def oracle(self) -> Advice | Call:
        """Return what solves the task from here.

        Raises:
            ConfigError: nobody knows; the text says so.
        """
        ...

    def teardown(self) -> None:
        """Give back what ``setup`` took; called once after every ``setup``, also a failed one."""
        ...


@runtime_checkable
class Over(Protocol):
    """A task whose world can end it before the agent does, such as a page that is done."""

    def is_over(self) -> bool:
        """Tell, after each step, whether nothing that comes now could change the score."""
        ...


@runtime_checkable
class Hears(Protocol):
    """A task whose score depends on what the agent said: a failure claimed, an answer given."""

    def ended(self, outcome: Outcome) -> None:
        """Hear how the agent ended; called once, before ``score``."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A task that tells more of an episode than its score."""

    def facts(self) -> Mapping[str, JsonValue]:
        """Return what goes into the record beside the score; asked after ``score``."""
        ...


@runtime_checkable
class OwnChance(Protocol):
    """A task whose random agent draws other calls than the usual one, such as clicks only."""

    def random_call(self, rng: Random, tool: str) -> Mapping[str, Any]:
        """Return the arguments of a call of ``tool``, drawn from ``rng`` alone."""
        ...


class Suite(Protocol):
    """A benchmark: tasks, and a world that is opened when the first is set up."""

    @property
    def name(self) -> str:
        """Name on the command line."""
        ...

    def tasks(self) -> Sequence[Task]:
        """Return the tasks in the order in which they are played."""
        ...

    def close(self) -> None:
        """Give back what is kept open between tasks; may be called twice."""
        ...
