"""The language model's forward pass over new tokens only, of one session or of several at once.

Responsible for the loop over transformers' own layers with our key-value buffers and our positions;
the modules and weights stay transformers', so adapters and quantised layers work. Chooses no token
and keeps no conversation.

The tokens of several sessions are packed behind each other: everything but attention works token by
token, so nothing is padded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from agent.models.qwen3_vl.attention import Batch, Kernel, Segment, sdpa
from agent.models.qwen3_vl.graphs import CHAIN, Chain, Graphs, Place
from agent.models.qwen3_vl.positions import ImageSpan, positions_of
from agent.models.qwen3_vl.session import Session, Shown
from agent.models.qwen3_vl.vision import Seen
from environments.errors import ModelError


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture among the tokens of an ``Ask``, or the part of it that falls into a chunk.

    Attributes:
        at: index of its first token in the ask.
        seen: what the tower made of the whole picture.
        rows: which of its tokens.
        shown: the picture, where its first token is in this ask.
    """

    at: int
    seen: Seen
    rows: slice
    shown: Shown | None


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """Tokens that a session wants read.

    Attributes:
        session: grows by them once they are read.
        ids: the tokens.
        wanted: for how many of the last ones logits are wanted; 0 while a prompt is being read.
        pictures: what stands in place of the pads among them.
        positions: (3, n) rotary positions; None for plain text that follows the session.
        chain: leave to go on behind the last token, where the network can pick tokens itself.
    """

    session: Session
    ids: Sequence[int]
    wanted: int = 1
    pictures: tuple[Picture, ...] = ()
    positions: Tensor | None = None
    chain: Chain | None = None

    @property
    def is_prefill(self) -> bool:
        """Tell whether this reads a prompt, which goes before decoding."""
        return self.positions is not None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What comes of an ask.

    Attributes:
        logits: (wanted + picked, size) float32, of what follows each of the last tokens.
        best: for each row the highest logit, or one that is no number, and its token.
        picked: tokens that the network chose and read by itself, if it was given leave.
    """

    logits: Tensor
    best: Sequence[tuple[float, int]]
    picked: Sequence[int] = ()

    @classmethod
    def of(cls, logits: Tensor, picked: Sequence[int] = ()) -> Self:
        """Look for the best of all rows at once, on whichever device they are."""
        if not len(logits) or logits.is_meta:
            return cls(logits, (), picked)
        if logits.device.type == "cpu":
            rows = logits.numpy()  # Whose argmax is several times as fast as torch's.
            tokens = rows.argmax(-1)
            values = rows[range(len(rows)), tokens]
            return cls(logits, list(zip(values.tolist(), tokens.tolist(), strict=True)), picked)
        # One transfer for both.
        found = torch.stack([x.double() for x in logits.max(-1)], 1).tolist()
        return cls(logits, [(value, int(token)) for value, token in found], picked)


class Network:
    """A checkpoint's language model, driven layer by layer."""

    def __init__(self, model: Any, kernel: Kernel = sdpa, graphs: Graphs | None = None) -> None:
        """Drive transformers' model, whose attention must be ours (``attention.use_ours``).

        Args:
            model: transformers' own.
            kernel: attention over the cached rows.
            graphs: recorded passes for decoding one session, where they can be had.
        """
        self._model = model
        self._kernel = kernel
        self._graphs = graphs
        self.text = model.model.language_model

    @property
    def device(self) -> torch.device:
        """Where token ids go in."""
        device: torch.device = self.text.embed_tokens.weight.device
        return device

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        """Read the tokens of several sessions in one pass.

        Raises:
            ModelError: a session has no room for them.
        """
        for ask in asks:
            _check_room(ask)
        if len(asks) == 1 and self._graphs is not None:
            answer = _replayed(self._graphs, asks[0])
            if answer is not None:
                return [answer]
        batch = Batch([Segment(ask.session.rows, len(ask.ids)) for ask in asks], self._kernel)
        found = self._logits(asks, self._through_layers(asks, batch))
        # Only now: whoever is asked again after an error must not have grown already.
        for ask in asks:
            ask.session.append(ask.ids, [p.shown for p in ask.pictures if p.shown])
        return [Answer.of(logits) for logits in found]

    def _through_layers(self, asks: Sequence[Ask], batch: Batch) -> Tensor:
        """Return (n, hidden) before the last norm."""
        ids = [token for ask in asks for token in ask.ids]
        positions = torch.cat([_positions(ask) for ask in asks], 1)
        hidden = self.text.embed_tokens(torch.tensor([ids], device=self.device))
        pictures = list(_in_pack(asks))
        for place, seen, rows in pictures:
            hidden[0, place] = seen.tokens[rows].to(hidden)
        rotary = self.text.rotary_emb(hidden, positions[:, None].to(hidden.device))
        for index, layer in enumerate(self.text.layers):
            hidden = layer(
                hidden,
                position_embeddings=rotary,
                past_key_values=batch,
                use_cache=True,
                pack=batch,
            )
            for place, seen, rows in pictures:
                if index < len(seen.taps):
                    hidden[0, place] += seen.taps[index][rows].to(hidden)
        found: Tensor = hidden[0]
        return found

    def _logits(self, asks: Sequence[Ask], hidden: Tensor) -> list[Tensor]:
        """Run norm and head on the wanted rows only."""
        ends = torch.tensor([len(ask.ids) for ask in asks]).cumsum(0).tolist()
        rows = [hidden[end - ask.wanted : end] for ask, end in zip(asks, ends, strict=True)]
        wanted = torch.cat(rows)
        if not len(wanted):
            return rows
        logits = self._model.lm_head(self.text.norm(wanted)).float()
        return list(logits.split([ask.wanted for ask in asks]))


