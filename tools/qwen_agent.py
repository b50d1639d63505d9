"""Our tools as Qwen-Agent's: a desktop or phone in the hands of any of its agents.

Responsible for adapting calls and answers to ``BaseTool`` of qwen-agent 0.0.34. Every call goes
through the registry it is given, with whatever rules stand before it; nothing here decides.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import json5
from qwen_agent.llm.schema import ContentItem
from qwen_agent.tools.base import BaseTool, ToolServiceError

from environments.base import Environment, Frame, Observation
from environments.errors import ConfigError, DeskhandError
from tools.registry import ToolRegistry
from tools.schema import ToolCall, ToolSpec

ENDED = "The task has ended here; say in words how, and call nothing more."


class Screen:
    """A screen that calls are made on, and the last look at it."""

    def __init__(
        self,
        environment: Environment,
        registry: ToolRegistry,
        told: Callable[[Observation], None] = lambda _: None,
    ) -> None:
        """Take an open environment and the one door to it; ``told`` hears what a call looks at."""
        self.environment = environment
        self._registry, self._told = registry, told
        self._seen: Observation | None = None
        self._is_open = True

    @property
    def tools(self) -> list[BaseTool]:
        """The tools of this screen, for an agent's ``function_list``."""
        return [ScreenTool(spec, self) for spec in self._registry.specs]

    def look(self) -> ContentItem:
        """Return the screen as it stands, for a message of the user.

        Raises:
            ConfigError: it was closed.
            DeviceError, Stopped: the screen is gone, or a stop was asked for.
        """
        self._refuse_closed()
        self._seen = self.environment.observe()
        return picture(self._seen.frame)

    def call(self, name: str, arguments: Mapping[str, Any]) -> list[ContentItem]:
        """Carry out a call; return what came of it and the screen after it.

        Raises:
            ConfigError: it was closed.
            DeviceError, Stopped: the screen is gone, or a stop was asked for.
        """
        self._refuse_closed()
        now = self._seen or self.environment.observe()
        self._told(now)
        result = self._registry.call(ToolCall(name, arguments), now)
        if result.ending:
            return [ContentItem(text=ENDED)]
        self._seen = result.observation or now
        return [ContentItem(text=result.content), picture(self._seen.frame)]

    def close(self) -> None:
        """Let nobody call any more; the environment is closed by whoever opened it."""
        self._is_open = False

    def _refuse_closed(self) -> None:
        if not self._is_open:
            raise ConfigError("This screen was closed with its block; open it again.")


class ScreenTool(BaseTool):  # type: ignore[misc]
    """One tool of a screen."""

    def __init__(self, spec: ToolSpec, screen: Screen) -> None:
        """Show an agent what the models were trained on."""
        self.name, self.description = spec.name, spec.description
        self.parameters = _flat(spec.parameters)
        self._screen = screen
        super().__init__()

    def call(self, params: str | dict[str, Any], **kwargs: Any) -> list[ContentItem] | str:
        """Carry out a call; arguments that cannot be read are told to the model.

        Raises:
            ToolServiceError: the screen is gone or a stop was asked for; the only error that ends
                an agent of Qwen-Agent's. Any other it would show to the model, and go on.
        """
        arguments = _read(params) if isinstance(params, str) else params
        if not isinstance(arguments, dict):
            return "The arguments could not be read; write them as one JSON object."
        try:
            return self._screen.call(self.name, arguments)
        except DeskhandError as error:
            raise ToolServiceError(error) from error


def picture(frame: Frame) -> ContentItem:
    """Return a frame as Qwen-Agent carries pictures: a data URI, without loss."""
    from PIL import Image

    kept = io.BytesIO()
    Image.fromarray(frame).save(kept, "PNG", compress_level=1)
    return ContentItem(image=f"data:image/png;base64,{base64.b64encode(kept.getvalue()).decode()}")


def _flat(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with the three keys that Qwen-Agent takes; a choice of objects as one.

    What an action needs beyond that is said by the refusal, as to any model.
    """
    options = parameters.get("anyOf", [parameters])
    properties: dict[str, Any] = {}
    for option in options:
        for name, schema in option.get("properties", {}).items():
            properties[name] = _joined(properties[name], schema) if name in properties else schema
    needed = [
        name for name in properties if all(name in option.get("required", ()) for option in options)
    ]
    return {"type": "object", "properties": properties, "required": needed}


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what allows either; names of actions become one list."""
    values = [*_values(one), *(value for value in _values(other) if value not in _values(one))]
    return {"type": "string", "enum": values} if _values(one) and _values(other) else one


def _values(schema: Mapping[str, Any]) -> list[Any]:
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return json5.loads(text)
    except ValueError:
        return None
