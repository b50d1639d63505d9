"""The exact check of a call's arguments against another server's own JSON Schema.

Responsible for an end to its work, whatever the schema says: the library's check, with patterns in
an engine that takes no longer for a longer pattern's sake, nothing fetched, and steps counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from environments.errors import ToolError
from tools.mcp.schemas import UnclearSchemaError
from tools.mcp.words import as_data

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST_STEPS = 20_000
_LONGEST = 300
Keyword = Callable[..., Iterator[Any] | None]
Check = Callable[[Mapping[str, Any]], None]


class _TooMuchError(Exception):
    """The check would take too long."""


def checked_by(schema: Mapping[str, Any]) -> Check:
    """Return what holds arguments to a schema; it raises ``ToolError`` with the first fault.

    The draft is the one that ``$schema`` names, else 2020-12. Formats are hints there, and are not
    checked; nor is a pattern with what only engines without a bound on their time can do.

    Raises:
        UnclearSchemaError: it is no JSON Schema.
    """
    from referencing import Registry

    draft = _draft_of(schema)

    def check(arguments: Mapping[str, Any]) -> None:
        validator = _counted(draft)(dict(schema), registry=Registry())
        fault = _first_fault(validator, dict(arguments))
        if fault:
            raise ToolError(f"The arguments do not fit the tool: {fault}.")

    return check


def _draft_of(schema: Mapping[str, Any]) -> Any:
    """Return the draft that a schema is written in: the named one, the newest, or the usual one."""
    from jsonschema import Draft7Validator, Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for

    named = schema.get("$schema")
    newest = validator_for(schema, Draft202012Validator) if isinstance(named, str) else None
    for draft in [newest] if newest else [Draft202012Validator, Draft7Validator]:
        with suppress(SchemaError, RecursionError):
            draft.check_schema(schema)
            return draft
    raise UnclearSchemaError("is no JSON Schema")


def _first_fault(validator: Any, arguments: dict[str, Any]) -> str:
    from referencing.exceptions import Unresolvable

    try:
        error = next(validator.iter_errors(arguments), None)
    except (_TooMuchError, RecursionError, Unresolvable):
        return "they cannot be checked against its schema; make them simpler"
    if error is None:
        return ""
    place = ".".join(map(str, error.absolute_path)) or "as a whole"
    return f"{as_data(place)[:_LONGEST]}: {as_data(error.message)[:_LONGEST]}"


def _counted(draft: Any) -> Any:
    """Return a draft's validator that counts its steps, with our own patterns."""
    from jsonschema import validators

    steps = iter(range(MOST_STEPS))

    def counting(keyword: Keyword) -> Keyword:
        def run(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            if next(steps, None) is None:
                raise _TooMuchError
            yield from keyword(validator, value, instance, schema) or ()

        return run

    known = {**draft.VALIDATORS, **_ours(draft.VALIDATORS)}
    return validators.extend(draft, {word: counting(check) for word, check in known.items()})


def _ours(known: Mapping[str, Keyword]) -> dict[str, Keyword]:
    """Return what would else search with patterns of the server's in Python's own engine."""

    def others(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if "patternProperties" not in schema:
            yield from known["additionalProperties"](validator, value, instance, schema) or ()

    ours = dict.fromkeys(("patternProperties", "unevaluatedProperties"), _unchecked)
    return {"pattern": _pattern, "additionalProperties": others, **ours}


def _unchecked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    return iter(())


def _pattern(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and isinstance(value, str) and not _matches(value, instance):
        yield ValidationError(f"{instance!r:.100} does not match {value!r:.100}")


def _matches(pattern: str, text: str) -> bool:
    from pydantic import ValidationError

    adapter = _compiled(pattern)
    try:
        return adapter is None or adapter.validate_python(text) == text
    except ValidationError:
        return False


@cache
def _compiled(pattern: str) -> TypeAdapter[str] | None:
    """Return what searches for a pattern, None if this engine does not know it.

    pydantic's own engine is Rust's ``regex``, whose time is linear in the text.
    """
    from pydantic import StringConstraints, TypeAdapter
    from pydantic_core import SchemaError

    try:
        return TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    except SchemaError:
        return None
