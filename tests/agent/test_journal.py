"""The journal: what is on disk when, and what is read back after every kind of end."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.archive import JOURNAL, RunRecord, list_runs, load_run
from agent.journal import Journal
from agent.limits import Limits
from agent.listener import Listeners
from agent.outcome import Evidence, Outcome, StateCheck
from agent.strip import recorded_panels
from environments.effects import Effect
from environments.errors import JournalError
from tests.agent.replies import DONE, agent, click, reply
from tests.agent.test_loop import Diary
from tests.board import Board

HOLDS = StateCheck("board", lambda _: Evidence(True, "the mark is there"))
ROOT = Path(__file__).parents[2]


def begin(runs: Path) -> Journal:
    return Journal(runs, task="Mark it", model="scripted", environment="board")


def played(runs: Path, *replies: str, board: Board | None = None) -> tuple[Outcome, RunRecord]:
    """Run the replies with a journal and read it back."""
    board = board or Board()
    with begin(runs) as journal:
        it = agent(board, replies, Limits(max_steps=9), listener=journal, recorder=journal)
        outcome = it.run("Mark it", board.stop, HOLDS)
    return outcome, load_run(runs, journal.id)


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    outcome, run = played(tmp_path, click(500), "Hm.", DONE)
    assert run.outcome == outcome
    assert run.summary.status == "success"
    assert run.summary.steps == 3
    assert [step.thought for step in run.steps] == ["Click at 500.", "Hm.", "It is done."]
    assert "could not be read" in str(run.steps[1].error)
    (call,) = run.steps[0].calls
    assert call.arguments == {"action": "left_click", "coordinate": [500, 500]}
    assert (call.effect, call.is_error, call.point_px) == (Effect.CONFIRMED, False, (50, 25))
    assert run.steps[0].timings_ms is not None
    assert list(run.steps[0].timings_ms) == ["capture", "settle", "parse", "act"]


def test_every_different_picture_is_kept_once_and_exactly(tmp_path: Path) -> None:
    _, run = played(tmp_path, click(500), reply(action="right_click"), DONE)
    images = [step.image for step in run.steps]
    assert images[1] == images[2] != images[0]
    assert len(list((run.folder / "images").iterdir())) == 2
    pixels = np.asarray(Image.open(run.picture(images[1])))
    assert pixels.shape == (50, 100, 3)
    assert (pixels[25, 50] == 1).all()
    assert pixels.sum() == 3


def test_a_strided_frame_is_kept_too(tmp_path: Path) -> None:
    class Mirrored(Board):
        def observe(self):  # type: ignore[no-untyped-def]
            from dataclasses import replace

            seen = super().observe()
            return replace(seen, frame=seen.frame[:, :, ::-1])

    _, run = played(tmp_path, click(500), DONE, board=Mirrored())
    assert run.picture(run.steps[0].image).is_file()


def test_the_newest_run_is_listed_first_and_a_folder_that_is_none_is_not(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nothing here") == []
    ids = {played(tmp_path, DONE)[1].summary.id for _ in range(3)}
    (tmp_path / ".hidden").mkdir()
    listed = [summary.id for summary in list_runs(tmp_path)]
    assert listed == sorted(ids, reverse=True)


def test_a_run_in_progress_is_told_from_one_whose_process_died(tmp_path: Path) -> None:
    with begin(tmp_path):
        assert list_runs(tmp_path)[0].status == "running"
    assert list_runs(tmp_path)[0].status == "interrupted"


def test_a_run_that_crashed_says_so(tmp_path: Path) -> None:
    board = Board()

    def fail() -> None:
        raise ZeroDivisionError

    board.before_action = fail
    with begin(tmp_path) as journal, pytest.raises(ZeroDivisionError):
        agent(board, [click(1)], listener=journal, recorder=journal).run("x", board.stop)
    run = load_run(tmp_path, journal.id)
    assert run.summary.status == "failed"
    assert run.outcome is not None
    assert run.outcome.ended_by == "crash"
    assert run.steps[0].calls[0].content == "It broke off; what it did is not known."


def test_the_intent_can_be_read_before_the_act(tmp_path: Path) -> None:
    board, seen = Board(), list[tuple[str, str | None]]()
    with begin(tmp_path) as journal:

        def read() -> None:
            (call,) = load_run(tmp_path, journal.id).steps[0].calls
            seen.append((call.name, call.ended_at))

        board.before_action = read
        it = agent(board, [click(1), DONE], listener=journal, recorder=journal)
        it.run("x", board.stop)
    assert seen == [("computer_use", None)]


def test_what_a_database_cannot_hold_does_not_stop_a_run(tmp_path: Path) -> None:
    outcome, run = played(tmp_path, "half \ud800 of a pair, and \x00", DONE)
    assert outcome.status == "success"
    assert run.steps[0].reply == "half ? of a pair, and \x00"


def test_half_of_a_surrogate_pair_in_a_call_leaves_the_run_readable(tmp_path: Path) -> None:
    typed = reply("Type.", action="type", text="half \ud83d of a pair, and Zoë")
    _, run = played(tmp_path, typed, DONE)
    assert run.steps[0].calls[0].arguments["text"] == "half ? of a pair, and Zoë"


KILLED = """
import os, signal, sys
from pathlib import Path
from agent.journal import Journal
from tests.agent.replies import agent, click
from tests.board import Board

