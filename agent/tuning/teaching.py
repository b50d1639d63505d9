"""From runs and a checkpoint's name to what was learnt: the parts of ``deskhand train lora``.

Responsible for what is refused before anything heavy is loaded, for which runs are held out, and
for bringing lessons, pupil and tuner together.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.archive import RunRecord
from agent.models.profiles.finding import load_profile
from agent.models.registry import AUTO, Choice, choose_model
from agent.tuning.settings import Settings
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.models.qwen3_vl.loading import Checkpoint
    from agent.tuning.lessons import Lesson
    from agent.tuning.pupil import Pupil
    from agent.tuning.tuner import Course, Progress

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """What is to be learnt by whom.

    Attributes:
        model: the base, as a person names it.
        records: the runs.
        settings: how.
        folder: where what was learnt goes; new, empty, or left by the same assignment.
        profile: in whose words; None for the base's own.
    """

    model: str
    records: Sequence[RunRecord]
    settings: Settings
    folder: Path
    profile: str | None = None


def teach(assignment: Assignment, tell: Tell) -> Progress:
    """Teach, and leave an adapter (or, with all weights, a checkpoint) in the folder.

    Raises:
        ConfigError: the model is none that can be taught here, the folder holds something else, or
            there is nothing in the runs to learn from.
        ModelError: the model cannot be loaded, or memory runs out.
    """
    settings = assignment.settings
    choice = _teachable(assignment)
    _refuse_folder(assignment.folder)
    import torch

    from agent.models.qwen3_vl.adapters import Note, fingerprint_of
    from agent.models.qwen3_vl.folders import checkpoint_folder
    from agent.models.qwen3_vl.loading import memory_in_words
    from agent.tuning.pupil import Pupil
    from agent.tuning.tuner import Tuner

    base = checkpoint_folder(choice.source)
    spoken = assignment.profile or choice.profile
    name = str(base.resolve()) if Path(assignment.model).is_dir() else assignment.model
    note = Note(base=name, fingerprint=fingerprint_of(base), profile=spoken)
    checkpoint = _loaded(choice, base, settings)
    course = _course(assignment, checkpoint, note)
    _make(assignment.folder)
    torch.manual_seed(settings.seed)
    with memory_in_words("learn"):
        pupil = Pupil(checkpoint, settings)
        tell(_about(pupil, course))

        def keep() -> None:
            pupil.save(assignment.folder, base, note)

        tuner = Tuner(pupil, course, settings, assignment.folder, keep, tell)
        tuner.run()
    return tuner.progress


def _teachable(assignment: Assignment) -> Choice:
    if assignment.model == AUTO:
        raise ConfigError("Name the base that is to learn: --model with a hub id or a folder.")
    choice = choose_model(assignment.model)
    if choice.kind != "qwen3_vl" or choice.adapter:
        raise ConfigError(
            f"{assignment.model} cannot be taught: name a checkpoint, as a folder or hub id; what "
            "an adapter was merged into becomes one by deskhand train merge."
        )
    if assignment.settings.method == "qlora":
        import torch

        if not torch.cuda.is_available():
            raise ConfigError(
                "--qlora keeps the base in 4 bits on an NVIDIA GPU, and there is none here; leave "
                "it out, and the weights are learnt beside a base in bf16 or float32."
            )
    return choice


def _refuse_folder(folder: Path) -> None:
    from agent.tuning.tuner import STATE

    try:
        is_new = not folder.exists() or not any(folder.iterdir())
    except OSError as error:
        raise _unwritable(folder, error) from error
    if not is_new and not (folder / STATE).is_file():
        raise ConfigError(f"The folder {folder} holds something already; name a new one with --to.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(f"The folder {folder} cannot be written ({error}); name another with --to.")


def _loaded(choice: Choice, base: Path, settings: Settings) -> Checkpoint:
    import torch

    from agent.models.qwen3_vl.folders import read_config
    from agent.models.qwen3_vl.loading import load_checkpoint

    if "quantization_config" in read_config(base):
        raise ConfigError(
            f"The weights of {choice.source} are quantised as published; teach the edition in bf16."
        )
    dtype = torch.float32 if settings.method == "full" else None
    quantize = "nf4" if settings.method == "qlora" else "none"
    return load_checkpoint(choice.source, dtype=dtype, quantize=quantize)


def _course(assignment: Assignment, checkpoint: Checkpoint, note: object) -> Course:
    from agent.tuning.lessons import LessonMaker
    from agent.tuning.tuner import Course

    settings = assignment.settings
    profile = load_profile(str(getattr(note, "profile", "")))
    longest = checkpoint.model.config.text_config.max_position_embeddings
    most = min(settings.most_tokens, longest - profile.thought_tokens - profile.call_tokens)
    maker = LessonMaker(checkpoint.vocabulary, checkpoint.rules, profile, most)
    learnt, held_out = split(assignment.records, settings)
    lessons = [lesson for record in learnt for lesson in maker.lessons(record)]
    if not lessons:
        raise ConfigError(
            "There is nothing to learn from: in these runs no step worked whose picture can be "
            "shown. See: deskhand runs list"
        )
    examined = [lesson for record in held_out for lesson in maker.lessons(record)]
    return Course(lessons, examined, _mark(assignment, repr(note)))


def split(
    records: Sequence[RunRecord], settings: Settings
) -> tuple[list[RunRecord], list[RunRecord]]:
    """Return the runs to learn from, and those that are held out; by their ids and the seed."""
    order = sorted(records, key=lambda record: record.summary.id)
    random.Random(settings.seed).shuffle(order)
    count = round(settings.held_out * len(order))
    return order[count:], order[:count]


def _mark(assignment: Assignment, note: str) -> str:
    ids = sorted(record.summary.id for record in assignment.records)
    told = repr((ids, sorted(asdict(assignment.settings).items()), note))
    return hashlib.sha256(told.encode()).hexdigest()


def _about(pupil: Pupil, course: Course) -> str:
    moving = sum(weight.numel() for weight in pupil.weights().values())
    return (
        f"{moving:,} weights learn from {_counted(course.learnt)}; "
        f"{_counted(course.held_out)} held out."
    )


def _counted(lessons: Iterable[Lesson]) -> str:
    found = list(lessons)
    return f"{sum(len(lesson.replies) for lesson in found)} replies in {len(found)} conversations"
