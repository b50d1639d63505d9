"""Decoding as captured graphs: one launch for a pass instead of hundreds.

Responsible for passes of few tokens over one session whose shapes never change, so that they can be
recorded once and replayed, and for chains of them that pick their next token on the device. Eager
decoding of a small model waits for launches and not for the GPU, whatever the model's size.

Lengths live on the device, so one graph serves every length. A pass of another width than those
recorded is padded: what is padded stands behind the real tokens, cannot be seen by them, and its
rows do not count. Capturing itself stands behind ``Recorder``; without a GPU the same passes run as
they are, which is how they are tested.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from agent.models.qwen3_vl.cache import KeyValues
from agent.models.qwen3_vl.positions import positions_of

WIDTHS = (1, 2, 4, 8, 16, 32)
"""Tokens of the recorded passes; a wider one runs eagerly."""

LINK = 0
"""What the recording of one link of a chain is kept under; passes are kept under their width."""

CHAIN = 8
"""Most tokens that the device picks by itself before the host looks for a copied passage again."""

WARM_UPS = 3
"""Runs before a capture, in which libraries choose kernels and allocate."""

SPLITS = 16
"""Parts into which the cached rows of a head are cut, so that a single session fills the GPU."""

PAGE = 256
"""Rows of a page. torch's operator cuts rows into parts only where they are paged (in its
FlashAttention's ``mha_varlen_fwd``), so the rows are described as pages that lie in order."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Leave to pick tokens on the device: the best among ``allowed``, until one of ``ends``."""

    allowed: Tensor
    ends: frozenset[int]
    most: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the first token of a pass stands: its row in the cache and its rotary position."""

    row: int
    position: int


Static = Callable[[Tensor, Tensor, Tensor, Tensor, float], Tensor]
"""(heads, n, d) queries, whole (key heads, capacity, d) keys and values, rows that count as a (1,)
int32 on the device, scale -> (n, heads, d)."""


class Recorder(Protocol):
    """What makes a replay out of work on fixed tensors."""

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Return what repeats the work."""
        ...

    def mark(self) -> Callable[[], None]:
        """Return what waits until everything started so far is done."""
        ...


class AsItIs:
    """No recording: the work runs each time."""

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Return the work itself."""
        return work

    def mark(self) -> Callable[[], None]:
        """Return nothing to wait for: all is done when it returns."""
        return lambda: None


class CudaGraphs:
    """Recording into CUDA graphs, whose scratch memory is shared: only one runs at a time."""

    def __init__(self, device: torch.device) -> None:
        """Record on a GPU."""
        self._device = device
        self._pool: Any = None

    def record(self, work: Callable[[], None]) -> Callable[[], None]:
        """Run the work until it is warm, then capture it; other threads may go on meanwhile."""
        with torch.cuda.device(self._device):
            side: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(WARM_UPS):
                    work()
            torch.cuda.current_stream().wait_stream(side)
            self._pool = self._pool or torch.cuda.graph_pool_handle()
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                work()
        return graph.replay

    def mark(self) -> Callable[[], None]:
        """Return the wait for an event on the device's current stream."""
        event: Any = torch.cuda.Event()  # type: ignore[no-untyped-call]
        event.record(torch.cuda.current_stream(self._device))
        wait: Callable[[], None] = event.synchronize
        return wait


