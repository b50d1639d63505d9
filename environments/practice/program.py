"""A practice world in a process of its own: asking it for the truth, and ending it.

Responsible for one such process and for questions and answers over its two pipes, whatever shows
the world there (``windows`` on a display, ``android.practice_program`` behind adb). Each line of
its standard input is a JSON list, a question and what it needs; each is answered by one line,
{"answer": ...} or {"error": KIND, "text": ...}.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import environments
from environments.actions import (
    Action,
    Click,
    Drag,
    OpenApp,
    PressButton,
    PressKeys,
    ReplaceText,
    Scroll,
    Swipe,
    Tap,
    TypeText,
)
from environments.errors import ConfigError, DeviceDisconnectedError
from environments.practice.tasks import OracleStep
from environments.practice.widgets import Target

ANSWER_S = 20.0
"""The program answers within milliseconds; after so long it hangs."""

_PATIENCE_S = 5.0
_ERRORS: Mapping[str, type[Exception]] = {"ConfigError": ConfigError, "LookupError": LookupError}
_KINDS = (
    *(Click, Drag, PressKeys, Scroll, TypeText),
    *(Tap, Swipe, PressButton, ReplaceText, OpenApp),
)
_ACTIONS: Mapping[str, TypeAdapter[Action]] = {kind.__name__: TypeAdapter(kind) for kind in _KINDS}


class PracticeProgram:
    """The running program that shows a world; ends with ``close`` or with this process."""

    def __init__(
        self, module: str, name: str, arguments: Sequence[str], env: Mapping[str, str]
    ) -> None:
        """Start a module, called ``name`` in what is said; returns when its world is shown.

        Raises:
            DeviceDisconnectedError: it could not start; the text holds its last words.
        """
        self._name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self._process = subprocess.Popen(
            # -P: no module of ours or Python's is taken from the folder that we happen to be in.
            [sys.executable, "-P", "-m", module, *arguments],
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
            raise DeviceDisconnectedError(f"The {self._name} gave no answer in {ANSWER_S:g} s.")
        line = self._process.stdout.readline()
        if not line:
            raise self._lost()
        reply = json.loads(line)
        if "answer" in reply:
            return reply["answer"]
        raise _ERRORS[reply["error"]](reply["text"])

    def _lost(self) -> DeviceDisconnectedError:
        last = "" if self._log.closed else f": {self._last_words()}"
        return DeviceDisconnectedError(f"The {self._name} have ended{last}. Start again.")

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip(" .") if lines else "they said nothing"


def _finding_us(env: Mapping[str, str]) -> dict[str, str]:
    # The program must find this very package, also where it is not installed.
    places = [str(Path(environments.__file__).parents[1]), env.get("PYTHONPATH", "")]
    return {**env, "PYTHONPATH": os.pathsep.join(filter(None, places))}


class AskedTask:
    """The truth about the task that is shown, asked of the program that holds it."""

    def __init__(self, program: PracticeProgram) -> None:
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
        """Return what can be pointed at, in pixels of its screen."""
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
        """Show another task; it stands on the screen when this returns.

        Raises:
            ConfigError: there is no such template; the task stays as it was.
        """
        self._take(self._program.ask("reset", template, seed))

    def _take(self, description: Mapping[str, Any]) -> None:
        self.template: str = description["template"]
        self.seed: int = description["seed"]
        self.instruction: str = description["instruction"]
        self.steps: int = description["steps"]
