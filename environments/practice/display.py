"""The practice desktop on an X display of its own: real windows, real capture, real input.

Responsible for owning the display, the program that shows the world on it (``windows``) and the
environment that sees and touches it, and for asking that program for the truth.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import environments
from environments.actions import Action, Click, Drag, PressKeys, Scroll, TypeText
from environments.base import Frame, Observation, Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress
from environments.errors import ConfigError, DeviceDisconnectedError
from environments.geometry import InputPoint
from environments.practice.base import parse_task
from environments.practice.tasks import OracleStep
from environments.practice.templates import template_named
from environments.practice.widgets import Target
from environments.practice.world import SCREEN_PX

ANSWER_S = 20.0
"""The program answers within milliseconds; after so long it hangs."""

_PATIENCE_S = 5.0
_ERRORS: Mapping[str, type[Exception]] = {"ConfigError": ConfigError, "LookupError": LookupError}
_ACTIONS: Mapping[str, TypeAdapter[Action]] = {
    kind.__name__: TypeAdapter(kind) for kind in (Click, Drag, PressKeys, Scroll, TypeText)
}


class WindowsProgram:
    """The running program that shows the world; ends with ``close`` or with this process."""

    def __init__(self, template: str, seed: int, env: Mapping[str, str]) -> None:
        """Start it; returns when the task stands on the screen.

        Raises:
            DeviceDisconnectedError: it could not start; the text holds its last words.
        """
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._process = subprocess.Popen(
            # -P: no module of ours or Python's is taken from the folder that we happen to be in.
            [sys.executable, "-P", "-m", "environments.practice.windows", template, str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_finding_us(env),
            start_new_session=True,
        )
        with ExitStack() as unfinished:
            unfinished.callback(self.close)
            self.greeting = self._hear()
            unfinished.pop_all()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def ask(self, name: str, *needs: object) -> Any:
        """Return the answer to a question.

        Raises:
            ConfigError, LookupError: as the question raises them.
            DeviceDisconnectedError: the program has ended or does not answer.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps([name, *needs]).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as cause:
            raise self._lost() from cause
        return self._hear()

    def check(self) -> None:
        """Raise ``DeviceDisconnectedError`` if it has ended."""
        if self._process.poll() is not None:
            raise self._lost()

    def close(self) -> None:
        """End it and wait until it is gone; may be called twice."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        # One line answers one question, so nothing of an answer can wait in the buffer.
        if not select.select([self._process.stdout], [], [], ANSWER_S)[0]:
            raise DeviceDisconnectedError(f"The practice windows gave no answer in {ANSWER_S:g} s.")
        line = self._process.stdout.readline()
        if not line:
            raise self._lost()
        reply = json.loads(line)
        if "answer" in reply:
            return reply["answer"]
        raise _ERRORS[reply["error"]](reply["text"])

    def _lost(self) -> DeviceDisconnectedError:
        last = "" if self._log.closed else f": {self._last_words()}"
        return DeviceDisconnectedError(f"The practice windows have ended{last}. Start again.")

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip(" .") if lines else "they said nothing"


def _finding_us(env: Mapping[str, str]) -> dict[str, str]:
    # The program must find this very package, also where it is not installed.
    places = [str(Path(environments.__file__).parents[1]), env.get("PYTHONPATH", "")]
    return {**env, "PYTHONPATH": os.pathsep.join(filter(None, places))}


class DisplayedTask:
    """The truth about the task on the display, asked of the program that holds it."""

    def __init__(self, program: WindowsProgram) -> None:
        self._program = program
        self._take(program.greeting)

    def score(self) -> float:
        """Return 1.0 if exactly what was asked for has changed, else 0.0."""
        return float(self._program.ask("score"))

    def values(self) -> dict[str, object]:
        """Return everything that scoring looks at."""
        answer = self._program.ask("values")
        return {key: tuple(v) if isinstance(v, list) else v for key, v in answer.items()}

    def targets(self, only_reachable: bool = True) -> Sequence[Target]:
        """Return what can be pointed at, in pixels of the display."""
        found = self._program.ask("targets", only_reachable)
        return [Target(t["label"], t["role"], tuple(t["box"])) for t in found]

    def oracle(self) -> OracleStep:
        """Return the next step towards the goal.

        Raises:
            LookupError: earlier actions have made the goal unreachable for the oracle.
        """
        step = self._program.ask("oracle")
        action = step["action"]
        taken = action and _ACTIONS[action["name"]].validate_python(action["fields"])
        return OracleStep(step["thought"], taken)

    def reset(self, template: str, seed: int) -> None:
        """Show another task; it stands on the display when this returns.

        Raises:
            ConfigError: there is no such template; the task stays as it was.
        """
        self._take(self._program.ask("reset", template, seed))

    def _take(self, description: Mapping[str, Any]) -> None:
        self.template: str = description["template"]
        self.seed: int = description["seed"]
        self.instruction: str = description["instruction"]
        self.steps: int = description["steps"]


class PracticeDisplay:
    """The practice desktop seen by mss and touched by pyautogui, on a display that it owns."""

    def __init__(self, template: str, seed: int, stop: Stop) -> None:
        """Start everything and show a task.

        Raises:
            ConfigError: there is no such template, or Xvfb is missing.
            DeviceDisconnectedError: the windows could not be shown.
        """
        template_named(template)
        with ExitStack() as undo:
            display = undo.enter_context(VirtualDisplay(*SCREEN_PX, window_manager=False))
            self._program = WindowsProgram(template, seed, display.env())
            undo.callback(self._program.close)
            self._environment = DesktopEnvironment(display.address, stop)
            undo.callback(self._environment.close)
            self._closing = undo.pop_all()
        self.task = DisplayedTask(self._program)

    @property
    def address(self) -> DisplayAddress:
        """Where the display is."""
        return self._environment.address

    @property
    def cursor(self) -> InputPoint:
        """Where the pointer is."""
        return self._environment.cursor

    @property
    def glimpse(self) -> Callable[[Frame], None]:
        """Who hears of what may be the settled screen."""
        return self._environment.glimpse

    @glimpse.setter
    def glimpse(self, heard: Callable[[Frame], None]) -> None:
        self._environment.glimpse = heard

    def observe(self) -> Observation:
        """Wait until the screen has settled and return one look at it."""
        self._program.check()
        return self._environment.observe()

    def execute(self, action: Action) -> None:
        """Do one action; on any exit nothing stays pressed."""
        self._program.check()
        self._environment.execute(action)

    def close(self) -> None:
        """End the program and the display; may be called twice."""
        self._closing.close()


def open_on_display(argument: str, stop: Stop) -> PracticeDisplay:
    """Open the practice desktop on a display of its own; ``argument`` is TEMPLATE/SEED or empty.

    Raises:
        ConfigError: it names no practice task, or Xvfb is missing; the text says what to do.
    """
    return PracticeDisplay(*parse_task(argument), stop)
