"""What a person can set: the settings of one run, and where Deskhand keeps its files.

Responsible for refusing nonsense before anything starts, in a sentence. Opens nothing.
"""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from agent.history import History, parse_history
from agent.models.formats import Quantization
from agent.models.manner import (
    LONGEST_THOUGHT,
    Manner,
    parse_image_size,
    parse_image_tokens,
)
from environments.errors import ConfigError
from tools.rules.classes import Preset

HOME_VARIABLE = "DESKHAND_HOME"
"""Environment variable that moves everything Deskhand writes to another folder."""


def _as_history(given: object) -> object:
    return parse_history(given) if isinstance(given, str) else given


def _as_image_tokens(given: object) -> object:
    return parse_image_tokens(given) if isinstance(given, str) else given


def _as_image_size(given: object) -> object:
    return parse_image_size(given) if isinstance(given, str) else given


class RunSettings(BaseModel):
    """What one run was asked for; every field is as it stands on the command line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Annotated[str, Field(max_length=20_000)] = ""
    """What the person wants, in their words; empty takes the words of the practice task."""
    on: str = "virtual"
    """Name of the environment, with its argument after a colon."""
    model: str = "auto"
    """"auto", "embedded", "scripted:FILE", a hub id, a folder, or the URL of a server."""
    served: str | None = None
    """Which of a server's models; None takes the one that the URL names, or the only one."""
    profile: str | None = None
    """Name or file of the profile; None takes the one that the checkpoint's name asks for."""
    image_tokens: Annotated[tuple[int | None, int] | None, BeforeValidator(_as_image_tokens)] = None
    """Fewest and most visual tokens of one screenshot; None leaves it to the profile."""
    image_size: Annotated[tuple[int, int] | None, BeforeValidator(_as_image_size)] = None
    """(width, height) in pixels that every screenshot is brought to; None keeps its shape."""
    think: Annotated[int, Field(ge=1, le=LONGEST_THOUGHT)] | None = None
    """Tokens that a Thinking edition may think; None asks for no such edition."""
    quantize: Quantization = "none"
    """What to make of the weights while loading; "none" takes them as they are published."""
    expect: str | None = None
    """KIND:VALUE to check before success is believed; None means that nothing is checked."""
    max_steps: Annotated[int, Field(ge=1, le=10_000)] = 30
    """Steps after which the run ends unfinished."""
    minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 15.0
    """Minutes after which the run ends unfinished."""
    history: Annotated[History | None, BeforeValidator(_as_history)] = None
    """How much of the past is shown; None leaves it to the model's profile."""
    context: Annotated[int, Field(ge=256, le=1_048_576)] | None = None
    """Tokens of conversation that are kept ready; None for what memory allows."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Seed of a practice task."""
    template: str | None = None
    """Practice template whose task and scene to use; None takes the task as given."""
    rules: Path | None = None
    """File of rules; None takes the person's own, if there is one."""
    mcp: Path | None = None
    """File of MCP servers that join the run; None takes the person's own, if there is one."""
    preset: Preset | None = None
    """Preset of this run; the stricter of it and the file's own holds."""
    ask: Literal["auto", "wait", "nobody"] = "auto"
    """Who is asked: whoever can be called; also wait for ``deskhand answer``; nobody."""

    @property
    def manner(self) -> Manner:
        """How the model is to be spoken to."""
        return Manner(self.profile, self.served, self.image_tokens, self.image_size, self.think)

    @model_validator(mode="after")
    def _task_says_something(self) -> Self:
        has_own_words = self.template or is_practice(self.on)
        if not self.task.strip() and not has_own_words:
            raise ValueError('say what to do, for example: deskhand run "Open the settings"')
        return self


def is_practice(on: str) -> bool:
    """Tell whether a practice world is among the screens, which brings its own words and check."""
    return re.search(r"(?:^|[+=])practice(?:-phone)?(?=[:+]|$)", on) is not None


def settings_from(**given: object) -> RunSettings:
    """Return checked settings; a value of None stands for the default.

    Raises:
        ConfigError: a value is out of range; the sentence names it.
    """
    try:
        return RunSettings.model_validate({k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        raise ConfigError(_sentence(error)) from error


def home_folder() -> Path:
    """Return the folder that holds the runs (not made here)."""
    import platformdirs

    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("deskhand"))


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "extra_forbidden":
        return _unknown(str(first["loc"][0]))
    reason = str(first["msg"]).removeprefix("Value error, ")
    reason = reason[0].lower() + reason[1:]
    if not first["loc"]:
        return f"There is no task: {reason}"
    field = str(first["loc"][0])
    name = "The task" if field == "task" else f"--{field.replace('_', '-')}"
    return f"{name} is not usable: {reason}."


def _unknown(name: str) -> str:
    near = get_close_matches(name, RunSettings.model_fields, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no setting {name!r:.60}.{hint} See: deskhand run --help"
