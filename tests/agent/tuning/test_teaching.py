"""Teaching, the whole path on a small scale: what learns, what is kept, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from agent.archive import RunRecord, list_runs, load_run
from agent.models.profiles.finding import load_profile
from agent.models.qwen3_vl.adapters import NOTE
from agent.models.qwen3_vl.loading import Checkpoint, load_checkpoint
from agent.models.registry import EMBEDDED_FOLDER, adapted, choose_model, load_model
from agent.tuning.lessons import Lesson, LessonMaker
from agent.tuning.merging import merge_into
from agent.tuning.pupil import Pupil
from agent.tuning.settings import Settings, method_of
from agent.tuning.teaching import Assignment, split, teach
from benchmarks.runner import Terms, play_episode
from benchmarks.suites.practice import PracticeCase, SharedDesk
from environments.base import Stop
from environments.errors import ConfigError, ModelError
from tests.agent.models.qwen3_vl.checkpoints import save
from tests.agent.tuning.recorded import recorded

BRIEF = Settings(rank=4, rate=1e-2, epochs=1, batch=3, held_out=0.5)
EMBEDDED = str(EMBEDDED_FOLDER)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunRecord]:
    return recorded(tmp_path_factory.mktemp("runs"))


def quiet(_: str) -> None:
    pass


def taught(
    runs: list[RunRecord], folder: Path, tell: Callable[[str], None] = quiet, **changes: Any
) -> Path:
    teach(Assignment("embedded", runs, replace(BRIEF, **changes), folder), tell)
    return folder


@pytest.fixture(scope="module")
def adapter(runs: list[RunRecord], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taught(runs, tmp_path_factory.mktemp("taught"))


def lessons_of(checkpoint: Checkpoint, run: RunRecord) -> list[Lesson]:
    maker = LessonMaker(checkpoint.vocabulary, checkpoint.rules, load_profile("embedded"), 4000)
    return list(maker.lessons(run))


def one_lesson(checkpoint: Checkpoint, run: RunRecord) -> Lesson:
    return lessons_of(checkpoint, run)[0]


def logits(checkpoint: Checkpoint, lesson: Lesson) -> torch.Tensor:
    pupil = Pupil(checkpoint, replace(BRIEF, method="full"))
    return pupil.logits([lesson], [(0, at) for at in range(len(lesson.ids))])


def test_a_merged_adapter_says_what_the_taught_model_said(
    runs: list[RunRecord], adapter: Path
) -> None:
    from peft import PeftModel

    plain, wrapped = (load_checkpoint(EMBEDDED, device="cpu") for _ in range(2))
    merged = load_checkpoint(EMBEDDED, device="cpu", adapter=str(adapter))
    PeftModel.from_pretrained(wrapped.model, str(adapter))
    lesson = one_lesson(plain, runs[0])
    by_peft, by_us, before = (logits(one, lesson) for one in (wrapped, merged, plain))
    assert (by_peft - by_us).abs().max() < 1e-3
    assert (before - by_us).abs().max() > 0.1


def test_an_adapter_comes_with_its_base_its_figures_and_their_curves(adapter: Path) -> None:
    note = json.loads((adapter / NOTE).read_text())
    assert (note["base"], note["profile"]) == ("embedded", "embedded")
    assert json.loads((adapter / "adapter_config.json").read_text())[
        "base_model_name_or_path"
    ] == "embedded"  # fmt: skip
    history = json.loads((adapter / "training.json").read_text())["history"]
    assert [entry["step"] for entry in history] == [0, 1, 2, 2]
    with Image.open(adapter / "curves.png") as picture:
        assert picture.format == "PNG"
    assert not (adapter / "state.pt").exists()
    assert choose_model(adapted("auto", adapter)).source == EMBEDDED
    assert "with" in load_model(adapted("auto", adapter)).model.name


def test_an_adapter_is_refused_by_any_other_base(adapter: Path, tmp_path: Path) -> None:
    save(tmp_path / "other")
    with pytest.raises(ConfigError, match=r"trained on embedded, and .* Name its base"):
        load_checkpoint(str(tmp_path / "other"), device="cpu", adapter=str(adapter))


def test_an_adapter_of_others_is_known_by_the_name_of_its_base_and_must_fit(
    adapter: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for file in adapter.glob("adapter_*"):
        (foreign / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ConfigError, match="Name its base"):
        load_checkpoint(EMBEDDED, device="cpu", adapter=str(foreign))
    config = json.loads((foreign / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "somebody/Checkpoint"
    (foreign / "adapter_config.json").write_text(json.dumps(config))
    assert load_checkpoint(EMBEDDED, device="cpu", adapter=str(foreign)).model is not None
    save(tmp_path / "checkpoint")
    with pytest.raises(ConfigError, match="does not fit"):
        load_checkpoint(str(tmp_path / "checkpoint"), device="cpu", adapter=str(foreign))


@pytest.mark.parametrize("spec", ["scripted:x.json", "http://127.0.0.1:1/v1"])
def test_an_adapter_goes_with_checkpoints_only(spec: str, adapter: Path) -> None:
    with pytest.raises(ConfigError, match="--adapter goes with a checkpoint"):
        choose_model(adapted(spec, adapter))


def test_an_adapter_is_not_merged_into_fewer_bits(adapter: Path) -> None:
    with pytest.raises(ConfigError, match="deskhand train merge"):
        choose_model(adapted("embedded", adapter), quantize="int8")


def test_a_folder_without_an_adapter_and_a_damaged_one_are_told_in_a_sentence(
    adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="holds no adapter"):
        choose_model(adapted("embedded", tmp_path))
    for file in adapter.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[:40])
    with pytest.raises(ConfigError, match="cannot be read"):
        load_checkpoint(EMBEDDED, adapter=str(tmp_path))
    (tmp_path / NOTE).write_bytes((adapter / NOTE).read_bytes())
    with pytest.raises(ModelError, match="cannot be read"):
        load_checkpoint(EMBEDDED, adapter=str(tmp_path))
    config = (adapter / "adapter_config.json").read_bytes()
    (tmp_path / "adapter_config.json").write_bytes(config)
    with pytest.raises(ModelError, match="cannot be read"):
        load_checkpoint(EMBEDDED, adapter=str(tmp_path))


class Enough(BaseException):
    """The moment at which a person stops it."""


def test_what_was_stopped_goes_on_to_the_very_same_weights(
    runs: list[RunRecord], tmp_path: Path
) -> None:
    def stop(text: str) -> None:
        if text.startswith("held out") and "after 2 of 4" in text:
            raise Enough

    at_once = taught(runs, tmp_path / "a", epochs=2, dropout=0.1)
    with pytest.raises(Enough):
        taught(runs, tmp_path / "b", stop, epochs=2, dropout=0.1)
    heard: list[str] = []
    again = taught(runs, tmp_path / "b", heard.append, epochs=2, dropout=0.1)
    assert any(line.startswith("Going on after") for line in heard)
    ours, theirs = (load_file(f / "adapter_model.safetensors") for f in (at_once, again))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_folder_of_something_else_is_not_gone_on_with(
    runs: list[RunRecord], adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="holds something already"):
        taught(runs, adapter)

    def stop(text: str) -> None:
        if text.startswith("step"):
            raise Enough

    with pytest.raises(Enough):
        taught(runs, tmp_path / "b", stop)
    with pytest.raises(ConfigError, match="other runs, another model or other"):
        taught(runs, tmp_path / "b", seed=7)


@pytest.mark.parametrize("vision", [False, True])
def test_all_weights_learn_but_those_of_a_frozen_tower(
    vision: bool, runs: list[RunRecord], tmp_path: Path
) -> None:
    folder = taught(runs, tmp_path / "full", method="full", vision=vision, rate=1e-3)
    before, after = (load_file(f / "model.safetensors") for f in (EMBEDDED_FOLDER, folder))
    assert before.keys() == after.keys()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert any(name.startswith("model.language_model.layers.0.") for name in moved)
    tower = {name for name in moved if name.startswith("model.visual.")}
    assert bool(tower) is vision
    assert not any("patch_embed" in name for name in tower)
    assert load_model(str(folder)).is_embedded


def test_lora_reaches_the_tower_only_if_asked(runs: list[RunRecord], tmp_path: Path) -> None:
    names = load_file(taught(runs, tmp_path / "v", vision=True) / "adapter_model.safetensors")
    assert any(".visual.blocks.0.attn.qkv." in name for name in names)
    assert any(".visual.merger." in name for name in names)
    assert load_checkpoint(EMBEDDED, adapter=str(tmp_path / "v")).model is not None


def test_the_checkpoint_says_in_training_what_it_says_when_it_acts(tmp_path: Path) -> None:
    actor, desk = load_model("embedded").model, SharedDesk("in-process")
    for template in ("click_button", "change_setting"):
        case = PracticeCase(template, 1, desk)
        assert play_episode(case, lambda *_: actor, Terms(runs=tmp_path), Stop()).score == 1
    checkpoint = load_checkpoint(EMBEDDED, device="cpu")
    pupil = Pupil(checkpoint, replace(BRIEF, method="full"))
    made = [load_run(tmp_path, run.id) for run in list_runs(tmp_path)]
    lessons = [lesson for run in made for lesson in lessons_of(checkpoint, run)]
    score = pupil.examine(lessons)
    assert score.right == score.replies == len(lessons) == 6
    apart = sum(float(pupil.examine([lesson]).loss) for lesson in lessons)
    assert abs(float(score.loss) - apart) < 1e-3


def test_memory_is_saved_without_changing_what_is_learnt(runs: list[RunRecord]) -> None:
    checkpoint = load_checkpoint(EMBEDDED, device="cpu")
    lesson = one_lesson(checkpoint, runs[0])
    pupil = Pupil(checkpoint, replace(BRIEF, vision=True))
    pupil.learn([lesson]).loss.backward()  # type: ignore[no-untyped-call]
    found = {name: weight.grad.clone() for name, weight in pupil.weights().items()}
    pupil.model.zero_grad()
    pupil.save_memory()
    pupil.learn([lesson]).loss.backward()  # type: ignore[no-untyped-call]
    for name, weight in pupil.weights().items():
        torch.testing.assert_close(weight.grad, found[name])


def test_base_and_adapter_become_one_checkpoint(
    runs: list[RunRecord], adapter: Path, tmp_path: Path
) -> None:
    merge_into(str(adapter), "auto", tmp_path / "one")
    one = load_checkpoint(str(tmp_path / "one"), device="cpu")
    both = load_checkpoint(EMBEDDED, device="cpu", adapter=str(adapter))
    lesson = one_lesson(one, runs[0])
    assert (logits(one, lesson) - logits(both, lesson)).abs().max() < 1.0  # It is in bf16.
    with pytest.raises(ConfigError, match="holds something already"):
        merge_into(str(adapter), "auto", tmp_path / "one")
    with pytest.raises(ConfigError, match="Name its base"):
        load_checkpoint(str(tmp_path / "one"), adapter=str(adapter))


def test_held_out_runs_are_not_learnt_from_and_are_the_same_every_time(
    runs: list[RunRecord],
) -> None:
    learnt, held_out = split(runs, BRIEF)
    again = split(list(reversed(runs)), BRIEF)
    assert (learnt, held_out) == again
    assert len(learnt) == len(held_out) == 1
    assert learnt != held_out


def test_a_base_in_four_bits_wants_a_gpu(runs: list[RunRecord], tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(ConfigError, match="--qlora keeps the base in 4 bits on an NVIDIA GPU"):
        taught(runs, tmp_path / "q", method="qlora")


@pytest.mark.gpu
def test_a_base_in_four_bits_learns(runs: list[RunRecord], tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no NVIDIA GPU")
    pytest.importorskip("bitsandbytes")
    folder = taught(runs, tmp_path / "q", method="qlora", bf16=True)
    assert load_checkpoint(EMBEDDED, adapter=str(folder)).model is not None


def test_a_loss_that_is_no_number_ends_it_in_a_sentence(
    runs: list[RunRecord], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="lower --rate"):
        taught(runs, tmp_path / "wild", rate=1e30, epochs=3, held_out=0.0)


def test_two_methods_at_once_are_refused() -> None:
    with pytest.raises(ConfigError, match="name one"):
        method_of(full=True, qlora=True)
