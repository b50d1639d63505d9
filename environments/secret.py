"""A value that only the screen may have: its reference is shown, the value never.

Responsible for keeping a secret out of everything that is printed, copied, pickled or written as
JSON. Knows no keyring and no rule: who may have the value is decided before it is made.
"""

from __future__ import annotations

from collections.abc import Callable

from environments.errors import InputError


class Secret:
    """A text to type, with its reference ("{{secret:BANK}}") as its only face."""

    __slots__ = ("_value", "reference")

    def __init__(self, reference: str, value: str | None = None) -> None:
        """Take a reference and its value; without one, as out of a pickle, there is none."""
        self.reference = reference
        # In a closure, so that nothing that walks over attributes meets it.
        self._value: Callable[[], str | None] = lambda: value

    def reveal(self) -> str:
        """Return the value, for the keys and nothing else.

        Raises:
            InputError: there is none any more: it was pickled.
        """
        value = self._value()
        if value is None:
            raise InputError(f"The value of {self.reference} is not here; resolve it again.")
        return value

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def __str__(self) -> str:
        return self.reference

    def __format__(self, spec: str) -> str:
        return format(self.reference, spec)

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, (self.reference,)

    def __deepcopy__(self, known: object) -> Secret:
        return self
