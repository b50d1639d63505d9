"""``deskhand bench`` as a person and a machine use it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app


def bench(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout


def played(folder: Path, *arguments: str) -> tuple[int, str]:
    out = str(folder / "results.jsonl")
    few = ["--template", "click_button", "--seeds", "2000:2002", "--out", out]
    return bench("practice", *few, *arguments)


def test_practice_prints_rate_interval_and_width(tmp_path: Path) -> None:
    code, text = played(tmp_path, "--agent", "oracle")
    assert code == 0
    assert "click_button     1.000  [0.34, 1.00]  2/2" in text
    assert "candidate targets a screen" in text
    assert "embedded" not in text


def test_practice_answers_machines_in_json(tmp_path: Path) -> None:
    code, text = played(tmp_path, "--agent", "noop", "--json")
    answer = json.loads(text)
    assert (code, answer["all"]["successes"], answer["all"]["played"]) == (0, 0, 2)
    assert answer["width"]["fewest"] >= 4


def test_a_bar_prints_figure_bar_and_verdict(tmp_path: Path) -> None:
    code, text = bench("bars", "world-width", "--work", str(tmp_path))
    assert code == 0
    assert text.startswith("pass")
    code, text = bench("bars", "world-width", "--json", "--work", str(tmp_path))
    assert json.loads(text)["status"] == "pass"


@pytest.mark.parametrize("seeds", ["7", "9:3", "a:b"])
def test_a_range_that_is_none_is_refused(seeds: str, tmp_path: Path) -> None:
    code, _ = bench("practice", "--agent", "noop", "--seeds", seeds)
    assert code == 2
