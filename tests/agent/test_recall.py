"""An interrupted run's past: what is read back, what is in doubt, and what damage does to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from agent.archive import JOURNAL, load_run
from agent.config import settings_from
from agent.journal import Journal, ReopenedJournal
from agent.models.scripted import ScriptedModel
from agent.outcome import Outcome
from agent.recall import (
    PICTURES,
    RESUMED,
    UNKNOWN,
    UNREADABLE,
    Past,
    is_same_call,
    recall,
)
from agent.resume import rehearsed
from agent.step import Run
from environments.base import Stop
from environments.effects import Effect
from environments.errors import DeviceDisconnectedError, JournalError
from tests.agent.replies import DONE, agent, click
from tests.board import Board
from tools.schema import ToolCall

SETTINGS = settings_from(task="Mark it", on="desktop", model="scripted:x.json")


class Cut(BaseException):
    """The moment at which a process would have died."""


def interrupted(runs: Path, replies: Sequence[str], board: Board | None = None) -> Path:
    """Play replies without ever coming to an outcome, and return the run's folder."""
    board = board or Board()
    journal = Journal(
        runs, task="Mark it", model="m", environment="e", settings=SETTINGS.model_dump_json()
    )
    it = agent(board, replies, listener=journal, recorder=journal)
    run = Run("Mark it", board.stop, 0.0)
    try:
        for _ in replies:
            it.step(run)
    except Cut:
        pass
    journal.close()
    return journal.folder


def without_last_outcome(folder: Path) -> None:
    """Make the last call one that was announced and never ended, as a killed process leaves it."""
    execute(
        folder,
        "UPDATE calls SET ended_at = NULL, content = NULL, is_error = NULL, effect = NULL, "
        "point_px = NULL, image = NULL, timings_ms = NULL WHERE id = (SELECT max(id) FROM calls)",
    )


def execute(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / JOURNAL)) as database:
        database.execute(statement)
        database.commit()


def outcomes(past: Past) -> list[str]:
    return [result.content for step in past.steps for result in step.results]


def test_the_past_is_what_the_run_had_behind_it(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(500), "Hm.", click(5000)])
    past = recall(folder)
    assert (past.task, past.settings, past.faults) == ("Mark it", SETTINGS, ())
    first, second, third = past.steps
    assert first.plan.thought == "Click at 500."
    assert first.plan.calls[0].arguments == {"action": "left_click", "coordinate": [500, 500]}
    assert (first.results[0].effect, first.results[0].point_px) == (Effect.CONFIRMED, (50, 25))
    assert "could not be read" in str(second.plan.error)
    assert third.results[0].is_error
    assert third.remark == RESUMED
    assert all(step.observation is not None for step in past.steps)
    assert first.screen != second.screen == third.screen


def test_a_call_without_an_outcome_is_not_known_to_be_done(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    without_last_outcome(folder)
    past = recall(folder)
    assert outcomes(past) == ["confirmed", UNKNOWN]
    (call,) = past.doubtful
    assert call.arguments["coordinate"] == [500, 500]


def test_what_was_done_again_and_went_well_is_no_longer_in_doubt(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(500)])
    without_last_outcome(folder)
    with ReopenedJournal(folder) as journal:
        board = Board()
        it = agent(board, [click(510)], listener=journal, recorder=journal)
        it.step(Run("Mark it", board.stop, 0.0))
    past = recall(folder)
    assert outcomes(past) == [UNKNOWN, "confirmed"]
    assert past.doubtful == ()


def test_a_step_in_which_the_model_was_still_thinking_is_no_step(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(500), click(600)])
    execute(folder, "DELETE FROM calls WHERE step = 1")
    execute(folder, "UPDATE steps SET reply = NULL, thought = NULL, image = NULL WHERE number = 1")
    assert len(recall(folder).steps) == 1
    record = load_run(tmp_path, folder.name)
    assert (record.summary.status, record.steps[1].image) == ("interrupted", "")


def test_a_reply_of_which_nothing_was_announced_is_asked_for_anew(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(500), click(600), click(700)])
    execute(folder, "DELETE FROM calls WHERE step = 2")
    past = recall(folder)
    assert [step.plan.thought for step in past.steps] == ["Click at 500.", "Click at 600."]
    model = ScriptedModel([click(500), click(600), click(700)])
    rehearsed(model, past)
    assert model.generate([], [], stop=Stop()).text == click(700)


@pytest.mark.parametrize("ended", [True, False])
def test_a_claim_that_was_made_stands_whether_or_not_it_was_heard(
    tmp_path: Path, ended: bool
) -> None:
    folder = interrupted(tmp_path, [click(500), DONE])
    if not ended:
        without_last_outcome(folder)
    past = recall(folder)
    ending = past.steps[-1].ending
    assert ending is not None
    assert (ending.claim, ending.words) == ("success", "It is done.")
    assert past.doubtful == ()


def test_a_resumed_run_with_a_claim_is_concluded_without_asking_again(tmp_path: Path) -> None:
    past, board = recall(interrupted(tmp_path, [click(500), DONE])), Board()
    outcome = agent(board, []).run("Mark it", board.stop, past=past.steps)
    assert (outcome.status, outcome.claim) == ("unknown", "success")


