"""Another server's JSON Schema, in a plain form that a model can be shown and held to.

Responsible for rewriting it without references, conjunctions and anything without an end, so that
what the plain form allows is as near to the original as a grammar can say. How two schemas become
one stands in ``conjunction``; the exact check of a call against the original, in ``checking``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tools.mcp.conjunction import either, listed, mapped, merged, one_object
from tools.mcp.simple_values import KINDS, LIST, for_reading, range_of, sized, text_of, values_of
from tools.mcp.words import as_data, has_tags

LONGEST_SCHEMA = 32_000
LONGEST_SHOWN = 12_000
"""Characters of JSON: what is read at all, and what may stand in a model's prompt."""

LONGEST_WORDS = 300
"""Characters of a field's description."""

DEEPEST = 5
MOST_PARTS = 1_000
_FUEL = 800_000
"""Of the compiler's million: our own tools need some of it too."""

_TELLING: Mapping[str, str] = {
    **dict.fromkeys(("properties", "required", "additionalProperties"), "object"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems"), "array"),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), "number"),
}
"""Words that say what is meant where nobody says the type."""

_ANYTHING = ("string", "number", "boolean", "null")
Node = Mapping[str, Any]


class UnclearSchemaError(Exception):
    """A schema that cannot be told to a model; the text says why, to stand after "its schema"."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A schema in plain form.

    Attributes:
        shown: one object with all properties, for a prompt; without bounds that are ours.
        held: what calls are held to: the same, or a choice of several objects.
    """

    shown: Mapping[str, Any]
    held: Mapping[str, Any]


def plain(schema: Node) -> Plain:
    """Return the plain form of a tool's schema; everything in it has an end.

    Only words that every grammar compiler knows are left: references are put in place, "allOf" is
    worked out, what lies too deep is left out where it may be. What it cannot say (patterns, "not",
    conditions) is left out too; the check of each call knows it.

    Raises:
        UnclearSchemaError: it is too large, refers to itself without end or to something elsewhere,
            or nothing that can be said fits it.
    """
    _refuse_large(schema)
    forms = _Reading(schema).arguments()
    held = forms[0] if len(forms) == 1 else {"anyOf": forms}
    shown = for_reading(one_object(forms))
    said = json.dumps(shown, ensure_ascii=False)
    if len(said) > LONGEST_SHOWN:
        raise UnclearSchemaError("is too long for a prompt")
    if has_tags(said):
        raise UnclearSchemaError("has marks in it that begin a turn or a call")
    _refuse_ungrammatical(held)
    return Plain(shown, held)


def _refuse_large(schema: Node) -> None:
    try:
        size = len(json.dumps(schema, allow_nan=False))
    except (ValueError, RecursionError):
        raise UnclearSchemaError("is no JSON") from None
    if size > LONGEST_SCHEMA:
        raise UnclearSchemaError(f"has more than {LONGEST_SCHEMA} characters")


def _refuse_ungrammatical(schema: dict[str, Any]) -> None:
    if not is_grammatical([schema]):
        raise UnclearSchemaError("cannot be turned into a grammar")


def is_grammatical(schemas: Sequence[Node]) -> bool:
    """Tell whether the compiler takes a choice of these that holds a model to them."""
    from llguidance import LLMatcher, LLParserLimits

    grammar = LLMatcher.grammar_from_json_schema({"anyOf": list(schemas)})
    limits = LLParserLimits(initial_lexer_fuel=_FUEL)
    is_wrong, _ = LLMatcher.validate_grammar_with_warnings(grammar, limits=limits)
    return not is_wrong


class _Reading:
    """One schema while it is rewritten."""

    def __init__(self, root: Node) -> None:
        self._root, self._parts_seen = root, 0

    def arguments(self) -> list[dict[str, Any]]:
        """Return the objects of which the arguments may be one."""
        forms = [f for f in self._forms(self._root, ()) if "object" in _kinds(f, ["object"])]
        shown = [self._fields(form, DEEPEST, closed=True) for form in forms]
        fitting = [one for one in shown if one is not None]
        if not fitting:
            raise UnclearSchemaError("fits nothing that a model could say")
        return fitting

    def _shown(self, node: Any, left: int) -> dict[str, Any] | None:
        """Return what a node allows, None where nothing can be said so deep."""
        if left <= 0:
            return None
        whole = either(
            option
            for form in self._forms(node, ())
            for option in ([values_of(form)] if _is_listed(form) else self._by_kind(form, left))
        )
        words = node.get("description") if isinstance(node, Mapping) else None
        if whole is None or not isinstance(words, str) or not words.strip():
            return whole
        return {**whole, "description": as_data(words)[:LONGEST_WORDS]}

    def _by_kind(self, form: Node, left: int) -> list[dict[str, Any] | None]:
        telling = [kind for word, kind in _TELLING.items() if word in form]
        return [self._kind(kind, form, left) for kind in _kinds(form, telling[:1] or _ANYTHING)]

    def _kind(self, kind: str, form: Node, left: int) -> dict[str, Any] | None:
        match kind:
            case "object":
                return self._fields(form, left)
            case "array":
                return self._items(form, left)
            case "string":
                return text_of(form)
            case "integer" | "number":
                return range_of(kind, form)
        return {"type": kind}

    def _fields(self, form: Node, left: int, closed: bool = False) -> dict[str, Any] | None:
        """Return an object; one that names no property may hold any, unless it is ``closed``."""
        given, more = mapped(form.get("properties", {})), form.get("additionalProperties", True)
        required = list(dict.fromkeys(str(name) for name in listed(form.get("required", []))))
        wanted = {**given, **{name: more for name in required if name not in given}}
        fields = {str(name): self._shown(node, left - 1) for name, node in wanted.items()}
        if any(fields[name] is None for name in required):
            return None
        found: dict[str, Any] = {
            "type": "object",
            "properties": {name: field for name, field in fields.items() if field is not None},
            "required": required,
            "additionalProperties": False,
        }
        free = None if more is True and (wanted or closed) else self._shown(more, left - 1)
        return found | {"additionalProperties": free, "maxProperties": LIST} if free else found

    def _items(self, form: Node, left: int) -> dict[str, Any] | None:
        items = form.get("items", True)
        first = form.get("prefixItems", items if isinstance(items, list) else [])
        if first:
            parts = [self._shown(node, left - 1) for node in listed(first)]
            size = {"minItems": len(parts), "maxItems": len(parts)}
            tuple_of = {"type": "array", "prefixItems": parts, "items": False, **size}
            return None if None in parts else tuple_of
        one, size = self._shown(items, left - 1), sized(form, "Items", LIST)
        if one is None:
            return None if size.get("minItems") else {"type": "array", "maxItems": 0}
        return {"type": "array", "items": one, **size}

    def _forms(self, node: Any, within: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return the forms of which a value must fit one, without references and choices."""
        self._count(1)
        if isinstance(node, bool):
            return [{}] if node else []
        if not isinstance(node, Mapping):
            raise UnclearSchemaError("has a part that is no schema")
        choices = [[part] for part in listed(node.get("allOf", []))]
        choices += [listed(node[word]) for word in ("anyOf", "oneOf") if word in node]
        forms = [dict(node)]
        for choice in choices:
            forms = self._both(forms, [f for one in choice for f in self._forms(one, within)])
        if "$ref" in node:
            forms = self._both(forms, self._referred(str(node["$ref"]), within))
        return forms

    def _referred(self, reference: str, within: tuple[str, ...]) -> list[dict[str, Any]]:
        if reference in within:
            raise UnclearSchemaError("refers to itself without end")
        return self._forms(self._target(reference), (*within, reference))

    def _target(self, reference: str) -> Any:
        """Return what a reference within the schema means (RFC 6901)."""
        if reference != "#" and not reference.startswith("#/"):
            raise UnclearSchemaError("refers to something elsewhere")
        found: Any = self._root
        for part in reference.split("/")[1:]:
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or name not in found:
                raise UnclearSchemaError("refers to a part that it does not have")
            found = found[name]
        return found

    def _both(
        self, some: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        self._count(len(some) * len(others))
        return [merged(one, other) for one in some for other in others]

    def _count(self, parts: int) -> None:
        self._parts_seen += parts
        if self._parts_seen > MOST_PARTS:
            raise UnclearSchemaError("has too many parts")


def _kinds(form: Node, otherwise: Sequence[str]) -> Sequence[str]:
    """Return the types that a form names."""
    named = form.get("type", list(otherwise))
    return [
        kind for kind in ([named] if isinstance(named, str) else listed(named)) if kind in KINDS
    ]


def _is_listed(form: Node) -> bool:
    return "enum" in form or "const" in form
