"""Who answers a question of a grounding benchmark: a model, or one whose score is known before.

Responsible for asking the way ``deskhand ground`` does, and for what is kept of the answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from pydantic import JsonValue

from agent.grounding import point
from agent.models.loaded import Loaded
from benchmarks.base import TaskResult
from benchmarks.header import Who
from benchmarks.suites.asking import Answered
from benchmarks.suites.grounding.answers import UNREADABLE, Answer, answer_of
from benchmarks.suites.grounding.items import Item, Pictures
from benchmarks.suites.grounding.judging import judge
from benchmarks.suites.grounding.regions import Nowhere, Point, Polygon, Size
from environments.base import Kind, Stop
from tools.computer_use import computer_use
from tools.mobile_use import mobile_use
from tools.schema import Tool

QUESTION = "{instruction}"
"""What is asked: the words of the data set as they are."""

OTHER_SIZE = "size_of_picture"
"""The fact of a record that tells the size of a picture that is not as the data set says."""


class Said(NamedTuple):
    """An answer, all that was said, and the picture's size where it is not the one it should be."""

    answer: Answer
    reply: str = ""
    other_size: Size | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Respondent:
    """Answers the questions of one data set.

    Attributes:
        who: "model", or the name of a baseline.
        pictures: where the pictures are.
        speakers: the model, spoken to as befits each kind of screen; empty for a baseline.
        question: what is asked, with ``{instruction}`` in it.
    """

    who: Who
    pictures: Pictures
    speakers: Mapping[Kind, Loaded] = field(default_factory=dict)
    question: str = QUESTION

    def answer(self, item: Item, stop: Stop) -> Answered:
        """Return the verdict on the answer to a question.

        Raises:
            ConfigError: the picture is not there.
            ModelError, Stopped: there is no answer.
        """
        ways: dict[Who, Callable[[], Said]] = {
            "oracle": lambda: Said(_right(item)),
            "noop": lambda: Said(UNREADABLE),
            "random": lambda: Said(_anywhere(item, self._size(item))),
        }
        answer, reply, other_size = (
            ways[self.who]() if self.who in ways else self._asked(item, stop)
        )
        verdict = judge(item, answer)
        at: JsonValue = list(answer.point) if answer.point else None
        facts: dict[str, JsonValue] = {"point": at, "refused": answer.refused, "reply": reply}
        facts |= {OTHER_SIZE: list(other_size)} if other_size else {}
        return Answered(verdict == "correct", verdict, facts)

    def _size(self, item: Item) -> Size:
        return item.size or self.pictures.size(item.picture)

    def _asked(self, item: Item, stop: Stop) -> Said:
        frame = self.pictures.read(item.picture)
        seen = (frame.shape[1], frame.shape[0])
        speaker = self.speakers["phone" if item.on_phone else "desktop"]
        grid = speaker.profile.grid
        tool: Tool = mobile_use(grid) if item.on_phone else computer_use()
        asked = self.question.replace("{instruction}", item.instruction)
        found = point(asked, frame, speaker, tool, stop)
        answer = answer_of(found, seen, grid)
        told = item.size or seen
        return Said(_scaled(answer, seen, told), found.reply, None if seen == told else seen)


def answer_in(result: TaskResult) -> Answer:
    """Return the answer that stands in a record."""
    at = result.facts.get("point")
    place = (float(cast(float, at[0])), float(cast(float, at[1]))) if isinstance(at, list) else None
    return Answer(place, bool(result.facts.get("refused")))


def _scaled(answer: Answer, seen: Size, told: Size) -> Answer:
    """Return the answer in the pixels that the data set counts by, where a copy is smaller."""
    if answer.point is None or seen == told:
        return answer
    x, y = answer.point
    return Answer((x * told[0] / seen[0], y * told[1] / seen[1]))


def _right(item: Item) -> Answer:
    """Return the right answer; of a polygon that does not hold its middle, a corner."""
    region = item.region
    if isinstance(region, Nowhere):
        return Answer(refused=True)
    at: Point = region.centre
    if isinstance(region, Polygon) and not region.holds(at):
        at = region.points[0]
    return Answer(at)


def _anywhere(item: Item, size: Size) -> Answer:
    rng = random.Random(f"random/{item.key}")
    return Answer((rng.uniform(0, size[0]), rng.uniform(0, size[1])))