def _replayed(graphs: Graphs, ask: Ask) -> Answer | None:
    """Answer by recorded passes where that can be; only one token read can be gone on with."""
    session = ask.session
    if ask.is_prefill or not graphs.fits(session.rows, len(ask.ids)):
        return None
    passes, place = graphs.of(session.rows), Place(session.rows.length, session.next_position)
    if ask.chain is not None and len(ask.ids) == 1 and graphs.fits(session.rows, CHAIN + 1):
        chained = passes.chain(ask.ids[0], place, ask.chain)
        if chained is not None:
            session.append([*ask.ids, *chained[0]])
            return Answer.of(chained[1], chained[0])
    logits = passes.read(ask.ids, place)
    if logits is None:
        return None
    session.append(ask.ids)
    return Answer.of(logits[-ask.wanted :])


def prompt_asks(
    session: Session,
    prompt_ids: Sequence[int],
    pictures: Sequence[tuple[Shown, Seen]],
    chunk: int,
    keep_images: int | None = None,
) -> Iterator[Ask]:
    """Cut what is new in a prompt into asks of at most ``chunk`` tokens.

    Args:
        session: holds the start of the prompt already.
        prompt_ids: the whole prompt.
        pictures: those that are not in the session, in order.
        chunk: most tokens of one pass.
        keep_images: before a picture is read, forget so many that it makes this number. As this
            is done at the same places however the prompt is reached, replies do not depend on that.
    """
    first = len(session)
    spans = [
        ImageSpan(shown.span.start - first, shown.span.rows, shown.span.columns)
        for shown, _ in pictures
    ]
    positions, _ = positions_of(len(prompt_ids) - first, spans, session.next_position)
    borders = {shown.span.start for shown, _ in pictures} if keep_images is not None else set()
    for start, end in _chunks(first, len(prompt_ids), chunk, borders):
        if start in borders and keep_images is not None:
            session.forget_pictures(keep_images - 1)
        parts = tuple(_parts(pictures, start, end))
        wanted = int(end == len(prompt_ids))
        place = positions[:, start - first : end - first]
        yield Ask(session, prompt_ids[start:end], wanted, parts, place)


def _chunks(first: int, last: int, most: int, borders: set[int]) -> Iterator[tuple[int, int]]:
    """Cut a stretch into parts of at most ``most``, also at each border."""
    start = first
    while start < last:
        end = min(start + most, last, *(b for b in borders if b > start))
        yield start, end
        start = end


def _parts(pictures: Sequence[tuple[Shown, Seen]], start: int, end: int) -> Iterator[Picture]:
    """Return what falls between two tokens of a prompt."""
    for shown, seen in pictures:
        low, high = max(start, shown.span.start), min(end, shown.span.end)
        if low < high:
            rows = slice(low - shown.span.start, high - shown.span.start)
            yield Picture(low - start, seen, rows, shown if low == shown.span.start else None)


def _positions(ask: Ask) -> Tensor:
    if ask.positions is not None:
        return ask.positions
    return positions_of(len(ask.ids), (), ask.session.next_position)[0]


def _in_pack(asks: Sequence[Ask]) -> Iterator[tuple[slice, Seen, slice]]:
    first = 0
    for ask in asks:
        for picture in ask.pictures:
            at = first + picture.at
            count = picture.rows.stop - picture.rows.start
            yield slice(at, at + count), picture.seen, picture.rows
        first += len(ask.ids)


def _check_room(ask: Ask) -> None:
    rows = ask.session.rows
    if rows.length + len(ask.ids) > rows.capacity:
        raise ModelError(
            f"The conversation has outgrown its {rows.capacity} tokens; "
            "ask for more with --context, or keep fewer screenshots with --history."
        )
