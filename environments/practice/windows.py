"""The practice desktop as a program: real X windows, and its truth over two pipes.

Responsible for one process: it shows a practice world on the display that DISPLAY names, takes the
input that arrives there, and answers questions. Started by ``display``, as

    python -m environments.practice.windows TEMPLATE SEED

Each line of standard input is a JSON list, a question and what it needs; each is answered by one
line, {"answer": ...} or {"error": KIND, "text": ...}. The end of standard input ends the program,
so it cannot outlive whoever started it. An answer comes after all input that the display had taken
before the question, and after its consequences stand on the screen. Beside what every world knows
of its task it answers "inputs": all that it was ever sent.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from environments.practice.tasks import PracticeTask
from environments.practice.telling import about, answered, describe
from environments.practice.x_input import XInput
from environments.practice.x_windows import SDL_SETTINGS, XWindows

_FIRST = '["describe"]'
"""What is answered without being asked, as soon as the task is shown."""


class Program:
    """The windows, the task that they show, and the questions about it."""

    def __init__(self, template: str, seed: int) -> None:
        """Show a task.

        Raises:
            ConfigError: there is no such template.
        """
        self._task = PracticeTask(template, seed)
        self._windows = XWindows()
        self._input = XInput(self._windows)
        self._questions = {**about(self._task, self._reset), "inputs": lambda: self._input.log}

    def run(self) -> None:
        """Live until standard input ends."""
        import pygame

        question = pygame.event.custom_type()
        self._windows.show(self._task.world)
        threading.Thread(target=_read_questions, args=(question,), daemon=True).start()
        print(answered(self._questions, _FIRST), flush=True)  # noqa: T201
        while True:
            arrived = [pygame.event.wait(), *pygame.event.get()]
            if any(event.type == question for event in arrived):
                self._windows.wait_for_display()
                arrived += pygame.event.get()
            for event in arrived:
                self._input.feed(event, self._task.world, time.monotonic())
            self._windows.show(self._task.world)
            for event in arrived:
                if event.type == question:
                    print(answered(self._questions, event.line), flush=True)  # noqa: T201

    def _reset(self, template: str, seed: int) -> dict[str, object]:
        self._task.reset(template, seed)
        self._windows.show(self._task.world)
        return describe(self._task)


def _read_questions(event_type: int) -> None:
    import pygame

    for line in sys.stdin:
        pygame.event.post(pygame.event.Event(event_type, {"line": line}))
    # Nobody is left to answer; the main thread may be waiting for the display.
    os._exit(0)


def main(arguments: list[str]) -> None:
    """Show the task that the arguments name."""
    os.environ.update(SDL_SETTINGS)
    template, seed = arguments
    Program(template, int(seed)).run()


if __name__ == "__main__":
    main(sys.argv[1:])
