"""A run that dies: Deskhand's own parts, a model that looks, and a place to be killed at.

Run as a process of its own, as

    python -m benchmarks.suites.targets.crashing begin|resume HOME SOCKET ON POINT CALL TREE HASTY

It puts a run on the screen ON together as ``deskhand run`` and ``deskhand resume`` do. The model
asks the world behind SOCKET what it shows; a hasty one repeats, unseen, whatever it is told may
have been done. At POINT of the n-th call the process kills itself with signal 9, with TREE also the
process that would let keys go. The last line that it prints says what the model was told and how
the run ended.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.listener import Listener
from agent.models.base import Message, Reply
from agent.outcome import Outcome
from agent.parsing import Plan
from environments.actions import Action
from environments.base import Observation, Stop
from tools.schema import ToolCall, ToolResult, ToolSpec

POINTS = ("planned", "announced", "acted", "looked", "recorded")
"""Before the intent is written, after it, after the act, before the outcome is written, after."""

TASK = "Do what the screen asks for."


@dataclass(frozen=True, slots=True)
class Fault:
    """Where to die: at a point of the n-th call; nowhere at call 0."""

    point: str
    call: int
    tree: bool


class Dying:
    """Counts the calls and dies where it must."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._calls = 0

    def at(self, point: str) -> None:
        """Die if this is the place."""
        if point == POINTS[0]:
            self._calls += 1
        if (point, self._calls) == (self._fault.point, self._fault.call):
            if self._fault.tree:
                _kill_children()
            os.kill(os.getpid(), signal.SIGKILL)


def _kill_children() -> None:
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            os.kill(int(child), signal.SIGKILL)


class Hearing(Listener):
    """Hears the points that lie around a call; the journal has heard them before."""

    def __init__(self, dying: Dying) -> None:
        self._dying = dying
        self.outcome: Outcome | None = None

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        """Come to a call that is not announced yet."""
        self._dying.at("planned")

    def on_result(self, call: ToolCall, result: ToolResult) -> None:
        """Come to a call whose outcome is written."""
        self._dying.at("recorded")

    def on_outcome(self, outcome: Outcome) -> None:
        """Keep how it ended."""
        self.outcome = outcome


class DyingHands:
    """The environment, with the points that lie in a call; everything else is its own."""

    def __init__(self, inner: Any, dying: Dying) -> None:
        self._inner = inner
        self._dying = dying
        self._acted = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def observe(self) -> Observation:
        """Look; the look after an act is the last thing before its outcome is written."""
        seen: Observation = self._inner.observe()
        if self._acted:
            self._acted = False
            self._dying.at("looked")
        return seen

    def execute(self, action: Action) -> None:
        """Act between two places to die at."""
        self._dying.at("announced")
        self._inner.execute(action)
        self._acted = True
        self._dying.at("acted")


class LookingModel:
    """Does what the world shows to be next.

    Attributes:
        told: whether it was told that something may have been done.
    """

    name = "one that looks"
    profile = "qwen3vl-desktop"

    def __init__(self, place: str, hasty: bool) -> None:
        """Ask the world behind a socket."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(place)
        self._answers = self._socket.makefile()
        self._hasty = hasty
        self.told = False

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Return the next reply."""
        from agent.recall import UNKNOWN

        stop.check()
        if tools[0].name == "verdict":
            return Reply(called("verdict", "I cannot tell.", done="unclear"))
        news = "".join(part for part in messages[-1].parts if isinstance(part, str))
        if UNKNOWN in news and not self.told:
            self.told = True
            if self._hasty:
                return Reply(str(messages[-2].parts[0]))
        self._socket.sendall(b"next\n")
        step = json.loads(self._answers.readline())
        return Reply(called(step["tool"], step["thought"], **step["arguments"]))

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._socket.close()


def called(tool: str, thought: str, **arguments: Any) -> str:
    """Return a reply with one call."""
    body = json.dumps({"name": tool, "arguments": arguments})
    return f"{thought}\n<tool_call>\n{body}\n</tool_call>"


def main(arguments: list[str]) -> None:
    """Do or go on with the one run of a home."""
    from agent.config import HOME_VARIABLE

    way, home, place, on, point, call, tree, hasty = arguments
    os.environ[HOME_VARIABLE] = home
    dying = Dying(Fault(point, int(call), tree == "yes"))
    hearing = Hearing(dying)
    model = LookingModel(place, hasty == "yes")
    try:
        perform(way, on, model, dying, hearing)
    finally:
        model.close()
    assert hearing.outcome is not None
    said = {"told": model.told, "status": hearing.outcome.status, "by": hearing.outcome.ended_by}
    print(json.dumps(said))  # noqa: T201 - the answer


def perform(way: str, on: str, model: LookingModel, dying: Dying, hearing: Hearing) -> None:
    """Put the run together as the commands do; one that is resumed stays where it was."""
    from agent.archive import list_runs
    from agent.assembly import run_on, runs_folder, staged
    from agent.config import settings_from
    from agent.models.loaded import Loaded
    from agent.models.profiles.finding import load_profile
    from agent.resume import taken_over

    stop = Stop()
    settings = settings_from(task=TASK, on=on, preset="autonomous", ask="wait")
    with ExitStack() as opened:
        past = None
        if way == "resume":
            run = list_runs(runs_folder())[0].id
            past = opened.enter_context(taken_over(runs_folder(), run))
            settings = past.past.settings
        stage = opened.enter_context(staged(settings, stop))
        stage = replace(stage, environment=DyingHands(stage.environment, dying))
        loaded = Loaded(model, load_profile("qwen3vl-desktop"), False)
        run_on(stage, loaded, settings, stop, [hearing], past)


if __name__ == "__main__":
    main(sys.argv[1:])
