"""What is played under which name, without a browser."""

from pathlib import Path
from random import Random

import pytest
from numpy.random import RandomState
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.header import Player, header
from benchmarks.suites.miniwob.catalogue import LEFT_OUT, PIX2ACT, TASKS
from benchmarks.suites.miniwob.oracles import ORACLES, WITHOUT
from benchmarks.suites.miniwob.pages import pages_folder
from benchmarks.suites.miniwob.presets import PRESETS
from benchmarks.suites.miniwob.run import MiniWobRun
from benchmarks.suites.miniwob.suite import MiniWobSuite, SharedKiosk
from environments.errors import ConfigError


def suite(preset: str, pages: Path) -> MiniWobSuite:
    protocol = PRESETS[preset]  # type: ignore[index]
    return MiniWobSuite(protocol.seeds(protocol.tasks), SharedKiosk(protocol, "static", pages))


@pytest.mark.parametrize(
    ("preset", "tasks", "episodes"),
    [("native", 125, 625), ("browsergym", 125, 625), ("pix2act", 58, 5800)],
)
def test_a_protocol_has_its_tasks_and_episodes_each_with_a_key_of_its_own(
    preset: str, tasks: int, episodes: int, tmp_path: Path
) -> None:
    played = suite(preset, tmp_path).tasks()
    assert len({task.group for task in played}) == tasks
    assert len({task.key for task in played}) == len(played) == episodes


def test_browsergyms_seeds_are_its_own_of_which_590_differ(tmp_path: Path) -> None:
    played = suite("browsergym", tmp_path).tasks()
    assert len({(task.group, task.seed) for task in played}) == 590
    first = RandomState(42).randint(low=0, high=34, size=5)[0]
    page = ("ascending-numbers", RandomState(first).randint(0, 1_000_000))
    assert (played[0].group, played[0].seed) == page
    chosen = PRESETS["browsergym"].seeds(("click-test",))["click-test"]
    assert chosen == tuple(task.seed for task in played if task.group == "click-test")


def test_pix2acts_seeds_are_the_hundred_from_its_first(tmp_path: Path) -> None:
    seeds = PRESETS["pix2act"].seeds(PIX2ACT)["click-test"]
    assert (seeds[0], seeds[-1], len(seeds)) == (1201539860, 1201539959, 100)


@pytest.mark.parametrize(
    ("tasks", "seeds", "whole", "strays"),
    [((), (), True, 0), (("click-test",), (), False, 0), ((), tuple(range(5)), False, 625)],
)
def test_other_tasks_or_seeds_are_no_run_of_the_protocol(
    tasks: tuple[str, ...], seeds: tuple[int, ...], whole: bool, strays: int
) -> None:
    about = MiniWobRun("browsergym", tasks, seeds, agent="random").about
    keys = map(str, range(len(tasks or TASKS) * 5))
    head = header(about, Player("random"), keys)
    assert (head.is_whole, head.whole, head.strays) == (whole, 625, strays)


def test_every_task_has_an_oracle_or_a_reason_why_not() -> None:
    assert sorted([*ORACLES, *WITHOUT]) == sorted(TASKS)
    assert len(ORACLES) >= 40


def test_pages_without_an_environment_are_left_out_and_said_so(tmp_path: Path) -> None:
    assert not set(LEFT_OUT) & set(MiniWobRun("native").played)
    assert MiniWobRun("native", ("hover-shape",)).played == ("hover-shape",)
    listed = CliRunner().invoke(app, ["miniwob", "--list"]).stdout
    assert "hover-shape (not played unless named: it never ends" in listed
    assert "click-test\n" in listed


def test_a_task_that_is_none_or_has_no_oracle_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigError, match="no task 'click-nothing'"):
        _ = MiniWobRun("native", ("click-nothing",)).played
    with pytest.raises(ConfigError, match="ten times a second"):
        _ = MiniWobRun("native", ("stock-market",), agent="oracle").played


def test_missing_pages_are_told_with_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pip install --no-deps miniwob"):
        pages_folder(tmp_path)


def test_pages_are_found_in_a_folder_wherever_they_lie_in_it(tmp_path: Path) -> None:
    html = tmp_path / "miniwob" / "html"
    (html / "miniwob").mkdir(parents=True)
    (html / "miniwob" / "click-test.html").touch()
    assert pages_folder(tmp_path) == pages_folder(html) == html


def test_random_clicks_fall_on_the_task_and_are_the_same_for_a_seed(tmp_path: Path) -> None:
    task = suite("browsergym", tmp_path).tasks()[0]
    calls = [task.random_call(Random(seed % 3), "computer_use") for seed in range(60)]
    assert calls[0] == calls[3] != calls[1]
    rng = Random(0)
    points = [task.random_call(rng, "computer_use")["coordinate"] for _ in range(500)]
    assert max(x for x, _ in points) < 1000 * 160 / 332 <= max(x for x, _ in points) + 10
    assert max(y for _, y in points) < 1000 * 210 / 214 <= max(y for _, y in points) + 10
