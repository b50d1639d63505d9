"""Training the embedded checkpoint: stages, losses, resuming, and evaluation by acting.

Responsible for the order of things. Reading comes first (which word lies under a visual token),
then pointing with two training aids that are dropped from the result, then whole tasks.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import math
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch.utils.data import DataLoader, IterableDataset

from agent.training.checkpoint import save_checkpoint
from agent.training.evaluation import FIRST_TRAINING_SEED, SELECTION_SEEDS, play
from agent.training.network import Batch, Collator, Network, Plans, build_model
from agent.training.samples import SampleMaker
from agent.training.teacher import teacher_named
from agent.training.vocabulary import build_tokenizer
from environments.practice.templates import DEMO, TEMPLATES

if TYPE_CHECKING:
    from rich.console import Console
    from transformers import PreTrainedTokenizerFast

EMA_DECAY = 0.99
SAVE_EVERY = 50
PLAN_SEEDS = 1_000_000_000
Made = TypeVar("Made")
WARMUP_STEPS = 100
CLIP = 1.0


@dataclass(frozen=True)
class Stage:
    """One part of the curriculum.

    Attributes:
        steps: optimizer steps.
        learning_rate: peak; it falls to ``final`` of itself by half a cosine.
        losses: weight of each loss; with "align" alone only the vision tower is trained.
        teacher: name of the world that sets the tasks.
        templates: its tasks, drawn evenly; one that stands there twice comes twice as often.
        pointings: further questions asked about each screen.
        screens: screens in a batch.
        plans: questions in a batch that are asked without their picture.
    """

    name: str
    steps: int
    learning_rate: float
    losses: Mapping[str, float]
    teacher: str = "practice"
    templates: tuple[str, ...] = tuple(TEMPLATES)
    pointings: int = 4
    screens: int = 32
    plans: int = 0
    final: float = 0.1


STAGES = (
    Stage("read", 400, 1.5e-3, {"align": 1.0}, final=0.7),
    Stage(
        "act", 1150, 1e-3, {"align": 0.4, "text": 1.0, "label": 0.2, "point": 0.2, "plan": 0.5},
        templates=(*TEMPLATES, *(*DEMO,) * 3), pointings=3, plans=16, final=0.02,
    ),
)  # fmt: skip


def stages_scaled(scale: float) -> tuple[Stage, ...]:
    """Return the stages, each longer or shorter by a factor."""
    return tuple(replace(stage, steps=max(round(stage.steps * scale), 1)) for stage in STAGES)


@dataclass
class Progress:
    """Where training stands; written beside the weights so that it can go on."""

    stage: int = 0
    step: int = 0
    seen: int = 0
    best: float = -1.0
    history: list[dict[str, Any]] = field(default_factory=list)


Lesson = tuple[Batch, Plans | None]
"""What one optimizer step learns from."""


class Lessons(IterableDataset[Any]):
    """Lessons without end; each worker has its own seeds."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, stage: Stage, start: int) -> None:
        """Prepare a stage before which ``start`` screens have been seen."""
        self._tokenizer, self._stage, self._start = tokenizer, stage, start

    def __iter__(self) -> Iterator[Lesson]:
        """Make lessons, one after the other."""
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        stage = self._stage
        rng = random.Random(f"{stage.name}/{self._start}/{worker}")
        teacher = teacher_named(stage.teacher)(stage.templates)
        maker = SampleMaker(self._tokenizer, teacher, rng, stage.pointings)
        collate = Collator(self._tokenizer)
        # Plans draw from seeds far beyond those of the screens, so that no task is asked twice.
        first = FIRST_TRAINING_SEED + self._start * 8 + worker
        screens = solvable(maker.make, itertools.count(first, workers))
        plans = solvable(maker.plans, itertools.count(PLAN_SEEDS + first, workers))
        questions = (question for task in plans for question in task)
        while True:
            batch = collate(list(itertools.islice(screens, stage.screens)))
            asked = list(itertools.islice(questions, stage.plans))
            yield batch, collate.plans(asked) if asked else None


def solvable(make: Callable[[int], Made], seeds: Iterable[int]) -> Iterator[Made]:
    """Yield what the seeds give, without those whose task cannot be solved any more."""
    for seed in seeds:
        with contextlib.suppress(LookupError):
            yield make(seed)