def test_the_model_reads_the_whole_past_and_looks_first(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    without_last_outcome(folder)
    board = Board()
    it = agent(board, [click(900), DONE])
    it.run("Mark it", board.stop, past=recall(folder).steps)
    prompt = it.model.prompts[0]  # type: ignore[attr-defined]
    assert [message.role for message in prompt] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert prompt[-1].parts[1] == f"Result: {UNKNOWN} {RESUMED}"
    assert prompt[-1].parts[0].frame_hash == Board().observe().frame_hash


DAMAGES = {
    "a call's arguments": "UPDATE calls SET arguments = '{]' WHERE id = 1",
    "a call's effect": "UPDATE calls SET effect = 'great' WHERE id = 1",
    "no text at all": "UPDATE calls SET content = CAST(x'ff' AS TEXT), effect = x'ff' WHERE id = 1",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_corrupt_call_is_told_and_the_rest_is_used(tmp_path: Path, damage: str) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    execute(folder, damage)
    past = recall(folder)
    assert outcomes(past) == [UNREADABLE, "confirmed"]
    assert past.faults == ("A call of step 1 cannot be read in the journal.",)


def test_a_corrupt_step_keeps_what_is_known_of_its_calls(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    execute(folder, "UPDATE steps SET timings_ms = '{]' WHERE number = 0")
    past = recall(folder)
    assert outcomes(past) == ["confirmed", "confirmed"]
    assert past.faults == ("Step 1 cannot be read in the journal.",)


def test_a_step_that_is_gone_leaves_its_calls(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    execute(folder, "DELETE FROM steps WHERE number = 1")
    assert outcomes(recall(folder)) == ["confirmed", "confirmed"]


def test_a_missing_or_damaged_picture_is_told_and_its_step_put_in_words(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100), click(500), click(900)])
    steps = load_run(tmp_path, folder.name).steps
    (folder / "images" / steps[0].image).unlink()
    (folder / "images" / steps[1].image).write_bytes(b"no picture")
    past = recall(folder)
    assert [step.observation is None for step in past.steps] == [True, True, False]
    assert [fault.split()[4] for fault in past.faults] == ["1", "2"]
    board = Board()
    it = agent(board, [DONE])
    it.run("Mark it", board.stop, past=past.steps)
    text = str(it.model.prompts[0][1].parts[1])  # type: ignore[attr-defined]
    assert "Step 2: Click at 500. (result: confirmed)" in text


def test_of_a_long_run_only_the_newest_pictures_are_read(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(n * 40) for n in range(PICTURES + 3)])
    seen = [step.observation is not None for step in recall(folder).steps]
    assert seen == [False] * 3 + [True] * PICTURES


def test_a_run_that_does_not_say_how_it_was_started_is_refused(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(500)])
    execute(folder, "UPDATE run SET settings = NULL")
    with pytest.raises(JournalError, match="does not say how it was started"):
        recall(folder)
    execute(folder, """UPDATE run SET settings = '{"task": "x", "speed": "warp"}'""")
    with pytest.raises(JournalError, match="another version"):
        recall(folder)


def test_a_journal_that_is_written_on_counts_on(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    with ReopenedJournal(folder) as journal:
        assert load_run(tmp_path, folder.name).summary.status == "running"
        journal.resumed("One key was let go.")
        board = Board()
        it = agent(board, [click(900), DONE], listener=journal, recorder=journal)
        outcome = it.run("Mark it", board.stop, past=recall(folder).steps)
    record = load_run(tmp_path, folder.name)
    assert [step.number for step in record.steps] == [0, 1, 2, 3]
    assert record.outcome == outcome
    (resumption,) = record.resumptions
    assert (resumption.step, resumption.note) == (2, "One key was let go.")
    assert record.picture(record.steps[2].image).is_file()


def test_a_run_that_ended_or_goes_on_is_not_taken_over(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100)])
    with ReopenedJournal(folder) as journal:
        journal.on_outcome(Outcome("success", "done"))
    with pytest.raises(JournalError, match=r"has ended .*deskhand runs show"):
        ReopenedJournal(folder)
    other = interrupted(tmp_path, [click(100)])
    with ReopenedJournal(other), pytest.raises(JournalError, match="goes on in another process"):
        ReopenedJournal(other)


def test_a_damaged_lock_is_nobody_s(tmp_path: Path) -> None:
    folder = interrupted(tmp_path, [click(100)])
    (folder / "alive.sqlite").write_bytes(b"this is no database at all" * 99)
    with ReopenedJournal(folder):
        assert load_run(tmp_path, folder.name).summary.status == "running"


@pytest.mark.parametrize("cut", [lambda data: data[:5000], lambda _: b"", lambda d: b"x" * len(d)])
def test_a_journal_that_is_damaged_as_a_whole_cannot_go_on(tmp_path: Path, cut: object) -> None:
    folder = interrupted(tmp_path, [click(100), click(500)])
    path = folder / JOURNAL
    path.write_bytes(cut(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(JournalError, match="damaged") as told:
        ReopenedJournal(folder)
    assert "\n" not in str(told.value)


def test_calls_are_the_same_if_they_mean_the_same() -> None:
    def call(**arguments: object) -> ToolCall:
        return ToolCall("computer_use", arguments)

    one = call(action="left_click", coordinate=[500, 500])
    assert is_same_call(one, call(action="left_click", coordinate=[510, 480]))
    assert not is_same_call(one, call(action="left_click", coordinate=[560, 500]))
    assert not is_same_call(one, call(action="double_click", coordinate=[500, 500]))
    assert not is_same_call(one, call(action="left_click"))
    assert not is_same_call(call(action="type", text="Zoe"), call(action="type", text="Zoé"))
    assert not is_same_call(one, ToolCall("gesture", one.arguments))


def test_a_device_that_died_is_an_outcome_and_no_interruption(tmp_path: Path) -> None:
    board = Board()

    def die() -> None:
        raise DeviceDisconnectedError("gone")

    board.before_action = die
    with Journal(tmp_path, task="x", model="m", environment="e", settings="{}") as journal:
        agent(board, [click(1)], listener=journal, recorder=journal).run("x", board.stop)
    with pytest.raises(JournalError, match="has ended"):
        ReopenedJournal(journal.folder)
