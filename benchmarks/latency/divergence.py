"""How far the engine strays when its cache forgets old screens.

Responsible for the same questions put to an exact conversation and to one whose cache keeps only
the newest pictures, and for what differs. The exact one's replies stand in the history of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from agent.models.qwen3_vl.engine import Options, Qwen3VLModel
from benchmarks.latency.backends import Stable
from benchmarks.latency.replay import PROFILE, Player, Trace
from benchmarks.latency.watched import Watch, watch
from environments.base import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.models.base import Message, Reply
    from tools.schema import ToolSpec


@dataclass(frozen=True, slots=True)
class Divergence:
    """What forgetting changed.

    Attributes:
        kept: pictures whose rows stayed.
        steps: steps at which something had been forgotten.
        same_replies: share of them with the same reply.
        same_start: mean share of a reply's letters before the first difference.
        same_first_token: share of them whose first token is the same.
        logits: largest and mean difference of the first token's logits.
        spread: standard deviation of the exact logits, to compare with.
        context: rows in the cache at the last step, exact and with forgetting.
    """

    kept: int
    steps: int
    same_replies: float
    same_start: float
    same_first_token: float
    logits: tuple[float, float]
    spread: float
    context: tuple[int, int]

    def sentence(self) -> str:
        """Return it in words."""
        return (
            f"keeping {self.kept} pictures: {self.same_replies:.0%} of replies the same, the first "
            f"token in {self.same_first_token:.0%}, {self.same_start:.0%} of the letters before "
            f"the first difference; first logits differ by at most {self.logits[0]:.3g}, "
            f"{self.logits[1]:.3g} on average (their own spread is {self.spread:.3g}); "
            f"{self.context[1]} rows in the cache instead of {self.context[0]}"
        )


class _Beside:
    """An exact conversation that asks a forgetful one the same each time."""

    profile, name = PROFILE.name, "exact beside forgetful"

    def __init__(self, stable: Stable, kept: int) -> None:
        self._sides: list[tuple[Qwen3VLModel, Watch]] = []
        for keep_images in (None, kept):
            engine = stable.engine(Options(keep_images=keep_images))
            seen = watch(engine)
            self._sides.append((Qwen3VLModel(engine, PROFILE), seen))
        self.replies: list[list[Reply]] = []
        self.first: list[list[list[float]]] = []

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        replies, first = [], []
        for model, seen in self._sides:
            seen.clear()
            replies.append(model.generate(messages, tools, stop=stop))
            first.append(next(r.logits[-1] for r in seen.reads if len(r.logits)).tolist())
        self.replies.append(replies)
        self.first.append(first)
        return replies[0]


def measure_divergence(stable: Stable, trace: Trace, kept: int, stop: Stop) -> Divergence:
    """Run a trace both ways.

    Raises:
        Stopped: it was stopped.
    """
    import torch

    both = _Beside(stable, kept)
    player = Player(trace, both)
    for _ in range(trace.steps):
        stop.check()
        player.step()
    replies, rows = both.replies[kept:], torch.tensor(both.first[kept:])
    apart = (rows[:, 0] - rows[:, 1]).abs()
    starts = [_alike(a.text, b.text) / len(a.text) for a, b in replies]
    return Divergence(
        kept,
        len(replies),
        fmean(a.text == b.text for a, b in replies),
        fmean(starts),
        (rows[:, 0].argmax(1) == rows[:, 1].argmax(1)).double().mean().item(),
        (apart.max().item(), apart.mean().item()),
        rows[:, 0].std().item(),
        (replies[-1][0].counters["context_tokens"], replies[-1][1].counters["context_tokens"]),
    )


def _alike(first: str, second: str) -> int:
    """Return the number of letters before the first difference."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))
