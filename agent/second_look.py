"""Asking the model once more, before a fresh screenshot, whether the task is done.

Responsible for one question and for reading the answer. What follows from it is ``outcome``'s: it
can lower a claim and never raise one. The question is a conversation of its own, with one picture
and one tool, so that nothing of what the model told itself in the run speaks for it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agent.models.base import Image, Message, Model
from agent.models.profiles.nous import tools_block
from agent.outcome import Look, Opinion
from agent.parsing import parse
from agent.step import Run
from environments.base import Observation
from environments.errors import ModelError
from tools.schema import Annotations, Ending, ToolSpec

SYSTEM = (
    "You check whether a task on a computer or phone was done. You see the screen as it is now."
)
ASK = (
    "Task: {task}\n\nSomebody says that this is done.{answer} Look at the screen for what speaks "
    "for it and what speaks against it, say in one sentence what you see, then give your verdict: "
    "yes only if the screen shows it, no if the screen shows that it is not done, unclear if this "
    "screen cannot show it."
)
_LONGEST_REASON = 400
_PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"done": {"type": "string", "enum": ["yes", "no", "unclear"]}},
    "required": ["done"],
    "additionalProperties": False,
}
VERDICT = ToolSpec(
    name="verdict",
    description="Say whether the task is done.",
    parameters=_PARAMETERS,
    input_schema=_PARAMETERS,
    annotations=Annotations(title="Verdict", read_only=True, destructive=False),
)
_BELIEVES = {"yes": True, "no": False, "unclear": None}


class _Verdict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    done: Literal["yes", "no", "unclear"]


class SecondLook:
    """Puts the question to a model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __call__(self, run: Run, ending: Ending, look: Look) -> Opinion:
        """Return what the model thinks of a claim; no opinion where it cannot answer.

        Raises:
            DeviceError: the screen cannot be seen.
            Stopped: a person stopped the run meanwhile.
        """
        messages = question(run.task, ending, look())
        try:
            reply = self._model.generate(messages, [VERDICT], stop=run.stop)
        except ModelError as error:  # Its claim stands as it stood: unknown.
            return Opinion(None, f"could not be taken ({error})")
        plan = parse(reply.text, [VERDICT], is_cut=reply.finish == "length")
        if plan.error or not plan.calls or plan.calls[0].name != VERDICT.name:
            return Opinion(None, "gave no verdict")
        try:
            found = TypeAdapter(_Verdict).validate_python(plan.calls[0].arguments)
        except ValidationError:
            return Opinion(None, "gave no verdict")
        words = plan.thought[:_LONGEST_REASON]
        return Opinion(_BELIEVES[found.done], f"{found.done}: {words}" if words else found.done)


def question(task: str, ending: Ending, observation: Observation) -> list[Message]:
    """Return the conversation that asks for a verdict on a claim."""
    answer = f' The answer given was: "{ending.answer}".' if ending.answer else ""
    picture = Image(observation.frame, observation.frame_hash)
    return [
        Message("system", (f"{SYSTEM}\n\n{tools_block([VERDICT])}",)),
        Message("user", (picture, ASK.format(task=task, answer=answer))),
    ]
