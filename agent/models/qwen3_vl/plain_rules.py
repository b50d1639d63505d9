"""The rules of a reply as ``generate`` can be given them: one token at a time.

Responsible for what may come next in a reply (a free thought up to its cap, then a call by the
grammar) and for saying so as a logits processor and a stopping criterion. Greedy. Written apart
from the engine's decoder on purpose: it is what the decoder is compared with.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from agent.models.qwen3_vl.decoding import CLOSING_TOKENS, Transcript
from agent.models.qwen3_vl.grammar import CallGrammar, CallState
from agent.models.qwen3_vl.vocabulary import CALL_OPEN, THINK_CLOSE, Vocabulary
from environments.base import Stop
from environments.errors import ModelError
from tools.schema import ToolSpec


class Rules:
    """The rules for one vocabulary; grammars are compiled once and kept."""

    def __init__(self, vocabulary: Vocabulary, thought_tokens: int, call_tokens: int) -> None:
        """Take the tokens and the caps on thought and call, in tokens."""
        self.vocabulary = vocabulary
        self.thought_tokens, self.call_tokens = thought_tokens, call_tokens
        self._grammars: dict[str, CallGrammar] = {}

    def pen(
        self, tools: Sequence[ToolSpec], stop: Stop, on_text: Callable[[str], None] | None
    ) -> Pen:
        """Return what writes one reply."""
        grammar = self._grammar(tools) if tools else None
        return Pen(self, grammar.start() if grammar else None, stop, on_text)

    def _grammar(self, tools: Sequence[ToolSpec]) -> CallGrammar:
        key = repr([(tool.name, tool.input_schema) for tool in tools])
        if key not in self._grammars:
            self._grammars[key] = CallGrammar(tools, self.vocabulary)
        return self._grammars[key]


class Pen:
    """Writes one reply: leaves of every row of logits the one token that is to come.

    Attributes:
        cut: the call was closed at its cap.
    """

    def __init__(
        self,
        rules: Rules,
        call: CallState | None,
        stop: Stop,
        on_text: Callable[[str], None] | None,
    ) -> None:
        """Take the rules and the grammar's state, None where no tool is offered."""
        self._rules, self._words, self._call = rules, rules.vocabulary, call
        self._transcript = Transcript(rules.vocabulary, stop, on_text)
        self._thinking = rules.vocabulary.thinking
        self._calling = self._ended = False
        self._due: deque[int] = deque()
        self._call_from = 0
        self.cut = False

    def __call__(self, ids: Tensor, logits: Tensor) -> Tensor:
        """Return (1, size) scores that allow one token.

        Raises:
            ModelError: logits that are no numbers.
            Stopped: a stop was asked for.
        """
        token = self._next(logits[0])
        only = torch.full_like(logits, -math.inf)
        only[0, token] = 0
        return only

    def has_ended(self, ids: Tensor, scores: object, **_: object) -> Tensor:
        """Return (1,) bool: the reply is complete."""
        done = self._ended or bool(self._calling and self._call and self._call.done)
        return torch.tensor([done], device=ids.device)

    @property
    def tokens(self) -> list[int]:
        """The reply so far."""
        return self._transcript.tokens

    def close(self) -> str:
        """Return the whole reply."""
        return self._transcript.close()

    def _next(self, logits: Tensor) -> int:
        if not self._due:
            token = self._called(logits) if self._calling else self._said(logits)
            if self._ended:
                return token
            self._due.appendleft(token)
        token = self._due.popleft()
        self._write(token)
        return token

    def _said(self, logits: Tensor) -> int:
        """Return a token of free text, or the first of those that open the call in its place."""
        outside = self._words.before_call if self._call else self._words.free
        if len(self.tokens) < self._rules.thought_tokens:
            token = _best(logits, self._words.inside_thought if self._thinking else outside)
            if token not in self._words.ends:
                return token
        if self._call is None:
            self._ended = True
            return min(self._words.ends)
        self._due += self._opening()
        return self._due.popleft()

    def _opening(self) -> list[int]:
        gap = "" if self._transcript.at_line_start() else "\n"
        close = f"{gap}{THINK_CLOSE}\n\n" if self._thinking else gap
        return self._words.encode(close + CALL_OPEN)

    def _called(self, logits: Tensor) -> int:
        """Return a token of the call, near its cap one that brings it to its end."""
        assert self._call is not None
        allowed = self._call.allowed()
        wish = token = _best(logits, allowed)
        if len(self.tokens) - self._call_from >= self._rules.call_tokens - CLOSING_TOKENS:
            token = _best(logits, self._toward_end(allowed))
            self.cut |= token != wish
        return token

    def _toward_end(self, allowed: Tensor) -> Tensor:
        for preferred in self._words.closers:
            if bool((allowed & preferred).any()):
                return allowed & preferred
        return allowed

    def _write(self, token: int) -> None:
        if self._calling and self._call:
            self._call.take([token])
        elif token == self._words.think_close and self._thinking:
            self._thinking = False
        self._transcript.write([token])
        if not self._calling and not self._thinking and self._transcript.ends_with(CALL_OPEN):
            self._calling, self._call_from = self._call is not None, len(self.tokens)
        if self._call is None and len(self.tokens) == self._rules.thought_tokens:
            self._ended = self.cut = True


def _best(logits: Tensor, allowed: Tensor) -> int:
    masked = logits.float().masked_fill(~allowed.to(logits.device), -math.inf)
    value, token = masked.max(0)
    if not math.isfinite(float(value)):
        raise ModelError(
            "The model's output is not a number; the weights are damaged or do not suit this "
            "number format. Fetch the checkpoint again or load it in another one."
        )
    return int(token)
