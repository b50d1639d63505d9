"""Profiles as files: how a family of models is spoken to, in words and numbers, without code.

Responsible for reading such a file and for the conversation that it describes. The files of the
families that are known stand in ``data/``, with the source of their words; a person's own are read
from a path or from the folder of the configuration. Its words are templates of Jinja, as the chat
templates of the models themselves are, and run in Jinja's sandbox.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agent.history import History
from agent.models.base import Image, Message
from agent.models.profiles.base import Turn
from agent.models.profiles.nous import tools_block, xml_tools_block
from agent.models.profiles.raw_turns import pictures_of, raw_turns, with_pictures
from environments.base import Kind
from environments.errors import ConfigError
from environments.geometry import Grid, ResizedPixels, grid_size
from tools.schema import ToolSpec

if TYPE_CHECKING:
    from jinja2 import Template

FOLDER = Path(__file__).parent / "data"
FACTOR = 32
"""Pixels per side of a visual token of Qwen3-VL: patches of 16, merged two by two."""

Dialect = Literal["json", "xml", "action"]
Tokens = Annotated[int, Field(ge=1, le=40_960)]
VisualTokens = Annotated[int, Field(ge=4, le=16_384)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Pixels(_Table):
    """Coordinates are pixels of the picture as resized for the model.

    Attributes:
        factor: both sides are multiples of it (28 for Qwen2.5-VL).
    """

    factor: Annotated[int, Field(ge=2, le=64)]


class Shown(_Table):
    """Past screenshots: grown to ``most``, then cut to ``least`` at once."""

    most: Annotated[int, Field(ge=0, le=100)]
    least: Annotated[int, Field(ge=0, le=100)] = 0


class Sampling(_Table):
    """What a model server is asked for; the engine in this process is greedy."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0


class Description(_Table):
    """A profile's file.

    Attributes:
        name: on the command line.
        family: profiles of one family follow the kind of screen.
        kind: "desktop" or "phone"; left out where it serves both.
        source, licence: where the words come from.
        verified: whether they were compared, byte for byte, with what the source's code makes.
        matches: parts of a checkpoint's name, in lower case, by which it is known.
        types: networks, in small letters and figures only ("qwen3vl"), for which it is the one
            where the name tells nothing; no others are spoken to with it.
        grid: the largest coordinate, or ``{factor = N}`` for pixels of the resized picture.
        dialect: calls in "json", in "xml", or as ``<action>Click(box=(1, 2))</action>``.
        is_held: the call is held to the tools' schemas while it is written; only for calls in JSON
            whose words are those of our tools.
        image_tokens: fewest and most visual tokens of one screenshot.
        order: how the first question stands: "image_text", "text_image", or "apart" for a text and
            then the picture in a turn of its own.
        older: steps whose picture is gone are told in "words" or stay as "replies".
        lines, letters: most older steps told in words, and most letters of each.
        system: template; knows ``tools`` (the block about the tools).
        question: template; knows ``task``, ``older`` (each with number, action, thought, reply,
            outcome), ``left_out`` and ``today``.
        later: template of the words behind a later picture; knows ``turn``.
        tools: a tool's name -> its signature as the models were trained on it; ``{width}`` and
            ``{height}`` in it are the size of the grid.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.+-]{0,40}$")]
    family: str
    kind: Kind | None = None
    source: str
    licence: str
    verified: bool = False
    matches: tuple[str, ...] = ()
    types: tuple[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], ...] = ()
    grid: Annotated[int, Field(ge=1, le=10_000)] | Pixels = 1000
    dialect: Dialect = "json"
    is_held: bool = True
    thought_tokens: Tokens = 256
    # 2,000 characters of text to type in a language of one token a character, and the call itself.
    call_tokens: Tokens = 2304
    image_tokens: tuple[VisualTokens, VisualTokens] = (64, 2560)
    history: Shown = Shown(most=8, least=2)
    sampling: Sampling = Sampling()
    order: Literal["image_text", "text_image", "apart"] = "image_text"
    older: Literal["words", "replies"] = "words"
    lines: Annotated[int, Field(ge=1, le=1000)] = 60
    letters: Annotated[int, Field(ge=10, le=10_000)] = 240
    system: str = ""
    question: str
    later: str = "Result: {{ turn.outcome }}"
    tools: Mapping[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_sense(self) -> Description:
        if self.image_tokens[0] > self.image_tokens[1]:
            raise ValueError("of image_tokens the fewest stand first")
        if self.older == "replies" and self.order != "apart":
            raise ValueError('older = "replies" wants order = "apart"')
        if self.is_held and self.dialect != "json":
            raise ValueError("only calls in JSON can be held to their schemas: is_held = false")
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The profile that a description stands for.

    Attributes:
        description: what its file says.
        today: the date, for prompts that tell it.
        image_size: (width, height) that every screenshot is brought to; None keeps its shape.
    """

    description: Description
    today: Callable[[], date] = date.today
    image_size: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Name on the command line."""
        return self.description.name

    @property
    def grid(self) -> Grid:
        """The space of the model's coordinates."""
        grid, tokens = self.description.grid, self.description.image_tokens
        if isinstance(grid, int):
            return grid
        token_px = grid.factor * grid.factor
        least, most = (count * token_px for count in tokens)
        return ResizedPixels(grid.factor, least, most, self.image_size)

    @property
    def is_held(self) -> bool:
        """The call is held to the tools' schemas while it is written."""
        return self.description.is_held

    @property
    def thought_tokens(self) -> int:
        """Cap on the free text before the call."""
        return self.description.thought_tokens

    @property
    def call_tokens(self) -> int:
        """Cap on the call."""
        return self.description.call_tokens

    @property
    def factor(self) -> int:
        """Sides of a picture are brought to multiples of it."""
        grid = self.description.grid
        return FACTOR if isinstance(grid, int) else grid.factor

    @property
    def image_tokens(self) -> tuple[int, int]:
        """Fewest and most visual tokens of one screenshot."""
        return self.description.image_tokens

    @property
    def history(self) -> History:
        """Which past screenshots are shown unless a person wants it otherwise."""
        return History(self.description.history.most, self.description.history.least)

    def messages(
        self, task: str, turns: Sequence[Turn], now: Image, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        """Return the conversation as the description has it."""
        shown = with_pictures(turns)
        older = turns[: len(turns) - len(shown)]
        pictures = pictures_of(shown, now)
        system = self._system(tools, now)
        return [
            *([Message("system", (system,))] if system else ()),
            *self._asked(self._question(task, older), older, pictures[0]),
            *raw_turns(shown, pictures, self._told),
        ]

    def _system(self, tools: Sequence[ToolSpec], now: Image) -> str:
        width, height = grid_size(self.grid, now.frame.shape[1], now.frame.shape[0])
        known = {
            name: text.replace("{width}", str(width)).replace("{height}", str(height))
            for name, text in self.description.tools.items()
        }
        block = xml_tools_block if self.description.dialect == "xml" else tools_block
        return self._rendered(self.description.system, tools=block(tools, known))

    def _question(self, task: str, older: Sequence[Turn]) -> str:
        told = () if self.description.older == "replies" else older
        first = max(0, len(told) - self.description.lines)
        lines = [self._line(number, turn) for number, turn in enumerate(told, 1)][first:]
        return self._rendered(
            self.description.question, task=task, older=lines, left_out=first, today=self.today()
        )

    def _asked(self, question: str, older: Sequence[Turn], picture: Image) -> Iterator[Message]:
        if self.description.order != "apart":
            parts = (picture, question)
            yield Message("user", parts if self.description.order == "image_text" else parts[::-1])
            return
        yield Message("user", (question,))
        if self.description.older == "replies":
            yield from (Message("assistant", (turn.reply,)) for turn in older)
        yield Message("user", (picture,))

    def _line(self, number: int, turn: Turn) -> Mapping[str, Any]:
        most = self.description.letters
        return {
            "number": number,
            "action": _action(turn)[:most],
            "call": _inside(turn.reply, "action"),
            "thought": turn.thought[:most],
            "outcome": turn.outcome[:most],
            "is_error": turn.is_error,
        }

    def _told(self, turn: Turn) -> str:
        return self._rendered(self.description.later, turn=turn)

    def _rendered(self, text: str, **known: object) -> str:
        return _template(text).render(known)


@cache
def _template(text: str) -> Template:
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(keep_trailing_newline=True, autoescape=False).from_string(text)


def _action(turn: Turn) -> str:
    """Return what follows "Action:", in one line; all that was said where that was left out."""
    said = turn.thought.rpartition("Action:")[2] or turn.thought
    return " ".join(said.removeprefix("Thought:").split())


def _inside(reply: str, tag: str) -> str:
    return reply.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0].strip()


def read_profile(path: Path) -> Described:
    """Read a profile's file.

    Raises:
        ConfigError: it cannot be read, says something that no profile knows, or a template is
            broken.
    """
    import numpy as np
    from jinja2 import TemplateError

    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        described = Described(Description.model_validate(table))
        described.messages("", (), Image(np.zeros((32, 32, 3), np.uint8), ""), ())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The profile {path} cannot be read: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"The profile {path} is no profile: {place}: {first['msg']}.") from error
    except TemplateError as error:
        raise ConfigError(f"A template of the profile {path} is broken: {error}.") from error
    return described
