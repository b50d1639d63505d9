"""A model in memory, and what all kinds of models are called by.

Responsible for conversations with it and for how it is spoken to on each kind of screen. Where
models come from stands in ``registry``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.models.base import Model
from agent.models.manner import AS_IT_IS
from agent.models.profiles.base import Profile
from agent.models.profiles.finding import suited
from environments.base import Kind
from environments.errors import ConfigError

EMBEDDED_NAME = "embedded (the very small checkpoint that ships with Deskhand)"
INSTRUCT, THINKING = "-Instruct", "-Thinking"
"""The two editions of every published size, as they end their names."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A model in memory.

    Attributes:
        model: ready to generate.
        profile: how it is spoken to.
        is_embedded: it is of the small embedded kind.
        notices: sentences for the person about what was not as wished.
        converse: begins another conversation with the same weights, spoken to by a profile; None
            where there is only the one.
        fitted: a profile of the family with what was asked for; None where one was named, which
            then serves every kind of screen.
    """

    model: Model
    profile: Profile
    is_embedded: bool
    notices: tuple[str, ...] = ()
    converse: Callable[[Profile], Model] | None = None
    fitted: Callable[[Profile], Profile] | None = AS_IT_IS.fitted

    def suited(self, kind: Kind) -> Loaded:
        """Return the same model spoken to as befits a kind of screen."""
        profile = suited(self.profile, kind)
        if self.fitted is None or profile is self.profile:
            return self
        return self._spoken_to(self.fitted(profile))

    def another(self) -> Loaded:
        """Return a second conversation, for somebody who works at the same time.

        Raises:
            ConfigError: this model has only one.
        """
        if self.converse is None:
            raise ConfigError(f"{self.model.name} can do only one task at a time.")
        return self._spoken_to(self.profile)

    def _spoken_to(self, profile: Profile) -> Loaded:
        model = self.converse(profile) if self.converse else self.model
        return replace(self, model=model, profile=profile)
