"""Parts that a program brings along: a model, a screen, tools of its own.

Responsible for saying in a sentence what is wrong with one, before anything starts or when it
answers. What such a part raises is its own affair: it surfaces as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from agent.models.base import Message, Model, Rehearsed, Reply
from agent.models.loaded import Loaded
from environments.base import Environment, Stop
from environments.errors import ConfigError, DeskhandError, ModelError
from environments.geometry import Grid, Screen
from tools.schema import Request, Tool, ToolSpec

if TYPE_CHECKING:
    from agent.models.profiles.base import Profile

MODEL, SCREEN = ("name", "profile", "generate"), ("observe", "execute", "close")
NOTE = (
    "The run ended here, and its journal says so. If this came from a part of your own: let a tool "
    "raise ToolError to tell the model what to do instead, a screen DeviceError and a model "
    "ModelError to end the run in a sentence (environments.errors)."
)
_IN_USE: set[int] = set()
_CHANGING = threading.Lock()


class OwnModel:
    """A program's model, whose replies are looked at before anybody believes them."""

    def __init__(self, behind: Model) -> None:
        self._behind = behind

    @property
    def name(self) -> str:
        """As the program calls it."""
        return str(self._behind.name)

    @property
    def profile(self) -> str:
        """Name of the profile that it is spoken to with."""
        return self._behind.profile

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Continue the conversation.

        Raises:
            ModelError: what it returned is no reply.
        """
        reply = self._behind.generate(messages, tools, stop=stop, on_text=on_text)
        text = getattr(reply, "text", None)
        if not isinstance(reply, Reply) or not isinstance(text, str):
            raise ModelError(
                f"The model {self.name} returned {_shown(reply)}; its generate must return a "
                "Reply with a text: from agent.models.base import Reply."
            )
        return reply


def own_model(model: Model) -> Loaded:
    """Return a program's model as if it had been loaded.

    Raises:
        ConfigError: it is none, or names a profile that is not there.
    """
    from agent.context import Room
    from agent.foresight import LooksAhead
    from agent.models.profiles.finding import load_profile

    _refuse_unlike("model", model, MODEL)
    profile: Profile = load_profile(str(model.profile))
    # One that can do more than reply is no beginner's, and would lose it behind ours.
    is_plain = not isinstance(model, Room | LooksAhead | Rehearsed)
    return Loaded(OwnModel(model) if is_plain else model, profile, is_embedded=False)


@contextmanager
def own_screen(environment: Environment) -> Iterator[Environment]:
    """Use a program's screen for one run; nobody else may until the block is left.

    Raises:
        ConfigError: it is no screen, or another run has it.
    """
    _refuse_unlike("screen", environment, SCREEN)
    with _CHANGING:
        if id(environment) in _IN_USE:
            raise ConfigError(
                "Another run of this program uses the same screen; wait until it has ended, or "
                "open a second one."
            )
        _IN_USE.add(id(environment))
    try:
        yield environment
    finally:
        _IN_USE.remove(id(environment))


def own_tools(tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """Return a program's tools, what they return looked at before it is done.

    Raises:
        ConfigError: one of them is none.
    """
    for tool in tools:
        if not isinstance(tool, Tool):
            raise ConfigError(
                f"{_shown(tool)} is no tool: give Tool(ToolSpec(...), prepare), as in "
                "docs/extending.md."
            )
    return tuple(replace(tool, prepare=partial(_prepared, tool)) for tool in tools)


def _prepared(tool: Tool, arguments: Mapping[str, Any], screen: Screen, grid: Grid) -> Request:
    request = tool.prepare(arguments, screen, grid)
    if not isinstance(request, Request):
        raise ConfigError(
            f"The tool {tool.spec.name} returned {_shown(request)}; it must return what is to be "
            "done: from tools.schema import Request."
        )
    return request


@contextmanager
def noted() -> Iterator[None]:
    """Say beside an error that nobody foresaw what a part of a program's own can do about it."""
    with ExitStack() as stack:
        stack.push(_note)
        yield


def _note(kind: object, error: BaseException | None, trace: object) -> bool:
    if isinstance(error, Exception) and not isinstance(error, DeskhandError):
        error.add_note(NOTE)
    return False


def _refuse_unlike(what: str, part: object, needs: Sequence[str]) -> None:
    if isinstance(part, type):
        name = part.__name__
        raise ConfigError(f"{name} is a class; give one of its objects: {name}(...).")
    missing = [name for name in needs if not hasattr(part, name)]
    if missing:
        raise ConfigError(
            f"{_shown(part)} is no {what}: it has no {missing[0]}. docs/extending.md shows one."
        )


def _shown(part: object) -> str:
    return f"{part!r:.60}"
