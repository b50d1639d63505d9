"""Backends side by side on the same traces, step by step in turn.

Responsible for the order of the measurement: A, B, A, B within one run, so that whatever else the
machine does meets all of them, each turn beside a server on a machine come to rest; a first trace
that warms up and does not count; screens of its own for every trace, so that nothing is known from
the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.latency.backends import SERVER, Stable
from benchmarks.latency.quiet import wait_for_quiet
from benchmarks.latency.replay import Player, Taken, Trace
from environments.base import Stop

SEEDS_APART = 1000
Heard = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is run.

    Attributes:
        backends: names, in the order of their turns; a server must follow an engine.
        trace: the first trace; the others have other screens.
        repeats: traces that count.
        warmup: traces before them that do not.
        threads: of torch on a CPU.
    """

    backends: tuple[str, ...]
    trace: Trace
    repeats: int = 3
    warmup: int = 1
    threads: int = 1


Runs = Mapping[str, Sequence[Sequence[Taken]]]
"""Per backend, per trace, the steps."""


def compare(plan: Plan, stable: Stable, stop: Stop, heard: Heard = lambda _: None) -> Runs:
    """Run all backends on all traces.

    Raises:
        ConfigError, ModelError: a backend is not there or cannot go on.
        Stopped: it was stopped.
    """
    runs: dict[str, list[list[Taken]]] = {name: [] for name in plan.backends}
    with threads(plan.threads):
        for number in range(plan.warmup + plan.repeats):
            heard(f"trace {number + 1} of {plan.warmup + plan.repeats}")
            seed = plan.trace.seed * SEEDS_APART + number
            players = _side_by_side(plan, stable, Trace(seed, plan.trace.steps, plan.trace.size_px))
            for _ in range(plan.trace.steps):
                for player in players.values():
                    stop.check()
                    if SERVER in players:
                        wait_for_quiet(stop)
                    player.step()
            if number >= plan.warmup:
                for name, player in players.items():
                    runs[name].append(player.taken)
    return runs


def _side_by_side(plan: Plan, stable: Stable, trace: Trace) -> dict[str, Player]:
    players: dict[str, Player] = {}
    for name in plan.backends:
        leader = next(iter(players.values()), None)
        players[name] = stable.joiner(name)(trace, leader)
    return players


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch compute with so many threads meanwhile."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
