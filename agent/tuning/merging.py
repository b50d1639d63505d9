"""One checkpoint of a base and what was taught to it.

Responsible for writing it as a folder like the base's. Merging itself is ``adapters``'.
"""

from __future__ import annotations

from pathlib import Path

from agent.models.registry import AUTO, adapted, choose_model
from environments.errors import ConfigError


def merge_into(adapter: str, model: str, to: Path) -> str:
    """Write the checkpoint into a new or empty folder, and return the base's name.

    Raises:
        ConfigError: the adapter belongs to another base, or the folder holds something.
        ModelError: something cannot be read or written.
    """
    choice = choose_model(adapted(model, Path(adapter)))
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ConfigError(f"The folder {to} holds something already; name a new one with --to.")
    from agent.models.qwen3_vl.folders import checkpoint_folder
    from agent.models.qwen3_vl.loading import load_checkpoint
    from agent.tuning.pupil import save_checkpoint

    checkpoint = load_checkpoint(choice.source, device="cpu", adapter=choice.adapter)
    save_checkpoint(checkpoint.model, checkpoint_folder(choice.source), to)
    return choice.source if model == AUTO else model
