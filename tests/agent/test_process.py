"""The process ``deskhand`` from its first moment to its last."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
