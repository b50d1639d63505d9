"""``deskhand runs`` as a person uses it: a report, an export, and what is deleted is gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.archive import list_runs
from agent.cli import main
from agent.journal import Journal
from tests.agent.replies import DONE, click
from tests.agent.runs import made


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in a folder of its own, with two runs."""
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for task in ("The first", "The second"):
        made(tmp_path / "home" / "runs", click(500), DONE, task=task)
    return tmp_path / "home" / "runs"


def deskhand(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def test_a_report_is_one_file_named_after_its_run(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deskhand("runs", "report", "last") == 0
    path = Path(f"deskhand-{list_runs(runs)[0].id}.html")
    assert "The second" in path.read_text(encoding="utf-8")
    assert str(path) in capsys.readouterr().out


def test_two_runs_are_compared_in_the_order_in_which_they_were_named(runs: Path) -> None:
    newest, first = (summary.id for summary in list_runs(runs))
    assert deskhand("runs", "report", first, "--compare", newest, "--to", "both.html") == 0
    page = Path("both.html").read_text(encoding="utf-8")
    assert page.index("The first") < page.index("The second")


def test_a_run_is_not_compared_with_itself(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newest = list_runs(runs)[0].id
    assert deskhand("runs", "report", newest, "--compare", "last") == 2
    assert "the same run" in capsys.readouterr().err
    assert not list(Path.cwd().glob("*.html"))


def test_several_runs_are_exported_at_once(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [summary.id for summary in list_runs(runs)]
    assert deskhand("runs", "export", *ids, "--to", "out", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"lines": "out/runs.jsonl", "runs": ids}
    assert len(Path("out/runs.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_deleting_names_what_went_and_leaves_the_others(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newest, first = (summary.id for summary in list_runs(runs))
    assert deskhand("runs", "delete", first, "--json") == 0
    assert json.loads(capsys.readouterr().out)["deleted"] == [first]
    assert [summary.id for summary in list_runs(runs)] == [newest]


def test_of_several_runs_none_is_deleted_while_one_goes_on(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = list_runs(runs)[0].id
    with Journal(runs, task="x", model="m", environment="board") as journal:
        assert deskhand("runs", "delete", ended, journal.id) == 1
    assert f"deskhand stop {journal.id}" in capsys.readouterr().err
    assert len(list_runs(runs)) == 3


@pytest.mark.parametrize("command", ["report", "export", "delete"])
def test_a_run_that_does_not_exist_is_told_with_the_command_that_lists_them(
    runs: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deskhand("runs", command, "nothing") == 1
    assert "deskhand runs list" in capsys.readouterr().err
    assert len(list_runs(runs)) == 2
