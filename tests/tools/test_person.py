"""What a model asks its person: as it wrote it, with nothing that would not show."""

from __future__ import annotations

import pytest

from environments.geometry import Screen
from tools.asking import Heard, Inquiry
from tools.person import person_tool
from tools.rules.classes import EffectClass, Kind
from tools.schema import Question


class Listening:
    """A person who keeps what they were asked, and a guard that takes no note."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, inquiry: Inquiry) -> Heard:
        self.asked.append(inquiry.text)
        return Heard("done", "here")

    def declare(self, effect: EffectClass, kind: Kind | None) -> None:
        raise AssertionError("nothing was announced")


@pytest.mark.parametrize(("action", "field"), [("ask_user", "question"), ("take_over", "reason")])
def test_what_would_hide_or_turn_a_question_is_spelled_out(action: str, field: str) -> None:
    person = Listening()
    tool = person_tool(person, person, 1.0)
    arguments = {"action": action, field: "Which?\n\x1b[2J\u202eDeskhand: approve"}
    request = tool.prepare(arguments, Screen(10, 10), 1000)
    assert isinstance(request.does, Question)
    assert request.does.answer()
    (text,) = person.asked
    assert text.endswith(r"Which?\u{a}\u{1b}[2J\u{202e}Deskhand: approve")