class Trainer:
    """Trains one network in a work folder."""

    def __init__(self, work: Path, console: Console, *, workers: int = 1, tasks: int = 24) -> None:
        """Begin, or go on from what ``work`` holds; an evaluation plays ``tasks`` a template."""
        torch.manual_seed(0)
        self.work, self.console, self.workers, self.tasks = work, console, workers, tasks
        self.tokenizer = build_tokenizer()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network = Network(build_model(self.tokenizer), self.tokenizer)
        self.network.model.to(self.device)  # type: ignore[arg-type]
        self.average = copy.deepcopy(self.network.model)
        self.optimizer = torch.optim.AdamW(
            self.network.model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.progress = Progress()
        work.mkdir(parents=True, exist_ok=True)
        if (work / "state.pt").exists():
            self._load()

    def run(self, stages: Sequence[Stage] = STAGES, evaluate_every: int = 300) -> None:
        """Train the stages that are left and keep the best checkpoint in ``work/best``."""
        torch.set_flush_denormal(True)  # decayed moments of unseen words slow a CPU down tenfold
        try:
            self._run(stages, evaluate_every)
        finally:
            torch.set_flush_denormal(False)

    def _run(self, stages: Sequence[Stage], evaluate_every: int) -> None:
        while self.progress.stage < len(stages):
            stage = stages[self.progress.stage]
            self._run_stage(stage, evaluate_every)
            self.progress.stage += 1
            self.progress.step = 0
            self._save()
        self._evaluate(tuple(dict.fromkeys(stages[-1].templates)))

    def _run_stage(self, stage: Stage, evaluate_every: int) -> None:
        data = Lessons(self.tokenizer, stage, self.progress.seen)
        loader = DataLoader(
            data,
            batch_size=None,
            num_workers=self.workers,
            prefetch_factor=4 if self.workers else None,
        )
        started, first = time.monotonic(), self.progress.step
        for lesson in loader:
            if self.progress.step >= stage.steps:
                break
            found = self._step(stage, lesson)
            self.progress.step += 1
            self.progress.seen += stage.screens
            if self.progress.step % 20 == 0:
                done = self.progress.step - first
                pace = (time.monotonic() - started) / done
                self._tell(stage, found, pace)
            if self.progress.step % SAVE_EVERY == 0:
                self._save()
            if self.progress.step % evaluate_every == 0 and "text" in stage.losses:
                self._evaluate(tuple(DEMO))

    def _step(self, stage: Stage, lesson: Lesson) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = stage.learning_rate * pace_of(self.progress.step, stage)
        model = self.network.model
        found = self._losses(stage, lesson)
        loss = sum((found[name] * weight for name, weight in stage.losses.items()), torch.zeros(()))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        self.optimizer.step()
        with torch.no_grad():
            kept: list[torch.Tensor] = [*self.average.parameters()]
            decay = min(EMA_DECAY, (1 + self.progress.step) / (10 + self.progress.step))
            torch._foreach_lerp_(kept, [*model.parameters()], 1 - decay)
        return {name: float(value.detach()) for name, value in found.items()}

    def _losses(self, stage: Stage, lesson: Lesson) -> dict[str, torch.Tensor]:
        batch, plans = lesson[0].to(self.device), lesson[1]
        if set(stage.losses) == {"align"}:
            align, named = self.network.align_loss(self.network.see(batch.pixels)[0], batch.labels)
            return {"align": align, "named": named}
        found = self.network.losses(batch)
        return found | (self.network.plan_losses(plans.to(self.device)) if plans else {})

    def _tell(self, stage: Stage, found: Mapping[str, float], pace: float) -> None:
        left = (stage.steps - self.progress.step) * pace / 60
        figures = "  ".join(f"{name} {value:.3f}" for name, value in found.items())
        self.console.print(
            f"{stage.name} {self.progress.step}/{stage.steps}  {figures}  "
            f"{stage.screens / pace:.0f}/s  {left:.0f} min left"
        )

    def _evaluate(self, templates: Sequence[str]) -> None:
        """Let the average of the weights act; keep it if the demo goes no worse than before."""
        network = Network(self.average, self.tokenizer)
        seeds = SELECTION_SEEDS[: self.tasks]
        scores = {t: play(network, self.tokenizer, t, seeds) for t in templates}
        chosen = [t for t in DEMO if t in scores] or list(scores)
        demo = sum(scores[t] for t in chosen) / len(chosen)
        self.progress.history.append({"seen": self.progress.seen, "scores": scores})
        text = "  ".join(f"{t} {s:.2f}" for t, s in scores.items())
        self.console.print(f"acting: demo {demo:.3f}  {text}")
        if demo >= self.progress.best:
            self.progress.best = demo
            save_checkpoint(self.average, self.tokenizer, self.work / "best")
        self._save()

    def _save(self) -> None:
        state = {
            "model": self.network.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
        }
        torch.save(state, self.work / "state.part")
        (self.work / "state.part").replace(self.work / "state.pt")

    def _load(self) -> None:
        state = torch.load(self.work / "state.pt", map_location=self.device, weights_only=True)
        self.network.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        self.console.print(f"Going on after {self.progress.seen} screens.")


def pace_of(step: int, stage: Stage) -> float:
    """Return the share of the peak learning rate: a warm-up, then half a cosine."""
    done = step / stage.steps
    falling = stage.final + (1 - stage.final) * 0.5 * (1 + math.cos(math.pi * done))
    return falling * min((step + 1) / WARMUP_STEPS, 1.0)
