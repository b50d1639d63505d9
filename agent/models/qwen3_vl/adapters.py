"""What was taught to a checkpoint, beside its weights: LoRA adapters, and the base they belong to.

Responsible for the note that names the base, for telling whether a checkpoint is that base, and for
merging an adapter into weights in memory, so that the engine runs a plain model. peft does the
arithmetic; training stands in ``agent.tuning``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.models.qwen3_vl.silence import quietly
from agent.models.qwen3_vl.storage import Package, require
from environments.errors import ConfigError, ModelError

NOTE, CONFIG, WEIGHTS = "deskhand-adapter.json", "adapter_config.json", "adapter_model.safetensors"
PEFT = Package("peft", "peft>=0.18")

SAMPLE = 64
"""Numbers of each matrix by which weights are told from others: training moves all of them."""


class Note(BaseModel):
    """What stands beside an adapter of ours.

    Attributes:
        base: the checkpoint that it was trained on, as it was named.
        fingerprint: of the base's weights; empty in what somebody else has made.
        profile: how the model was spoken to; empty likewise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    fingerprint: str = ""
    profile: str = ""


def read_note(adapter: str) -> Note:
    """Return what an adapter's folder says of its base; of peft's own words where ours are not.

    Raises:
        ConfigError: the folder holds no adapter.
    """
    folder = Path(adapter).expanduser()
    try:
        if (folder / NOTE).is_file():
            return Note.model_validate_json((folder / NOTE).read_bytes())
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        return Note(base=config["base_model_name_or_path"] or "")
    except FileNotFoundError:
        raise ConfigError(
            f"{folder} holds no adapter (no {CONFIG}); name a folder that deskhand train lora made."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise ConfigError(f"The adapter in {folder} cannot be read; train it again.") from error


def fingerprint_of(folder: Path) -> str:
    """Return what tells a checkpoint's weights from all others, however they are loaded later.

    It is a hash of names, shapes, formats and first numbers of all matrices in the files.
    """
    from safetensors import safe_open

    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as weights:
            for name in sorted(weights.keys()):
                part = weights.get_slice(name)
                shape = part.get_shape()
                first = (part[:1] if shape else weights.get_tensor(name)).flatten()[:SAMPLE]
                digest.update(f"{name} {shape} {part.get_dtype()} {first.tolist()}".encode())
    return digest.hexdigest()[:16]


def refuse_other_base(note: Note, adapter: str, spec: str, folder: Path) -> None:
    """See that an adapter belongs to a checkpoint.

    Raises:
        ConfigError: it does not; the sentence says to which, and what to do.
    """
    if note.fingerprint:
        is_base = note.fingerprint == fingerprint_of(folder)
    else:
        is_base = _last_part(note.base) in (_last_part(spec), _last_part(str(folder)))
    if not is_base:
        raise ConfigError(
            f"The adapter {adapter} was trained on {note.base or 'another model'}, and {spec} has "
            f"other weights. Name its base (--model {note.base or 'BASE'}), or train one for this "
            "model: deskhand train lora."
        )


def _last_part(name: str) -> str:
    return name.lower().rstrip("/").rpartition("/")[2]


def merged(model: Any, adapter: str) -> Any:
    """Return a model with an adapter's products added to its weights, in the same memory.

    Raises:
        ConfigError: peft is missing, or the adapter does not fit the model.
        ModelError: its files are damaged, or its numbers are not finite.
    """
    require(PEFT, "--adapter")
    from safetensors import SafetensorError

    folder = Path(adapter).expanduser()
    try:
        with quietly():
            from peft import PeftModel

            wrapped: Any = PeftModel.from_pretrained(model, str(folder))
            _refuse_gaps(wrapped, folder)
            return wrapped.merge_and_unload(safe_merge=True)
    except (OSError, SafetensorError, json.JSONDecodeError) as error:
        raise ModelError(f"The adapter in {folder} cannot be read; train it again.") from error
    except ValueError as error:
        if "NaN" in str(error):
            raise ModelError(
                f"The adapter in {folder} holds no numbers; train it again."
            ) from error
        raise _misfit(folder) from error
    except RuntimeError as error:
        raise _misfit(folder) from error


def _refuse_gaps(wrapped: Any, folder: Path) -> None:
    """Refuse an adapter that names other matrices: what was taught would be dropped in silence."""
    from peft import get_peft_model_state_dict
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS, framework="pt") as weights:
        if set(weights.keys()) != set(get_peft_model_state_dict(wrapped)):
            raise _misfit(folder)


def _misfit(folder: Path) -> ConfigError:
    return ConfigError(
        f"The adapter in {folder} does not fit this model: its matrices are others. Name its base "
        "with --model, or train one for this model: deskhand train lora."
    )
