"""``deskhand stop``: a run ends from another terminal, and the answer is true."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.archive import list_runs
from agent.cli import main
from agent.journal import Journal
from agent.stopping import REASON, REQUEST, obeying_requests, stop_run
from environments.base import Stop
from environments.errors import JournalError, Stopped
from tests.agent.replies import DONE, GIVE_UP, reply
from tests.end_to_end.scripts import write_script


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep the runs of a test in its own folder."""
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    return tmp_path / "runs"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(arguments)
    captured = capsys.readouterr()
    return int(left.value.code or 0), captured.out + captured.err


def started(folder: Path) -> subprocess.Popen[str]:
    """Start a run that waits for a minute, and return when it does."""
    model = write_script(folder, [reply("Wait.", action="wait", time=60), DONE])
    command = [sys.executable, "-m", "agent", "run", "x", "--on", "virtual:320x200"]
    process = subprocess.Popen([*command, "--model", model], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "Wait." not in (line := process.stdout.readline()):
        assert line, "the run ended before its first step"
    return process


@pytest.mark.usefixtures("x_display")  # Skips where there is no Xvfb.
def test_a_run_is_stopped_from_another_process_which_says_so(
    tmp_path: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = started(tmp_path)
    code, said = told(capsys, "stop")
    process.communicate(timeout=60)
    assert process.returncode == 4
    (run,) = list_runs(runs)
    assert (run.status, run.reason) == ("stopped", REASON)
    assert (code, said) == (0, f"The run {run.id} has stopped.\n")


def test_an_ended_run_is_not_stopped_and_that_is_a_sentence(
    tmp_path: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = write_script(tmp_path, [GIVE_UP])
    told(capsys, "run", "x", "--on", "practice:in-process", "--model", model)
    (run,) = list_runs(runs)
    code, said = told(capsys, "stop", run.id)
    assert code == 1
    assert said.startswith(f"The run {run.id} had ended before (failed)")
    assert not (runs / run.id / REQUEST).exists()
    code, said = told(capsys, "stop", run.id, "--json")
    assert json.loads(said) == {"run": run.id, "stopped": False, "status": "failed"}


def test_an_unknown_run_and_none_at_all_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = told(capsys, "stop", "20260131-101500-a1b2c3")
    assert (code, "There is no run" in said) == (1, True)
    code, said = told(capsys, "stop", "../../etc")
    assert (code, "There is no run" in said) == (1, True)
    code, said = told(capsys, "stop")
    assert (code, "nothing to stop" in said) == (1, True)


def journal(runs: Path) -> Journal:
    return Journal(runs, task="x", model="m", environment="e")


def test_of_several_runs_one_must_be_named(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with journal(runs) as one, journal(runs) as other:
        code, said = told(capsys, "stop")
    assert code == 1
    assert one.id in said
    assert other.id in said


def test_a_run_that_does_not_end_is_told_honestly(runs: Path) -> None:
    with journal(runs) as going_on:
        assert stop_run(runs, going_on.id, patience_s=0.1).status == "running"


def test_a_request_reaches_whatever_waits(tmp_path: Path) -> None:
    stop = Stop()
    with obeying_requests(tmp_path, stop):
        (tmp_path / REQUEST).touch()
        with pytest.raises(Stopped, match="deskhand stop"):
            stop.wait(60)


def test_after_the_run_nobody_listens_any_more(tmp_path: Path) -> None:
    stop = Stop()
    with obeying_requests(tmp_path, stop):
        pass
    (tmp_path / REQUEST).touch()
    assert not stop.is_set()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_sentence(runs: Path) -> None:
    with journal(runs) as going_on:
        going_on.folder.chmod(0o500)
        with pytest.raises(JournalError, match="Ctrl-C"):
            stop_run(runs, going_on.id)
        going_on.folder.chmod(0o700)
