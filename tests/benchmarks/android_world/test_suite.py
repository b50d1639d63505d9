"""AndroidWorld as a suite; its own package is needed for all but the refusal."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest
from typer.testing import CliRunner

from benchmarks.base import Kind, TaskResult
from benchmarks.casting import Casting
from benchmarks.cli import app
from benchmarks.header import Player, Who, header
from benchmarks.runner import Terms, play_episode
from benchmarks.suites.android_world.suite import AndroidWorldSuite, Wanted, about, instances
from benchmarks.suites.android_world.validators import missing, package_versions
from environments.base import Stop
from environments.errors import ConfigError

there = pytest.mark.skipif(bool(missing()), reason=missing() or "it is there")
# Its dependencies warn while they are imported, which is theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def suite() -> Iterator[AndroidWorldSuite]:
    names = ("SystemWifiTurnOff", "SystemBrightnessMax")
    with closing(AndroidWorldSuite(Wanted(names=names))) as made:
        yield made


def played(suite: AndroidWorldSuite, agent: Who) -> list[TaskResult]:
    players = Casting(agent).players(no_model)
    return [play_episode(task, players, Terms(), Stop()) for task in suite.tasks()]


def no_model(spec: str) -> NoReturn:
    raise AssertionError(spec)


@there
def test_all_its_tasks_are_drawn_without_a_phone() -> None:
    drawn = instances(Wanted())
    assert len({each.name for each in drawn}) == 116
    assert sum(each.steps for each in drawn) == 2349


@there
def test_the_same_seed_gives_the_same_episodes() -> None:
    # Some goals name the moment at which they were drawn, so they may not enter the keys.
    first, again, other = (
        [task.key for task in AndroidWorldSuite(Wanted("SERIAL", seed=seed)).tasks()]
        for seed in (30, 30, 31)
    )
    assert first == again
    assert not set(first) & set(other)


@there
def test_a_task_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="no task SystemFly"):
        instances(Wanted(names=("SystemFly",)))


@there
def test_what_the_practice_phone_lacks_is_listed_and_not_played() -> None:
    with pytest.raises(ConfigError, match="needs an emulator"):
        AndroidWorldSuite(Wanted(names=("MarkorCreateNote",)))


@there
def test_the_oracle_wins_on_the_practice_phone(suite: AndroidWorldSuite) -> None:
    assert [result.score for result in played(suite, "oracle")] == [1.0, 1.0]


@there
def test_who_does_nothing_wins_nothing(suite: AndroidWorldSuite) -> None:
    results = played(suite, "noop")
    assert [result.score for result in results] == [0.0, 0.0]
    assert {result.kind for result in results} == {Kind.AGENT_FAIL}


@there
def test_who_never_says_that_it_has_ended_gets_no_score(suite: AndroidWorldSuite) -> None:
    # Random touches end by the limit of steps, also where they happened to do it.
    assert {result.score for result in played(suite, "random")} == {0.0}


def test_another_source_of_its_package_is_another_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "some_world"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "registry.py").write_text("TASKS = 116")
    monkeypatch.syspath_prepend(tmp_path)
    before = package_versions("some_world")["some_world"]
    (package / "tasks_pb2.py").write_text("made by a program")
    assert package_versions("some_world")["some_world"] == before
    (package / "registry.py").write_text("TASKS = 117")
    assert package_versions("some_world")["some_world"] != before
    assert before.count("@") == 1


@there
def test_the_header_names_the_package_by_version_and_sources(suite: AndroidWorldSuite) -> None:
    told = about(Wanted(names=("SystemWifiTurnOff",)), suite)
    assert set(told.versions) == {"android_world", "android_env"}
    assert told.dataset == told.versions["android_world"]


@there
def test_some_of_its_tasks_are_a_part_of_all_116(suite: AndroidWorldSuite) -> None:
    wanted = Wanted(names=("SystemWifiTurnOff", "SystemBrightnessMax"))
    keys = [task.key for task in suite.tasks()]
    assert (
        header(about(wanted, suite), Player("noop"), keys).part(2) == "partial: 2 of 116 episodes"
    )


@pytest.mark.skipif(not missing(), reason="AndroidWorld is installed")
def test_without_the_package_the_command_says_where_it_comes_from() -> None:
    result = CliRunner().invoke(app, ["android-world", "--list"])
    assert isinstance(result.exception, ConfigError)
    assert "comes from github.com/google-research/android_world" in str(result.exception)
