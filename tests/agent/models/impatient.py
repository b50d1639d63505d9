"""A person who does not wait long."""

from __future__ import annotations

from environments.base import Stop


class Impatient(Stop):
    """A person who has had enough when somebody looks for the fifth time."""

    looks = 0

    def check(self) -> None:
        self.looks += 1
        if self.looks == 5:
            self.set("enough")
        super().check()
