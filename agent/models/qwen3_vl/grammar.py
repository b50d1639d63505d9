"""A tool call that cannot be malformed.

Responsible for turning the offered tools' schemas into one llguidance grammar and for the masks it
gives. Separators are fixed, or nothing in a call would be forced. Chooses no token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.models.qwen3_vl.vocabulary import Vocabulary
from environments.errors import ModelError
from tools.schema import ToolSpec

if TYPE_CHECKING:
    from torch import Tensor

_BESIDE = ThreadPoolExecutor(1, "grammar")
"""Works out masks while the network computes; both let go of Python's lock. Starts when used."""

LAYOUT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
BITS = 32

MOST_FOLLOWING = 4_096
"""Beginnings of calls whose forced continuation is kept."""

Forced = Callable[[Any, tuple[int, ...]], list[int]]


class CallGrammar:
    """The grammar of one reply's call, compiled; ``start`` gives each reply its own state."""

    def __init__(self, tools: Sequence[ToolSpec], vocabulary: Vocabulary) -> None:
        """Compile.

        Raises:
            ModelError: a tool's schema says what the grammar cannot hold a model to.
        """
        from llguidance import LLMatcher

        grammar = LLMatcher.grammar_from_lark(_lark(tools, vocabulary.call_close))
        self._matcher = LLMatcher(vocabulary.grammar_tokens, grammar, log_level=0)
        if self._matcher.is_error():
            names = ", ".join(tool.name for tool in tools)
            raise ModelError(
                f"The schema of {names} cannot be turned into a grammar: "
                f"{self._matcher.get_error().splitlines()[0]} Simplify the schema."
            )
        self._vocabulary = vocabulary
        self._following: dict[tuple[int, ...], list[int]] = {}

    def start(self) -> CallState:
        """Return the state after ``<tool_call>``."""
        return CallState(self._matcher.deep_copy(), self._vocabulary.size, self._forced)

    def _forced(self, matcher: Any, taken: tuple[int, ...]) -> list[int]:
        """Return what must follow these tokens of a call; calls begin alike over and over."""
        if taken not in self._following:
            if len(self._following) >= MOST_FOLLOWING:
                self._following.clear()
            found = matcher.compute_ff_tokens()
            self._following[taken] = found if self._is_usual(found) else []
        return self._following[taken]

    def _is_usual(self, tokens: Sequence[int]) -> bool:
        """Tell whether the tokenizer would spell what these tokens say with these tokens.

        A model was trained on that spelling alone. The tags around a call are no text.
        """
        text = [token for token in tokens if token != self._vocabulary.call_close]
        spelled = b"".join(map(self._vocabulary.bytes_of, text)).decode(errors="replace")
        return self._vocabulary.encode(spelled) == text


class CallState:
    """How far one call has come."""

    def __init__(self, matcher: Any, size: int, forced: Forced) -> None:
        self._matcher, self._forced = matcher, forced
        self._taken: tuple[int, ...] = ()
        self._words = np.empty((1, -(-size // BITS)), np.int32)
        self._size = size
        self._filled = False
        self._filling: Future[None] | None = None

    @property
    def done(self) -> bool:
        """The call is complete, its closing tag included.

        Raises:
            ModelError: the grammar has failed, which it also calls stopped.
        """
        if self._matcher.is_error():
            raise ModelError(f"The call cannot go on: {self._matcher.get_error().splitlines()[0]}")
        return bool(self._matcher.is_stopped())

    def forced(self) -> list[int]:
        """Return the tokens that must come next whatever the model thinks; often none.

        None either where the tokenizer would spell the same text otherwise; then the text is forced
        all the same, and its spelling is the model's.
        """
        return self._forced(self._matcher, self._taken)

    def look_forward(self) -> None:
        """Begin to work out what may come next, beside the forward pass that is about to run."""
        if not self._filled and self._filling is None:
            self._filling = _BESIDE.submit(self._work_out)

    def may(self, token: int) -> bool:
        """Tell whether a token may come next; cheaper than asking for all that may.

        Not left to ``allowed_start_of``, which lets other spellings of a forced text pass.
        """
        self._fill()
        return bool(self._words[0, token // BITS] >> (token % BITS) & 1)

    def allowed(self) -> Tensor:
        """Return (size,) bool: the tokens that may come next."""
        import torch

        self._fill()
        bits = np.unpackbits(self._words.view(np.uint8)[0], bitorder="little")
        return torch.from_numpy(bits[: self._size].view(np.bool_))

    def _fill(self) -> None:
        filling, self._filling = self._filling, None
        if filling is not None:
            filling.result()
        elif not self._filled:
            self._work_out()
        self._filled = True

    def _settle(self) -> None:
        """Wait until nobody else works with the grammar."""
        if self._filling is not None:
            self._fill()

    def _work_out(self) -> None:
        from llguidance.numpy import fill_next_token_bitmask

        fill_next_token_bitmask(self._matcher, self._words)

    def allowed_start_of(self, guess: Sequence[int]) -> list[int]:
        """Return the first tokens of a guess that the call could go on with."""
        self._settle()
        return list(guess[: self._matcher.validate_tokens(list(guess))]) if guess else []

    def take(self, tokens: Sequence[int]) -> None:
        """Go on by some tokens.

        Raises:
            ModelError: one is not allowed here; a fault in the engine, not in the model.
        """
        self._settle()
        self._filled = False
        self._taken += tuple(tokens)
        if not self._matcher.consume_tokens(list(tokens)):
            raise ModelError(f"The call cannot go on: {self._matcher.get_error().splitlines()[0]}")


def _lark(tools: Sequence[ToolSpec], close: int) -> str:
    schema = {"anyOf": [_call_schema(tool) for tool in tools], "x-guidance": LAYOUT}
    call = json.dumps(schema, ensure_ascii=False)
    return f'start: "\\n" call "\\n" <[{close}]>\ncall: %json {call}'


def _call_schema(tool: ToolSpec) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"name": {"const": tool.name}, "arguments": dict(tool.input_schema)},
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }
