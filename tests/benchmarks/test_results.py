"""What was written stays, whatever comes after it."""

from pathlib import Path

import pytest

from benchmarks.base import Kind, TaskResult
from benchmarks.header import About, Header, Player, header
from benchmarks.results import ResultLog
from benchmarks.versions import program_versions
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


def head(**about: str) -> Header:
    return header(About("suite", **about), Player("oracle"), ["a", "b"])


def test_a_file_begins_with_its_header_and_goes_on_under_the_same(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.begin(head())
    log.append(result("a"))
    again = log.begin(head())
    assert (again.header, list(again.results)) == (log.record().header, ["a"])
    assert log.path.read_bytes().startswith(b'{"results_format":1')


def test_another_header_is_refused_with_what_differs(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.begin(head(seeds="1:5"))
    with pytest.raises(ConfigError, match=r"\(there / now: seeds: 1:5 / 1:9\); .*--fresh"):
        log.begin(head(seeds="1:9"))
    assert head(seeds="1:5").fingerprint != head(seeds="1:9").fingerprint


def test_another_version_of_a_program_is_another_run_and_it_is_said_which(tmp_path: Path) -> None:
    def with_(version: str, **more: str) -> Header:
        about = About("suite", versions={"chromium": version, "rules": "a"}, **more)
        return header(about, Player("oracle"), ["a", "b"])

    log = ResultLog(tmp_path / "results.jsonl")
    log.begin(with_("Chromium 155"))
    with pytest.raises(ConfigError, match=r"now: versions.chromium: Chromium 155 / Chromium 156"):
        log.begin(with_("Chromium 156"))
    many = dict.fromkeys(("preset", "dataset", "scoring", "settle", "seeds"), "other")
    with pytest.raises(ConfigError, match=r"as well as seeds, versions\.chromium"):
        log.begin(with_("Chromium 156", **many))


def test_who_begins_anew_beside_the_same_episodes_is_told_why(tmp_path: Path) -> None:
    here, other = ResultLog(tmp_path / "oracle-1.jsonl"), ResultLog(tmp_path / "oracle-2.jsonl")
    assert here.begun_elsewhere(head(settle="b")) == ""
    other.begin(head(settle="a"))
    told = here.begun_elsewhere(head(settle="b"))
    assert "other conditions (there / now: settle: a / b); they are played anew" in told
    here.begin(head(settle="b"))
    assert here.begun_elsewhere(head(settle="b")) == ""
    third = ResultLog(tmp_path / "oracle-3.jsonl")
    assert third.begun_elsewhere(header(About("suite"), Player("oracle"), ["c"])) == ""


def test_a_programs_version_is_what_it_says_and_what_is_not_there_is_left_out() -> None:
    told = program_versions("python3", "no-such-program-anywhere")
    assert list(told) == ["python3"]
    assert told["python3"].startswith("Python 3.")


def test_when_and_on_which_machine_it_ran_makes_no_other_run(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.begin(head().model_copy(update={"machine": "another", "started": "later", "workers": "9"}))
    assert log.begin(head()).header


def test_results_without_a_header_are_not_mixed_with(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.append(result("a"))
    with pytest.raises(ConfigError, match="without a header"):
        log.begin(head())


def test_torn_lines_are_counted(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    log.begin(head())
    log.append(result("a"))
    log.path.write_bytes(log.path.read_bytes()[:-9])
    record = log.begin(head())
    assert (record.torn, record.results) == (1, {})


def test_two_processes_do_not_write_to_one_file(tmp_path: Path) -> None:
    log = ResultLog(tmp_path / "results.jsonl")
    with (
        log.held(),
        pytest.raises(ConfigError, match="Another run"),
        ResultLog(log.path).held(),
    ):
        pass
