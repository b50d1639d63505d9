"""Evaluation by acting: a checkpoint does tasks of seeds that training never sees.

Responsible for letting a saved checkpoint act as it will act for a person: loaded from its folder,
through the engine, the loop and the tools. It steers training; the figures that are published are
taken by ``deskhand bench`` on other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from agent.context import Context
from agent.limits import Limits
from agent.listener import Listener
from agent.loop import Agent
from agent.models.registry import load_model
from agent.toolset import tools_for
from agent.training.teacher import Teacher, teacher_named
from environments.base import Stop
from environments.errors import ModelError
from tools.approval import AllowAll
from tools.registry import ToolRegistry

if TYPE_CHECKING:
    from agent.models.loaded import Loaded


def evaluate(
    folder: Path, templates: Sequence[str], seeds: Sequence[int], world: str = "practice"
) -> dict[str, float]:
    """Return for each task of a teacher the mean score of a checkpoint; "" is all of its tasks.

    Raises:
        ModelError: the checkpoint cannot be loaded, or its numbers are not finite.
        KeyboardInterrupt: a person stopped it.
    """
    loaded = load_model(str(folder))
    scores = {}
    for template in templates:
        with closing(teacher_named(world)((template,) if template else ())) as teacher:
            scores[template] = sum(play(loaded, teacher, seed) for seed in seeds) / len(seeds)
    return scores


def play(loaded: Loaded, teacher: Teacher, seed: int) -> float:
    """Return 1.0 if a task ends in exactly the wanted state within the turns that it is given."""
    teacher.reset(seed)
    act(loaded, teacher)
    return teacher.score()


def act(loaded: Loaded, teacher: Teacher) -> None:
    """Let a model do the task that a teacher has set, within the turns that it is given.

    Raises:
        ModelError: it cannot answer, which says nothing about what it has learnt.
        KeyboardInterrupt: a person stopped it.
    """
    stop, grid, screen = Stop(), loaded.profile.grid, teacher.screen
    agent = Agent(
        screen,
        loaded.model,
        ToolRegistry(screen, tools_for(screen, grid, is_small=True), stop, grid, AllowAll()),
        Context(loaded.profile),
        Limits(max_steps=teacher.turns),
        Listener(),
    )
    outcome = agent.run(teacher.instruction, stop)
    if outcome.ended_by == "person":
        raise KeyboardInterrupt
    if outcome.ended_by == "model":
        raise ModelError(outcome.reason)


def share_of(scores: Mapping[str, float], watched: Sequence[str]) -> float:
    """Return the mean over the watched tasks, over all where none of them was played."""
    chosen = [scores[t] for t in watched if t in scores] or list(scores.values())
    return sum(chosen) / len(chosen)