board = Board()
journal = Journal(Path(sys.argv[1]), task="x", model="scripted", environment="board")
actions = iter([lambda: None, lambda: os.kill(os.getpid(), signal.SIGKILL)])
board.before_action = lambda: next(actions)()
agent(board, [click(1), click(500)], listener=journal, recorder=journal).run("x", board.stop)
"""


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, which may die."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_a_process_killed_between_intent_and_outcome_leaves_the_intent(tmp_path: Path) -> None:
    died = python(KILLED, str(tmp_path))
    assert died.returncode == -signal.SIGKILL, died.stderr
    (summary,) = list_runs(tmp_path)
    assert (summary.status, summary.steps) == ("interrupted", 2)
    run = load_run(tmp_path, summary.id)
    assert run.steps[0].calls[0].effect is Effect.CONFIRMED
    assert run.steps[1].calls[0].arguments["coordinate"] == [500, 500]
    assert run.steps[1].calls[0].ended_at is None
    assert run.picture(run.steps[1].image).is_file()


FULL = """
import resource, sys
from pathlib import Path
from agent.journal import Journal
from agent.listener import Listeners
from tests.agent.replies import agent, click
from tests.agent.test_loop import Diary
from tests.board import Board

board, diary = Board(), Diary()
journal = Journal(Path(sys.argv[1]), task="x", model="scripted", environment="board")
actions = 0
def shrink():
    global actions
    actions += 1
    if actions == 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
board.before_action = shrink
it = agent(board, [click(n) for n in range(1, 90, 10)],
           listener=Listeners(journal, diary), recorder=journal)
outcome = it.run("x", board.stop)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
from agent.outcome import exit_code_of
print(outcome.status, outcome.ended_by, actions, len(diary.outcomes))
print(outcome.reason)
sys.exit(exit_code_of(outcome))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing_written(
    tmp_path: Path,
) -> None:
    ended = python(FULL, str(tmp_path))
    assert ended.returncode == 1, ended.stderr
    facts, reason = ended.stdout.splitlines()
    assert facts == "failed journal 3 1"
    assert "cannot be written" in reason
    assert "what was written before is kept" in reason
    (summary,) = list_runs(tmp_path)
    run = load_run(tmp_path, summary.id)
    assert run.summary.steps == 3
    assert [step.calls[0].effect for step in run.steps[:2]] == [Effect.CONFIRMED] * 2
    assert run.steps[2].calls[0].ended_at is None


def test_a_folder_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(JournalError, match="cannot be written"):
        begin(blocked)


