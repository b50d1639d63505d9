"""Two runs are compared on the same episodes, with tests whose values are known."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.base import Kind, TaskResult
from benchmarks.cli import app
from benchmarks.comparison import compare_files, paired
from benchmarks.header import About, Player, header
from benchmarks.intervals import (
    bootstrap_mean,
    mean_of_rates,
    sign_test,
    wilson,
    wilson_of_groups,
)
from benchmarks.report import tally
from benchmarks.results import ResultLog
from environments.errors import ConfigError

ABOUT = About("suite")


def result(key: str, score: float | None) -> TaskResult:
    kind = Kind.SUCCESS if score == 1 else Kind.AGENT_FAIL
    return TaskResult(
        key=key, group="g", seed=1, kind=Kind.ENV_ERROR if score is None else kind, score=score
    )


def written(path: Path, agent: str, scores: dict[str, float | None], about: About = ABOUT) -> Path:
    log = ResultLog(path)
    log.begin(header(about, Player(agent), scores))
    for key, score in scores.items():
        log.append(result(key, score))
    return path


def test_the_exact_tests_have_the_values_of_the_binomial() -> None:
    assert sign_test(0, 5) == 2 / 2**5
    assert sign_test(1, 9) == pytest.approx(0.021484375)
    assert sign_test(4, 4) == 1
    assert sign_test(0, 0) == 1


def test_cases_that_come_in_groups_of_equals_are_worth_as_many_as_there_are_groups() -> None:
    alike = [(10, 10)] * 3 + [(0, 10)] * 7
    assert wilson_of_groups(alike) == pytest.approx(wilson(2.7, 9))
    assert wilson_of_groups([(10, 10)] * 8) == wilson(8, 8)


def test_cases_that_have_nothing_to_do_with_their_groups_count_one_by_one() -> None:
    assert wilson_of_groups([(3, 10)] * 10) == wilson(30, 100)
    assert wilson_of_groups([(1, 1)] * 30 + [(0, 1)] * 70)[0] == pytest.approx(
        wilson(30, 100)[0], abs=0.001
    )


def test_an_interval_of_groups_knows_nothing_of_none_and_little_of_one() -> None:
    assert wilson_of_groups([(0, 0)]) == (0.0, 1.0)
    assert wilson_of_groups([(30, 100)]) == wilson(0.3, 1)


def test_a_mean_of_equal_rates_is_known_better_than_each_of_them() -> None:
    low, high = mean_of_rates([(0.5, 0.4, 0.6)] * 4)
    assert (low, high) == pytest.approx((0.45, 0.55))


def test_the_bootstrap_is_seeded_and_covers_what_the_normal_interval_does() -> None:
    values = [(i * 37 % 101) / 101 for i in range(101)]
    low, high = bootstrap_mean(values)
    assert (low, high) == bootstrap_mean(values)
    mean = sum(values) / len(values)
    half = 1.96 * (sum((v - mean) ** 2 for v in values) / 101 / 101) ** 0.5
    assert (low, high) == pytest.approx((mean - half, mean + half), abs=0.01)
    assert bootstrap_mean([0.5]) == (-float("inf"), float("inf"))


def test_pairs_are_counted_by_who_won_them() -> None:
    first = [result(str(i), score) for i, score in enumerate((1, 1, 0, 0.5, 0))]
    second = [result(str(i), score) for i, score in enumerate((1, 0, 1, 1, 0.25))]
    found = paired(first, second)
    assert (found.both, found.only_first, found.only_second, found.neither) == (1, 1, 2, 1)
    assert found.p_success == 1
    assert found.difference == pytest.approx(0.25 / 5 + 0.5 / 5)
    assert found.p_score == pytest.approx(2 * (1 + 4) / 16)


def test_only_common_episodes_count_and_the_rest_is_told(tmp_path: Path) -> None:
    one = written(tmp_path / "a.jsonl", "oracle", {"1": 1, "2": 1, "3": None, "4": 1})
    other = written(tmp_path / "b.jsonl", "noop", {"1": 0, "2": 0, "3": 0})
    found = compare_files(one, other)
    assert (found.pairs.count, found.pairs.only_first) == (2, 2)
    assert list(found.left_out.values()) == [1, 0, 1]
    assert any(line.startswith("agent: oracle / noop") for line in found.differs)


def test_the_command_prints_both_and_the_tests(tmp_path: Path) -> None:
    scores: dict[str, float | None] = {str(i): 1 for i in range(6)}
    one = written(tmp_path / "a.jsonl", "oracle", scores)
    other = written(tmp_path / "b.jsonl", "noop", dict.fromkeys(scores, 0))
    text = CliRunner().invoke(app, ["compare", str(one), str(other)]).stdout
    assert "exact McNemar test p = 0.0312" in text
    said = CliRunner().invoke(app, ["compare", str(one), str(other), "--json"]).stdout
    assert json.loads(said)["pairs"]["difference"] == -1


def test_other_conditions_than_who_played_are_flagged(tmp_path: Path) -> None:
    one = written(tmp_path / "a.jsonl", "oracle", {"1": 1})
    same = compare_files(one, written(tmp_path / "b.jsonl", "noop", {"1": 0}))
    assert (same.unlike, same.data()["unlike"]) == ([], [])
    newer = About("suite", versions={"chromium": "156"})
    other = compare_files(one, written(tmp_path / "c.jsonl", "noop", {"1": 0}, newer))
    assert other.unlike == ["versions.chromium: - / 156"]
    flag = "NOT played under the same conditions (versions.chromium)"
    assert any(line.startswith(flag) for line in other.lines())
    assert not any(line.startswith("NOT") for line in same.lines())


def test_files_without_a_common_episode_and_no_files_are_refused(tmp_path: Path) -> None:
    one = written(tmp_path / "a.jsonl", "oracle", {"1": 1})
    other = written(tmp_path / "b.jsonl", "noop", {"2": 0})
    with pytest.raises(ConfigError, match="no episode in common"):
        compare_files(one, other)
    with pytest.raises(ConfigError, match="There is no results file"):
        compare_files(one, tmp_path / "c.jsonl")
    (tmp_path / "d.jsonl").write_text("{}\n")
    with pytest.raises(ConfigError, match="first record must be a header"):
        compare_files(one, tmp_path / "d.jsonl")


def test_both_totals_are_told_where_episodes_broke() -> None:
    words = tally([result("1", 1), result("2", None)]).words()
    assert words.startswith("1.000")
    assert "1 broke and are not counted (else 0.500 [0.09, 0.91])" in words
