"""Which past steps and screenshots the model sees.

Responsible for turning steps into the turns that a profile words, by a history policy and within
the room that the model has, for telling it when it goes round in circles (``loops``), and for
forgetting pictures that no prompt will show again. The words are the profile's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from agent.closer import enlarged
from agent.history import History
from agent.loops import Rung, advice, standing
from agent.models.base import Image, Message
from agent.models.profiles.base import Profile, Turn
from agent.step import Step
from environments.base import Observation
from tools.schema import ToolResult, ToolSpec

_LONGEST_REPLY = 4_000
"""Characters of a past reply that are shown again; a runaway reply must not fill the prompt."""

_KEPT = 3
"""Latest pictures that are always kept."""


@runtime_checkable
class Room(Protocol):
    """A model that knows how long a conversation may be."""

    @property
    def context_tokens(self) -> int:
        """Tokens that a prompt may have."""
        ...

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Return how many a conversation takes."""
        ...


class Context:
    """The memory of one run."""

    def __init__(
        self,
        profile: Profile,
        history: History | None = None,
        room: Room | None = None,
        tell: Callable[[str], None] = lambda _: None,
        heard: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Remember as one profile wants it.

        Args:
            profile: how the model is spoken to.
            history: which screenshots are shown; None takes the profile's own policy.
            room: who knows how much fits; None where nobody does.
            tell: hears a sentence for the person when the room is used up.
            heard: returns what the person has said since it was asked last.
        """
        self._profile = profile
        self._history = history or profile.history
        self._room, self._tell, self._heard = room, tell, heard
        self._said: dict[int, list[str]] = {}
        self._first = 0
        self._known: list[Told] = []

    def messages(
        self, task: str, steps: Sequence[Step], now: Observation, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        """Return the conversation that asks for the next step."""
        self._listen(len(steps) - 1)
        self._cut_to_most(len(steps))
        messages = self._worded(task, steps, now, tools)
        while self._first < len(steps) and self._is_too_long(messages):
            self._cut(len(steps), max(self._history.least, (len(steps) - self._first) // 2))
            messages = self._worded(task, steps, now, tools)
        return messages

    def prune(self, steps: list[Step]) -> None:
        """Drop the pictures that no prompt and no limit will look at again."""
        for index in range(min(self._first, len(steps) - _KEPT)):
            if steps[index].observation is not None:
                steps[index] = steps[index].without_looks()

    def _worded(
        self, task: str, steps: Sequence[Step], now: Observation, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        turns = [
            _turn(step, index >= self._first, told, self._words(index))
            for index, (step, told) in enumerate(zip(steps, self._told(steps, now), strict=True))
        ]
        asked = " ".join(filter(None, (task, self._words(-1))))
        return self._profile.messages(asked, turns, _image(now), tools)

    def _listen(self, index: int) -> None:
        """Note what was said, behind the last step or the task, where it stays."""
        for text in self._heard():
            self._said.setdefault(index, []).append(text)
            self._tell(f"The model hears from you: {text}")

    def _words(self, index: int) -> str:
        return " ".join(f"The person says: {text!r}" for text in self._said.get(index, ()))

    def _told(self, steps: Sequence[Step], now: Observation) -> list[Told]:
        """Return what the model is told after each step about going round in circles."""
        screens = [*(step.screen for step in steps), now.frame_hash] if steps else []
        known = self._known[: max(0, len(steps) - 1)]
        for index in range(len(known), len(steps)):
            seen = steps[index + 1].observation if index + 1 < len(steps) else now
            known.append(told_after(steps[: index + 1], screens[: index + 2], seen))
        # The last step may not be complete yet, where the next screen is read ahead.
        self._known = known[:-1]
        return known

    def _cut_to_most(self, count: int) -> None:
        most = self._history.most
        if most is not None and count - self._first > most:
            self._first = count - self._history.least

    def _is_too_long(self, messages: Sequence[Message]) -> bool:
        room = self._room
        return room is not None and room.prompt_tokens(messages) > room.context_tokens

    def _cut(self, count: int, left: int) -> None:
        """Show ``left`` screenshots of the past, and one fewer than now in any case."""
        before, self._first = self._first, max(self._first + 1, count - left)
        assert self._room is not None
        self._tell(
            f"The history has reached its {self._room.context_tokens} tokens; the oldest "
            f"{self._first - before} screenshots shown are told in words from now on."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is told beside the results of a step: words, and the place it pointed at, enlarged."""

    words: str = ""
    closer: Image | None = None


NOTHING = Told()


def told_after(steps: Sequence[Step], screens: Sequence[str], seen: Observation | None) -> Told:
    """Return what is told after the last of some steps; ``seen`` is the screen that followed."""
    stands = standing(steps, screens)
    words = advice(stands)
    if not words:
        return NOTHING
    point = next((r.point_px for r in reversed(steps[-1].results) if r.point_px), None)
    if stands.rung is not Rung.AIM or point is None or seen is None:
        return Told(words)
    return Told(words, enlarged(seen.frame, point))


def _turn(step: Step, shown: bool, told: Told, said: str) -> Turn:
    failed = step.plan.error is not None or any(result.is_error for result in step.results)
    came = step.plan.error or "; ".join(result.content for result in step.results)
    return Turn(
        image=_image(step.observation) if shown and step.observation else None,
        reply=_spoken(step.reply.text)[:_LONGEST_REPLY],
        thought=step.plan.thought,
        outcome=" ".join(filter(None, (came, told.words, step.remark, said))),
        is_error=failed,
        verdict=step.plan.error or "; ".join(map(_verdict, step.results)),
        closer=told.closer,
    )


def _verdict(result: ToolResult) -> str:
    return result.effect.value if result.effect else result.content


def _spoken(reply: str) -> str:
    """Return a reply without its thinking, as the Thinking editions' own template replays it."""
    return reply.rpartition("</think>")[2].lstrip() if "</think>" in reply else reply


def _image(observation: Observation) -> Image:
    return Image(observation.frame, observation.frame_hash)
