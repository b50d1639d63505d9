"""The tools by which a model turns to the person: ask, hand over, say that a call is weighty.

Responsible for their words and arguments. How a person is reached is handed in; whatever they
answer is told to the model as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from environments.geometry import Grid, Screen
from tools.asking import Inquiry, Person, visible
from tools.rules.classes import EffectClass, Kind
from tools.schema import Annotations, Question, Request, Tool, ToolSpec
from tools.validation import strict_schema, validate

DONE, CANNOT = "done", "cannot"
Words = Annotated[str, Field(min_length=1, max_length=500)]

_DESCRIPTION = """Turn to the person you work for. The actions are:
* `ask_user`: Ask a `question` that only they can answer.
* `take_over`: Let them do what you must not or cannot do (a captcha, a sign-in); say why in \
`reason`. They act, say that they are done, and you look at the screen again.
* `announce`: Say before a call that it is weightier than it looks: its `effect`, and its \
`kind` if it is consequential. This can only lead to a question, never save one."""


class Cautious(Protocol):
    """Whoever decides about calls (``approval.Guard``)."""

    def declare(self, effect: EffectClass, kind: Kind | None) -> None:
        """Hear from the model that its next call is of this class."""
        ...


class _Arguments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AskUser(_Arguments):
    """Ask something."""

    action: Literal["ask_user"]
    question: Words


class TakeOver(_Arguments):
    """Hand over."""

    action: Literal["take_over"]
    reason: Words


class Announce(_Arguments):
    """Raise the class of the next call."""

    action: Literal["announce"]
    effect: Literal["edit", "consequential"]
    kind: Kind | None = None


_Person = Annotated[AskUser | TakeOver | Announce, Field(discriminator="action")]


def person_tool(person: Person, guard: Cautious, limit_s: float) -> Tool:
    """Return the tool; whoever is asked has ``limit_s`` seconds for an answer."""
    adapter: TypeAdapter[AskUser | TakeOver | Announce] = TypeAdapter(_Person)
    schema = strict_schema(adapter)
    hints = Annotations("Turn to the person", destructive=False, open_world=False)
    spec = ToolSpec("person", _DESCRIPTION, schema, schema, hints)

    def prepare(arguments: Mapping[str, Any], screen: Screen, grid: Grid) -> Request:
        asked = validate(adapter, arguments)
        return Request(Question(lambda: _answer(asked, person, guard, limit_s)))

    return Tool(spec, prepare)


def _answer(
    asked: AskUser | TakeOver | Announce, person: Person, guard: Cautious, limit_s: float
) -> str:
    match asked:
        case AskUser():
            return _asked(asked.question, person, limit_s)
        case TakeOver():
            return _taken_over(asked.reason, person, limit_s)
    guard.declare(EffectClass[asked.effect.upper()], asked.kind)
    return f"The next call counts as {asked.effect} at least."


def _asked(question: str, person: Person, limit_s: float) -> str:
    heard = person.ask(Inquiry("ask", visible(question), limit_s=limit_s))
    if heard.text is None:
        return f"There is no answer ({heard.how}). Go on without, or end the task."
    return f"The person answers: {heard.text!r}"


def _taken_over(reason: str, person: Person, limit_s: float) -> str:
    text = f"Please do this yourself, then say {DONE}: {visible(reason)}"
    heard = person.ask(Inquiry("take over", text, (DONE, CANNOT), limit_s))
    if heard.text is None:
        return f"Nobody took over ({heard.how}). Go on without, or end the task."
    if heard.text.strip().casefold() == DONE:
        return "The person has acted and says that it is done. Look at the screen again."
    return f"The person did not do it: {heard.text!r}"
