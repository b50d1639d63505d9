"""A checkpoint while it is taught: which of its weights move, the loss of a lesson, what is saved.

Responsible for LoRA by peft, for full fine-tuning, and for one forward through transformers' own
model. The patch embedding never moves. The order of lessons is ``tuner``'s.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from agent.grounding import read_picture
from agent.models.qwen3_vl.adapters import NOTE, PEFT, Note
from agent.models.qwen3_vl.images import ImageRules, prepare
from agent.models.qwen3_vl.loading import Checkpoint
from agent.models.qwen3_vl.positions import positions_of
from agent.models.qwen3_vl.silence import quietly
from agent.models.qwen3_vl.storage import require
from agent.models.qwen3_vl.vision import Seen, Sights, see
from agent.tuning.lessons import Lesson
from agent.tuning.settings import Settings
from environments.base import Frame
from environments.errors import ModelError

TEXT = r"model\.language_model\.layers\.\d+\.(self_attn\.[qkvo]|mlp\.(gate|up|down))_proj"
VISION = r"model\.visual\.(blocks|merger|deepstack_merger_list)\..*(qkv|proj|linear_fc[12])"
"""The matrices that LoRA adds to; experts of a mixture are one tensor each and stay as they are."""

PORTION = 2048
"""Tokens that are read at once: many small lessons, or one large one."""

PATCHES = "model.visual.patch_embed."
SEEN_BYTES = 1 << 31
"""What the tower's results may take: 32 screens of 1080p for the 8B, thousands of small ones."""

WEIGHT_FILES = ("*.safetensors", "*.safetensors.index.json", "config.json", "*.bin", "*.pt")


@dataclass(frozen=True, slots=True)
class Score:
    """What some lessons gave.

    Attributes:
        loss: sum over their learnt tokens, to be minimised.
        tokens: how many there are.
        replies: how many replies they hold.
        right: how many of these had the likeliest token everywhere.
    """

    loss: Tensor
    tokens: int
    replies: int
    right: int


