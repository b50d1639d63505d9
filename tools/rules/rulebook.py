"""The rules of one run: presets, a person's own rules, and the decision on a classified call.

Responsible for reading rules from TOML, for freezing them, and for one principle: the strictest of
all that apply wins. Rules are read once, before a run starts; editing the file in mid-run changes
nothing for that run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from environments.errors import ConfigError
from tools.rules.classes import PRESETS, Classified, EffectClass, Kind, Preset
from tools.rules.classify import Found, Known
from tools.rules.words import cleaned

Topic = Literal[
    "read", "navigate", "edit", "consequential",
    "pay", "send", "delete", "install", "permission", "credentials", "terminal",
]  # fmt: skip
"""What a rule can speak of: a class (with all above it), or one kind of consequence."""

ANSWER_S = 120.0
"""A question that nobody has answered by then is answered with no."""


class Decision(IntEnum):
    """What becomes of a call; a larger value is the stricter decision."""

    ALLOW = 0
    ASK = 1
    DENY = 2


_A, _Q, _D = Decision.ALLOW, Decision.ASK, Decision.DENY
_BY_CLASS: Mapping[Preset, tuple[Decision, Decision, Decision, Decision]] = MappingProxyType(
    {
        "read_only": (_A, _A, _D, _D),
        "cautious": (_A, _A, _Q, _Q),
        "balanced": (_A, _A, _A, _Q),
        "trusted": (_A, _A, _A, _A),
        "autonomous": (_A, _A, _A, _A),
    }
)
_TRUSTED_ASKS: frozenset[Kind] = frozenset(
    ("pay", "install", "permission", "credentials", "terminal")
)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Scope(_File):
    preset: Preset | None = None
    ask: tuple[Topic, ...] = ()
    deny: tuple[Topic, ...] = ()


class _AppScope(_Scope):
    harmless: bool = False


class _TaskScope(_Scope):
    words: Annotated[tuple[str, ...], Field(min_length=1)]


class RuleFile(_Scope):
    """What may stand in a file of rules."""

    answer_s: Annotated[float, Field(gt=0, le=86_400)] = ANSWER_S
    dangerous: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    apps: Mapping[str, _AppScope] = {}
    tasks: tuple[_TaskScope, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one run, frozen.

    Attributes:
        file: what a person wrote.
        preset: the preset of this run, where the command line names one.
        task: the person's words.
        is_world: the run takes place in a world that ships with Deskhand.
    """

    file: RuleFile = field(default_factory=RuleFile)
    preset: Preset | None = None
    task: str = ""
    is_world: bool = False

    @property
    def name(self) -> Preset:
        """The preset that applies everywhere: the stricter of the file's and the run's own."""
        named = [preset for preset in (self.file.preset, self.preset) if preset]
        return min(named, key=PRESETS.index, default="balanced")

    @property
    def known(self) -> Known:
        """What the rules say about applications."""
        apps = self.file.apps.items()
        harmless = frozenset(cleaned(name) for name, scope in apps if scope.harmless)
        opened = frozenset(map(cleaned, self.file.opened))
        return Known(self.file.dangerous, harmless, opened, self.is_world)

    def decide(self, found: Found) -> tuple[Decision, str]:
        """Return what becomes of a call, and the rule that says so."""
        verdicts = [(_by_preset(self.name, found), f"preset {self.name}")]
        verdicts.append((_by_topics(self.file, found.classified), "the rules for everything"))
        for where, scope in self._scopes(found.place.names):
            if scope.preset:
                verdicts.append((_by_preset(scope.preset, found), f"the rules {where}"))
            verdicts.append((_by_topics(scope, found.classified), f"the rules {where}"))
        return max(verdicts, key=lambda verdict: verdict[0])

    def _scopes(self, names: Iterable[str]) -> Iterable[tuple[str, _Scope]]:
        known = [cleaned(name) for name in names]
        for app, scope in self.file.apps.items():
            if any(cleaned(app) in name for name in known):
                yield f"for {app}", scope
        for task in self.file.tasks:
            if any(cleaned(word) in cleaned(self.task) for word in task.words):
                yield f"for tasks with {task.words[0]!r}", task


def read_rules(path: Path | None, required: bool = False) -> RuleFile:
    """Return the rules in a file; without one, those that hold by default.

    Raises:
        ConfigError: it cannot be read, or says something that is no rule; the text names it.
    """
    if path is None or (not required and not path.exists()):
        return RuleFile()
    try:
        return RuleFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The rules in {path} cannot be read: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(
            f"The rules in {path} are not usable: {place}: {first['msg']}. "
            f"Presets: {', '.join(PRESETS)}; topics: {', '.join(get_args(Topic))}."
        ) from error


def _by_preset(preset: Preset, found: Found) -> Decision:
    classified = found.classified
    decision = _BY_CLASS[preset][classified.effect]
    is_high = classified.effect == EffectClass.CONSEQUENTIAL
    # What nobody can name may be any of them.
    if (
        preset == "trusted"
        and is_high
        and (not classified.kinds or classified.kinds & _TRUSTED_ASKS)
    ):
        decision = max(decision, Decision.ASK)
    if found.is_dangerous and classified.effect > EffectClass.READ:
        decision = max(decision, Decision.ASK)
    return decision


def _by_topics(scope: _Scope, classified: Classified) -> Decision:
    if any(_speaks_of(topic, classified) for topic in scope.deny):
        return Decision.DENY
    return Decision.ASK if any(_speaks_of(t, classified) for t in scope.ask) else Decision.ALLOW


def _speaks_of(topic: Topic, classified: Classified) -> bool:
    for effect in EffectClass:
        if topic == effect.word:
            return classified.effect >= effect
    unknown = classified.effect == EffectClass.CONSEQUENTIAL and not classified.kinds
    return unknown or topic in classified.kinds
