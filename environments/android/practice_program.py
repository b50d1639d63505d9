"""The practice phone as a program: its own side of adb, a server for it, and its truth.

Responsible for one process and what it starts: it holds a practice phone, serves it to whoever
connects by adb, runs an adb server that knows it, and answers questions. Started by ``practice``,
as

    python -m environments.android.practice_program TEMPLATE SEED

Each line of standard input is a question (``practice.program``); the first line of the output also
tells where phone and server are. The end of standard input ends all of it, so that nothing outlives
whoever started it, however that ended.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

from environments.android.own_server import OwnAdbServer
from environments.base import Stop, frame_hash
from environments.practice.phone.tasks import PhoneTask
from environments.practice.phone.wire.faults import Fault, Faults, Kind
from environments.practice.phone.wire.server import PhoneServer
from environments.practice.telling import about, answered, describe


class Program:
    """The phone, the task on it, and the questions about it."""

    def __init__(self, template: str, seed: int) -> None:
        """Serve a task.

        Raises:
            ConfigError: there is no such template.
        """
        self._task = PhoneTask(template, seed)
        self._adb = OwnAdbServer(Stop())
        self._server = PhoneServer(self._task.world)
        asked = {**about(self._task, self._reset), **self._about_the_phone()}
        self._questions = {name: self._locked(answer) for name, answer in asked.items()}

    def run(self) -> None:
        """Live until standard input ends."""
        self._say(answered({"describe": self._described}, '["describe"]'))
        for line in sys.stdin:
            self._say(answered(self._questions, line))

    def close(self) -> None:
        """End the adb server and the serving."""
        self._adb.close()
        self._server.close()

    def _about_the_phone(self) -> dict[str, Callable[..., object]]:
        """Return the questions that measurements ask; a task needs none of them."""
        device = self._server.device
        return {
            "log": lambda since: [one.as_json() for one in device.log.entries()[since:]],
            "faults": self._take_faults,
            "strike": self._order,
            "turn": device.turn,
            "input_method": lambda: device.phone.input_method,
            "picture": self._picture,
            # A person at the phone, who needs no adb.
            "press": lambda key: device.phone.key(key, device.now()),
            "injections": lambda: [one.reason for one in self._server.injections],
        }

    def _picture(self) -> dict[str, object]:
        """Return what is shown now, as whoever looks must find it."""
        phone = self._server.device.phone
        return {
            "hash": frame_hash(phone.frame()),
            "rotation": phone.rotation,
            "secure": phone.is_secure,
            "locked": phone.is_locked,
        }

    def _take_faults(self, seed: int, rates: dict[str, float]) -> None:
        by_kind = {Kind(name): rate for name, rate in rates.items()}
        self._server.device.faults = Faults(seed, by_kind)

    def _order(self, occasion: Any, kind: str, amount: float) -> None:
        self._server.device.faults.order(occasion, Fault(Kind(kind), amount))

    def _reset(self, template: str, seed: int) -> dict[str, object]:
        self._task.reset(template, seed)
        self._server.device.show(self._task.world)
        return self._described()

    def _described(self) -> dict[str, object]:
        places = {"address": self._server.address, "adb_port": self._adb.port}
        return {**describe(self._task), **places}

    def _locked(self, answer: Callable[..., object]) -> Callable[..., object]:
        def locked(*needs: Any) -> object:
            with self._server.device.lock:
                self._server.device.now()
                return answer(*needs)

        return locked

    def _say(self, line: str) -> None:
        print(line, flush=True)  # noqa: T201


def main(arguments: list[str]) -> None:
    """Serve the task that the arguments name."""
    template, seed = arguments
    with closing(Program(template, int(seed))) as program:
        program.run()


if __name__ == "__main__":
    main(sys.argv[1:])