class Pupil:
    """A checkpoint that learns."""

    def __init__(self, checkpoint: Checkpoint, settings: Settings) -> None:
        """Let the weights move that the settings name.

        Raises:
            ConfigError: peft is missing.
        """
        self.model, self._settings = checkpoint.model, settings
        self.model.set_attn_implementation("sdpa")
        self._adapted: Any = None
        if settings.method == "full":
            self._free()
        else:
            self._adapted = self._with_lora()
        if self.model.device.type == "cuda":
            self.save_memory()
        self._sights = Sights(SEEN_BYTES)

    @property
    def device(self) -> torch.device:
        """Where it is."""
        place: torch.device = self.model.device
        return place

    def save_memory(self) -> None:
        """Compute activations a second time instead of keeping them."""
        self.model.gradient_checkpointing_enable({"use_reentrant": False})

    def weights(self) -> dict[str, Tensor]:
        """Return the weights that move, by name."""
        return {n: p for n, p in self.model.named_parameters() if p.requires_grad}

    def learn(self, lessons: Sequence[Lesson]) -> Score:
        """Return the score of lessons, through which can be differentiated."""
        self.model.train()
        return self._score(lessons)

    @torch.no_grad()
    def examine(self, lessons: Sequence[Lesson]) -> Score:
        """Return the score of lessons that nothing is learnt from."""
        self.model.eval()
        return self._score(lessons)

    def _score(self, lessons: Sequence[Lesson]) -> Score:
        replies = [(row, *reply) for row, one in enumerate(lessons) for reply in one.replies]
        places = [(row, at) for row, start, end in replies for at in range(start, end)]
        bf16 = torch.autocast(self.device.type, torch.bfloat16)
        with bf16 if self._settings.bf16 else nullcontext():
            logits = self.logits(lessons, [(row, at - 1) for row, at in places]).float()
        wanted = torch.tensor([lessons[row].ids[at] for row, at in places], device=logits.device)
        each = functional.cross_entropy(logits, wanted, reduction="sum")
        hits = iter((logits.argmax(-1) == wanted).tolist())
        right = sum(min(islice(hits, end - start)) for _, start, end in replies)
        return Score(each, len(places), len(replies), right)

    def logits(self, lessons: Sequence[Lesson], places: Sequence[tuple[int, int]]) -> Tensor:
        """Return (n, size): what follows each place, given as (lesson, index of the token).

        What fills shorter lessons up stands behind them, where nothing of them looks.
        """
        length = max(len(lesson.ids) for lesson in lessons)
        ids = [[*one.ids, *one.ids[-1:] * (length - len(one.ids))] for one in lessons]
        positions = [positions_of(length, one.spans)[0] for one in lessons]
        out = self.model.model(
            input_ids=torch.tensor(ids, device=self.device),
            position_ids=torch.stack(positions, 1).to(self.device),
            use_cache=False,
            **self._pictures(lessons),
        )
        rows, at = torch.tensor(places).unbind(1)
        told: Tensor = self.model.lm_head(out.last_hidden_state[rows, at])
        return told

    def _pictures(self, lessons: Sequence[Lesson]) -> dict[str, Any]:
        """Return what the tower makes of the pictures, as transformers' model takes it."""
        seen = [self._seen(picture, one.rules) for one in lessons for picture in one.pictures]
        if not seen:
            return {}
        taps = list(zip(*(one.taps for one in seen), strict=True))
        image = SimpleNamespace(pooler_output=[one.tokens for one in seen], deepstack_features=taps)
        return {"mm_encoder_outputs": {"image": image}}

    def _seen(self, picture: Path | Frame, rules: ImageRules) -> Seen:
        """Run the tower; one that does not learn makes the same of a picture every time."""
        if self._settings.vision:
            return see(self.model, prepare(_frame(picture), rules))
        if not isinstance(picture, Path):
            return self._looked(picture, rules)
        return self._sights.get((picture, rules), lambda: self._looked(picture, rules))

    @torch.no_grad()
    def _looked(self, picture: Path | Frame, rules: ImageRules) -> Seen:
        return see(self.model, prepare(_frame(picture), rules))

    def _with_lora(self) -> Any:
        require(PEFT, "deskhand train lora")
        settings = self._settings
        with quietly():
            from peft import LoraConfig, get_peft_model

            return get_peft_model(
                self.model,
                LoraConfig(
                    r=settings.rank,
                    lora_alpha=2 * settings.rank,
                    lora_dropout=settings.dropout,
                    target_modules=f"{TEXT}|{VISION}" if settings.vision else TEXT,
                ),
            )

    def _free(self) -> None:
        for name, parameter in self.model.named_parameters():
            is_vision = name.startswith("model.visual.")
            moves = not is_vision or (self._settings.vision and not name.startswith(PATCHES))
            parameter.requires_grad_(moves)

    def save(self, folder: Path, base: Path, note: Note) -> None:
        """Write what was learnt: an adapter with its note, or a whole checkpoint like the base.

        Raises:
            ModelError: the folder cannot be written.
        """
        try:
            if self._adapted is None:
                save_checkpoint(self.model, base, folder)
                return
            config = self._adapted.peft_config["default"]
            config.base_model_name_or_path = note.base  # Not where it lay on this machine.
            self._adapted.save_pretrained(str(folder), save_embedding_layers=False)
            (folder / "README.md").unlink(missing_ok=True)  # peft's, with nothing filled in.
            (folder / NOTE).write_text(json.dumps(note.model_dump(), indent=2) + "\n")
        except OSError as error:
            raise ModelError(f"What was learnt cannot be written to {folder} ({error}).") from error


def portions(lessons: Sequence[Lesson]) -> Iterator[list[Lesson]]:
    """Yield lessons in portions that are read at once, the shortest first."""
    portion: list[Lesson] = []
    for lesson in sorted(lessons, key=lambda lesson: len(lesson.ids)):
        if portion and (len(portion) + 1) * len(lesson.ids) > PORTION:
            yield portion
            portion = []
        portion.append(lesson)
    if portion:
        yield portion


def save_checkpoint(model: Any, base: Path, folder: Path) -> None:
    """Write a model in bf16 as a folder like its base's, with the base's tokenizer and rules."""
    folder.mkdir(parents=True, exist_ok=True)
    held = model.state_dict()
    state = {name: value for name, value in held.items() if not name.startswith(PATCHES)}
    kernel, bias = (held[f"{PATCHES}{part}"] for part in ("weight", "bias"))
    vision = model.config.vision_config
    shape = (-1, vision.in_channels, vision.temporal_patch_size, *[vision.patch_size] * 2)
    state |= {f"{PATCHES}proj.weight": kernel.view(shape), f"{PATCHES}proj.bias": bias}
    before, model.config.dtype = model.config.dtype, torch.bfloat16
    with quietly():
        as_published = {name: value.to(torch.bfloat16) for name, value in state.items()}
        model.save_pretrained(folder, state_dict=as_published)
    model.config.dtype = before
    for file in base.iterdir():
        if file.is_file() and not any(file.match(pattern) for pattern in WEIGHT_FILES):
            shutil.copyfile(file, folder / file.name)


def _frame(picture: Path | Frame) -> Frame:
    return read_picture(picture) if isinstance(picture, Path) else picture
