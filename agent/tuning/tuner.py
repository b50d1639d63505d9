"""Teaching from recorded runs: steps, examinations, saving, going on, and what is kept.

Responsible for the order of things within a folder. What is learnt from stands in ``lessons``, what
learns in ``pupil``.
"""

from __future__ import annotations

import json
import math
import pickle
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from agent.tuning.curves import Curve, draw_curves
from agent.tuning.lessons import Lesson
from agent.tuning.pupil import Pupil, portions
from agent.tuning.settings import Settings
from environments.errors import ConfigError, ModelError

STATE, HISTORY, CURVES = "state.pt", "training.json", "curves.png"
SAVE_S, TELL_S = 120.0, 20.0
WARM_UP = 0.05
"""Share of all steps in which the learning rate rises."""

FINAL = 0.1
"""Share of the learning rate that is left at the end."""

CLIP = 1.0
UNREADABLE = (RuntimeError, ValueError, KeyError, TypeError, EOFError, pickle.UnpicklingError)


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What is learnt and what is only examined.

    Attributes:
        learnt, held_out: lessons.
        mark: changes with the lessons, the base and the settings; another course cannot go on.
    """

    learnt: Sequence[Lesson]
    held_out: Sequence[Lesson]
    mark: str


@dataclass
class Progress:
    """Where teaching stands.

    Attributes:
        step: steps of the optimizer that are done.
        best: (share of held-out replies that are right, minus their loss) of what was kept.
        history: one entry for each examination and each look at the loss.
    """

    step: int = 0
    best: tuple[float, float] = (-1.0, 0.0)
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def right(self) -> float | None:
        """Share of the held-out replies that were right in what was kept; None without any."""
        found = [entry["right"] for entry in self.history[1:] if "right" in entry]
        return max(found, default=None)


class Tuner:
    """Teaches one pupil in a folder."""

    def __init__(
        self,
        pupil: Pupil,
        course: Course,
        settings: Settings,
        folder: Path,
        keep: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        """Begin, or go on from what the folder holds.

        ``keep`` saves the pupil as it is, each time it is the best so far.

        Raises:
            ConfigError: the folder holds a state of another course.
        """
        self._pupil, self._course, self._settings = pupil, course, settings
        self._folder, self._keep, self._tell = folder, keep, tell
        weights = list(pupil.weights().values())
        self._optimizer = torch.optim.AdamW(weights, lr=settings.rate, weight_decay=0.0)
        self.progress = Progress()
        self.per_epoch = math.ceil(len(course.learnt) / settings.batch)
        self.steps = settings.epochs * self.per_epoch
        if (folder / STATE).exists():
            self._go_on()

    def run(self) -> None:
        """Teach what is left, examine after each epoch, and keep the best."""
        torch.set_flush_denormal(True)
        try:
            self._run()
        finally:
            torch.set_flush_denormal(False)
        (self._folder / STATE).unlink(missing_ok=True)

    def _run(self) -> None:
        if self.progress.step == 0:
            self._examine()
        started, first = time.monotonic(), self.progress.step
        saved = told = started
        while self.progress.step < self.steps:
            loss = self._step()
            self.progress.step += 1
            now = time.monotonic()
            if now - told >= TELL_S or self.progress.step == self.steps:
                self._tell_progress(loss, (now - started) / (self.progress.step - first))
                told = now
            if self.progress.step % self.per_epoch == 0:
                self._examine()
            if now - saved >= SAVE_S:
                self._save()
                # Of large models it is hundreds of gigabytes: one part in twenty of the time.
                saved = time.monotonic() + 20 * (time.monotonic() - now)

    def _step(self) -> float:
        """Add up the gradients of a batch, each learnt token weighing the same, and move."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._settings.rate * pace_of(self.progress.step, self.steps)
        batch = self._batch()
        tokens = sum(end - start for lesson in batch for start, end in lesson.replies)
        self._optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for portion in portions(batch):
            loss = self._pupil.learn(portion).loss / tokens
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        if not math.isfinite(total):
            raise ModelError(
                f"The loss is no number any more after {self.progress.step} steps; teach with a "
                "lower --rate, into a new folder."
            )
        torch.nn.utils.clip_grad_norm_(self._pupil.weights().values(), CLIP)
        self._optimizer.step()
        self.progress.history.append({"step": self.progress.step + 1, "loss": total})
        return total

    def _batch(self) -> list[Lesson]:
        """Return the lessons of a step; each epoch has an order of its own."""
        epoch, number = divmod(self.progress.step, self.per_epoch)
        order = list(self._course.learnt)
        random.Random(f"{self._settings.seed}/{epoch}").shuffle(order)
        at = number * self._settings.batch
        return order[at : at + self._settings.batch]

    def _examine(self) -> None:
        """See how the held-out runs go, keep the pupil if it is the best so far, and save."""
        scores = [self._pupil.examine(some) for some in portions(self._course.held_out)]
        if scores:
            tokens, replies = sum(s.tokens for s in scores), sum(s.replies for s in scores)
            loss = float(sum(s.loss for s in scores)) / tokens
            right = sum(s.right for s in scores) / replies
            self.progress.history.append(
                {"step": self.progress.step, "held_out": loss, "right": right}
            )
            self._tell(
                f"held out: {right:.2f} of {replies} replies right, loss {loss:.3f}, after "
                f"{self.progress.step} of {self.steps} steps"
            )
            found = right, -loss
        else:
            found = float(self.progress.step), 0.0  # With nothing to go by, the latest is kept.
        if self.progress.step and found >= self.progress.best:
            self.progress.best = found
            self._keep()
        self._write_history()
        self._save()

    def _tell_progress(self, loss: float, pace_s: float) -> None:
        left_min = (self.steps - self.progress.step) * pace_s / 60
        self._tell(
            f"step {self.progress.step}/{self.steps}  loss {loss:.3f}  {pace_s:.1f} s a step  "
            f"{left_min:.0f} min left"
        )

    def _write_history(self) -> None:
        told = {"settings": asdict(self._settings), "history": self.progress.history}
        (self._folder / HISTORY).write_text(json.dumps(told, indent=1) + "\n")
        draw_curves(
            self._folder / CURVES,
            [
                Curve.of("loss", self.progress.history, "loss"),
                Curve.of("loss, held out", self.progress.history, "held_out"),
                Curve.of("replies right, held out", self.progress.history, "right"),
            ],
        )

    def _save(self) -> None:
        weights = {name: value.detach() for name, value in self._pupil.weights().items()}
        state: dict[str, Any] = {
            "mark": self._course.mark,
            "weights": weights,
            "optimizer": self._optimizer.state_dict(),
            "chance": [torch.get_rng_state(), *torch.cuda.get_rng_state_all()],
            "progress": asdict(self.progress),
        }
        part = self._folder / f"{STATE}.part"
        torch.save(state, part)
        part.replace(self._folder / STATE)

    def _go_on(self) -> None:
        path = self._folder / STATE
        try:
            state = torch.load(path, map_location=self._pupil.device, weights_only=True)
            if state["mark"] != self._course.mark:
                raise ConfigError(
                    f"{self._folder} holds the state of other runs, another model or other "
                    "settings; name them again as they were, or name another folder with --to."
                )
            with torch.no_grad():
                for name, value in self._pupil.weights().items():
                    value.copy_(state["weights"][name])
            self._optimizer.load_state_dict(state["optimizer"])
            own, *others = (chance.cpu() for chance in state["chance"])
            torch.set_rng_state(own)
            torch.cuda.set_rng_state_all(others)
            progress = state["progress"]
            self.progress = Progress(**{**progress, "best": tuple(progress["best"])})
        except UNREADABLE as error:
            raise ConfigError(
                f"Teaching cannot go on from {path}, which is damaged; remove it, or name another "
                "folder with --to."
            ) from error
        self._tell(f"Going on after {self.progress.step} of {self.steps} steps.")


def pace_of(step: int, steps: int) -> float:
    """Return the share of the peak learning rate: a warm-up, then half a cosine."""
    falling = FINAL + (1 - FINAL) * 0.5 * (1 + math.cos(math.pi * step / steps))
    return falling * min((step + 1) / max(1.0, WARM_UP * steps), 1.0)
