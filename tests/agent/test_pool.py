"""Many tasks on several screens: who does what, what becomes of a lost screen, and the summary."""

from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path

import pytest

from agent.assembly import RunReport
from agent.config import settings_from
from agent.outcome import Outcome
from agent.pool import Finished, Pool, SharedStop, exit_code, tally
from agent.tasks import Job, read_jobs
from environments.base import Stop
from environments.errors import ConfigError, DeviceDisconnectedError, Stopped

DONE = Outcome("success", "It is done.")


def jobs(count: int, tmp_path: Path) -> list[Job]:
    file = tmp_path / "tasks.jsonl"
    lines = [json.dumps({"task": f"Do {n}", "name": str(n)}) for n in range(count)]
    file.write_text("\n".join(lines))
    return list(read_jobs(file, {"on": "practice:in-process"}))


def report(outcome: Outcome = DONE) -> RunReport:
    return RunReport(outcome, "run", Path())


def test_every_job_is_done_once_and_each_place_does_one_at_a_time(tmp_path: Path) -> None:
    busy: Counter[str] = Counter()
    most: Counter[str] = Counter()
    both = threading.Barrier(2, timeout=20)

    def perform(job: Job, place: str, stop: Stop) -> RunReport:
        busy[place] += 1
        most[place] = max(most[place], busy[place])
        if job.name in ("0", "1"):  # The first two are under way at the same time.
            both.wait()
        busy[place] -= 1
        return report()

    finished = Pool(["a", "b"], perform, SharedStop()).work_off(jobs(20, tmp_path))
    assert [one.job.name for one in finished] == [str(n) for n in range(20)]
    assert {one.place for one in finished} == {"a", "b"}
    assert most == {"a": 1, "b": 1}
    assert exit_code(finished) == 0
    assert tally(finished) == "20 tasks: 20 success"


def test_a_place_that_cannot_be_opened_is_left_out_and_its_job_goes_to_another(
    tmp_path: Path,
) -> None:
    tried: list[tuple[str, str]] = []

    def perform(job: Job, place: str, stop: Stop) -> RunReport:
        tried.append((place, job.name))
        if place == "dead":
            raise DeviceDisconnectedError("The phone dead is not there.")
        return report()

    pool = Pool(["dead", "alive"], perform, SharedStop())
    finished = pool.work_off(jobs(5, tmp_path))
    assert [one.place for one in finished] == ["alive"] * 5
    assert sum(place == "dead" for place, _ in tried) <= 1
    if any(place == "dead" for place, _ in tried):
        assert pool.lost == {"dead": "The phone dead is not there."}


def test_when_no_place_is_left_what_was_not_begun_says_why(tmp_path: Path) -> None:
    def perform(job: Job, place: str, stop: Stop) -> RunReport:
        if job.name == "1":
            raise DeviceDisconnectedError("The line broke.")
        return report()

    finished = Pool(["only"], perform, SharedStop()).work_off(jobs(3, tmp_path))
    assert [one.status for one in finished] == ["success", "not begun", "not begun"]
    assert finished[1].reason == "The line broke."
    assert exit_code(finished) == 5


def test_a_stop_ends_every_run_and_nothing_further_is_begun(tmp_path: Path) -> None:
    shared = SharedStop()

    def perform(job: Job, place: str, stop: Stop) -> RunReport:
        shared.set("You stopped it.")
        with pytest.raises(Stopped):
            stop.check()
        return report(Outcome("stopped", stop.reason, ended_by="person"))

    finished = Pool(["only"], perform, shared).work_off(jobs(3, tmp_path))
    assert [one.status for one in finished] == ["stopped", "not begun", "not begun"]
    assert exit_code(finished) == 4


def test_stopping_one_run_stops_no_other() -> None:
    shared = SharedStop()
    first, second = shared.own(), shared.own()
    first.set("only this one")
    assert (first.is_set(), second.is_set(), shared.is_set()) == (True, False, False)
    shared.set("all")
    assert second.reason == "all"
    assert shared.own().is_set()


def test_a_task_whose_settings_fit_no_screen_is_told_and_the_others_are_done(
    tmp_path: Path,
) -> None:
    def perform(job: Job, place: str, stop: Stop) -> RunReport:
        if job.name == "0":
            raise ConfigError("There is no practice template 'x'.")
        return report()

    finished = Pool(["only"], perform, SharedStop()).work_off(jobs(2, tmp_path))
    assert [one.code for one in finished] == [2, 0]
    assert exit_code(finished) == 2


@pytest.mark.parametrize(
    ("codes", "code"),
    [([0, 0], 0), ([0, 3], 3), ([3, 7], 7), ([7, 1], 1), ([1, 6], 6), ([6, 5], 5), ([5, 4], 4)],
)
def test_the_exit_code_is_the_one_that_says_most_about_all(codes: list[int], code: int) -> None:
    job = Job("a", settings_from(task="a"))
    assert exit_code([Finished(job, "", None, "", one) for one in codes]) == code


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no task"),
        ("\n\n", "holds no task"),
        ('{"task": "a"}\nnot json', "Line 2 of"),
        ('{"tsk": "a"}', "tsk"),
        ('{"task": ""}', "Line 1 of"),
        ('{"task": "a", "max_steps": 0}', "--max-steps"),
        ('["a"]', "Line 1 of"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_by_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text(text)
    with pytest.raises(ConfigError) as refusal:
        read_jobs(file, {})
    assert words in str(refusal.value)


def test_a_missing_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no file"):
        read_jobs(tmp_path / "none.jsonl", {})


def test_what_a_line_says_goes_before_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text('{"task": "a", "max_steps": 3}\n{"template": "fill_form", "seed": 4}\n')
    first, second = read_jobs(file, {"max_steps": 9})
    assert (first.settings.task, first.settings.max_steps) == ("a", 3)
    assert (second.settings.template, second.settings.seed) == ("fill_form", 4)
    assert (second.settings.on, second.settings.max_steps) == ("practice", 9)
    assert second.name == "fill_form, seed 4"
