"""Deleting runs: what has ended goes wholly, what goes on stays, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.archive import ALIVE, JOURNAL, list_runs
from agent.deleting import delete_run, refuse_running
from agent.journal import Journal
from environments.errors import JournalError
from tests.agent.replies import DONE, click
from tests.agent.runs import made


def test_a_run_that_has_ended_goes_with_all_its_files(tmp_path: Path) -> None:
    run, other = (made(tmp_path, click(500), DONE) for _ in range(2))
    size = sum(file.stat().st_size for file in run.folder.rglob("*") if file.is_file())
    assert delete_run(tmp_path, run.summary.id) == size > 0
    assert [one.id for one in list_runs(tmp_path)] == [other.summary.id]
    assert not run.folder.exists()


def test_a_run_that_goes_on_is_refused_and_can_be_finished(tmp_path: Path) -> None:
    with Journal(tmp_path, task="x", model="m", environment="board") as journal:
        with pytest.raises(JournalError, match=f"deskhand stop {journal.id}"):
            delete_run(tmp_path, journal.id)
        with pytest.raises(JournalError, match="is going on"):
            refuse_running(tmp_path, journal.id)
        assert list_runs(tmp_path)[0].status == "running"
    assert delete_run(tmp_path, journal.id) > 0


@pytest.mark.parametrize("gone", [JOURNAL, ALIVE])
def test_a_damaged_run_can_be_deleted(tmp_path: Path, gone: str) -> None:
    run = made(tmp_path, DONE)
    (run.folder / gone).write_bytes(b"no database" * 999)
    delete_run(tmp_path, run.summary.id)
    assert list_runs(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../outside", "nothing", "link", ".hidden", "file"]
)
def test_only_a_runs_own_folder_is_ever_deleted(tmp_path: Path, name: str) -> None:
    runs, outside = tmp_path / "runs", tmp_path / "outside"
    for folder in (runs / ".hidden", outside):
        folder.mkdir(parents=True)
    (outside / "mine").touch()
    (runs / "file").touch()
    (runs / "link").symlink_to(outside, target_is_directory=True)
    with pytest.raises(JournalError, match="deskhand runs list"):
        delete_run(runs, name)
    assert (outside / "mine").exists()
    assert {entry.name for entry in runs.iterdir()} == {".hidden", "file", "link"}


def test_without_any_runs_there_is_nothing_to_delete(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no run"):
        delete_run(tmp_path / "nowhere", "x")
