"""What a run does so that nobody sees a secret: the covered screen, the vault, the redactor.

Responsible for joining them for one run. What is hidden, and how, stands in ``tools``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from environments.base import Environment, Frame
from tools.asking import Person
from tools.masking import Masked
from tools.redaction import Redactor
from tools.rules.rulebook import Rules
from tools.secrets import Keyring, Vault, references


@dataclass(frozen=True, slots=True)
class Discretion:
    """The parts of one run through which everything passes that may hold a secret.

    Attributes:
        environment: the screen, with boxes over what nobody may see.
        vault: resolves the references that the task holds.
        redactor: takes values out of texts.
    """

    environment: Environment
    vault: Vault
    redactor: Redactor

    def glimpsed(self, hear: Callable[[Frame], None]) -> Callable[[Frame], None]:
        """Return who hears of frames before they are covered: nobody, once a secret is about."""

        def heard(frame: Frame) -> None:
            if not self.redactor.knows:
                hear(frame)

        return heard


def discretion_for(
    rules: Rules, environment: Environment, person: Person, *, resumed: bool
) -> Discretion:
    """Return the discretion of a run; one that goes on may find its secrets on the screen."""
    names, redactor = references(rules.task), Redactor()
    vault = Vault(names, Keyring().get, redactor, person, rules.file.answer_s)
    if rules.is_world and not names:
        return Discretion(environment, vault, redactor)
    covered = Masked(environment, redactor)
    if resumed:
        for value in vault.stored():
            covered.expect(value)
    return Discretion(covered, vault, redactor)
