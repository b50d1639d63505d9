"""A screen with everything that stands between it and whoever calls.

Responsible for joining rules, person, secrets and guard before the registry, in one way for our own
agent, for MCP clients and for Qwen-Agent's programs. What each of them decides is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.discretion import Discretion, discretion_for
from agent.guarding import guard_for
from environments.base import Environment, Stop
from environments.errors import ConfigError
from environments.geometry import Grid
from tools.approval import Approver, Guard
from tools.asking import Person
from tools.registry import Recorder, ToolRegistry
from tools.rules.rulebook import Rules
from tools.schema import Tool


@dataclass(frozen=True, slots=True)
class GuardedScreen:
    """A screen under the rules of a run.

    Attributes:
        discreet: the screen, the person and the vault, through which no secret is seen.
        guard: decides about calls.
    """

    discreet: Discretion
    guard: Guard

    def door(
        self,
        tools: Sequence[Tool],
        stop: Stop,
        grid: Grid,
        recorder: Recorder,
        approver: Approver | None = None,
    ) -> ToolRegistry:
        """Return the one door for calls.

        Args:
            tools: what can be asked for.
            stop: ends every call.
            grid: largest coordinate of whoever calls.
            recorder: is told before and after.
            approver: decides in the place of the guard, which it has behind it.

        Raises:
            ConfigError: two tools have the same name, so that one would stand in for the other.
        """
        names = [tool.spec.name for tool in tools]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"Two tools are called {name!r:.60}; give one another name.")
        environment, approver = self.discreet.environment, approver or self.guard
        registry = ToolRegistry(environment, tools, stop, grid, approver, recorder)
        registry.vault = self.discreet.vault
        return registry


def guarded_screen(
    rules: Rules, environment: Environment, person: Person, *, resumed: bool = False
) -> GuardedScreen:
    """Put a screen under rules; one that is ``resumed`` may show secrets from before."""
    discreet = discretion_for(rules, environment, person, resumed=resumed)
    guard = guard_for(rules, environment, discreet.environment.observe, discreet.person)
    return GuardedScreen(discreet, guard)
