"""The tools block of the Nous format, in which Qwen's models are told about tools.

Responsible for the block's bytes, which the models were trained on (the chat template of Qwen3-VL
and ``NousFnCallPrompt`` of QwenLM/Qwen-Agent 0.0.34, Apache-2.0; a test compares with the latter).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from tools.schema import ToolSpec

_HEAD = """# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
"""
_TAIL = """
</tools>

For each function call, return a json object with function name and arguments within \
<tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>"""


def tools_block(tools: Sequence[ToolSpec]) -> str:
    """Return the block; it follows the system text after an empty line."""
    return _HEAD + "\n".join(_signature(tool) for tool in tools) + _TAIL


def _signature(tool: ToolSpec) -> str:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return json.dumps({"type": "function", "function": function}, ensure_ascii=False)
