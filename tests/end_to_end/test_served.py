"""The command line with a model behind a URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from agent.cli import main
from benchmarks.suites.targets.model_server import ModelServer
from benchmarks.suites.targets.red_squares import with_red_square

KEY = "sk-not-to-be-seen"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModelServer]:
    """A server that wants a key, and a home of its own."""
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DESKHAND_API_KEY", KEY)
    with closing(ModelServer()) as running:
        running.secret = KEY
        yield running


def deskhand(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def test_a_run_is_led_by_a_served_model_and_leaves_no_key_behind(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--on", "practice:in-process", "--model", server.url)
    options += ("--image-tokens", "256:512", "--profile", "osworld-style")
    assert deskhand("run", "Click.", *options, "--max-steps", "1") == 7
    assert "Qwen3-VL-stub-Instruct at http" in capsys.readouterr().out
    server.faults.append("401")
    assert deskhand("run", "Click.", *options) == 6
    said = capsys.readouterr()
    assert "it wants another key" in said.out + said.err
    assert KEY not in said.out + said.err
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert kept
    assert not any(KEY.encode() in path.read_bytes() for path in kept)


def test_grounding_asks_a_server_as_it_asks_the_engine(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(with_red_square((640, 480), (100, 77))).save(tmp_path / "shot.png")
    shot = ("--image", str(tmp_path / "shot.png"))
    assert deskhand("ground", "the square", *shot, "--model", server.url, "--json") == 0
    assert json.loads(capsys.readouterr().out)["point"] == pytest.approx([100, 77], abs=2)


def test_what_leaves_this_computer_is_told_in_a_sentence(
    server: ModelServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(with_red_square((640, 480), (100, 77))).save(tmp_path / "shot.png")
    elsewhere = server.url.replace("127.0.0.1", "0.0.0.0")
    asked = ("ground", "the square", "--image", str(tmp_path / "shot.png"), "--model", elsewhere)
    assert deskhand(*asked) == 0
    first, second = capsys.readouterr().err.splitlines()[:2]
    assert first == "Screenshots leave this computer: they are sent to 0.0.0.0."
    assert second.startswith("They and the key go unencrypted")


def test_the_doctor_looks_at_a_server(
    server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deskhand("doctor", "--model", server.url, "--json") == 0
    found = {finding["about"] for finding in json.loads(capsys.readouterr().out)}
    assert found == {"server", "model", "profile", "calls", "pictures"}
