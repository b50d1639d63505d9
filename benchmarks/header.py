"""The first record of a results file: under which conditions its episodes were played.

Responsible for what must be known before a figure can be believed or compared, and for telling two
runs apart. Measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import xxhash
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.differences import CIRCUMSTANCES
from benchmarks.versions import library_versions, machine, model_version, played_version
from environments.base import Kind

if TYPE_CHECKING:
    from agent.models.profiles.base import Profile

Who = Literal["model", "oracle", "noop", "random"]


@dataclass(frozen=True, slots=True)
class About:
    """What a suite says of one run of it.

    Attributes:
        suite: its name on the command line.
        preset: the named protocol that is followed; empty where there is only one.
        dataset: version or hash of what the tasks are made from.
        scoring: the named rules by which is scored.
        settle: how the screen is waited for.
        seeds: the seeds in words ("2000:2020").
        conditions: whatever else decides a result, by name.
        versions: of the programs and scorers, beside our own code and libraries, that decide a
            result; ``benchmarks.versions`` finds them.
        notes: sentences that belong with every figure of the run.
        whole: how many episodes the preset's protocol has; 0 where it is what is played.
        strays: how many of those played are none of the protocol's.
    """

    suite: str
    preset: str = ""
    dataset: str = ""
    scoring: str = ""
    settle: str = ""
    seeds: str = ""
    conditions: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    whole: int = 0
    strays: int = 0


class Header(BaseModel):
    """The conditions of a results file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    results_format: Literal[1] = 1
    """Marks the record, and how the following ones are written."""
    suite: str
    preset: str = ""
    dataset: str = ""
    scoring: str = ""
    settle: str = ""
    seeds: str = ""
    conditions: Mapping[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    episodes: int
    """How many there are to play."""
    whole: int = 0
    """How many the preset's protocol has; 0 where it is what is played."""
    strays: int = 0
    """How many there are to play that the protocol does not have."""
    keys: str
    """Hash of their keys."""
    agent: str
    """Who plays: "model", or the name of a baseline."""
    model: str = ""
    """The name that was given for it."""
    checkpoint: str = ""
    """Hash of the model's files, empty for what is not a folder here."""
    profile: str = ""
    """How the model is spoken to."""
    prompt: str = ""
    """Hash of the words it is spoken to with, tools included."""
    approval: str = "allow all"
    """Rules by which calls are let through; in a benchmark's own world nothing is asked."""
    minutes: float = 0
    """Limit of an episode; 0 where there is none."""
    code: str
    """Hash of our own source that can change a result, suites and scorers included."""
    versions: Mapping[str, str]
    """Of libraries, programs and scorers, by name."""
    workers: str = ""
    machine: str = ""
    started: str

    @property
    def identity(self) -> dict[str, object]:
        """Everything that decides a result."""
        return self.model_dump(mode="json", exclude=set(CIRCUMSTANCES))

    @property
    def is_whole(self) -> bool:
        """Tell whether the run plays its preset's protocol, all of it and nothing else."""
        return not self.strays and self.whole in (0, self.episodes)

    def part(self, counted: int, whole: int = 0) -> str:
        """Say which part of a protocol so many episodes of this run are.

        Args:
            counted: how many have a result that counts.
            whole: how many the protocol has; 0 for those of the preset.
        """
        known = max(0, min(counted, self.episodes - self.strays))
        words = f"partial: {known} of {whole or self.whole or self.episodes} episodes"
        return f"{words} and {self.strays} others" if self.strays else words

    @property
    def title(self) -> str:
        """Say in one line what was played, by whom."""
        said = [self.suite, self.preset, *self.conditions.values()]
        who = f"{self.model}@{self.checkpoint}" if self.model else self.agent
        return "/".join(filter(None, [*said, who])) + f", code@{self.code}"

    @property
    def fingerprint(self) -> str:
        """Short hash of the identity: the same for two sittings of the same run."""
        return hash_of([repr(sorted(self.identity.items()))])

    def flat(self) -> dict[str, object]:
        """Return all fields but date and notes, those within others as "versions.torch"."""
        fields = self.model_dump(mode="json", exclude={"results_format", "started", "notes"})
        nested = {k: v for k, v in fields.items() if isinstance(v, dict)}
        plain = {k: v for k, v in fields.items() if k not in nested}
        return plain | {
            f"{k}.{name}": v for k, inner in nested.items() for name, v in inner.items()
        }

    def differences(self, other: Header) -> list[str]:
        """Return what differs, one line for each field: name, here, there."""
        mine, theirs = self.flat(), other.flat()
        names = [*mine, *(name for name in theirs if name not in mine)]
        return [
            f"{name}: {_shown(mine.get(name))} / {_shown(theirs.get(name))}"
            for name in names
            if mine.get(name) != theirs.get(name)
        ]


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays, for a header.

    Attributes:
        agent: "model", or the name of a baseline.
        model: what ``--model`` says; empty for a baseline.
        source: folder, hub id or script behind it.
        profile: how it is spoken to; None where nobody is spoken to.
        adapter: folder of what is merged into the model; empty for nothing.
    """

    agent: str
    model: str = ""
    source: str = ""
    profile: Profile | None = None
    adapter: str = ""


def header(
    about: About, player: Player, keys: Iterable[str], *, minutes: float = 0, workers: str = ""
) -> Header:
    """Return the header of a run that begins now."""
    wanted = list(keys)
    return Header(
        suite=about.suite,
        preset=about.preset,
        dataset=about.dataset,
        scoring=about.scoring,
        settle=about.settle,
        seeds=about.seeds,
        conditions=about.conditions,
        notes=about.notes,
        episodes=len(wanted),
        whole=about.whole,
        strays=about.strays,
        keys=hash_of(sorted(wanted)),
        agent=player.agent,
        model=player.model,
        checkpoint="+".join(model_version(s) for s in (player.source, player.adapter) if s),
        profile=player.profile.name if player.profile else "",
        prompt=prompt_version(player.profile) if player.profile else "",
        minutes=minutes,
        code=played_version(),
        versions=library_versions() | dict(about.versions),
        workers=workers,
        machine=machine(with_gpu=player.agent == "model"),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def player(agent: str, model: str) -> Player:
    """Return who plays by the words after ``--agent`` and ``--model``; no weights are loaded.

    Raises:
        ConfigError: there is no such model.
        ModelError: its files are not here and cannot be fetched.
    """
    if agent != "model":
        return Player(agent)
    from agent.models.profiles.finding import load_profile
    from agent.models.qwen3_vl.folders import checkpoint_folder
    from agent.models.registry import choose_model

    choice = choose_model(model)
    name = model if model != "auto" else "embedded" if choice.is_embedded else choice.source
    is_checkpoint = choice.kind in ("qwen3_vl", "transformers")
    source = str(checkpoint_folder(choice.source)) if is_checkpoint else choice.source
    return Player(agent, name, source, load_profile(choice.profile), choice.adapter)


def prompt_version(profile: Profile) -> str:
    """Return the hash of what a family's profiles say at a first step on both kinds of screen."""
    from agent.models.base import Image
    from agent.models.profiles.finding import suited
    from tools.computer_use import computer_use
    from tools.mobile_use import mobile_use

    now, said = Image(np.zeros((32, 32, 3), np.uint8), ""), [profile.name]
    kinds: tuple[Kind, ...] = ("desktop", "phone")
    for kind in kinds:
        spoken = suited(profile, kind)
        tool = computer_use() if kind == "desktop" else mobile_use(spoken.grid)
        said += [spoken.name, repr(tool.spec), repr(spoken.history), repr(spoken.image_tokens)]
        said += [f"{spoken.thought_tokens} {spoken.call_tokens} {spoken.grid}"]
        for message in spoken.messages("task", (), now, (tool.spec,)):
            said += [part for part in message.parts if isinstance(part, str)]
    return hash_of(said)


def hash_of(parts: Iterable[str]) -> str:
    """Return a short hash of texts, each with its end."""
    digest = xxhash.xxh3_64()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:8]


def _shown(value: object) -> str:
    return "-" if value in (None, "", [], {}) else str(value)
