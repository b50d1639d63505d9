"""The practice desktop in process under the contract, witnessed by its own world."""

from __future__ import annotations

from environments.base import Environment, Stop
from environments.practice.canvas import LOOKS
from environments.practice.environment import PracticeEnvironment
from environments.practice.world import Window, World
from tests.contract.subjects import Event

_WRITTEN = {"enter": "\n", "tab": "\t"}
_MODIFIERS = ("ctrl", "shift", "alt", "win")


class WitnessWorld(World):
    """A world that remembers every event it was given."""

    def __init__(self) -> None:
        super().__init__([Window("Notes", 0, 0, 288, 6)], LOOKS[0])
        self.events: list[Event] = []
        self.pointer = (0, 0)
        self.button = ""
        self.keys: set[str] = set()

    def move(self, x: int, y: int) -> None:
        self.pointer = (x, y)
        self.events.append(("move", x, y))
        super().move(x, y)

    def press(self, x: int, y: int, button: str, time_s: float) -> None:
        self.button = button
        self.events.append(("press", button, x, y))
        super().press(x, y, button, time_s)

    def release(self) -> None:
        self.events.append(("release", self.button, *self.pointer))
        self.button = ""
        super().release()

    def wheel(self, notches: int, x: int, y: int) -> None:
        self.events.append(("wheel", "up" if notches > 0 else "down", x, y))
        super().wheel(notches, x, y)

    def wheel_sideways(self, notches: int, x: int, y: int) -> None:
        self.events.append(("wheel", "right" if notches > 0 else "left", x, y))
        super().wheel_sideways(notches, x, y)

    def key_down(self, key: str) -> None:
        self.keys.add(key)
        self.events.append(("down", key))
        if key not in _MODIFIERS:
            self.events.append(("text", _WRITTEN.get(key, key)))
        super().key_down(key)

    def key_up(self, key: str) -> None:
        self.keys.discard(key)
        self.events.append(("up", key))
        super().key_up(key)


class PracticeSubject:
    """The practice desktop in process."""

    def __init__(self, stop: Stop) -> None:
        self._world = WitnessWorld()
        self.environment: Environment = PracticeEnvironment(self._world, stop)

    def happened(self) -> list[Event]:
        events, self._world.events = self._world.events, []
        return events

    def held(self) -> int:
        return len(self._world.keys) + bool(self._world.button)

    def close(self) -> None:
        self.environment.close()
