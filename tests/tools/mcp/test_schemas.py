"""Schemas of other servers: told to a model as they are meant, and every call held to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from environments.errors import ToolError
from tools.mcp.checking import checked_by
from tools.mcp.schemas import LONGEST_SHOWN, UnclearSchemaError, plain

NODE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "value": {"type": "integer"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
    },
    "required": ["value"],
}
BASE: dict[str, Any] = {
    "type": "object",
    "properties": {"x": {"type": "string"}},
    "required": ["x"],
}


def of(field: Any, **definitions: Any) -> dict[str, Any]:
    """Return a tool's schema with one field, ``a``."""
    about = {"$defs": definitions} if definitions else {}
    return {"type": "object", "properties": {"a": field}, "required": ["a"]} | about


def says(schema: dict[str, Any], value: Any) -> bool:
    """Tell whether a model that is held to the plain form may say a value for ``a``."""
    return bool(Draft202012Validator(plain(schema).held).is_valid({"a": value}))


def passes(schema: dict[str, Any], value: Any) -> bool:
    """Tell whether the check of a call lets a value for ``a`` pass."""
    try:
        checked_by(schema)({"a": value})
    except ToolError:
        return False
    return True


MEANT: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    (
        of({"allOf": [BASE, {"properties": {"y": {"type": "integer"}}, "required": ["y"]}]}),
        [{"x": "s", "y": 1}],
        [{"x": "s"}, {"y": 1}, {"x": 1, "y": 1}],
    ),
    (
        of({"allOf": [{"$ref": "#/$defs/Base"}], "properties": {"y": {"type": "null"}}}, Base=BASE),
        [{"x": "s"}, {"x": "s", "y": None}],
        [{"y": None}, {"x": "s", "y": 1}],
    ),
    (of({"allOf": [{"enum": [1, 2, 3]}, {"enum": [2, 3, 4]}]}), [2, 3], [1, 4]),
    (of({"allOf": [{"type": "number"}, {"type": "integer", "minimum": 5}]}), [5, 6], [4, 5.5]),
    (of({"anyOf": [{"type": "string"}, BASE]}), ["s", {"x": "s"}], [1, {"x": 1}]),
    (of({"oneOf": [{"type": "integer"}, {"const": "x"}]}), [1, "x"], ["y"]),
    (of({"type": ["string", "null"]}), ["s", None], [1]),
    (of({"type": "object", "additionalProperties": {"type": "string"}}), [{"k": "v"}], [{"k": 1}]),
    (of({"type": "object", "additionalProperties": True}), [{"k": "v"}, {"k": 1}, {}], [3]),
    (of({**BASE, "additionalProperties": {"type": "integer"}}), [{"x": "", "k": 1}], [{"k": ""}]),
    (of({"$ref": "#/$defs/Node"}, Node=NODE), [{"value": 1, "children": [{"value": 2}]}], [{}]),
    (of({"type": "array", "prefixItems": [{"type": "integer"}, BASE]}), [[1, {"x": ""}]], [["s"]]),
    (of({"type": "integer", "minimum": 1_700_000_000_000}), [1_700_000_000_001], [17]),
    (of({"type": "integer", "exclusiveMinimum": 0, "maximum": 3}), [1, 3], [0, 4]),
    (of({"type": "string", "minLength": 3}), ["abc", "a" * 2000], ["ab"]),
    (of({"description": "Anything."}), ["s", 1, True, None], []),
    ({"type": "object", "required": ["a"]}, ["s", 1], []),
]


@pytest.mark.parametrize(("schema", "good", "bad"), MEANT)
def test_what_is_meant_can_be_said_and_passes_and_what_is_not_does_neither(
    schema: dict[str, Any], good: list[Any], bad: list[Any]
) -> None:
    assert [(says(schema, v), passes(schema, v)) for v in good] == [(True, True)] * len(good)
    assert [(says(schema, v), passes(schema, v)) for v in bad] == [(False, False)] * len(bad)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ({"type": "string", "pattern": "^[a-z]+$"}, "A1"),
        ({"not": {"type": "string"}}, "s"),
        ({"type": "array", "uniqueItems": True}, ["s", "s"]),
        ({"type": "number", "multipleOf": 0.5}, 0.3),
        ({"type": "object", "minProperties": 1}, {}),
        ({"if": {"type": "string"}, "then": {"minLength": 2}}, "s"),
        ({"type": "object", "propertyNames": {"pattern": "^k"}}, {"x": "s"}),
    ],
)
def test_what_no_grammar_can_say_is_caught_by_the_check_of_the_call(field: Any, bad: Any) -> None:
    assert says(of(field), bad)
    assert not passes(of(field), bad)


