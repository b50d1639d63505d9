"""Writing the embedded checkpoint as a folder that transformers reads like any published one.

Responsible for the files and their names. Nothing here trains or evaluates.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from agent.models.registry import NOTE_FILE
from agent.training.network import MERGE, PATCH_PX
from environments.practice.world import SCREEN_PX

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration


def save_checkpoint(
    model: Qwen3VLForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> None:
    """Write weights in bf16, tokenizer, chat template and configurations."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.to(torch.bfloat16) for name, value in model.state_dict().items()}
    model.config.dtype = torch.bfloat16
    model.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)
    pixels = SCREEN_PX[0] * SCREEN_PX[1]
    preprocessor = {
        "image_processor_type": "Qwen2VLImageProcessorFast",
        "patch_size": PATCH_PX,
        "temporal_patch_size": 2,
        "merge_size": MERGE,
        "size": {"shortest_edge": (PATCH_PX * MERGE) ** 2, "longest_edge": pixels},
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2) + "\n")
    (folder / NOTE_FILE).write_text(json.dumps({"profile": "embedded"}) + "\n")
