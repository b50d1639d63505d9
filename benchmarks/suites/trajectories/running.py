"""One run of an offline trajectory benchmark: which steps, who answers, under which rules.

Responsible for putting data set, respondent and results file together, for the command and for the
bars alike. What a model would do is kept, so other rules need no model. Prints nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agent.models.loaded import Loaded
from benchmarks.base import TaskResult
from benchmarks.casting import Load
from benchmarks.header import About, Header, Who, hash_of, header, player
from benchmarks.suites.asking import Answered, Asking, spread
from benchmarks.suites.trajectories import rules as rule_presets
from benchmarks.suites.trajectories.android_control import index
from benchmarks.suites.trajectories.catalogue import DataSet, Shots
from benchmarks.suites.trajectories.metrics import Figures, Scored, by_subset, figures, mean_of
from benchmarks.suites.trajectories.moves import Kind, Level, Move, Recorded
from benchmarks.suites.trajectories.predicting import Predicted, predict
from benchmarks.suites.trajectories.rules import PRESETS, Preset, presets_named
from benchmarks.versions import sources_version
from environments.base import Stop

RULES = Path(rule_presets.__file__).parent
HISTORY = "past actions of the record, in words"
_HEAD = f"{'rules':15} {'steps':>6}  {'TM':20} {'EM':20} {'ground':20}"
_MOVE: TypeAdapter[Move] = TypeAdapter(Move)


@dataclass(frozen=True)
class TrajectoryRun:
    """What is asked for.

    Attributes:
        data_set: which data set.
        root: its folder.
        options: how it is read ("only", "finish", "split").
        level: whether the model is told what each step is to do.
        who: who answers.
        model: what ``--model`` says; not looked at unless a model answers.
        most: how many steps, spread over all; None for all.
    """

    data_set: DataSet
    root: Path
    options: Mapping[str, str] = field(default_factory=dict)
    level: Level = "high"
    who: Who = "model"
    model: str = "embedded"
    most: int | None = None

    @cached_property
    def every(self) -> Sequence[Recorded]:
        """The steps of the data set as it is read."""
        return self.data_set.steps(self.root, self.options)

    @cached_property
    def steps(self) -> Sequence[Recorded]:
        """The steps that are asked about."""
        return spread(self.every, self.most)

    @cached_property
    def header(self) -> Header:
        """The conditions of the results."""
        about = About(
            "trajectories",
            preset=f"{self.data_set.preset(self.options)}-{self.level}-{self.data_set.rules[0]}",
            dataset=hash_of(map(repr, self.steps)),
            scoring=f"success by the rules {self.data_set.rules[0]!r}; actions kept for others",
            conditions={"history": HISTORY},
            versions={"rules": sources_version(RULES)},
            notes=(self.data_set.note,) if self.data_set.note else (),
            whole=len(index(self.options.get("only", ""))) or len(self.every),
        )
        return header(about, player(self.who, self.model), [step.key for step in self.steps])

    def run(self, asking: Asking, load: Load) -> list[TaskResult]:
        """Ask what has not been asked before and return all results.

        Raises:
            ConfigError, ModelError: the model or the data set is not there.
        """
        loaded = load(self.model).suited("phone") if self.who == "model" else None
        shots = self.data_set.shots(self.root)
        answer = partial(self._answer, shots, loaded)
        return asking.run(self.steps, lambda step: step.subset or "-", answer)

    def _answer(self, shots: Shots, loaded: Loaded | None, step: Recorded, stop: Stop) -> Answered:
        said = self._predicted(shots, loaded, step, stop)
        verdict = PRESETS[self.data_set.rules[0]].verdict(step, said.move)
        move = _MOVE.dump_python(said.move, mode="json") if said.move else None
        word = "right" if verdict.exact else "right type" if verdict.typed else "wrong"
        return Answered(
            verdict.exact,
            word if said.move else "wrong_format",
            {"move": move, "reply": said.reply},
        )

    def _predicted(
        self, shots: Shots, loaded: Loaded | None, step: Recorded, stop: Stop
    ) -> Predicted:
        match self.who:
            case "oracle":
                return Predicted(step.move, "")
            case "noop":
                return Predicted(Move("stop"), "")
            case "random":
                return Predicted(_anything(step), "")
            case _:
                assert loaded is not None
                return predict(step, self.level, shots.read(step.picture), loaded, stop)

    def scored(self, results: Sequence[TaskResult], preset: Preset) -> list[Scored]:
        """Return every step with the verdict of a preset on what stands in records."""
        known = {result.key: result for result in results if result.kind.counts}
        return [
            Scored(
                step,
                preset.verdict(step, move_in(known[step.key])) if step.key in known else None,
                preset.counts(step),
            )
            for step in self.steps
        ]

    def lines(self, results: Sequence[TaskResult], rules: Sequence[str]) -> Iterator[str]:
        """Yield the figures under each preset, its name before each of them."""
        yield _HEAD
        for preset in presets_named(rules):
            scored = self.scored(results, preset)
            yield from _rows(preset.name, figures(scored))
            subsets = by_subset(scored)
            for name, found in subsets.items() if len(subsets) > 1 else ():
                yield from _rows(f"  {name}", found)
            if self.data_set.means and len(subsets) > 1:
                step = mean_of(found.step_success for found in subsets.values())
                episode = mean_of(found.episode_success for found in subsets.values())
                yield f"  mean of subsets: EM {step.words()}, SR {episode.words()}"
        for preset in presets_named(rules):
            yield f"{preset.name}: a tap is right {preset.click}. {preset.source}"
            yield from (f"  known bug, kept: {bug}" for bug in preset.bugs)
            yield from (f"  {note}" for note in preset.notes)

    def figures(self, results: Sequence[TaskResult], rules: Sequence[str]) -> dict[str, Any]:
        """Return the same for machines."""
        return {
            "rules": {
                preset.name: asdict(figures(self.scored(results, preset)))
                | {
                    "subsets": {
                        name: asdict(found)
                        for name, found in by_subset(self.scored(results, preset)).items()
                    },
                    "click": preset.click,
                    "bugs": list(preset.bugs),
                }
                for preset in presets_named(rules)
            }
        }


def move_in(result: TaskResult) -> Move | None:
    """Return the action that stands in a record; None if there was none."""
    kept = result.facts.get("move")
    return _MOVE.validate_python(kept) if kept else None


def _anything(step: Recorded) -> Move:
    """Return an action drawn evenly over kinds and places, always the same for a step."""
    rng = random.Random(f"random/{step.key}")
    kinds: tuple[Kind, ...] = ("tap", "swipe", "type", "press", "wait", "stop")
    at = (rng.random(), rng.random())
    moves = {
        "tap": Move("tap", at=at),
        "swipe": Move("swipe", way=rng.choice(("up", "down", "left", "right"))),
        "type": Move("type", text="anything"),
        "press": Move("press", button=rng.choice(("back", "home", "enter"))),
        "wait": Move("wait"),
        "stop": Move("stop"),
    }
    return moves[rng.choice(kinds)]


def _rows(name: str, found: Figures) -> Iterator[str]:
    shares = (found.type_match, found.step_success, found.grounding)
    columns = " ".join(f"{share.words():20}" for share in shares)
    success, progress = found.episode_success.words(), found.progress.words()
    whole = f"{found.episodes:6}  whole episodes: SR {success}, progress {progress}"
    left = f"; {found.left_out} left out, for steps of them are missing" if found.left_out else ""
    yield f"{name:15} {found.steps:6}  {columns}".rstrip()
    yield f"{'':15} {whole}{left}"
