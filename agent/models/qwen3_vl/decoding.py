"""From logits to a reply: a free thought, then a call held to the grammar.

Responsible for which token comes next and when the reply ends. Greedy. Runs no network: it asks for
logits by yielding what is to be read, so that several replies can be decoded together.
"""

from __future__ import annotations

import codecs
import math
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from agent.models.qwen3_vl.drafts import Drafts
from agent.models.qwen3_vl.grammar import CallGrammar, CallState
from agent.models.qwen3_vl.graphs import Chain
from agent.models.qwen3_vl.layers import Answer, Ask
from agent.models.qwen3_vl.session import Session
from agent.models.qwen3_vl.vocabulary import CALL_OPEN, THINK_CLOSE, Vocabulary
from environments.base import Stop
from environments.errors import ModelError

T = TypeVar("T")
Work = Generator[Ask, Answer, T]
"""A computation that yields tokens to be read and is sent what follows them."""

How = Literal["opened", "ended", "capped"]

CLOSING_TOKENS = 16
"""Tokens kept back from the cap for the end of a call: quotes, brackets and the closing tag."""


class Transcript:
    """The reply as tokens and as text, streamed; incomplete UTF-8 waits for its last byte."""

    def __init__(
        self, vocabulary: Vocabulary, stop: Stop, on_text: Callable[[str], None] | None
    ) -> None:
        self._vocabulary, self._stop, self._on_text = vocabulary, stop, on_text
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._pieces: list[str] = []
        self._tail = ""
        self.tokens: list[int] = []

    def write(self, token: int) -> None:
        """Add a token.

        Raises:
            Stopped: a stop was asked for, also by whoever read the token's text.
        """
        self.tokens.append(token)
        self._put(self._decoder.decode(self._vocabulary.bytes_of(token)))
        self._stop.check()

    def ends_with(self, text: str) -> bool:
        """Tell whether the reply so far ends with a short text."""
        return self._tail.endswith(text)

    def at_line_start(self) -> bool:
        """Tell whether nothing stands on the reply's last line yet."""
        return not self._tail or self._tail.endswith("\n")

    def close(self) -> str:
        """Return the whole reply."""
        self._put(self._decoder.decode(b"", final=True))
        return "".join(self._pieces)

    def _put(self, piece: str) -> None:
        if not piece:
            return
        self._pieces.append(piece)
        self._tail = (self._tail + piece)[-len(CALL_OPEN) :]
        if self._on_text is not None:
            self._on_text(piece)


class Choice(Protocol):
    """The tokens that may come next."""

    def may(self, token: int) -> bool:
        """Tell whether one may."""
        ...

    def allowed(self) -> Tensor:
        """Return (size,) bool: all that may."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A choice that is the same at every place."""

    mask: Tensor

    def may(self, token: int) -> bool:
        """Tell whether a token may come next."""
        return bool(self.mask[token])

    def allowed(self) -> Tensor:
        """Return the mask."""
        return self.mask


@dataclass(frozen=True, slots=True)
class Caps:
    """How long a reply may be, in tokens: the free text and the call.

    A call that nears its cap is closed as soon as the grammar allows, so it stays well-formed; one
    that the schema itself makes longer than the cap goes over it.
    """

    thought: int
    call: int


class Reading:
    """What the model has read of its own reply, guesses included.

    Guessed tokens are read along with the one that is due; others the network may have picked
    itself. As long as the reply goes on like that, logits are there already; where it does not,
    what was read too much is rolled back.
    """

    def __init__(self, session: Session, logits: Tensor, counters: Counter[str]) -> None:
        """Begin with the (1, size) logits that follow the prompt."""
        self._session, self._logits, self._counters = session, logits, counters
        self._unread: list[int] = []
        self._guessed: list[int] = []
        self._is_draft = True

    def write(self, token: int) -> None:
        """Go on by a token of the reply."""
        if self._guessed and self._guessed[0] == token:
            self._guessed.pop(0)
            self._logits = self._logits[1:]
            self._counters["drafts_accepted"] += self._is_draft
            return
        self.drop_guess()
        self._unread.append(token)

    def drop_guess(self) -> None:
        """Forget what was read of a guess that did not come true."""
        if self._guessed:
            self._session.rollback(len(self._session) - len(self._guessed))
            self._guessed.clear()

    @property
    def is_due(self) -> bool:
        """Tell whether something must be read before the next token can be chosen."""
        return bool(self._unread)

    def logits(self, guess: Sequence[int], chain: Chain | None = None) -> Work[Tensor]:
        """Return (size,) logits of the next token.

        If something must be read for them, a guess is read along, or else a chain is allowed.
        """
        if self._unread:
            unread, self._unread = self._unread, []
            self._is_draft = bool(guess)
            self._counters["drafts_proposed"] += len(guess)
            wanted = 1 + len(guess)
            leave = None if guess else chain
            answer = yield Ask(self._session, [*unread, *guess], wanted, chain=leave)
            self._counters["forwards"] += 1 + len(answer.picked)
            self._guessed = [*guess, *answer.picked]
            self._logits = answer.logits
        return self._logits[0]


