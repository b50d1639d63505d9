"""Who plays the tasks of a suite, in words that another process can be told.

Responsible for turning ``--agent`` and ``--model`` into players. What the players do stands in
``benchmarks.players``, what a model is in ``agent.models``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.models.base import Model
from agent.toolset import spoken_kind
from benchmarks.base import Task
from benchmarks.header import Who
from benchmarks.players import Look, Shown, baseline
from benchmarks.runner import Players
from environments.base import Environment, Kind
from environments.practice import words

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

Load = Callable[[str], "Loaded"]
"""From the words after ``--model`` to a model in memory."""


@dataclass(frozen=True, slots=True)
class Casting:
    """Who plays; can be pickled.

    Attributes:
        agent: "model", or the name of a baseline.
        model: what ``--model`` says; not looked at unless the agent is "model".
        shown: what the model is shown instead of each task's screen; None for the screen itself.
    """

    agent: Who = "model"
    model: str = "embedded"
    shown: Callable[[Task], Look] | None = None

    @property
    def is_embedded(self) -> bool:
        """Tell whether the small embedded checkpoint plays, or another one made like it."""
        from agent.models.registry import choose_model

        return self.agent == "model" and choose_model(self.model).is_embedded

    @property
    def is_shared(self) -> bool:
        """Tell whether workers share one model: it is too large for each to have its own.

        The embedded one is small, and what stands behind a URL is shared already.
        """
        return self.agent == "model" and "://" not in self.model and not self.is_embedded

    def players(self, load: Load) -> Players:
        """Return who plays each task; loads the model if one plays.

        Raises:
            ConfigError, ModelError: there is no such model, or it cannot be loaded.
        """
        if self.agent != "model":
            name = self.agent
            return lambda task, screen: baseline(name, task, words.VALUES)
        return _model_players(load(self.model), self.shown)


def _model_players(loaded: Loaded, shown: Callable[[Task], Look] | None) -> Players:
    """Return the model itself, spoken to as befits the screen, or one shown something else."""
    suited: dict[Kind, Model] = {}

    def player(task: Task, screen: Environment) -> Model:
        kind = spoken_kind(screen)
        if kind not in suited:
            suited[kind] = loaded.suited(kind).model
        return Shown(suited[kind], shown(task)) if shown else suited[kind]

    return player