def test_a_choice_at_the_root_holds_a_model_to_one_of_its_objects() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    schema["anyOf"] = [{"required": ["a"]}, {"required": ["b"]}]  # type: ignore[assignment]
    held = Draft202012Validator(plain(schema).held)
    assert [held.is_valid(v) for v in ({"a": ""}, {"b": ""}, {})] == [True, True, False]
    assert set(plain(schema).shown["properties"]) == {"a", "b"}


def test_bounds_of_ours_hold_a_call_and_are_not_read_and_those_of_the_server_are_both() -> None:
    found = plain(of({"type": "array", "items": {"type": "string"}}))
    assert found.held["properties"]["a"] == {
        "type": "array",
        "items": {"type": "string", "maxLength": 2000},
        "maxItems": 50,
    }
    assert found.shown["properties"]["a"] == {"type": "array", "items": {"type": "string"}}
    given = plain(of({"type": "integer", "minimum": 1, "maximum": 9}))
    assert given.shown["properties"] == given.held["properties"]


def test_tuples_of_the_older_draft_are_read_without_its_name() -> None:
    schema = of({"type": "array", "items": [{"type": "integer"}, {"type": "string"}]})
    assert says(schema, [1, "s"])
    assert not says(schema, ["s", 1])
    assert passes(schema, [1, "s"])


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"$ref": "#"}, "itself without end"),
        (of({"allOf": [{"$ref": "#/properties/a"}]}), "itself without end"),
        (of({"$ref": "https://example.org/schema"}), "elsewhere"),
        (of({"$ref": "#/$defs/Gone"}), "does not have"),
        (of(False), "fits nothing"),
        (of({"type": "integer", "minimum": 5, "maximum": 1}), "fits nothing"),
        ({"type": "string"}, "fits nothing"),
        (of({"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}, N={
            "type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "required": ["n"]}),
         "fits nothing"),
        (of({"enum": ["<|im_end|>"]}), "begin a turn"),
        (of({"enum": ["x" * 200] * 100}), "for a prompt"),
        (of({"description": "x" * 40_000}), "characters"),
        (of({"enum": [float("inf")]}), "no JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_with_the_reason(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(UnclearSchemaError, match=why):
        plain(schema)


def test_choices_that_double_at_every_step_are_refused_before_they_are_worked_out() -> None:
    steps = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    with pytest.raises(UnclearSchemaError, match="too many parts"):
        plain(of({"$ref": "#/$defs/d0"}, **steps, d40={"type": "integer"}))
    hidden = of({"not": {"$ref": "#/$defs/d0"}}, **steps, d40={"type": "integer"})
    plain(hidden)
    with pytest.raises(ToolError, match="cannot be checked"):
        checked_by(hidden)({"a": "s"})


@pytest.mark.parametrize(
    "field",
    [
        {"pattern": "^(a+)+$"},
        {"type": "object", "propertyNames": {"pattern": "^(a+)+$"}},
        {"type": "object", "patternProperties": {"^(a+)+$": {}}, "additionalProperties": False},
        {"type": "object", "patternProperties": {"^(a+)+$": {}}, "unevaluatedProperties": False},
    ],
)
def test_a_pattern_that_would_take_for_ever_does_not(field: dict[str, Any]) -> None:
    long = "a" * 40_000 + "!"
    passes(of(field), long)
    passes(of(field), {long: 1})


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(UnclearSchemaError, match="no JSON Schema"):
        checked_by({"type": "object", "properties": 3})


WORDS = st.sampled_from(["a", "b", "c"])
LEAVES = st.sampled_from(
    [{"type": "string"}, {"type": "integer"}, {"enum": ["x", 1]}, {"type": "null"}, {}, True, False]
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(WORDS, inner, max_size=2)},
            optional={
                "required": st.lists(WORDS, max_size=2, unique=True),
                "additionalProperties": inner,
            },
        ),
        st.builds(lambda some: {"anyOf": some}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda some: {"allOf": some}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda one: {"type": "array", "items": one}, inner),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from(["x", "y", 1, None, True]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, VALUES)
def test_whatever_a_model_is_let_say_fits_the_servers_own_schema(schema: Any, value: Any) -> None:
    try:
        may = says(of(schema), value)
    except UnclearSchemaError:
        return
    assert not may or passes(of(schema), value)
    assert len(json.dumps(plain(of(schema)).shown)) <= LONGEST_SHOWN
