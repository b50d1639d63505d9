"""Training, a few steps of it, and what it leaves."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from rich.console import Console
from transformers import AutoTokenizer, Qwen3VLForConditionalGeneration

from agent.models.registry import EMBEDDED_FOLDER, knows_phones, load_model
from agent.training.adopting import adopt
from agent.training.batches import Collator
from agent.training.checkpoint import save_checkpoint
from agent.training.curriculum import Stage
from agent.training.moments import Moments
from agent.training.network import Network, build_model
from agent.training.samples import Sample, SampleMaker
from agent.training.teacher import PracticeTeacher
from agent.training.team import together
from agent.training.training import Trainer, Work, progress_of, train
from agent.training.vocabulary import build_tokenizer
from environments.errors import ConfigError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

LOSSES = {"align": 1.0, "text": 1.0, "label": 0.2, "point": 0.2, "plan": 0.5}
SHORT = (
    Stage("read", 2, 1e-3, {"align": 1.0}, templates=("click_button",), screens=2),
    Stage("act", 2, 1e-3, LOSSES, templates=("click_button",), screens=2, plans=4),
)


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer()


@pytest.fixture(scope="module")
def network(tokenizer: PreTrainedTokenizerFast) -> Network:
    torch.manual_seed(1)
    return Network(build_model(tokenizer).eval(), tokenizer)


def made(tokenizer: PreTrainedTokenizerFast, template: str) -> Sample:
    rng = random.Random(1)
    return SampleMaker(tokenizer, rng, 2).sample(Moments(PracticeTeacher([template]), rng).some(1))


def test_the_batched_vision_tower_sees_what_transformers_own_sees(
    network: Network, tokenizer: PreTrainedTokenizerFast
) -> None:
    screens = [made(tokenizer, "fill_form"), made(tokenizer, "send_message")]
    batch = Collator(tokenizer)(screens)
    twice = batch.pixels.view(-1, 3, 1, 256).expand(-1, -1, 2, -1).reshape(640, -1)
    with torch.inference_mode():
        seen, taps = network.see(batch)
        own = network.model.model.visual(twice, torch.tensor([[1, 16, 20], [1, 20, 16]]))
    torch.testing.assert_close(seen.flatten(0, 1), own.pooler_output, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(taps[0].flatten(0, 1), own.deepstack_features[0])


def test_a_saved_checkpoint_is_read_by_the_engine_like_any_published_one(
    network: Network, tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    save_checkpoint(network.model, tokenizer, tmp_path, 80)
    loaded = load_model(str(tmp_path))
    assert loaded.profile.name == "embedded"
    assert knows_phones(str(tmp_path))
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert max(sizes) <= 15_000_000
    assert sum(sizes) <= 25_000_000


def test_training_goes_on_where_it_stopped_and_keeps_a_checkpoint(tmp_path: Path) -> None:
    heard = io.StringIO()
    Trainer(Work(tmp_path, workers=0, tasks=1), Console(file=heard)).run(SHORT[:1])
    trainer = Trainer(Work(tmp_path, workers=0, tasks=1), Console(file=heard))
    assert "Going on after 4 screens" in heard.getvalue()
    before = trainer.network.model.lm_head.weight.detach().clone()
    trainer.run(SHORT)
    assert trainer.progress.seen == 8
    assert set(trainer.progress.history[-1]["scores"]) == {"click_button"}
    assert not torch.equal(before, trainer.network.model.lm_head.weight)
    assert (tmp_path / "best" / "model.safetensors").exists()


def test_training_from_a_checkpoint_begins_with_what_it_knows_word_by_word(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    other: Any = AutoTokenizer.from_pretrained(EMBEDDED_FOLDER)
    theirs = Qwen3VLForConditionalGeneration.from_pretrained(EMBEDDED_FOLDER, dtype=torch.float32)
    model = build_model(tokenizer)
    adopt(model, tokenizer, EMBEDDED_FOLDER)
    rows, known = tokenizer.get_vocab(), other.get_vocab()
    for word in ("Save", "<tool_call>", "7"):
        torch.testing.assert_close(
            model.lm_head.weight[rows[word]], theirs.lm_head.weight[known[word]]
        )
    torch.testing.assert_close(
        model.model.visual.merger.linear_fc1.weight, theirs.model.visual.merger.linear_fc1.weight
    )


def test_two_processes_train_one_network_also_from_what_it_met(tmp_path: Path) -> None:
    met = replace(SHORT[1], name="met", meets=2, recorded=1.0)
    again = replace(met, name="met again")
    together(2, partial(train, Work(tmp_path, workers=0, tasks=1), (*SHORT, met, again)))
    progress = progress_of(tmp_path)
    assert (progress.stage, progress.seen) == (4, 16)
    assert set(progress.history[-1]["scores"]) == {"click_button"}
    assert len([*(tmp_path / "met").glob("*.moments.jsonl")]) == 2, "each meets tasks of its own"
    assert (tmp_path / "best" / "model.safetensors").exists()


def test_a_folder_in_which_another_training_stands_is_refused(tmp_path: Path) -> None:
    work, console = Work(tmp_path, workers=0, tasks=1), Console(file=io.StringIO())
    Trainer(work, console).run(SHORT[:1])
    with pytest.raises(ConfigError, match='"read" with seed 0, not with "read" with seed 1'):
        Trainer(replace(work, seed=1), console).run(SHORT[:1])


def test_training_from_a_folder_without_a_checkpoint_is_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match="--from"):
        Trainer(Work(tmp_path / "work", begin=tmp_path), Console(file=io.StringIO()))


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_built(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="--work"):
        Trainer(Work(tmp_path / "file" / "work"), Console(file=io.StringIO()))


def test_a_state_that_is_damaged_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.pt").write_bytes(b"half a state")
    with pytest.raises(ConfigError, match=r"state\.pt.*remove it"):
        Trainer(Work(tmp_path), Console(file=io.StringIO()))
