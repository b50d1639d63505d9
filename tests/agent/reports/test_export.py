"""Exported runs are read back line by line, with their pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from agent.reports.export import export
from environments.errors import ConfigError
from tests.agent.replies import DONE, click
from tests.agent.runs import made


def test_each_run_is_followed_by_its_steps_and_every_picture_is_where_its_name_says(
    tmp_path: Path,
) -> None:
    runs = [made(tmp_path / "runs", click(500), "Hm.", DONE), made(tmp_path / "runs", DONE)]
    path = export(runs, tmp_path / "out")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["kind"] for line in lines] == ["run", "step", "step", "step", "run", "step"]
    assert [line["id"] for line in lines if line["kind"] == "run"] == [r.summary.id for r in runs]
    step = lines[1]
    assert (step["run"], step["thought"]) == (runs[0].summary.id, "Click at 500.")
    (call,) = step["calls"]
    assert (call["point_px"], call["effect"]) == ([50, 25], "confirmed")
    assert call["arguments"] == {"action": "left_click", "coordinate": [500, 500]}
    named = [line["picture"] for line in lines if line["kind"] == "step"]
    for name in [*named, call["picture"]]:
        with Image.open(path.parent / name) as picture:
            assert (picture.format, picture.size) == ("PNG", (100, 50))
    assert len(list(path.parent.rglob("*.png"))) == len({*named, call["picture"]})


def test_a_picture_that_is_gone_is_null(tmp_path: Path) -> None:
    run = made(tmp_path / "runs", DONE)
    run.picture(run.steps[0].image).unlink()
    path = export([run], tmp_path / "out")
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[1])["picture"] is None


def test_a_folder_that_holds_something_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ConfigError, match="not empty"):
        export([made(tmp_path / "runs", DONE)], tmp_path)
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be exported"):
        export([made(tmp_path / "runs", DONE)], tmp_path / "file" / "out")