class Decoder:
    """Writes one reply."""

    def __init__(
        self,
        reading: Reading,
        vocabulary: Vocabulary,
        transcript: Transcript,
        counters: Counter[str],
        fast_forward: bool = True,
        drafts: Drafts | None = None,
    ) -> None:
        """Prepare.

        Args:
            reading: what the model has read.
            vocabulary: its tokens.
            transcript: where the reply goes.
            counters: where the work is counted.
            fast_forward: let forced tokens share the next pass; the reply is the same without.
            drafts: where guesses come from; the reply is the same without.
        """
        self._reading, self._vocabulary = reading, vocabulary
        self._transcript, self._counters = transcript, counters
        self._fast_forward = fast_forward
        self._drafts = drafts or Drafts()
        self._thinking = vocabulary.thinking

    def reply(self, caps: Caps, grammar: CallGrammar | None) -> Work[bool]:
        """Write the reply; return whether a cap cut it short.

        Raises:
            ModelError: logits that are not finite.
            Stopped: within one token of being asked.
        """
        how = yield from self._talk(caps.thought, grammar is not None)
        if grammar is None:
            return how == "capped"
        if how != "opened":
            self._open_call()
        return (yield from self._call(grammar.start(), caps.call))

    def _talk(self, cap: int, may_call: bool) -> Work[How]:
        """Write free text until the model ends it, opens a call or reaches the cap."""
        words = self._vocabulary
        outside = words.before_call if may_call else words.free
        for left in range(cap, 0, -1):
            allowed = words.inside_thought if self._thinking else outside
            chain = Chain(allowed, words.ends | {words.call_open, words.think_close}, left)
            logits = yield from self._reading.logits(self._guess(), chain)
            token = _best(logits, Fixed(allowed))
            if token in words.ends:
                return "ended"
            self._write(token)
            if self._thinking:
                self._thinking = token != words.think_close
            elif may_call and self._transcript.ends_with(CALL_OPEN):
                return "opened"
        return "capped"

    def _open_call(self) -> None:
        """Open the call in the model's place, an unfinished thought closed first."""
        gap = "" if self._transcript.at_line_start() else "\n"
        close = f"{gap}{THINK_CLOSE}\n\n" if self._thinking else gap
        for token in self._vocabulary.encode(close + CALL_OPEN):
            self._force(token)

    def _call(self, state: CallState, cap: int) -> Work[bool]:
        """Write the call; return whether it had to be closed early."""
        cut, written = False, 0
        while not state.done:
            forced = state.forced() if self._fast_forward else []
            for token in forced:
                state.take(token)
                self._force(token)
            written += len(forced)
            if forced:
                continue
            guess = state.allowed_start_of(self._guess())
            if self._reading.is_due:
                state.look_forward()
            logits = yield from self._reading.logits(guess)
            token = _best(logits, state)
            if written >= cap - CLOSING_TOKENS:
                wish, token = token, _best_of(logits, self._toward_end(state.allowed()))
                cut |= token != wish
            state.take(token)
            self._write(token)
            written += 1
        return cut

    def _guess(self) -> list[int]:
        """Return what may come next, if a pass is due anyway."""
        return self._drafts.guess(self._transcript.tokens) if self._reading.is_due else []

    def _toward_end(self, allowed: Tensor) -> Tensor:
        """Return the allowed tokens that bring a call to its end soonest.

        Quotes and brackets close what is open; where none may stand, a comma ends a number. What is
        left (the first letter of a text, a digit, a word of a fixed list) is bounded by the schema.
        """
        for preferred in self._vocabulary.closers:
            narrowed = allowed & preferred
            if bool(narrowed.any()):
                return narrowed
        return allowed

    def _write(self, token: int) -> None:
        self._reading.write(token)
        self._counters["tokens_generated"] += 1
        self._transcript.write(token)

    def _force(self, token: int) -> None:
        self._counters["tokens_forced"] += 1
        self._write(token)


def _best(logits: Tensor, choice: Choice) -> int:
    """Return the best token that may come next.

    On a CPU the best of all is looked at first: mostly it may, and to leave out the others takes
    seven times as long as to find it. On a GPU both cost one wait.
    """
    if logits.device.type == "cpu":
        row = logits.numpy()  # Whose argmax is several times as fast, and stops at a NaN.
        best = int(row.argmax())
        _insist_on_a_number(float(row[best]))
        if choice.may(best):
            return best
    return _best_of(logits, choice.allowed())


def _best_of(logits: Tensor, allowed: Tensor) -> int:
    if logits.device.type == "cpu":
        row = np.where(allowed.numpy(), logits.numpy(), -np.inf)
        found, best = float(row.max()), int(row.argmax())
    else:
        masked = logits.masked_fill(~allowed.to(logits.device, non_blocking=True), -math.inf)
        value, token = masked.max(0)
        # One transfer for both; a NaN among the allowed comes out as the maximum.
        found, best = torch.stack([value.double(), token.double()]).tolist()
    _insist_on_a_number(found)
    return int(best)


def _insist_on_a_number(value: float) -> None:
    if not math.isfinite(value):
        raise ModelError(
            "The model's output is not a number; the weights are damaged or do not suit this "
            "number format. Fetch the checkpoint again or load it in another one."
        )