def test_a_journal_that_fails_at_the_outcome_is_not_silent(tmp_path: Path) -> None:
    journal = begin(tmp_path)
    journal.close()
    with pytest.raises(JournalError):
        journal.on_outcome(Outcome("success", "done"))


def test_other_listeners_hear_the_outcome_of_a_run_whose_journal_failed(tmp_path: Path) -> None:
    board, diary, journal = Board(), Diary(), begin(tmp_path)
    board.before_action = journal.close
    heard = Listeners(journal, diary)
    outcome = agent(board, [click(1), DONE], listener=heard, recorder=journal).run("x", board.stop)
    assert outcome.ended_by == "journal"
    assert diary.outcomes == [outcome]


DAMAGES = {
    "no database": lambda path: path.write_bytes(b"this is no database at all" * 99),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:5000]),
    "emptied": lambda path: path.write_bytes(b""),
    "overwritten": lambda path: path.write_bytes(
        path.read_bytes()[:4096] + bytes(range(256)) * 16 + path.read_bytes()[8192:]
    ),
    "nonsense inside": lambda path: _execute(path, "UPDATE run SET outcome = '{]'"),
    "a table missing": lambda path: _execute(path, "DROP TABLE steps"),
    "a row missing": lambda path: _execute(path, "DELETE FROM run"),
}


def _execute(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_journal_is_listed_as_such_and_told_in_one_sentence(
    tmp_path: Path,
    damage: object,
) -> None:
    _, run = played(tmp_path, click(500), DONE)
    _, sound = played(tmp_path, DONE)
    damage(run.folder / JOURNAL)  # type: ignore[operator]
    status = {summary.id: summary.status for summary in list_runs(tmp_path)}
    assert status == {run.summary.id: "damaged", sound.summary.id: "success"}
    with pytest.raises(JournalError, match="damaged") as told:
        load_run(tmp_path, run.summary.id)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("run_id", ["", "nothing", "../secrets", "/etc", "a" * 200, "\x00"])
def test_an_unknown_run_is_refused_with_the_command_that_lists_them(
    tmp_path: Path, run_id: str
) -> None:
    with pytest.raises(JournalError, match="deskhand runs list"):
        load_run(tmp_path, run_id)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE run SET task = CAST(x'ff' AS TEXT)",
        "UPDATE run SET outcome = '{}'",
        "ALTER TABLE run DROP COLUMN outcome",
        "DROP TABLE steps",
        "DELETE FROM run",
    ],
)
def test_whatever_was_done_to_a_journal_it_is_damaged_and_the_list_goes_on(
    tmp_path: Path, damage: str
) -> None:
    outcome, run = played(tmp_path, DONE)
    with closing(sqlite3.connect(run.folder / JOURNAL)) as database:
        database.execute(damage)
        database.commit()
    _, sound = played(tmp_path, DONE)
    assert [one.status for one in list_runs(tmp_path)] == [outcome.status, "damaged"]
    assert sound.outcome == outcome
    with pytest.raises(JournalError, match="is damaged"):
        load_run(tmp_path, run.summary.id)


def test_letters_overwritten_in_the_schema_are_damage(tmp_path: Path) -> None:
    _, run = played(tmp_path, DONE)
    path = run.folder / JOURNAL
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE steps", b"CREATE TABLE st\xc9ps"))
    (summary,) = list_runs(tmp_path)
    assert summary.status == "damaged"


def test_an_empty_folder_among_the_runs_is_told_as_damage_by_list_and_by_show(
    tmp_path: Path,
) -> None:
    (tmp_path / "empty").mkdir()
    (summary,) = list_runs(tmp_path)
    with pytest.raises(JournalError) as told:
        load_run(tmp_path, "empty")
    assert (summary.status, summary.reason) == ("damaged", str(told.value))


def test_a_strip_leaves_out_the_pictures_that_are_damaged(tmp_path: Path) -> None:
    _, run = played(tmp_path, click(500), click(900), DONE)
    first, second, _ = (run.picture(step.image) for step in run.steps)
    first.write_bytes(b"no picture")
    second.unlink()
    assert len(recorded_panels(run)) == 1
