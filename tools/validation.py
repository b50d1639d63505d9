"""Typed arguments: pydantic unions as JSON Schema, and their errors as sentences for a model.

Responsible for holding untrusted arguments to a typed union and for publishing that union as a flat
schema. Knows no tool and no screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from environments.errors import ToolError

T = TypeVar("T")

_DROPPED = frozenset({"title", "default", "description", "discriminator", "$defs"})


def validate(adapter: TypeAdapter[T], arguments: Mapping[str, Any]) -> T:
    """Return the typed arguments.

    Raises:
        ToolError: they do not fit; the text names the first fault and the cure.
    """
    try:
        return adapter.validate_python(dict(arguments))
    except ValidationError as error:
        raise ToolError(_sentence(error.errors(include_url=False)[0])) from None


def strict_schema(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """Return the union as ``{"anyOf": [object, ...]}`` without references, titles or defaults.

    Flat because grammar compilers and MCP clients differ in how well they follow references; keys
    keep the order of the fields, which is the order in which a grammar makes a model write them.
    """
    schema = adapter.json_schema()
    flat = _inline(schema, schema.get("$defs", {}))
    assert isinstance(flat, dict)
    return flat


def _inline(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    return _without_null(
        {
            "anyOf" if key == "oneOf" else key: (
                {name: _inline(field, definitions) for name, field in value.items()}
                if key == "properties"
                else _inline(value, definitions)
            )
            for key, value in node.items()
            if key not in _DROPPED
        }
    )


def _without_null(node: dict[str, Any]) -> Any:
    """Say "may be absent" instead of "may be null": a model has no reason to write null."""
    options = [option for option in node.get("anyOf", []) if option != {"type": "null"}]
    return options[0] if len(options) == 1 else node


def _sentence(error: ErrorDetails) -> str:
    action, *path = [str(part) for part in error["loc"]] or ["?"]
    field, context = ".".join(path), error.get("ctx", {})
    if error["type"] == "union_tag_invalid":
        return f"There is no action {context['tag']!r:.60}; use one of {context['expected_tags']}."
    if error["type"] == "union_tag_not_found":
        return "The arguments lack an action; put it first."
    if error["type"] == "missing":
        return f"The action {action} needs {field}; give it."
    if error["type"] == "extra_forbidden":
        return f"The action {action} takes no {field:.60}; leave it out."
    hint = error["msg"].removeprefix("Value error, ")
    return f"{field or 'The value'} of {action} is wrong: {hint} (you gave {error['input']!r:.60})."
