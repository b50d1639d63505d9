"""From what a person names to a checkpoint's folder.

Responsible for telling folders from hub ids, for fetching weights (the only network use of the
engine, and only for what is not here yet) and for refusing what is no Qwen3-VL before anything
heavy is loaded.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from environments.base import Stop
from environments.errors import ConfigError, ModelError

MODEL_TYPES = ("qwen3_vl", "qwen3_vl_moe")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
PATTERNS = ("*.json", "*.safetensors", "*.jinja", "*.txt")
INDEX = "model.safetensors.index.json"


def checkpoint_folder(spec: str, stop: Stop | None = None) -> Path:
    """Return the folder that a path or hub id names, fetching it if need be.

    Raises:
        ConfigError: there is no such folder or hub id.
        ModelError: the weights are not here and the hub cannot be reached.
        Stopped: a stop was asked for; what was fetched stays for the next time.
    """
    path = Path(spec).expanduser()
    if path.is_dir():
        return path
    if not HUB_ID.fullmatch(spec) or path.exists():
        raise _unknown(spec)
    return _cached(spec) or _fetch(spec, stop or Stop())


def _unknown(spec: str) -> ConfigError:
    return ConfigError(
        f"There is no model {spec!r}: name a folder that holds a Qwen3-VL checkpoint, or a hub "
        "id such as Qwen/Qwen3-VL-4B-Instruct."
    )


def read_config(folder: Path) -> dict[str, Any]:
    """Return a checkpoint's ``config.json``.

    Raises:
        ConfigError: the folder is no checkpoint, or one of another family.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{folder} is not a model: it has no config.json.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read; fetch the checkpoint again.") from error
    family = config.get("model_type") if isinstance(config, dict) else None
    if family not in MODEL_TYPES:
        raise ConfigError(
            f"{folder} is not a Qwen3-VL checkpoint (its model_type is {family!r}); "
            "name one of that family, for example Qwen/Qwen3-VL-4B-Instruct."
        )
    assert isinstance(config, dict)
    return config


def _cached(hub_id: str) -> Path | None:
    """Return the folder of a checkpoint that was fetched before, whole, without any network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(hub_id, local_files_only=True))
    except HFValidationError as error:  # Two dashes, a full stop at the end, and the like.
        raise _unknown(hub_id) from error
    except LocalEntryNotFoundError:
        return None
    return folder if _is_whole(folder) else None


def _is_whole(folder: Path) -> bool:
    if not (folder / "config.json").is_file() or not (folder / "tokenizer_config.json").is_file():
        return False
    index = folder / INDEX
    if not index.is_file():
        return any(folder.glob("*.safetensors"))
    shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    return all((folder / shard).is_file() for shard in shards)


def _fetch(hub_id: str, stop: Stop) -> Path:
    from huggingface_hub import snapshot_download, utils
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    bar: Any = utils.tqdm  # type: ignore[attr-defined]

    class Heeding(bar):  # type: ignore[misc]
        """The bar of what is fetched, which every piece passes."""

        def update(self, n: float | None = 1) -> Any:
            stop.check()
            return super().update(n)

    stop.check()
    try:
        folder = snapshot_download(hub_id, allow_patterns=list(PATTERNS), tqdm_class=Heeding)
        return Path(folder)
    except GatedRepoError as error:
        raise ModelError(
            f"The hub asks for an account to hand out {hub_id}; fetch it yourself and name its "
            "folder."
        ) from error
    except RepositoryNotFoundError as error:
        raise ConfigError(f"The hub knows no model {hub_id!r}; check the spelling.") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelError(
            f"The weights of {hub_id} are not on this machine and the hub cannot be reached; "
            "connect to the network, name a folder, or use --model embedded."
        ) from error
