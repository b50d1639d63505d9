"""Which past steps and screenshots the model sees.

Responsible for turning steps into the turns that a profile words, and for forgetting pictures that
no prompt will show again. The words are the profile's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.models.base import Image, Message
from agent.models.profiles.base import Profile, Turn
from agent.step import Step
from environments.base import Observation
from tools.schema import ToolSpec

_LONGEST_REPLY = 4_000
"""Characters of a past reply that are shown again; a runaway reply must not fill the prompt."""


@dataclass(frozen=True, slots=True)
class Context:
    """The memory of a run as one profile wants it.

    Attributes:
        profile: how the model is spoken to.
        images: past screenshots that are kept; one the profile does not show is never encoded.
            At least three, for the limits compare the last three pictures.
    """

    profile: Profile
    images: int = 4

    def messages(
        self, task: str, steps: Sequence[Step], now: Observation, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        """Return the conversation that asks for the next step."""
        return self.profile.messages(task, [_turn(step) for step in steps], _image(now), tools)

    def prune(self, steps: list[Step]) -> None:
        """Drop the pictures of the step that has just become too old to be shown."""
        old = len(steps) - self.images - 1
        if old >= 0:
            steps[old] = steps[old].without_looks()


def _turn(step: Step) -> Turn:
    failed = step.plan.error is not None or any(result.is_error for result in step.results)
    outcome = step.plan.error or "; ".join(result.content for result in step.results)
    return Turn(
        image=_image(step.observation) if step.observation else None,
        reply=_spoken(step.reply.text)[:_LONGEST_REPLY],
        thought=step.plan.thought,
        outcome=outcome,
        is_error=failed,
    )


def _spoken(reply: str) -> str:
    """Return a reply without its thinking, as the Thinking editions' own template replays it."""
    return reply.rpartition("</think>")[2].lstrip() if "</think>" in reply else reply


def _image(observation: Observation) -> Image:
    return Image(observation.frame, observation.frame_hash)
