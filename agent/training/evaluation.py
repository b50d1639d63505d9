"""Evaluation by acting: a checkpoint does practice tasks of seeds that training never sees.

Responsible for letting a saved checkpoint act as it will act for a person: loaded from its folder,
through the engine, the loop and the tools. It steers training; the figures that are published are
taken by ``deskhand bench`` on other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.context import Context
from agent.limits import Limits
from agent.listener import Listener
from agent.loop import Agent
from agent.models.registry import load_model
from agent.outcome import Outcome
from agent.toolset import tools_for
from agent.training.teacher import practised
from environments.base import Stop
from environments.errors import ModelError
from environments.practice.phone.templates import DEMO as PHONE_DEMO
from environments.practice.templates import DEMO as DESKTOP_DEMO
from tools.approval import AllowAll
from tools.registry import ToolRegistry

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

DEMO = (*DESKTOP_DEMO, *PHONE_DEMO)
"""The templates by which checkpoints are chosen: the demo's of both worlds."""

FIRST_TRAINING_SEED = 1_000_000
"""Training draws seeds from here on; everything below is for evaluation, tests and the demo."""

SELECTION_SEEDS = range(500, 600)
"""Seeds that choose between checkpoints; published figures are taken on others."""


def evaluate(folder: Path, templates: Sequence[str], seeds: Sequence[int]) -> dict[str, float]:
    """Return for each template the share of tasks that a checkpoint brings to the wanted state.

    Raises:
        ModelError: the checkpoint cannot be loaded, or its numbers are not finite.
        KeyboardInterrupt: a person stopped it.
    """
    loaded = load_model(str(folder))
    return {t: sum(play(loaded, t, seed) for seed in seeds) / len(seeds) for t in templates}


def play(loaded: Loaded, template: str, seed: int) -> float:
    """Return 1.0 if a task ends in exactly the wanted state within twice the oracle's steps."""
    stop = Stop()
    world = practised(template, seed, stop)
    grid = loaded.profile.grid
    agent = Agent(
        world,
        loaded.model,
        ToolRegistry(world, tools_for(world, grid, is_small=True), stop, grid, AllowAll()),
        Context(loaded.profile),
        Limits(max_steps=2 * world.task.steps),
        Listener(),
    )
    _insist(agent.run(world.task.instruction, stop))
    return world.task.score()


def _insist(outcome: Outcome) -> None:
    """Pass on what says nothing about the checkpoint: it must not count as a task that failed."""
    if outcome.ended_by == "person":
        raise KeyboardInterrupt
    if outcome.ended_by == "model":
        raise ModelError(outcome.reason)


def demo_share(scores: Mapping[str, float]) -> float:
    """Return the mean over the demo's templates, over all where none of them was played."""
    chosen = [scores[t] for t in DEMO if t in scores] or list(scores.values())
    return sum(chosen) / len(chosen)
