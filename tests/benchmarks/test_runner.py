"""An episode is what it was: won, lost, out of time, broken or stopped; and it is kept."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from agent.models.scripted import ScriptedModel
from benchmarks.base import Kind, TaskResult
from benchmarks.header import Who
from benchmarks.report import table, tally
from benchmarks.results import ResultLog
from benchmarks.runner import Runner, Terms
from benchmarks.suites.broken import PARTS, BrokenCase, Part
from benchmarks.suites.practice import PracticeCase, SharedDesk
from environments.base import Environment, Stop
from environments.errors import Stopped
from tests.benchmarks.cases import case, cases, players, unheard

SEEDS = range(2000, 2008)

KILLED_IN_THE_MIDDLE = """
import os, signal, sys
from pathlib import Path
from benchmarks.results import ResultLog
from benchmarks.runner import Runner, Terms
from environments.base import Stop
from tests.benchmarks.cases import cases, players

seen = []
def heard(result):
    seen.append(result)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

log = ResultLog(Path(sys.argv[1]))
eight = cases(["choose_radio"], range(2000, 2008))
Runner(players("random"), log).run(eight, Stop(), heard)
"""


def runner(path: Path, who: Who = "oracle", minutes: float = 10.0) -> Runner:
    return Runner(players(who), ResultLog(path / "results.jsonl"), Terms(minutes))


def test_the_oracle_wins_and_is_scored_by_the_world(tmp_path: Path) -> None:
    result = runner(tmp_path).play(case(), Stop())
    assert (result.kind, result.score) == (Kind.SUCCESS, 1.0)
    assert all("wall" in step for step in result.steps_ms)


def test_a_claim_of_success_does_not_enter_the_score(tmp_path: Path) -> None:
    result = runner(tmp_path, "noop").play(case(), Stop())
    assert (result.kind, result.score, result.claim) == (Kind.AGENT_FAIL, 0.0, "success")


def test_an_agent_gets_twice_the_steps_of_the_oracle(tmp_path: Path) -> None:
    result = runner(tmp_path, "random").play(case("replace_text"), Stop())
    assert len(result.steps_ms) == 2 * 3


def test_a_run_killed_in_the_middle_goes_on_and_ends_like_an_unbroken_one(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", KILLED_IN_THE_MIDDLE, str(path)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    with path.open("ab") as file:
        file.write(b'{"key": "torn in the mid')
    resumed = runner(tmp_path, "random").run(cases(["choose_radio"], SEEDS), Stop(), unheard)
    whole = runner(tmp_path / "unbroken", "random").run(
        cases(["choose_radio"], SEEDS), Stop(), unheard
    )
    assert table(resumed) == table(whole)
    assert path.read_bytes().count(b'"kind"') == len(SEEDS)


def test_what_was_played_is_not_played_again(tmp_path: Path) -> None:
    first = runner(tmp_path).run([case()], Stop(), unheard)
    # The script is empty: playing once more would be an error.
    again = Runner(lambda task, screen: ScriptedModel([]), runner(tmp_path).log)
    assert again.run([case()], Stop(), unheard) == first


@pytest.mark.parametrize("part", PARTS)
def test_a_broken_task_is_an_error_and_never_a_zero(part: Part, tmp_path: Path) -> None:
    broken = BrokenCase(part, SharedDesk("in-process"))
    results = runner(tmp_path).run([broken, case()], Stop(), unheard)
    assert [(r.kind, r.score) for r in results] == [
        (Kind.ENV_ERROR, None),
        (Kind.SUCCESS, 1.0),
    ]
    assert broken.torn_down == 1
    assert tally(results).rate == 1.0


def test_a_model_that_breaks_is_an_error_and_is_played_again(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    (broken,) = Runner(lambda task, screen: ScriptedModel([]), log).run([case()], Stop(), unheard)
    assert (broken.kind, broken.score) == (Kind.ENV_ERROR, None)
    (again,) = Runner(players("oracle"), log).run([case()], Stop(), unheard)
    assert again.kind is Kind.SUCCESS
    assert log.read()[again.key] == again


def test_running_out_of_time_is_told_from_failing(tmp_path: Path) -> None:
    result = runner(tmp_path, "random", minutes=0).play(case("fill_form"), Stop())
    assert (result.kind, result.score) == (Kind.TIMEOUT, 0.0)


class SlowCase(PracticeCase):
    """A real case whose parts take time by a clock of their own, and which its world can end."""

    def __init__(self, template: str, setup_s: float, step_s: float = 0.0) -> None:
        super().__init__(template, 2000, SharedDesk("in-process"))
        self.now, self._setup_s, self._step_s = 0.0, setup_s, step_s

    def clock(self) -> float:
        return self.now

    def setup(self, stop: Stop) -> Environment:
        self.now += self._setup_s
        return super().setup(stop)

    def is_over(self) -> bool:
        self.now += self._step_s
        return super().score() >= 1

    def score(self) -> float:
        self.now += self._setup_s
        return super().score()

    def played(self, who: Who, minutes: float, folder: Path) -> TaskResult:
        log, terms = ResultLog(folder / "r.jsonl"), Terms(minutes, clock=self.clock)
        return Runner(players(who), log, terms).play(self, Stop())


@pytest.mark.parametrize(("who", "kind"), [("oracle", Kind.SUCCESS), ("random", Kind.AGENT_FAIL)])
def test_a_slow_setup_takes_no_time_from_the_agent(who: Who, kind: Kind, tmp_path: Path) -> None:
    result = SlowCase("replace_text", setup_s=3600).played(who, 1, tmp_path)
    assert (result.kind, result.seconds, result.setup_seconds) == (kind, 0, 3600)


def test_a_win_of_the_last_step_that_began_in_time_stays_a_win(tmp_path: Path) -> None:
    result = SlowCase("click_button", setup_s=0, step_s=3600).played("oracle", 1, tmp_path)
    assert (result.kind, result.score, len(result.steps_ms)) == (Kind.SUCCESS, 1.0, 1)


def test_the_agents_own_overrun_is_a_timeout(tmp_path: Path) -> None:
    result = SlowCase("replace_text", setup_s=0, step_s=50).played("oracle", 1, tmp_path)
    assert (result.kind, result.seconds, len(result.steps_ms)) == (Kind.TIMEOUT, 100, 2)


def test_a_stop_ends_the_suite_and_leaves_no_score(tmp_path: Path) -> None:
    stop = Stop()
    heard: list[TaskResult] = []

    def stop_after_one(result: TaskResult) -> None:
        heard.append(result)
        stop.set("enough")

    results = runner(tmp_path).run(cases(["click_button"], SEEDS), stop, stop_after_one)
    assert results == heard
    assert len(results) == 1
    again = runner(tmp_path).run(cases(["click_button"], SEEDS[::-1]), stop, unheard)
    assert [(r.seed, r.kind) for r in again] == [(2007, Kind.STOPPED), (2000, Kind.SUCCESS)]
    (stopped,) = runner(tmp_path).run([case("fill_form")], stop, unheard)
    assert (stopped.kind, stopped.score) == (Kind.STOPPED, None)


def test_a_journal_is_kept_when_asked_for(tmp_path: Path) -> None:
    kept = Runner(players("oracle"), ResultLog(tmp_path / "r.jsonl"), Terms(runs=tmp_path / "runs"))
    assert kept.play(case(), Stop()).kind is Kind.SUCCESS
    assert len(list((tmp_path / "runs").iterdir())) == 1


class StoppedCase:
    """A practice task at which a person presses the stop in one of its parts."""

    def __init__(self, part: str) -> None:
        self._task, self._part = case(), part

    def __getattr__(self, name: str) -> Any:
        return self._stopped if name == self._part else getattr(self._task, name)

    def _stopped(self, *_: object) -> NoReturn:
        raise Stopped("Ctrl+C")


@pytest.mark.parametrize("part", ["setup", "score"])
def test_a_stop_in_setup_or_scoring_is_a_stop_and_no_broken_episode(
    part: str, tmp_path: Path
) -> None:
    result = runner(tmp_path).play(StoppedCase(part), Stop())
    assert (result.kind, result.score) == (Kind.STOPPED, None)
