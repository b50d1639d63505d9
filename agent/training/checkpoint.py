"""Writing the embedded checkpoint as a folder that transformers reads like any published one.

Responsible for the files, their names and their place. Nothing here trains or evaluates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.registry import NOTE_FILE
from agent.training.network import TEMPORAL
from agent.training.samples import shown_in

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration


def save_checkpoint(
    model: Qwen3VLForConditionalGeneration,
    tokenizer: PreTrainedTokenizerFast,
    folder: Path,
    tokens: int,
) -> None:
    """Write weights in bf16, tokenizer, chat template and configurations.

    Screens of more than ``tokens`` visual tokens will be shown so small, unless more is asked.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.to(torch.bfloat16) for name, value in model.state_dict().items()}
    model.config.dtype = torch.bfloat16
    model.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)
    rules = shown_in(tokens)
    preprocessor = {
        "image_processor_type": "Qwen2VLImageProcessorFast",
        "patch_size": rules.patch_px,
        "temporal_patch_size": TEMPORAL,
        "merge_size": rules.merge,
        "size": {"shortest_edge": rules.min_px, "longest_edge": rules.max_px},
        "image_mean": [*rules.mean],
        "image_std": [*rules.std],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
    (folder / NOTE_FILE).write_text(json.dumps({"profile": "embedded", "phone": True}) + "\n")


def move_checkpoint(source: Path, target: Path) -> None:
    """Put a checkpoint in another's place, file by file, so that none is ever half written."""
    target.mkdir(exist_ok=True)
    for file in source.iterdir():
        file.replace(target / file.name)
