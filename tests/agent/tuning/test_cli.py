"""``train lora`` and ``train merge`` from the command line, and what they leave in use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli import main
from agent.config import HOME_VARIABLE
from tests.agent.tuning.recorded import APPLICATION, recorded

BRIEF = ("--epochs", "1", "--rank", "2", "--held-out", "0.5")


def left_with(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as left:
        main([*arguments])
    return left.value.code


def answered(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_what_runs_taught_is_used_by_run_and_by_ground_and_becomes_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    (run, _) = recorded(tmp_path / "runs")
    taught, one = str(tmp_path / "taught"), str(tmp_path / "one")
    lora = ("train", "lora", "all", "--model", "embedded", "--to", taught, *BRIEF)
    assert left_with(*lora, "--json") == 0
    told = answered(capsys)
    assert (told["folder"], told["method"]) == (taught, "lora")
    assert 0 <= told["right_held_out"] <= 1

    practice = ("--on", "practice:in-process", "--template", APPLICATION, "--max-steps", "1")
    assert left_with("run", *practice, "--adapter", taught, "--json") == 7
    show = ("runs", "show", answered(capsys)["run"], "--json")
    assert left_with(*show) == 0
    assert answered(capsys)["summary"]["model"].endswith("with taught")

    picture = str(run.picture(run.steps[0].image))
    assert left_with("ground", "Scan", "--image", picture, "--adapter", taught, "--json") == 0
    assert "with taught" in answered(capsys)["model"]

    assert left_with("train", "merge", taught, "--to", one) == 0
    assert left_with("ground", "Scan", "--image", picture, "--model", one) == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--full", "--qlora"), "name one"),
        (("--model", "no/such folder"), "There is no model"),
        (("--model", "scripted:x.json"), "cannot be taught"),
        (("--model", "auto"), "Name the base"),
        (("--outcome", "nonsense"), "No run ends as"),
        (("--outcome", "failed"), "no runs with the outcome failed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence_before_anything_is_written(
    wrong: tuple[str, ...],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    recorded(tmp_path / "runs", 1)
    begun = ("train", "lora", "all", "--to", str(tmp_path / "to"), "--model", "embedded")
    assert left_with(*begun, *wrong) == 2
    told = capsys.readouterr().err.strip()
    assert words in told
    assert "\n" not in told
    assert not (tmp_path / "to").exists()


def test_help_shows_an_example_as_it_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with("train", "lora", "--help") == 0
    assert "  deskhand train lora all --model Qwen" in capsys.readouterr().out
