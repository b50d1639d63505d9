"""The command line as a person meets it: what is printed, what is left behind, the exit code."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from agent.cli import main
from tests.agent.replies import DONE, GIVE_UP, USELESS, click, reply
from tests.end_to_end.scripts import oracle_replies, write_script

IN_PROCESS = ("--on", "practice:in-process")


@dataclass(frozen=True)
class Answer:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, object]:
        """The one JSON document on standard output."""
        return dict(json.loads(self.out))


Deskhand = Callable[..., Answer]


@pytest.fixture
def deskhand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Deskhand:
    """Run the command line in this process, with a home of its own."""
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> Answer:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        captured = capsys.readouterr()
        return Answer(int(left.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    """Write replies and return what ``--model`` takes."""
    return lambda *replies: write_script(tmp_path, replies)


def test_a_task_that_is_done_and_checked_leaves_with_zero(
    deskhand: Deskhand, script: Callable[..., str]
) -> None:
    model = script(*oracle_replies("fill_form", 3))
    answer = deskhand(
        "run", *IN_PROCESS, "--template", "fill_form", "--seed", "3", "--model", model
    )
    assert answer.code == 0
    assert "success: The model says that the task is done, and the check confirms it." in answer.out
    assert "checked by the practice world's own state" in answer.out


def test_a_claim_that_the_check_contradicts_is_a_failure(
    deskhand: Deskhand, script: Callable[..., str]
) -> None:
    answer = deskhand("run", *IN_PROCESS, "--template", "fill_form", "--model", script(DONE))
    assert answer.code == 1
    assert "failed" in answer.out


def test_a_claim_that_nothing_checks_stays_unknown(
    deskhand: Deskhand, script: Callable[..., str]
) -> None:
    answer = deskhand("run", "Press something", *IN_PROCESS, "--model", script(DONE))
    assert answer.code == 3
    assert "The model believes so; not checked." in answer.out


def test_a_model_that_gives_up_is_a_failure(deskhand: Deskhand, script: Callable[..., str]) -> None:
    answer = deskhand("run", "Press something", *IN_PROCESS, "--model", script(GIVE_UP))
    assert answer.code == 1


def test_a_limit_has_an_exit_code_of_its_own(
    deskhand: Deskhand, script: Callable[..., str]
) -> None:
    model = script(*[USELESS] * 12)
    answer = deskhand("run", "Press something", *IN_PROCESS, "--model", model)
    assert answer.code == 7


def test_a_model_that_fails_has_an_exit_code_of_its_own(
    deskhand: Deskhand, script: Callable[..., str]
) -> None:
    answer = deskhand("run", "Press something", *IN_PROCESS, "--model", script())
    assert answer.code == 6
    assert "Traceback" not in answer.out + answer.err


def test_a_reply_of_a_hundred_thousand_characters_fills_neither_screen_nor_journal_view(
    deskhand: Deskhand, script: Callable[..., str]
) -> None:
    model = script("x" * 100_000, GIVE_UP)
    answer = deskhand("run", "Press something", *IN_PROCESS, "--model", model)
    assert answer.code == 1
    assert len(answer.out) < 5_000
    assert len(deskhand("runs", "show", "last").out) < 10_000


def test_an_expectation_decides(
    deskhand: Deskhand, script: Callable[..., str], tmp_path: Path
) -> None:
    wanted = tmp_path / "report.txt"
    options = ("run", "Write it", *IN_PROCESS, "--expect", f"file:{wanted}")
    assert deskhand(*options, "--model", script(DONE)).code == 1
    wanted.write_text("here")
    assert deskhand(*options, "--model", script(DONE)).code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", ""), "There is no task"),
        (("run", "   ", "--json"), "There is no task"),
        (("run", "x", "--on", "nowhere"), "nowhere"),
        (("run", "x", "--on", "virtual:big"), "is no size of a display"),
        (("run", "x", "--model", "/no/such/folder"), "/no/such/folder"),
        (("run", "x", "--model", "scripted:/no/such/file"), "There is no script"),
        (("run", "x", "--model", "scripted:~no-such-user/x"), "cannot be read"),
        (("run", "x", "--expect", "colour:blue"), "colour:blue"),
        (("run", "x", "--expect", ""), "The expectation '' cannot be read"),
        (("run", "x" * 30_000), "The task is not usable"),
        (("run", "x", "--minutes", "nan"), "--minutes"),
        (("run", "x", "--max-steps", "0"), "--max-steps"),
        (("run", "x", "--template", "fill_form", "--on", "virtual"), "--template"),
        (("run", *IN_PROCESS, "--template", "nonsense"), "nonsense"),
        (("ground", "x", "--image", "/no/such.png"), "/no/such.png"),
        (("ground", "", "--image", "/no/such.png"), "Say what to point at"),
        (("nonsense",), "No such command"),
        (("run", "--nonsense"), "No such option"),
    ],
)
def test_wrong_usage_is_one_sentence_and_leaves_with_two(
    deskhand: Deskhand, script: Callable[..., str], arguments: tuple[str, ...], sentence: str
) -> None:
    if arguments[0] == "run" and "--model" not in arguments:
        arguments = (*arguments, "--model", script(DONE))
    answer = deskhand(*arguments)
    assert answer.code == 2
    assert sentence in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err.splitlines()) == 1


def test_no_display_is_said_with_its_cure(
    deskhand: Deskhand, script: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    answer = deskhand("run", "x", "--on", "desktop", "--model", script(DONE))
    assert answer.code == 2
    assert "--on virtual" in answer.err


def test_an_error_is_json_too_where_json_was_asked_for(deskhand: Deskhand) -> None:
    answer = deskhand("run", "", "--json")
    assert answer.data["exit_code"] == 2


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agent", "run", "", "--debug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" in done.stderr
    assert "ConfigError" in done.stderr


def test_a_run_can_be_looked_at_afterwards(
    deskhand: Deskhand, script: Callable[..., str], tmp_path: Path
) -> None:
    model = script(*oracle_replies("click_button", 1))
    ran = deskhand("run", *IN_PROCESS, "--template", "click_button", "--model", model, "--json")
    assert ran.data["status"] == "success"
    assert str(ran.data["run"]) in deskhand("runs", "list").out
    shown = deskhand("runs", "show", "last", "--strip", str(tmp_path / "strip.png"))
    assert "left_click" in shown.out
    with Image.open(tmp_path / "strip.png") as strip:
        assert strip.format == "PNG"


def test_a_corrupt_journal_is_told_and_the_others_are_still_listed(
    deskhand: Deskhand, script: Callable[..., str], tmp_path: Path
) -> None:
    for _ in range(2):
        deskhand("run", "x", *IN_PROCESS, "--model", script(GIVE_UP))
    broken, _ = sorted((tmp_path / "home" / "runs").iterdir())
    (broken / "journal.sqlite").write_bytes(b"not a database" * 1000)
    listed = deskhand("runs", "list")
    assert listed.code == 0
    assert "damaged" in listed.out
    assert "failed" in listed.out
    assert deskhand("runs", "show", broken.name).code == 1


def test_grounding_prints_the_pixel_and_marks_it(
    deskhand: Deskhand, script: Callable[..., str], tmp_path: Path
) -> None:
    shot, marked = tmp_path / "shot.png", tmp_path / "marked.png"
    Image.fromarray(np.full((200, 400, 3), 90, np.uint8)).save(shot)
    options = ("ground", "the Save button", "--image", str(shot), "--model", script(click(250)))
    answer = deskhand(*options, "--mark", str(marked))
    assert (answer.code, answer.out.strip()) == (0, "100 100")
    with Image.open(marked) as picture:
        assert picture.size == (400, 200)
    assert deskhand(*options, "--json").data["point"] == [100, 100]


def test_grounding_that_points_at_nothing_is_a_failure(
    deskhand: Deskhand, script: Callable[..., str], tmp_path: Path
) -> None:
    shot = tmp_path / "shot.png"
    Image.fromarray(np.full((200, 400, 3), 90, np.uint8)).save(shot)
    answer = deskhand("ground", "the moon", "--image", str(shot), "--model", script(GIVE_UP))
    assert answer.code == 1
    assert "No point" in answer.out


def test_the_doctor_answers_in_words_and_in_json(deskhand: Deskhand) -> None:
    assert "embedded model" in deskhand("doctor").out
    findings = json.loads(deskhand("doctor", "--json").out)
    assert {"about", "level", "text", "cure"} == set(findings[0])


def test_the_doctor_counts_the_context_asked_for(deskhand: Deskhand) -> None:
    assert "with a context of 65536 tokens" in deskhand("doctor", "--context", "65536").out
    assert deskhand("doctor", "--context", "0").code == 2


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, which can do this")
def test_a_format_that_cannot_be_had_here_is_a_sentence_and_wrong_usage(
    deskhand: Deskhand,
) -> None:
    options = ["--on", "practice:in-process", "--model", "embedded", "--quantize", "int4"]
    answer = deskhand("run", "Click Save", *options)
    assert answer.code == 2
    assert "--quantize int4 needs an NVIDIA GPU" in answer.err
    assert deskhand("run", "Click Save", "--quantize", "int3").code == 2


@pytest.mark.parametrize(
    "command", ["run", "stop", "ground", "runs list", "runs show", "doctor", "demo"]
)
def test_every_command_has_help_with_an_example_and_json(deskhand: Deskhand, command: str) -> None:
    answer = deskhand(*command.split(), "--help")
    assert answer.code == 0
    assert "Example:" in answer.out
    assert "--json" in answer.out


def test_a_command_whose_module_is_missing_does_not_break_help(tmp_path: Path) -> None:
    info = tmp_path / "addon-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: addon\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[deskhand.commands]\nbroken = no_such_module:app\n")
    variables = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "agent"]
    shown = subprocess.run(
        [*command, "--help"], env=variables, capture_output=True, text=True, check=False
    )
    assert (shown.returncode, "broken" in shown.stdout) == (0, True)
    called = subprocess.run(
        [*command, "broken"], env=variables, capture_output=True, text=True, check=False
    )
    assert called.returncode == 2
    assert "cannot be loaded" in called.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_mid_run_stops_it_and_closes_the_journal(
    script: Callable[..., str], tmp_path: Path, number: signal.Signals, deskhand: Deskhand
) -> None:
    model = script(reply("Wait.", action="wait", time=60), DONE)
    command = [sys.executable, "-m", "agent", "run", "Wait", "--on", "virtual", "--model", model]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "Wait." not in (line := process.stdout.readline()):
        assert line, "the run ended before its first step"
    process.send_signal(number)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "stopped" in rest
    assert "stopped" in deskhand("runs", "list").out


def test_many_tasks_from_a_file_each_leave_a_run_and_one_summary(
    deskhand: Deskhand, script: Callable[..., str], tmp_path: Path
) -> None:
    model = script(*oracle_replies("fill_form", 3))
    file = tmp_path / "tasks.jsonl"
    file.write_text(
        '{"template": "fill_form", "seed": 3}\n{"template": "fill_form", "seed": 3, "max_steps": 1}'
    )
    answer = deskhand("run", "--tasks", str(file), *IN_PROCESS, "--model", model, "--json")
    tasks = answer.data["tasks"]
    assert isinstance(tasks, list)
    assert [task["status"] for task in tasks] == ["success", "failed"]
    assert [task["exit_code"] for task in tasks] == [0, 7]
    assert answer.code == answer.data["exit_code"] == 7
    assert len({task["run"] for task in tasks}) == 2
    shown = deskhand("runs", "show", str(tasks[0]["run"]))
    assert shown.code == 0


def test_a_task_and_a_file_of_tasks_together_are_refused(
    deskhand: Deskhand, tmp_path: Path
) -> None:
    answer = deskhand("run", "Do it", "--tasks", str(tmp_path / "tasks.jsonl"))
    assert answer.code == 2
    assert "not both" in answer.err
