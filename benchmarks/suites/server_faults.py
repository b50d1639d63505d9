"""What a model server can do wrong, and what must come of it.

Responsible for the cases and for one trial of each: a question about a picture, through profile,
request, stream and parser, to a server that fails on a schedule. Either the right point comes out,
or an error, or nothing to do; never a point from half of a reply.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from agent.grounding import Grounding, ground
from agent.models.loaded import Loaded
from agent.models.manner import Manner
from agent.models.openai_compatible import connect
from agent.models.servers.address import Key, read_address
from agent.models.servers.model import ServedModel
from agent.models.servers.wire import Limits, Line
from benchmarks.suites.targets import model_server
from benchmarks.suites.targets.model_server import ModelServer
from benchmarks.suites.targets.red_squares import with_red_square
from environments.base import Stop
from environments.errors import ModelError
from tools.computer_use import computer_use

SEEDS = 8
FEW = (1, 2, 3)
MANY = 20
SILENCE_S = 1.5
"""What a stall may take in a trial; for a person it is minutes."""

SILENT = ("mute", "stall")

MOST_OFF_PX = 4
"""A grid of 1000 on 1600 pixels, and pictures that were resized."""

PASSING: tuple[model_server.Fault, ...] = (
    "429", "500", "503", "mute", "stall", "cut", "unfinished", "not json", "not utf-8",
    "error event", "abort", "page",
)  # fmt: skip
THINKING = ("thinks on", "thinks on apart")
"""It takes a bound on thoughts and does not keep to it; drafts stand in the thought."""

BOUND = 20
"""Tokens that it may think in a trial."""

DRAFT = (
    '<tool_call>{"name": "computer_use", "arguments": '
    '{"action": "left_click", "coordinate": [1, 1]}}</tool_call>'
)
LASTING: tuple[model_server.Fault, ...] = ("401", "filtered")
SHORT = Limits(silence_s=SILENCE_S)


class Hurried(Stop):
    """A stop in whose pauses no time goes by, but something may be done."""

    def __init__(self) -> None:
        """Begin without having waited."""
        super().__init__()
        self.pauses_s: list[float] = []
        self.meanwhile: Callable[[], object] = bool

    def wait(self, timeout_s: float) -> None:
        """Note a pause and let it be over."""
        self.pauses_s.append(timeout_s)
        self.meanwhile()
        self.check()


@dataclass(frozen=True, slots=True)
class Case:
    """One trial.

    Attributes:
        kind: what goes wrong.
        seed: decides picture, place of the break and number of faults.
    """

    kind: str
    seed: int

    @property
    def key(self) -> str:
        """Name in the results."""
        return f"server/{self.kind.replace(' ', '-')}/{self.seed}"


def cases() -> Iterator[Case]:
    """Yield all trials, each kind before the next round of seeds."""
    kinds = (*PASSING, *(f"{kind} for good" for kind in PASSING), *LASTING)
    for seed in range(SEEDS):
        others = ("refused", "refused for good", "length", "small", "small in pixels")
        for kind in (*kinds, *others, *THINKING):
            yield Case(kind, seed)


def trial(case: Case) -> str:
    """Return what is wrong with the outcome, empty if nothing is."""
    draw = random.Random(f"{case.kind} {case.seed}")
    size = draw.randrange(600, 1600), draw.randrange(400, 1000)
    at = draw.randrange(20, size[0] - 20), draw.randrange(20, size[1] - 20)
    server = ModelServer(_server_for(case, draw), cut_at=draw.randrange(1, 105))
    frame, stop = with_red_square(size, at), Hurried()
    with closing(server):
        loaded = _loaded(server.url, case)
        faults = _schedule(case, draw, server, stop)
        try:
            found = ground("the red square", frame, loaded, computer_use(), stop)
        except ModelError as error:
            return _judged_error(case, str(error), len(stop.pauses_s))
    return _judged(case, found, at, (faults, len(stop.pauses_s)))


def _loaded(url: str, case: Case) -> Loaded:
    """Connect at leisure; only where a server is silent on purpose is it given up soon."""
    profile = "qwen2.5-vl-desktop" if case.kind == "small in pixels" else None
    found = connect(url, Manner(profile, think=BOUND if case.kind in THINKING else None))
    limits = SHORT if case.kind.startswith(SILENT) else None
    server = replace(found.server, line=Line(read_address(url), Key(), limits))
    return Loaded(ServedModel(server, found.profile), found.profile, is_embedded=False)


def _server_for(case: Case, draw: random.Random) -> model_server.Manner:
    if case.kind == "small":
        return model_server.Manner(most_tokens=draw.randrange(100, 300))
    if case.kind == "small in pixels":
        most = draw.randrange(100, 300)
        return model_server.Manner("stub", most_tokens=most, factor=28, grid=None)
    if case.kind in THINKING:
        return _thinking_on(draw, "reasoning" if case.kind.endswith("apart") else "")
    return model_server.Manner()


def _thinking_on(draw: random.Random, apart: str) -> model_server.Manner:
    """Return a server whose model thinks for longer than any reply, and drafts calls meanwhile."""
    thought = ["so"] * 9999
    for _ in range(3):
        drafted = DRAFT[: draw.randrange(12, len(DRAFT) + 1)]
        thought[draw.randrange(BOUND)] = drafted
    return model_server.Manner("stub-Thinking", owned_by="vllm", thought=thought, apart=apart)


def _schedule(case: Case, draw: random.Random, server: ModelServer, stop: Hurried) -> int:
    """Let the server fail as the case says; return how often it will before it goes well."""
    if case.kind.startswith("refused"):
        server.shut()
        if case.kind == "refused":
            stop.meanwhile = lambda: server.open() if len(stop.pauses_s) == 1 else None
        return 1
    kind = case.kind.removesuffix(" for good")
    count = MANY if case.kind != kind else draw.choice(FEW)
    if kind in (*PASSING, *LASTING, "length"):
        server.faults.extend([kind] * (1 if kind == "length" else count))
        return count
    return 0


def _judged_error(case: Case, error: str, pauses: int) -> str:
    if case.kind in LASTING:
        return "" if not pauses else f"it was tried again after {error!r}"
    if case.kind.endswith("for good"):
        return "" if pauses else f"it was given up at once: {error}"
    return f"it was given up: {error}"


def _judged(case: Case, found: Grounding, at: tuple[int, int], tried: tuple[int, int]) -> str:
    if case.kind in LASTING or case.kind.endswith("for good"):
        return f"a reply came of a server that never gave one: {found}"
    if case.kind == "length":
        return "" if found.point_px is None else f"half a reply gave the point {found.point_px}"
    if found.point_px is None:
        return f"no point: {found.reason}"
    if tried[1] < tried[0]:
        return f"{tried[0]} faults and {tried[1]} pauses"
    off = max(abs(a - b) for a, b in zip(found.point_px, at, strict=True))
    return "" if off <= MOST_OFF_PX else f"the point is {off} pixels off"
