"""Effect classes: how much a call may change, from looking to what cannot be taken back.

Responsible for the words and for the one rule between them: a class is only ever raised. Who
raises it, and why, stands in the other modules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal, get_args


class EffectClass(IntEnum):
    """How much a call may change; a larger value is the stricter class."""

    READ = 0
    NAVIGATE = 1
    EDIT = 2
    CONSEQUENTIAL = 3

    @property
    def word(self) -> str:
        """Its name for people and files."""
        return self.name.lower()


Kind = Literal["pay", "send", "delete", "install", "permission", "credentials", "terminal"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a consequential call may do; one may do several, and one that nobody can name has none."""

Preset = Literal["read_only", "cautious", "balanced", "trusted", "autonomous"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
"""How much is allowed without a question, the strictest first."""


@dataclass(frozen=True, slots=True)
class Classified:
    """What a call may lead to.

    Attributes:
        effect: the class.
        kinds: what a consequential call may do; empty where nobody can tell.
        reasons: why it was raised, each a few words for a person.
        target: what it acts on, in words.
    """

    effect: EffectClass
    kinds: frozenset[Kind] = frozenset()
    reasons: tuple[str, ...] = ()
    target: str = ""

    def raised(self, effect: EffectClass, reason: str, kinds: Iterable[Kind] = ()) -> Classified:
        """Return the same with at least this class and these kinds; nothing is ever taken away."""
        known = self.reasons if reason in self.reasons else (*self.reasons, reason)
        return replace(
            self,
            effect=max(self.effect, effect),
            kinds=self.kinds | frozenset(kinds),
            reasons=known if effect > EffectClass.NAVIGATE else self.reasons,
        )

    def joined(self, other: Classified) -> Classified:
        """Return the stricter of both in every respect; the target stays."""
        reasons = tuple(dict.fromkeys((*self.reasons, *other.reasons)))
        effect = max(self.effect, other.effect)
        return Classified(effect, self.kinds | other.kinds, reasons, self.target or other.target)

    def words(self) -> str:
        """Return class and kinds: "consequential: pay, send"."""
        kinds = ", ".join(kind for kind in KINDS if kind in self.kinds)
        return f"{self.effect.word}: {kinds}" if kinds else self.effect.word


def consequential(reason: str, *kinds: Kind) -> Classified:
    """Return the strictest class with a reason."""
    return Classified(EffectClass.CONSEQUENTIAL, frozenset(kinds), (reason,))


READ = Classified(EffectClass.READ)
NAVIGATE = Classified(EffectClass.NAVIGATE)
EDIT = Classified(EffectClass.EDIT)