def flash(queries: Tensor, keys: Tensor, values: Tensor, used: Tensor, scale: float) -> Tensor:
    """Attend with torch's FlashAttention over the rows that count (CUDA, half precision).

    The capacity must be whole pages. ``seqused_k``, ``block_table`` and ``num_splits`` are in the
    operator's schema of torch 2.12 and 2.13; what a torch lacks shows when it is tried at load.
    """
    count, total = queries.shape[1], keys.shape[1]
    new, old, held = (x.transpose(0, 1) for x in (queries, keys, values))
    steps = torch.arange(2, dtype=torch.int32, device=queries.device)
    pages = torch.arange(total // PAGE, dtype=torch.int32, device=queries.device)[None]
    old, held = (x.view(-1, PAGE, *x.shape[1:]) for x in (old, held))
    out = torch.ops.aten._flash_attention_forward(
        new, old, held, steps * count, steps * total, count, total, 0.0, True, False,
        scale=scale, seqused_k=used, block_table=pages, num_splits=SPLITS,
    )  # fmt: skip
    found: Tensor = out[0]
    return found


def masked(queries: Tensor, keys: Tensor, values: Tensor, used: Tensor, scale: float) -> Tensor:
    """Attend over all rows with a mask made of the length: exact anywhere, and slow."""
    count, total = queries.shape[1], keys.shape[1]
    rows = torch.arange(total, device=keys.device)
    last = used.long() - count + torch.arange(count, device=keys.device)
    clean = torch.where((rows < used)[:, None], values, 0)  # Noise may hold infinities.
    out = torch.nn.functional.scaled_dot_product_attention(
        queries[None],
        torch.where((rows < used)[:, None], keys, 0)[None],
        clean[None],
        attn_mask=rows[None] <= last[:, None],
        scale=scale,
        enable_gqa=queries.shape[0] != keys.shape[0],
    )
    return out[0].transpose(0, 1)


class _Pack:
    """Stands where transformers' layers expect a cache; everything in it stays where it is."""

    def __init__(self, passes: _Passes, length: Tensor, count: int) -> None:
        self._passes = passes
        self._places = length.long() + torch.arange(count, device=length.device)
        self._used = length + count

    def update(self, keys: Tensor, values: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        self._passes.keys[layer].index_copy_(1, self._places, keys[0])
        self._passes.values[layer].index_copy_(1, self._places, values[0])
        return keys, values

    def attend(self, layer: int, queries: Tensor, scale: float) -> Tensor:
        keys, values = self._passes.keys[layer], self._passes.values[layer]
        return self._passes.static(queries[0], keys, values, self._used, scale)[None]


class _Passes:
    """The recorded passes over one session's rows."""

    def __init__(self, model: Any, rows: KeyValues, recorder: Recorder, static: Static) -> None:
        text = model.model.language_model
        self._model, self._text = model, text
        # Not the rows themselves, which own these passes: both go together.
        self.keys, self.values = rows.keys, rows.values
        self._recorder, self.static = recorder, static
        device, size = text.embed_tokens.weight.device, model.lm_head.out_features
        widest = WIDTHS[-1]
        # Ids, then three rows of positions, then the length: one transfer for all.
        self._given = torch.zeros(4 * widest + 1, dtype=torch.long, device=device)
        self._pinned = torch.zeros_like(self._given, device="cpu")
        self._ids = self._given[:widest]
        self._positions = self._given[widest:-1].view(3, widest)
        self._long_length = self._given[-1:]
        self._logits = torch.zeros(widest, size, device=device)
        self._allowed = torch.ones(size, dtype=torch.bool, device=device)
        self._turn = torch.zeros(1, dtype=torch.long, device=device)
        self._chained = torch.zeros(CHAIN + 1, size, device=device)
        self._picked = torch.zeros(CHAIN + 1, dtype=torch.long, device=device)
        self._told = torch.zeros_like(self._picked, device="cpu")
        if device.type == "cuda":
            self._pinned, self._told = self._pinned.pin_memory(), self._told.pin_memory()
        self._replays: dict[int, Callable[[], None] | None] = {}

    def read(self, ids: Sequence[int], place: Place) -> Tensor | None:
        """Return (n, size) float32 logits behind each of n tokens; their rows are written.

        None if a pass of this width cannot be recorded.
        """
        width = next(w for w in WIDTHS if w >= len(ids))
        if width not in self._replays:
            self._give([0] * width, place)
            self._replays[width] = self._recorded(lambda: self._pass(width))
        replay = self._replays[width]
        if replay is None:
            return None
        self._give(ids, place)
        replay()
        return self._logits[: len(ids)].clone()

    def chain(self, token: int, place: Place, chain: Chain) -> tuple[list[int], Tensor] | None:
        """Read a token, then go on with the best allowed one until the chain ends.

        Returns:
            The tokens that were picked and read, and (1 + their number, size) logits; None if
            chains cannot be recorded.
        """
        if LINK not in self._replays:
            self._give([0], place)
            self._replays[LINK] = self._recorded(self._one_link)
        link = self._replays[LINK]
        if link is None:
            return None
        self._allowed.copy_(chain.allowed, non_blocking=True)
        self._give([token], place)
        self._turn.zero_()
        waits: list[Callable[[], None]] = []
        for index in range(min(chain.most, CHAIN) + 1):
            link()
            self._told[index].copy_(self._picked[index], non_blocking=True)
            waits.append(self._recorder.mark())
            # The host looks one link behind, so the device never waits for it.
            if index > 0 and self._told_at(index - 1, waits) in chain.ends:
                break
        last = len(waits) - 1
        waits[last]()
        return self._told[:last].tolist(), self._chained[: last + 1].clone()

    def _told_at(self, index: int, waits: Sequence[Callable[[], None]]) -> int:
        waits[index]()
        return int(self._told[index])

    def _recorded(self, work: Callable[[], None]) -> Callable[[], None] | None:
        try:
            return self._recorder.record(work)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:
            # Layers may choose other ways for other widths, and not each can be captured.
            return None

    def _give(self, ids: Sequence[int], place: Place) -> None:
        widest = WIDTHS[-1]
        self._pinned[: len(ids)] = torch.tensor(ids)
        self._pinned[len(ids) : widest] = 0
        positions, _ = positions_of(widest, (), place.position)
        self._pinned[widest:-1] = positions.flatten()
        self._pinned[-1] = place.row
        self._given.copy_(self._pinned, non_blocking=True)

    def _pass(self, width: int) -> None:
        self._logits[:width] = self._through_layers(width)

    def _one_link(self) -> None:
        logits = self._through_layers(1)
        best = logits[0].masked_fill(~self._allowed, -math.inf).argmax().view(1)
        self._chained.index_copy_(0, self._turn, logits)
        self._picked.index_copy_(0, self._turn, best)
        self._ids[:1].copy_(best)
        self._turn.add_(1)
        self._long_length.add_(1)
        self._positions.add_(1)

    def _through_layers(self, width: int) -> Tensor:
        """Return (width, size) float32 logits."""
        hidden = self._text.embed_tokens(self._ids[None, :width])
        rotary = self._text.rotary_emb(hidden, self._positions[:, None, :width])
        pack = _Pack(self, self._long_length.int(), width)
        for layer in self._text.layers:
            hidden = layer(
                hidden, position_embeddings=rotary, past_key_values=pack, use_cache=True, pack=pack
            )
        logits: Tensor = self._model.lm_head(self._text.norm(hidden[0])).float()
        return logits


class Graphs:
    """The recorded passes of all sessions on a model."""

    def __init__(self, model: Any, recorder: Recorder, static: Static) -> None:
        """Record when first needed."""
        self._model, self._recorder, self._static = model, recorder, static

    def fits(self, rows: KeyValues, count: int) -> bool:
        """Tell whether a pass of ``count`` tokens can be replayed."""
        widths = [width for width in WIDTHS if width >= count]
        return bool(widths) and rows.length + widths[0] <= rows.capacity

    def of(self, rows: KeyValues) -> _Passes:
        """Return the passes over a session's rows."""
        if not isinstance(rows.recorded, _Passes):
            rows.recorded = _Passes(self._model, rows, self._recorder, self._static)
        return rows.recorded
