"""Foreign tools in a run: only when configured, and with schemas that the engine can hold to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import mcp_types as types
import pytest

from agent.config import settings_from
from agent.joining import joined_tools
from agent.models.qwen3_vl.grammar import CallGrammar
from agent.models.qwen3_vl.random_weights import random_checkpoint
from agent.models.qwen3_vl.vocabulary import Vocabulary
from environments.base import Stop
from environments.errors import ConfigError
from tests.board import Board
from tools.computer_use import computer_use
from tools.mcp.choosing import chosen
from tools.mcp.foreign import joined_tool

TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "below": {"items": {"$ref": "#/$defs/Tree"}}},
}
WILD: list[dict[str, Any]] = [
    {"type": "object"},
    {"type": "object", "properties": {"t": {"$ref": "#/$defs/Tree"}}, "$defs": {"Tree": TREE}},
    {"type": "object", "properties": {"a": {"type": ["integer", "null"], "format": "int64"}}},
    {"type": "object", "properties": {"a": {"enum": ["x", 1, None]}}, "required": ["a", "gone"]},
    {"type": "object", "properties": {"a": {"pattern": "^(?=x)"}, "b": {"not": {}}}},
    {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "array"}]}}},
    {"type": "object", "patternProperties": {".*": {}}, "properties": {"n": {"type": "number"}}},
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return random_checkpoint(0).vocabulary


@pytest.mark.parametrize("schema", WILD)
def test_the_engine_can_hold_a_model_to_whatever_schema_a_server_has(
    vocabulary: Vocabulary, schema: dict[str, Any]
) -> None:
    offered = types.Tool(name="tool", input_schema=schema)
    spec = joined_tool("server", offered, "tool", lambda arguments: _nothing()).spec
    state = CallGrammar([computer_use().spec, spec], vocabulary).start()
    assert state.allowed().any()


def test_however_many_tools_there_are_the_engine_can_hold_a_model_to_those_that_are_offered(
    vocabulary: Vocabulary,
) -> None:
    item = {"type": "object", "properties": {"x": {"type": "number"}}}
    kinds = [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": item}]
    offers = {}
    for n in range(60):
        fields = {f"field_{n}_{i}": {"anyOf": kinds} for i in range(9)}
        about = types.Tool(name=f"t{n}", input_schema={"type": "object", "properties": fields})
        offers["server", f"t{n}"] = (about, lambda arguments: _nothing())
    told: list[str] = []
    tools = chosen(offers, (), told.append)
    assert 0 < len(tools) < len(offers)
    assert f"{len(offers) - len(tools)} are left out" in told[0]
    own = [computer_use().spec, *(tool.spec for tool in tools)]
    assert CallGrammar(own, vocabulary).start().allowed().any()


def _nothing() -> types.CallToolResult:
    return types.CallToolResult(content=[])


def test_a_file_that_was_named_and_is_not_there_is_told_before_anything_starts(
    tmp_path: Path,
) -> None:
    settings = settings_from(task="x", mcp=tmp_path / "none.json")
    with (
        pytest.raises(ConfigError, match=r"none\.json"),
        joined_tools(settings, Board(), Stop(), print),
    ):
        pass


def test_without_a_configuration_the_protocol_is_not_even_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from agent.config import settings_from; from environments.base import Stop\n"
        "from agent.joining import joined_tools\n"
        "with joined_tools(settings_from(task='x'), None, Stop(), print) as tools: pass\n"
        "print(tools, [m for m in ('mcp', 'mcp_types', 'anyio', 'uvicorn') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(tmp_path), "PATH": ""},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "() []"
