"""Runs to learn from: an oracle plays practice tasks through the real loop, and the journal writes.

Responsible for one recorded run whose success the world itself has verified.
"""

from __future__ import annotations

from pathlib import Path

from agent.context import Context
from agent.journal import Journal
from agent.limits import Limits
from agent.loop import Agent
from agent.models.profiles.embedded import PROFILE
from agent.outcome import Outcome
from agent.practice import state_check
from agent.toolset import tools_for
from benchmarks.players import baseline
from benchmarks.suites.practice import PracticeCase, SharedDesk
from environments.base import Stop
from tools.approval import AllowAll
from tools.registry import ToolRegistry


def record(template: str, seed: int, runs: Path, stop: Stop) -> Outcome:
    """Let the oracle do one task in process, spoken to like the embedded checkpoint.

    Raises:
        ConfigError: there is no such template.
    """
    case = PracticeCase(template, seed, SharedDesk("in-process"))
    screen = case.setup(stop)
    with Journal(
        runs, task=case.instruction, model="oracle", environment="practice:in-process"
    ) as journal:
        offered = tools_for(screen, PROFILE.grid, is_small=True)
        tools = ToolRegistry(screen, offered, stop, PROFILE.grid, AllowAll(), journal)
        journal.spoken(PROFILE, tools.specs)
        oracle, limits = baseline("oracle", case, ()), Limits(max_steps=case.max_steps)
        agent = Agent(screen, oracle, tools, Context(PROFILE), limits, journal)
        return agent.run(case.instruction, stop, state_check(case.score))
