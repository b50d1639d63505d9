"""What an MCP server serves: tools with structured answers and pictures, and documents.

Responsible for the values that pass between the server and whoever hands it something to serve, and
for serving what goes through the tool registry. Knows nothing of the protocol (``server``), of
turns (``door``) or of the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, TypeAdapter

from environments.base import Frame, Observation
from environments.geometry import Screen
from tools.schema import Tool, ToolCall, ToolResult, ToolSpec
from tools.validation import strict_schema

Progress = Callable[[float, float | None, str], None]
"""Hears how far a call is: steps done, steps at most (None if nobody knows), and words."""


OVERTAKEN = (
    "Another client has used the screen since you were shown it, so nothing was done. The picture "
    "shows it as it is now; call again if that still fits."
)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a call gives back.

    Attributes:
        text: for a model to read.
        data: the same for programs, as the tool's output schema says; empty for an error.
        frame: a picture that belongs to it.
        is_error: the caller asked for something that could not be done; the text says what to do.
    """

    text: str
    data: Mapping[str, Any]
    frame: Frame | None = None
    is_error: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class ServedTool:
    """A tool for others.

    Attributes:
        spec: what callers are told, with the schema that their arguments are held to.
        output: JSON Schema of what ``Answer.data`` holds; an object.
        answer: does one call; raises ``ToolError`` for what the caller can mend and ``Stopped``
            when the call was taken back.
    """

    spec: ToolSpec
    output: Mapping[str, Any]
    answer: Callable[[Mapping[str, Any], Progress], Answer]


@dataclass(frozen=True, slots=True)
class Document:
    """Something to read: its address, a title, its media type and what it says of itself."""

    uri: str
    title: str
    media_type: str
    description: str = ""


class Shelf(Protocol):
    """Where documents stand."""

    def documents(self) -> Sequence[Document]:
        """Return those that can be read now, the newest first."""
        ...

    def read(self, uri: str) -> tuple[str, str]:
        """Return the text of one and its media type.

        Raises:
            DeskhandError: there is none, or it cannot be read; the text says why.
        """
        ...


class Output(BaseModel):
    """Base of what tools answer for programs; what nobody knows is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def data(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return self.model_dump(mode="json", exclude_none=True)


class SizePx(Output):
    """The size of a picture."""

    width: int
    height: int


class Did(Output):
    """What came of an action."""

    result: str
    """What happened, in words."""
    effect: Literal["confirmed", "unverifiable", "suspected no-op"] | None = None
    """The verdict on the action; not there for a call that only answers."""
    foreground: str | None = None
    """Title or application in front afterwards."""
    size_px: SizePx | None = None
    """The size of the picture that comes along."""


def output_schema(of: type[Output]) -> dict[str, Any]:
    """Return the JSON Schema of an output."""
    schema = strict_schema(TypeAdapter(of))
    schema.setdefault("required", [])
    return schema


class Calls(Protocol):
    """The one door for every call (``tools.registry.ToolRegistry``)."""

    def call(self, call: ToolCall, observation: Observation) -> ToolResult:
        """Carry out one call."""
        ...


class Eyes(Protocol):
    """What remembers the look that each client was shown last."""

    def current(self) -> Observation:
        """Return the last look, or a fresh one."""
        ...

    def is_overtaken(self) -> bool:
        """Tell whether another client has acted since."""
        ...

    def fresh(self) -> Observation:
        """Look anew, and remember that."""
        ...

    def shown(self, look: Observation) -> None:
        """Hear that a look is what the caller sees now."""
        ...


def through_the_registry(tool: Tool, registry: Calls, eyes: Eyes) -> ServedTool:
    """Return a tool whose calls are validated, approved, executed and verified by the registry."""

    def answer(arguments: Mapping[str, Any], progress: Progress) -> Answer:
        if not tool.spec.annotations.read_only and eyes.is_overtaken():
            return Answer(OVERTAKEN, {}, eyes.fresh().frame, is_error=True)
        result = registry.call(ToolCall(tool.spec.name, arguments), eyes.current())
        if result.ending is not None:
            return Answer(
                "There is no run to end here; tell your own user instead.", {}, None, True
            )
        if result.observation is not None:
            eyes.shown(result.observation)
        return _answer(result)

    return ServedTool(tool.spec, output_schema(Did), answer)


def _answer(result: ToolResult) -> Answer:
    look = result.observation
    if result.is_error:
        return Answer(result.content, {}, look.frame if look else None, is_error=True)
    did = Did(
        result=result.content,
        effect=result.effect.value if result.effect else None,
        foreground=look.foreground if look else None,
        size_px=size_of(look.screen) if look else None,
    )
    return Answer(result.content, did.data(), look.frame if look else None)


def size_of(screen: Screen) -> SizePx:
    """Return the size of a screen's pictures."""
    return SizePx(width=screen.width_px, height=screen.height_px)
