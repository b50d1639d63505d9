"""Training the embedded checkpoint: steps, saving, resuming, and choosing the best by acting.

Responsible for the order of things within a work folder. What is learnt when stands in
``curriculum``, how well a checkpoint acts is found by ``evaluation``; several processes that train
together are a ``team``.
"""

from __future__ import annotations

import copy
import itertools
import pickle
import random
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader

from agent.models.registry import load_model
from agent.training.adopting import adopt
from agent.training.checkpoint import move_checkpoint, save_checkpoint
from agent.training.curriculum import STAGES, Stage, pace_of
from agent.training.evaluation import evaluate, share_of
from agent.training.lessons import Lesson, Lessons
from agent.training.meeting import met
from agent.training.network import Network, build_model
from agent.training.recorded import TASKS_A_FILE, record, recorded
from agent.training.seeds import (
    FIRST_TRAINING_SEED,
    MEETING_SEEDS,
    SCREENS,
    SELECTION_SEEDS,
)
from agent.training.teacher import teacher_named
from agent.training.team import ALONE, Team
from agent.training.vocabulary import build_tokenizer
from agent.tuning.curves import Curve, draw_curves
from environments.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

EMA_DECAY = 0.99
SAVE_EVERY = 50
TELL_EVERY = 20
TASKS = 24
"""Tasks of a template that an evaluation plays."""

CLIP = 1.0
UNREADABLE = (RuntimeError, ValueError, KeyError, TypeError, EOFError, pickle.UnpicklingError)
"""What torch raises for a state that is damaged or belongs to another network."""


