"""Several processes that train one network together: each its own screens, all the same step.

Responsible for starting them, for the mean of their gradients and for what one tells the others.
They meet at a file, and what they tell each other stays on the loopback of this machine.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor

from environments.errors import ModelError

PATIENCE = timedelta(hours=2)
"""How long one waits for another, which may be letting checkpoints act."""

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"
PARTING_S = 5
"""How long a process may take to be gone after its connection was closed."""

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Team:
    """The processes; one that trains alone is a team as well.

    Attributes:
        size: how many they are.
        rank: which one this is; the first one leads: it saves and speaks.
    """

    size: int = 1
    rank: int = 0

    @property
    def leads(self) -> bool:
        """This is the one that saves and speaks."""
        return self.rank == 0

    def average(self, parameters: Sequence[Tensor]) -> None:
        """Replace the gradients of all by their mean."""
        if self.size == 1:
            return
        import torch
        from torch import distributed

        held = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([grad.flatten() for grad in held]) / self.size
        distributed.all_reduce(flat)
        for grad, mean in zip(held, torch.split(flat, [g.numel() for g in held]), strict=True):
            grad.copy_(mean.view_as(grad))

    def share(self, values: Sequence[Told]) -> Sequence[Told]:
        """Return which of some values are this one's to deal with."""
        return values[self.rank :: self.size]

    def gather(self, mine: Told) -> Iterable[Told]:
        """Return what every one of them gives here, by rank; waits for all."""
        if self.size == 1:
            return [mine]
        from torch import distributed

        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, mine)
        return found


ALONE = Team()


def together(size: int, work: Callable[[Team], None]) -> None:
    """Do some work in so many processes, of which this one leads.

    ``work`` must be importable by name, for the others are new processes.

    Raises:
        ModelError: another one failed; what it said went to standard error.
    """
    if size == 1:
        work(ALONE)
        return
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="deskhand-team-") as folder, ExitStack() as undo:
        meeting = Path(folder) / "meeting"
        others = [
            context.Process(target=_join, args=(Team(size, rank), meeting, work))
            for rank in range(1, size)
        ]
        for other in others:
            other.start()
            undo.callback(other.join)
            undo.callback(other.terminate)
        try:
            _join(Team(size), meeting, work)
        except RuntimeError as error:
            if any(_failed(other) for other in others):
                text = "A process that trained with this one failed; see above."
                raise ModelError(text) from error
            raise
        undo.pop_all()
        for other in others:
            other.join()


def _failed(process: BaseProcess) -> bool:
    process.join(PARTING_S)
    return process.exitcode not in (None, 0)


def _join(team: Team, meeting: Path, work: Callable[[Team], None]) -> None:
    import torch
    from torch import distributed

    os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK)
    torch.set_num_threads(max(torch.get_num_threads() // team.size, 1))
    store = f"file://{meeting}"
    distributed.init_process_group("gloo", store, PATIENCE, world_size=team.size, rank=team.rank)
    try:
        work(team)
    finally:
        distributed.destroy_process_group()
