"""From what a person names to a model and the profile it is spoken to with.

Responsible for the words after ``--model`` and for importing what they need, and nothing else.
The embedded checkpoint is loaded by its name only; where it stands in for "auto" is decided in
``agent.choosing``.
"""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.models.base import Model
from agent.models.loaded import EMBEDDED_NAME, INSTRUCT, THINKING, Loaded
from agent.models.manner import AS_IT_IS, Manner
from agent.models.profiles.base import Profile
from agent.models.profiles.finding import (
    DEFAULT_PROFILE,
    EMBEDDED,
    known_by,
    load_profile,
    suggested_for,
)
from environments.base import Stop
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.models.qwen3_vl.images import ImageRules

EMBEDDED_FOLDER = Path(__file__).parent / "embedded" / "checkpoint"
NOTE_FILE = "deskhand.json"
"""File beside our own checkpoints that names their profile."""

AUTO = "auto"
SCRIPT = "scripted:"
PLAIN = "transformers:"
"""Before another name: the same checkpoint through plain ``generate()``, to compare with."""

ADAPTER = "+adapter="
"""Behind another name: an adapter to merge into its weights, which ``--adapter`` puts there."""


Kind = Literal["qwen3_vl", "transformers", "scripted", "server"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a name stands for; nothing is loaded yet.

    Attributes:
        kind: which class of model.
        source: folder, hub id, script or URL.
        profile: name of the profile it is spoken to with.
        is_embedded: it is the small checkpoint of the package, or another one made like it.
        is_named: the person meant this one; not where "auto" was left with it.
        notice: a sentence for the person where its profile had to be assumed.
        adapter: folder of what is merged into its weights; empty for nothing.
    """

    kind: Kind
    source: str
    profile: str
    is_embedded: bool
    is_named: bool = True
    notice: str = ""
    adapter: str = ""


def choose_model(spec: str, quantize: str = "none", thinks: bool = False) -> Choice:
    """Return what "auto", "embedded", "scripted:FILE", a URL, a folder or a hub id stands for.

    With "transformers:" before it, a checkpoint is used through plain ``generate()``; with
    "+adapter=FOLDER" behind it, what was taught is merged into it ("auto" is then its base).

    Args:
        spec: the name.
        quantize: the format wanted, which decides what of the published sizes fits.
        thinks: with "auto" the Thinking edition is wanted.

    Raises:
        ConfigError: the name stands for nothing, or there is no embedded checkpoint.
    """
    spec, is_adapted, adapter = spec.partition(ADAPTER)
    if is_adapted:
        return _adapted(spec, adapter, quantize, thinks)
    if spec.startswith(PLAIN):
        return _plain(choose_model(spec.removeprefix(PLAIN), quantize, thinks))
    if spec == AUTO:
        found = _published_for_gpu(quantize) or "embedded"
        choice = choose_model(found.replace(INSTRUCT, THINKING) if thinks else found)
        return replace(choice, is_named=False)
    if spec.startswith(SCRIPT):
        return Choice("scripted", spec.removeprefix(SCRIPT), DEFAULT_PROFILE, False)
    if "://" in spec:
        return _served(spec)
    source = str(_embedded_folder()) if spec == "embedded" else spec
    if own := _own_profile(source):
        return Choice("qwen3_vl", source, own, own == EMBEDDED)
    asked = suggested_for(source)
    return Choice("qwen3_vl", source, asked.name, is_embedded=False, notice=asked.notice)


def adapted(spec: str, adapter: Path | None) -> str:
    """Return a model's name with an adapter; as it is without one."""
    return spec if adapter is None else f"{spec}{ADAPTER}{adapter.expanduser().resolve()}"


def _adapted(spec: str, adapter: str, quantize: str, thinks: bool) -> Choice:
    from agent.models.qwen3_vl.adapters import read_note

    note = read_note(adapter)
    if spec == AUTO and not note.base:
        raise ConfigError(f"The adapter {adapter} does not say its base; name it with --model.")
    choice = choose_model(note.base if spec == AUTO else spec, quantize, thinks)
    if choice.kind not in ("qwen3_vl", "transformers"):
        raise ConfigError("--adapter goes with a checkpoint; a server merges adapters by itself.")
    if quantize != "none":
        raise ConfigError(
            "--adapter is merged into the weights as they were trained, so it does not go with "
            f"--quantize; make one checkpoint of both first: deskhand train merge {adapter}"
        )
    if note.profile:
        choice = replace(choice, profile=note.profile, notice="")
    return replace(choice, adapter=adapter)


def _served(url: str) -> Choice:
    """Return a server's model, as far as its URL names it; the server is not asked."""
    from agent.models.servers.address import read_address

    served = read_address(url).served or ""
    profile = EMBEDDED if served == EMBEDDED else known_by(served) or DEFAULT_PROFILE
    return Choice("server", url, profile, profile == EMBEDDED)


def knows_phones(spec: str) -> bool:
    """Tell whether a model can use a phone; a checkpoint of our own making only if it says so.

    Raises:
        ConfigError: as ``choose_model`` does.
    """
    choice = choose_model(spec)
    source = str(_embedded_folder()) if choice.kind == "server" else choice.source
    return not choice.is_embedded or bool(_note_of(source).get("phone"))


def _plain(choice: Choice) -> Choice:
    if choice.kind != "qwen3_vl":
        raise ConfigError(f"{PLAIN} goes before a checkpoint; {choice.source!r:.80} is none.")
    return replace(choice, kind="transformers")


def load_model(
    spec: str,
    quantize: str = "none",
    context_tokens: int | None = None,
    keep_images: int | None = None,
    manner: Manner = AS_IT_IS,
    stop: Stop | None = None,
) -> Loaded:
    """Load a model by name.

    Args:
        spec: the name.
        quantize: "none", "int8", "nf4", "fp8" or "int4": what to make of the weights while loading.
        context_tokens: tokens of conversation that are kept ready; None for what memory allows.
        keep_images: pictures whose rows the cache keeps; None for all.
        manner: how it is to be spoken to.
        stop: ends the loading.

    Raises:
        ConfigError: the name or the checkpoint is not one, or "auto" finds no GPU.
        ModelError: it cannot be loaded on this machine.
        Stopped: a stop was asked for.
    """
    stop = stop or Stop()
    stop.check()
    choice = choose_model(spec, quantize, thinks=manner.think is not None)
    if choice.is_embedded and not choice.is_named:
        raise ConfigError(
            "No GPU was found for a published model, and the small embedded checkpoint is used "
            "only if it is named: give 'embedded' as the model, or the URL of a server."
        )
    if choice.kind in ("scripted", "server") and quantize != "none":
        what = "A script" if choice.kind == "scripted" else "A server's model"
        raise ConfigError(f"{what} has no weights to quantise; leave --quantize out.")
    if choice.kind == "server":
        from agent.models.openai_compatible import load_served

        return load_served(choice.source, manner, context_tokens, stop)
    _refuse_manner(choice, manner)
    if choice.kind == "scripted":
        return _script(choice, manner)
    from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel
    from agent.models.qwen3_vl.loading import load_checkpoint
    from agent.models.qwen3_vl.plain import PlainModel

    spoken = load_profile(manner.profile or choice.profile)
    manner.fitted(spoken)  # Refused before the weights are loaded, which take their time.
    checkpoint = load_checkpoint(
        choice.source, quantize=quantize, stop=stop, adapter=choice.adapter
    )
    thinks = checkpoint.vocabulary.thinking
    if manner.think is not None and not thinks:
        raise ConfigError(_does_not_think(choice.source))
    profile = manner.fitted(_as_learnt(spoken, checkpoint.rules), thinks)
    assumed = (choice.notice,) if choice.notice and not manner.profile else ()
    notices = (*checkpoint.notices, *assumed)
    name = EMBEDDED_NAME if choice.is_embedded else choice.source
    name = name if quantize == "none" else f"{name}, {quantize}"
    name = f"{name}, with {Path(choice.adapter).name}" if choice.adapter else name
    if choice.kind == "transformers":
        plain = PlainModel(checkpoint, profile, f"{name}, plain generate")
        return Loaded(plain, profile, choice.is_embedded, notices)
    engine = Engine(checkpoint, Options(context_tokens=context_tokens, keep_images=keep_images))
    gc.freeze()  # What is loaded stays; to look for garbage in it would take tenths of a step.
    model = Qwen3VLModel(engine, profile, name)

    def converse(profile: Profile) -> Model:
        return Qwen3VLModel(engine, profile, name)

    fitted = None if manner.profile else partial(manner.fitted, thinks=thinks)
    return Loaded(model, profile, choice.is_embedded, notices, converse, fitted)


def _as_learnt(profile: Profile, rules: ImageRules) -> Profile:
    """Return a profile with the size of screens that a checkpoint of our own making learnt from."""
    from agent.models.profiles.embedded import EmbeddedProfile

    if not isinstance(profile, EmbeddedProfile):
        return profile
    least, most = profile.image_tokens[0], rules.max_px // rules.token_px**2
    return replace(profile, image_tokens=(min(least, most), most))


def _refuse_manner(choice: Choice, manner: Manner) -> None:
    """Refuse what can be known to be in vain before anything is loaded."""
    if manner.served is not None:
        raise ConfigError("--served names one of a server's models; give --model a URL with it.")
    is_instruct = INSTRUCT.lower() in choice.source.lower()
    if manner.think is not None and (choice.is_embedded or is_instruct):
        raise ConfigError(
            _does_not_think("The embedded checkpoint" if choice.is_embedded else choice.source)
        )


def _does_not_think(name: str) -> str:
    return (
        f"{name} is no Thinking edition, so there is nothing to think with; leave --think out, "
        "or name one such as Qwen/Qwen3-VL-8B-Thinking."
    )


def _script(choice: Choice, manner: Manner) -> Loaded:
    """Return a script; every conversation with it begins at its beginning."""
    from agent.models.scripted import ScriptedModel

    def converse(profile: Profile) -> Model:
        return ScriptedModel.from_file(Path(choice.source), profile.name)

    profile = manner.fitted(load_profile(manner.profile or choice.profile))
    fitted = None if manner.profile else manner.fitted
    return Loaded(converse(profile), profile, False, converse=converse, fitted=fitted)


def _published_for_gpu(quantize: str) -> str | None:
    """Return the hub id that fits the free memory of the first GPU; None without a GPU.

    Raises:
        ConfigError: there is a GPU, but too full or too small for any published size.
    """
    import torch

    from agent.models.qwen3_vl.sizes import choose_size, size_hint

    if not torch.cuda.is_available():
        return None
    free, _ = torch.cuda.mem_get_info(0)
    size = choose_size(free, form="bf16" if quantize == "none" else quantize)
    if size is None:
        raise ConfigError(f"No model was named and {size_hint(free)}.")
    return size.hub_id


def _embedded_folder() -> Path:
    if not (EMBEDDED_FOLDER / "config.json").is_file():
        raise ConfigError(
            "The embedded checkpoint is not in this installation; train it with "
            "'deskhand train embedded', or name another model with --model."
        )
    return EMBEDDED_FOLDER


def _own_profile(source: str) -> str | None:
    """Return the profile that a checkpoint of our own making names; None for anybody else's."""
    note = _note_of(source)
    return str(note["profile"]) if note else None


def _note_of(source: str) -> dict[str, object]:
    """Return what stands beside a checkpoint of our own making; empty for anybody else's."""
    note = Path(source, NOTE_FILE)
    try:
        note = note.expanduser()
        found = json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}
    except (OSError, RuntimeError) as error:  # Too long a name, nobody's home, no permission.
        raise ConfigError(
            f"There is no model {source!r:.80}; name a folder that can be read, or a hub id."
        ) from error
    except ValueError as error:
        raise ConfigError(f"{note} {_READS_LIKE}") from error
    if not isinstance(found, dict) or (note.is_file() and "profile" not in found):
        raise ConfigError(f"{note} {_READS_LIKE}")
    return found


_READS_LIKE = 'must read like {"profile": "embedded"}.'
