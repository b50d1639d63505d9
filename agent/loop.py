"""The loop: perceive, plan, act, until the task ends or a limit is reached.

Responsible for the order of things and nothing else. Settling and retries live in the environment;
coordinates, approval and verification in the tool registry; forgetting in the context; repetition
in the limits; what counts as success in the outcome; saving and showing in listeners.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from agent.context import Context
from agent.limits import Limits
from agent.listener import Listener
from agent.models.base import Model, Reply
from agent.outcome import (
    CRASHED,
    UNASKED,
    Check,
    Limit,
    Look,
    Opinion,
    Outcome,
    conclude,
    interrupted,
)
from agent.parsing import Plan, parse
from agent.step import Run, Step, Timings
from environments.base import Environment, Observation, Stop
from environments.errors import DeskhandError
from tools.registry import ToolRegistry
from tools.schema import Ending, ToolResult

SecondLook = Callable[[Run, Ending, Look], Opinion]


def nobody_looks(run: Run, ending: Ending, look: Look) -> Opinion:
    """Stand where the model is not asked a second time."""
    return UNASKED


@dataclass(frozen=True, slots=True)
class Agent:
    """A model with eyes and hands."""

    environment: Environment
    model: Model
    tools: ToolRegistry
    context: Context
    limits: Limits
    listener: Listener
    second_look: SecondLook = nobody_looks

    def run(
        self, task: str, stop: Stop, check: Check | None = None, past: Sequence[Step] = ()
    ) -> Outcome:
        """Do a task and say how it ended; ``stop`` is shared with environment and tools.

        A run that was interrupted goes on behind its ``past`` steps. An error of the device or the
        model is an outcome too. A bug is not caught: it surfaces after the listeners have heard
        that the run crashed.
        """
        run, outcome = Run(task, stop, self.limits.clock(), list(past)), CRASHED
        try:
            end: Ending | Limit | None = run.ending
            while end is None:
                end = self.step(run).ending or self.limits.reached(run)
            outcome = conclude(end, check, self.environment.observe, partial(self.second_look, run))
        except (DeskhandError, KeyboardInterrupt) as error:
            outcome = interrupted(error)
        finally:
            self.listener.on_outcome(outcome)
        return outcome

    def step(self, run: Run) -> Step:
        """Take one turn and add it to the run."""
        spent = Timings()
        observation = self._perceive(run, spent)
        reply, plan = self._plan(run, observation, spent)
        results = self._act(plan, observation, spent)
        step = Step(len(run.steps), observation, reply, plan, results, spent)
        run.steps.append(step)
        self.listener.on_step(step)
        self.context.prune(run.steps)
        return step

    def _perceive(self, run: Run, spent: Timings) -> Observation:
        observation = run.seen_last
        if observation is None:
            observation = self.environment.observe()
            spent.add(observation.timings_ms)
        self.listener.on_observation(observation)
        return observation

    def _plan(self, run: Run, observation: Observation, spent: Timings) -> tuple[Reply, Plan]:
        tools, on_text = self.tools.specs, self.listener.on_text
        messages = self.context.messages(run.task, run.steps, observation, tools)
        reply = self.model.generate(messages, tools, stop=run.stop, on_text=on_text)
        spent.add(reply.timings_ms)
        with spent.stage("parse"):
            plan = parse(reply.text, tools, is_cut=reply.finish == "length")
        self.listener.on_plan(reply, plan)
        return reply, plan

    def _act(self, plan: Plan, observation: Observation, spent: Timings) -> tuple[ToolResult, ...]:
        results: list[ToolResult] = []
        for call in plan.calls:
            result = self.tools.call(call, observation)
            results.append(result)
            spent.add(result.timings_ms)
            self.listener.on_result(call, result)
            if result.is_error or result.ending:
                break
            observation = result.observation or observation
        return tuple(results)
