"""What a checkpoint meets when it acts itself: moments of its own making, with the right next step.

Responsible for letting it play a teacher's tasks while the oracle says at each turn what would have
been right. Learning from these teaches how to mend what it does wrong (DAgger: Ross, Gordon and
Bagnell, "A Reduction of Imitation Learning and Structured Prediction to No-Regret Online Learning",
2011).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.models.base import Message, Model, Reply
from agent.models.profiles.embedded import task_text
from agent.training.evaluation import act
from agent.training.moments import Moment, moment_of
from agent.training.teacher import Teacher
from environments.base import Stop
from tools.schema import ToolSpec

if TYPE_CHECKING:
    from agent.models.loaded import Loaded


def met(loaded: Loaded, teacher: Teacher, seed: int) -> Iterator[Moment]:
    """Yield the moments that a checkpoint comes to in the task of a seed."""
    teacher.reset(seed)
    watched = _Watched(loaded.model, teacher)
    with contextlib.suppress(LookupError):
        act(replace(loaded, model=watched), teacher)
    yield from watched.moments


class _Watched:
    """A model beside which the oracle stands; ends the run where that has nothing to say."""

    def __init__(self, model: Model, teacher: Teacher) -> None:
        self.name, self.profile = model.name, model.profile
        self.moments: list[Moment] = []
        self._model, self._teacher = model, teacher

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Note the moment and let the model go on."""
        text = "".join(part for part in messages[-1].parts if isinstance(part, str))
        begin = task_text(self._teacher.instruction, (), self._teacher.kind)
        self.moments.append(moment_of(self._teacher, (text.removeprefix(begin),)))
        return self._model.generate(messages, tools, stop=stop, on_text=on_text)
