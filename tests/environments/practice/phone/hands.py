from __future__ import annotations

from environments.practice.phone.world import PhoneWorld
from environments.practice.widgets import Target


class Hand:
    """A finger on a practice phone, with a clock of its own."""

    def __init__(self, phone: PhoneWorld) -> None:
        self.phone = phone
        self.time_s = 0.0

    def target(self, label: str, role: str | None = None) -> Target:
        found = [
            t for t in self.phone.targets() if t.label == label and (role is None or t.role == role)
        ]
        assert found, f"no {label} among {[t.label for t in self.phone.targets()]}"
        return found[-1]

    def sees(self, label: str) -> bool:
        return any(t.label == label for t in self.phone.targets())

    def tap(self, label: str, role: str | None = None) -> None:
        self.tap_at(*self.target(label, role).centre)

    def tap_at(self, x: int, y: int, held_s: float = 0.05) -> None:
        self.time_s += 1.0
        self.phone.touch("down", x, y, self.time_s)
        self.time_s += held_s
        self.phone.touch("up", x, y, self.time_s)

    def swipe(self, start: tuple[int, int], to: tuple[int, int], steps: int = 6) -> None:
        self.time_s += 1.0
        self.phone.touch("down", *start, self.time_s)
        for step in range(1, steps + 1):
            self.time_s += 0.04
            x = start[0] + (to[0] - start[0]) * step // steps
            y = start[1] + (to[1] - start[1]) * step // steps
            self.phone.touch("move", x, y, self.time_s)
        self.phone.touch("up", *to, self.time_s)

    def key(self, name: str, *held: str) -> None:
        self.time_s += 1.0
        self.phone.key(f"KEYCODE_{name}", self.time_s, frozenset(f"KEYCODE_{h}" for h in held))