@dataclass
class Progress:
    """Where training stands; written beside the weights so that it can go on.

    Attributes:
        asked: name of the first stage, and the seed.
    """

    asked: str = ""
    stage: int = 0
    step: int = 0
    seen: int = 0
    best: float = -1.0
    history: list[dict[str, Any]] = field(default_factory=list)
    losses: list[dict[str, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Work:
    """What is trained where.

    Attributes:
        folder: holds state and results.
        workers: processes of each trainer that make samples.
        tasks: played of each template in an evaluation.
        begin: a checkpoint whose weights are the beginning where the folder holds nothing.
        moments: folder of recorded moments, for stages that learn from them.
        seed: decides first weights and tasks.
    """

    folder: Path
    workers: int = 1
    tasks: int = TASKS
    begin: Path | None = None
    moments: Path | None = None
    seed: int = 0


def train(work: Work, stages: Sequence[Stage], team: Team) -> None:
    """Train as one of a team, told on standard error.

    Raises:
        ConfigError: see ``Trainer``.
    """
    from rich.console import Console

    Trainer(work, Console(stderr=True), team).run(stages)


class Trainer:
    """Trains one network in a work folder."""

    def __init__(self, work: Work, console: Console, team: Team = ALONE) -> None:
        """Begin, or go on from what the folder holds.

        Raises:
            ConfigError: the folder cannot be written, or holds a state of something else, or
                ``begin`` is no such checkpoint.
        """
        make_writable(work.folder)
        torch.manual_seed(work.seed)
        self.work, self.console, self.team = work, console, team
        self.moments = work.moments or work.folder / "moments"
        self.tokenizer = build_tokenizer()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        model: Any = build_model(self.tokenizer)
        is_new = not (work.folder / "state.pt").exists()
        if work.begin is not None and is_new:
            adopt(model, self.tokenizer, work.begin)
        self.average = copy.deepcopy(model.to(self.device))
        self.network = Network(model, self.tokenizer)
        self.optimizer = torch.optim.AdamW(
            self.network.model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.progress = Progress()
        if not is_new:
            self._load()

    def run(self, stages: Sequence[Stage] = STAGES, evaluate_every: int = 400) -> None:
        """Train the stages that are left and keep the best checkpoint in ``work/best``.

        Raises:
            ConfigError: the folder holds another training, or there are no moments to learn from.
        """
        self._begin(stages)
        torch.set_flush_denormal(True)  # decayed moments of unseen words slow a CPU down tenfold
        try:
            self._run(stages, evaluate_every)
        finally:
            torch.set_flush_denormal(False)

    def _begin(self, stages: Sequence[Stage]) -> None:
        """See that what is asked for is what was begun here, and that it can be done."""
        asked = f'"{stages[0].name}" with seed {self.work.seed}'
        if self.progress.asked not in ("", asked):
            raise ConfigError(
                f"In {self.work.folder} stands a training that began with {self.progress.asked}, "
                f"not with {asked}; name another folder with --work."
            )
        for stage in stages:
            if stage.recorded and not stage.meets:
                next(recorded(self.moments, random.Random(0)))
        if not self.progress.asked and self.team.leads:  # What another one met is not for this one.
            shutil.rmtree(self._met, ignore_errors=True)
        self.progress.asked = asked
        self.team.gather(None)

    @property
    def _met(self) -> Path:
        """Where what the checkpoint came to itself is recorded."""
        return self.work.folder / "met"

    def _run(self, stages: Sequence[Stage], evaluate_every: int) -> None:
        while self.progress.stage < len(stages):
            stage = stages[self.progress.stage]
            if stage.meets and not self.progress.step:
                self._meet(stage, sum(each.meets for each in stages[: self.progress.stage]))
            self._run_stage(stage, evaluate_every)
            self.progress.stage += 1
            self.progress.step = 0
            self._save()
        self._evaluate(stages[-1], tuple(dict.fromkeys(stages[-1].templates)))

    def _meet(self, stage: Stage, before: int) -> None:
        """Let the checkpoint so far play, and record what it met for this stage to learn from.

        The ``before`` tasks that earlier stages met stay: one learns from all of them.
        """
        tasks = self.team.share(range(0, stage.meets, TASKS_A_FILE))
        first = FIRST_TRAINING_SEED + MEETING_SEEDS + self.work.seed * SCREENS + before
        loaded = load_model(str(self._candidate(stage)))
        with closing(teacher_named(stage.teacher)(stage.templates)) as teacher:
            for start in tasks:
                seeds = range(first + start, first + min(start + TASKS_A_FILE, stage.meets))
                made = sum(record(partial(met, loaded, teacher), seeds, self._met))
                self._say(f"{stage.name}: {made} moments met")
        self.team.gather(None)

    def _run_stage(self, stage: Stage, evaluate_every: int) -> None:
        start = self.progress.seen + self.work.seed * SCREENS
        moments = self._met if stage.meets else self.moments
        data = Lessons(self.tokenizer, stage, start, moments, self.team)
        loader = DataLoader(
            data,
            batch_size=None,
            num_workers=self.work.workers,
            prefetch_factor=4 if self.work.workers else None,
        )
        started, first, lessons = time.monotonic(), self.progress.step, iter(loader)
        while self.progress.step < stage.steps:
            found = self._step(stage, list(itertools.islice(lessons, stage.batches)))
            self.progress.step += 1
            self.progress.seen += stage.screens * stage.batches
            if self.progress.step % TELL_EVERY == 0:
                done = self.progress.step - first
                self._tell(stage, found, (time.monotonic() - started) / done)
            if self.progress.step % SAVE_EVERY == 0:
                self._save()
            is_over = self.progress.step == stage.steps  # Then all of its tasks are played.
            if self.progress.step % evaluate_every == 0 and not is_over and "text" in stage.losses:
                self._evaluate(stage, stage.watched)

    def _step(self, stage: Stage, lessons: Sequence[Lesson]) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = stage.learning_rate * pace_of(self.progress.step, stage)
        self.optimizer.zero_grad(set_to_none=True)
        for lesson in lessons:
            with torch.autocast(self.device, torch.bfloat16):
                found = self._losses(stage, lesson)
            weighed = [
                found[name] * weight for name, weight in stage.losses.items() if name in found
            ]
            (sum(weighed, torch.zeros(())) / len(lessons)).backward()  # type: ignore[no-untyped-call]
        parameters: list[torch.Tensor] = [*self.network.model.parameters()]
        self.team.average(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        self.optimizer.step()
        with torch.no_grad():
            decay = min(EMA_DECAY, (1 + self.progress.step) / (10 + self.progress.step))
            kept: list[torch.Tensor] = [*self.average.parameters()]
            torch._foreach_lerp_(kept, parameters, 1 - decay)
        return {name: float(value.detach()) for name, value in found.items()}

    def _losses(self, stage: Stage, lesson: Lesson) -> dict[str, torch.Tensor]:
        batch, plans = lesson[0].to(self.device), lesson[1]
        if set(stage.losses) == {"align"}:
            align, named = self.network.align_loss(self.network.see(batch)[0], batch.labels)
            return {"align": align, "named": named}
        found = self.network.losses(batch)
        return found | (self.network.plan_losses(plans.to(self.device)) if plans else {})

    def _tell(self, stage: Stage, found: Mapping[str, float], pace: float) -> None:
        left = (stage.steps - self.progress.step) * pace / 60
        self.progress.losses.append({"step": self.progress.seen, **found})
        figures = "  ".join(f"{name} {value:.3f}" for name, value in found.items())
        self._say(
            f"{stage.name} {self.progress.step}/{stage.steps}  {figures}  "
            f"{stage.screens * stage.batches / pace:.0f}/s  {left:.0f} min left"
        )

    def _say(self, text: str) -> None:
        if self.team.leads:
            self.console.print(text)

    def _evaluate(self, stage: Stage, templates: Sequence[str]) -> None:
        """Let the average of the weights act; keep it if it goes no worse than before."""
        candidate = self._candidate(stage)
        seeds = SELECTION_SEEDS[: self.work.tasks] if templates else SELECTION_SEEDS
        names = self.team.share(templates or ("",))
        mine = evaluate(candidate, names, seeds, stage.teacher)
        scores = dict(pair for each in self.team.gather(mine) for pair in each.items())
        share = share_of(scores, stage.watched)
        entry = {"seen": self.progress.seen, "share": share, "scores": scores}
        self.progress.history.append(entry)
        self._say(f"acting: {share:.3f}  {'  '.join(f'{t} {s:.2f}' for t, s in scores.items())}")
        if share >= self.progress.best:
            self.progress.best = share
            if self.team.leads:
                move_checkpoint(candidate, self.work.folder / "best")
        if self.team.leads:
            self._draw()
        self._save()

    def _candidate(self, stage: Stage) -> Path:
        """Write the average of the weights for all of the team to load."""
        candidate = self.work.folder / "candidate"
        if self.team.leads:
            save_checkpoint(self.average, self.tokenizer, candidate, stage.tokens)
        self.team.gather(None)
        return candidate

    def _draw(self) -> None:
        """Draw how it went so far, over the screens that were seen."""
        acted = [
            {"step": entry["seen"], "acting": entry["share"]} for entry in self.progress.history
        ]
        names = dict.fromkeys(name for entry in self.progress.losses for name in entry)
        curves = [Curve.of(name, self.progress.losses, name) for name in names if name != "step"]
        draw_curves(self.work.folder / "curves.png", [Curve.of("acting", acted, "acting"), *curves])

    def _save(self) -> None:
        if not self.team.leads:
            return
        state = {
            "model": self.network.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
        }
        torch.save(state, self.work.folder / "state.part")
        (self.work.folder / "state.part").replace(self.work.folder / "state.pt")

    def _load(self) -> None:
        path = self.work.folder / "state.pt"
        state = _state(path, self.device)
        try:
            self.network.model.load_state_dict(state["model"])
            self.average.load_state_dict(state["average"])
            self.optimizer.load_state_dict(state["optimizer"])
        except UNREADABLE as error:
            raise ConfigError(_unfit(path)) from error
        self.progress = _progress(state, path)
        self._say(f"Going on after {self.progress.seen} screens.")


def progress_of(folder: Path) -> Progress:
    """Return where the training in a folder stands.

    Raises:
        ConfigError: it holds no state, or a damaged one.
    """
    path = folder / "state.pt"
    return _progress(_state(path, "cpu"), path)


def _state(path: Path, device: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except (*UNREADABLE, OSError) as error:
        raise ConfigError(_unfit(path)) from error
    return state


def _progress(state: Mapping[str, Any], path: Path) -> Progress:
    try:
        return Progress(**state["progress"])
    except UNREADABLE as error:
        raise ConfigError(_unfit(path)) from error


def _unfit(path: Path) -> str:
    return (
        f"Training cannot go on from {path}, which is damaged or of another network; "
        "remove it, or name another folder with --work."
    )


def make_writable(work: Path) -> None:
    """Make the folder if it is not there, and see that files can be written into it.

    Raises:
        ConfigError: they cannot.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=work):
            pass
    except OSError as error:
        raise ConfigError(
            f"The folder {work} cannot be written ({error}); name another one with --work."
        ) from error
