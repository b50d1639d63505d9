"""Questions in a real run on a real display: asked, answered, refused, stopped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent import answering
from agent.archive import load_run
from tests.agent.replies import DONE, reply

ENTER = reply("Do it.", action="key", keys=["ctrl", "enter"])
LOOK = reply("Look.", action="wait", time=0)


@pytest.fixture(autouse=True)
def programs() -> None:
    for program in ("Xvfb", "openbox", "dbus-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: apt-get install {program.lower()}")


@contextmanager
def running(
    folder: Path, replies: Sequence[str], *options: str
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Let a scripted model work on a virtual desktop; yield the process and the run's folder."""
    script = folder / "script.json"
    script.write_text(json.dumps(replies), encoding="utf-8")
    environ = os.environ | {"DESKHAND_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    with subprocess.Popen(
        [sys.executable, "-m", "agent", "run", "Do it", "--json", "--on", "virtual:640x480",
         "--model", f"scripted:{script}", *options],
        env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        runs = folder / "runs"
        while process.poll() is None and not (runs.exists() and list(runs.iterdir())):
            pass
        yield process, next(iter(runs.iterdir()))


def question(process: subprocess.Popen[str], run: Path) -> answering.Asked:
    while (asked := answering.question_of(run)) is None:
        assert process.poll() is None, "it ended without a question"
    return asked


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate(timeout=120)
    answer: dict[str, Any] = json.loads(out)
    return answer


def told(run: Path) -> list[str | None]:
    return [call.content for step in load_run(run.parent, run.name).steps for call in step.calls]


def test_without_anybody_to_ask_a_weighty_call_is_refused_and_that_is_said(tmp_path: Path) -> None:
    with running(tmp_path, [ENTER, DONE]) as (process, run):
        assert ended(process)["status"] == "unknown"
    assert "nobody is there to ask" in (told(run)[0] or "")


@pytest.mark.parametrize(("word", "done"), [("yes", True), ("no", False)])
def test_a_question_is_answered_from_another_terminal(
    word: str, done: bool, tmp_path: Path
) -> None:
    with running(tmp_path, [ENTER, DONE], "--ask", "wait") as (process, run):
        asked = question(process, run)
        assert "Press 'ctrl+enter'" in asked.text
        answered = subprocess.run(
            [sys.executable, "-m", "agent", "answer", "last", word],
            env=os.environ | {"DESKHAND_HOME": str(tmp_path)}, capture_output=True, check=False,
        )  # fmt: skip
        assert answered.returncode == 0
        ended(process)
    assert ("not allowed" not in (told(run)[0] or "")) is done


def test_a_stop_ends_a_run_that_waits_for_an_answer(tmp_path: Path) -> None:
    with running(tmp_path, [ENTER, DONE], "--ask", "wait") as (process, run):
        question(process, run)
        process.terminate()
        assert ended(process)["status"] == "stopped"
    assert answering.question_of(run) is None


def test_the_model_asks_hears_the_answer_and_what_is_said_besides(tmp_path: Path) -> None:
    body = {"name": "person", "arguments": {"action": "ask_user", "question": "Which file?"}}
    ask = f"Ask.\n<tool_call>\n{json.dumps(body)}\n</tool_call>"
    with running(tmp_path, [ask, LOOK, DONE], "--ask", "wait") as (process, run):
        asked = question(process, run)
        assert (asked.text, asked.options) == ("Which file?", ())
        answering.say(run, "Hurry up.")
        answering.answer(run, asked, "the blue one")
        ended(process)
    assert told(run)[0] == "The person answers: 'the blue one'"
