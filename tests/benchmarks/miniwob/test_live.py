"""Pages in a real Chromium, touched by real pointer and key events."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.models.base import Model
from benchmarks.base import Kind, Task, TaskResult
from benchmarks.cli import app
from benchmarks.players import Baseline, baseline
from benchmarks.results import ResultLog
from benchmarks.runner import Runner
from benchmarks.suites.miniwob.catalogue import LEFT_OUT, TASKS
from benchmarks.suites.miniwob.oracles import ORACLES
from benchmarks.suites.miniwob.pages import pages_folder
from benchmarks.suites.miniwob.presets import PRESETS
from benchmarks.suites.miniwob.suite import ASKED_THERE, MiniWobCase, SharedKiosk
from benchmarks.suites.running import descendants
from environments.actions import PressKeys
from environments.base import Environment, Stop
from environments.errors import ConfigError
from tests.benchmarks.cases import unheard


def missing() -> str:
    try:
        pages_folder()
    except ConfigError as error:
        return str(error)
    return "" if shutil.which("chromium") else "apt-get install chromium"


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


def opened(preset: str) -> Iterator[SharedKiosk]:
    shared = SharedKiosk(PRESETS[preset], "static", pages_folder())  # type: ignore[index]
    try:
        yield shared
    finally:
        shared.close()


@pytest.fixture(scope="module")
def native() -> Iterator[SharedKiosk]:
    yield from opened("native")


@pytest.fixture(scope="module")
def browsergym() -> Iterator[SharedKiosk]:
    yield from opened("browsergym")


def solve(case: MiniWobCase, environment: Environment) -> None:
    for _ in range(case.max_steps):
        step = case.oracle()
        if step.action is None or case.is_over():
            return
        environment.execute(step.action)
        environment.observe()


def test_the_wheel_holds_exactly_the_pages_that_we_know() -> None:
    held = {path.stem for path in (pages_folder() / "miniwob").glob("*.html")}
    assert held == {*TASKS, *LEFT_OUT}


@pytest.mark.parametrize("page", ["click-tab-2-hard", "choose-list", "use-slider", "copy-paste"])
def test_the_oracle_solves_it_by_pointer_and_keys(page: str, native: SharedKiosk) -> None:
    case = MiniWobCase(page, 1, 0, native)
    environment = case.setup(Stop())
    assert not case.is_over()
    solve(case, environment)
    assert case.score() == 1
    assert case.facts()["raw"] == 1


def test_the_first_reward_stays_whatever_is_done_after_it(native: SharedKiosk) -> None:
    case = MiniWobCase("click-test", 0, 0, native)
    environment = case.setup(Stop())
    wins = case.oracle().action
    assert wins is not None
    for _ in range(3):
        environment.execute(wins)
        environment.observe()
    assert case.is_over()
    assert (case.score(), case.facts()["raw"]) == (1, 1)


def test_an_episode_in_which_nothing_is_done_has_no_reward(native: SharedKiosk) -> None:
    case = MiniWobCase("click-test", 0, 0, native)
    case.setup(Stop())
    assert case.score() == 0
    assert case.facts() | {"asked": ""} == {"asked": "", "raw": 0, "done": False, "left": False}


def test_a_page_that_was_left_is_a_failure_and_the_next_episode_is_none_the_worse(
    native: SharedKiosk,
) -> None:
    case = MiniWobCase("click-test", 0, 0, native)
    environment = case.setup(Stop())
    environment.execute(PressKeys(("f5",)))
    environment.observe()
    for _ in range(100):
        if case.is_over():
            break
        environment.observe()
    assert (case.score(), case.facts()["left"]) == (0, True)
    solve(case, case.setup(Stop()))
    assert case.score() == 1


@pytest.mark.parametrize("keys", [("ctrl", "n"), ("ctrl", "+"), ("f12",)])
def test_what_keys_did_to_the_browser_does_not_reach_the_next_episode(
    keys: tuple[str, ...], native: SharedKiosk
) -> None:
    disturbed = MiniWobCase("click-test", 0, 0, native).setup(Stop())
    before = disturbed.observe().frame
    disturbed.execute(PressKeys(keys))
    while (disturbed.observe().frame == before).all():
        pass  # It takes a moment to show.
    case = MiniWobCase("enter-text", 0, 0, native)
    environment = case.setup(Stop())
    environment.observe()
    solve(case, environment)
    assert case.score() == 1


def test_the_same_seed_asks_the_same_and_another_one_something_else(native: SharedKiosk) -> None:
    def asked(seed: int) -> object:
        case = MiniWobCase("enter-text", seed, 0, native)
        case.setup(Stop())
        return case.facts()["asked"]

    assert asked(3) == asked(3) != asked(4)


def test_the_question_stands_in_the_picture_or_in_the_words_but_not_in_both(
    native: SharedKiosk, browsergym: SharedKiosk
) -> None:
    pictured, told = (MiniWobCase("enter-text", 0, 0, shared) for shared in (native, browsergym))
    looks = [case.setup(Stop()).observe().frame for case in (pictured, told)]
    yellow = [((look == (255, 255, 0)).all(2)).sum() / look[..., 0].size for look in looks]
    assert pictured.instruction == ASKED_THERE
    assert told.instruction.startswith('Enter "')
    assert told.instruction == pictured.facts()["asked"]
    assert yellow[0] < yellow[1]  # No letters stand in the band any more.


def test_a_browser_that_dies_costs_the_episode_and_not_the_suite(
    native: SharedKiosk, tmp_path: Path
) -> None:
    cases = [MiniWobCase("click-test", seed, 0, native) for seed in (0, 1)]
    log = ResultLog(tmp_path / "results.jsonl")
    results = Runner(killer_of(cases[0]), log).run(cases, Stop(), unheard)
    assert [result.kind for result in results] == [Kind.ENV_ERROR, Kind.SUCCESS]
    assert "Chromium has ended" in results[0].reason
    assert results[0].score is None


def test_a_page_that_dies_is_known_at_once_and_opened_anew(
    native: SharedKiosk, tmp_path: Path
) -> None:
    cases = [MiniWobCase("click-test", seed, 0, native) for seed in (0, 1)]
    log = ResultLog(tmp_path / "results.jsonl")
    results = Runner(killer_of(cases[0], "--type=renderer"), log).run(cases, Stop(), unheard)
    assert [result.kind for result in results] == [Kind.ENV_ERROR, Kind.SUCCESS]
    assert "The page has crashed" in results[0].reason
    assert results[0].score is None


def killer_of(victim: MiniWobCase, program: str = "--remote-debugging-pipe") -> Any:
    """Return players that play well, but for one task, in which part of the browser is killed."""

    def player(task: Task, screen: Environment) -> Model:
        sane = baseline("oracle", task, ["x"])
        return Baseline("killer", kill) if task is victim else sane

    def kill(seen: object, tool: str) -> tuple[str, dict[str, Any]]:
        for pid in descendants(os.getpid(), program):
            os.kill(pid, signal.SIGKILL)
        return "Kill it.", {"action": "left_click", "coordinate": [1, 999]}

    return player


def test_the_command_says_under_which_rules_it_was_played(tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    few = ["--task", "click-test", "--seeds", "0:1", "--settle", "static", "--out", str(out)]
    done = CliRunner().invoke(app, ["miniwob", *few, "--agent", "oracle", "--json"])
    header, *lines = out.read_text().splitlines()
    assert done.exit_code == 0, done.output
    told = json.loads(header)
    assert told["preset"] == "browsergym"
    assert told["scoring"].startswith("a raw reward above 0 is a success")
    assert told["settle"].startswith("static: two equal grabs 15 ms apart")
    assert told["dataset"].startswith("miniwob 1.1.0 pages@")
    assert told["versions"]["chromium"].startswith("Chromium ")
    assert TaskResult.model_validate_json(lines[0]).kind is Kind.SUCCESS


def test_every_oracle_says_what_it_does_before_it_does_it(native: SharedKiosk) -> None:
    case = MiniWobCase("email-inbox-forward", 0, 0, native)
    case.setup(Stop())
    assert case.group in ORACLES
    assert case.oracle().thought.startswith(("Click", "Scroll"))
