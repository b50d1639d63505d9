"""The process ``deskhand`` from its first moment to its last."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.archive import list_runs
from tests.agent.replies import DONE, reply
from tests.end_to_end.scripts import write_script

HELP = "import sys; sys.argv = ['deskhand', '--help']; from agent.__main__ import main; main()"
signals = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code where the modules in a folder come first."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@signals
def test_a_signal_while_the_command_line_is_imported_is_one_sentence(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "typer.py").write_text(f"import os; os.kill(os.getpid(), {int(number)})")
    done = python(HELP, tmp_path)
    assert (done.returncode, done.stderr) == (4, "deskhand: Stopped.\n")


@signals
def test_a_signal_before_a_command_listens_is_one_sentence(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "platformdirs.py").write_text(f"import os; os.kill(os.getpid(), {int(number)})")
    done = python(HELP.replace("'--help'", "'runs', 'list'"), tmp_path)
    assert (done.returncode, done.stderr.strip()) == (4, "deskhand: Stopped.")


@signals
def test_a_signal_after_the_answer_changes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    late = f"import atexit, os; atexit.register(os.kill, os.getpid(), {int(number)}); "
    done = python(late + HELP, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def shown(folder: Path, **variables: str) -> subprocess.Popen[bytes]:
    """Start a run in process whose reply has letters that few encodings have."""
    model = write_script(folder, [reply("\u20ac \U0001f600", action="wait", time=0), DONE])
    command = [sys.executable, "-m", "agent", "run", "x\u20ac", "--on", "practice:in-process"]
    return subprocess.Popen(
        [*command, "--model", model],
        env=os.environ | {"DESKHAND_HOME": str(folder / "home")} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letters_that_the_terminal_lacks_are_question_marks(tmp_path: Path, encoding: str) -> None:
    process = shown(tmp_path, PYTHONIOENCODING=encoding)
    out, err = process.communicate()
    assert (process.returncode, err) == (3, b"")
    assert b"Step 1   ? ?" in out


def test_a_reader_that_goes_away_stops_the_run(tmp_path: Path) -> None:
    process = shown(tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    assert b"Task" in process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        assert b"bug" not in process.stderr.read()
    assert process.wait() == 4
    (run,) = list_runs(tmp_path / "home" / "runs")
    assert run.status == "stopped"


def test_output_without_room_is_no_bug(tmp_path: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "agent", "runs", "list"],
            env=os.environ | {"DESKHAND_HOME": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("deskhand: There is no room left to write")
