"""What was written stays, whatever comes after it."""

from pathlib import Path

import pytest

from benchmarks.base import Kind, TaskResult
from benchmarks.results import ResultLog
from environments.errors import ConfigError


def result(key: str, kind: Kind = Kind.SUCCESS) -> TaskResult:
    return TaskResult(key=key, group="g", seed=1, kind=kind, score=1.0, steps_ms=({"wall": 1.5},))


def test_results_come_back_as_they_were(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "deep" / "results.jsonl")
    assert log.read() == {}
    log.append(result("a"))
    assert log.read() == {"a": result("a")}


def test_a_torn_line_is_an_episode_that_was_not_played(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.append(result("a"))
    log.append(result("b"))
    whole = log.path.read_bytes()
    for end in range(len(whole) // 2 + 1, len(whole) - 1):
        log.path.write_bytes(whole[:end])
        assert list(log.read()) == ["a"]
        log.append(result("c"))
        assert list(log.read()) == ["a", "c"]


def test_the_last_word_on_an_episode_counts(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.append(result("a", Kind.ENV_ERROR))
    log.append(result("a"))
    assert log.read()["a"].kind is Kind.SUCCESS


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be kept"):
        ResultLog(tmp_path / "file" / "results.jsonl")


def test_a_folder_is_no_results_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name a file"):
        ResultLog(tmp_path)
