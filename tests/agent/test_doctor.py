"""The doctor tells what is missing, and the cure, and never raises."""

from pathlib import Path

import pytest

from agent.doctor import display, examine, journal_folder, published_models

# python-xlib leaves its socket open when a display does not answer.
leaves_a_socket = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_wayland_is_refused_with_its_cure() -> None:
    (finding,) = display({"XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "wayland-0"})
    assert finding.level == "problem"
    assert "Wayland" in finding.text
    assert "Xorg" in finding.cure


def test_a_machine_without_a_display_is_told_what_works_there() -> None:
    (finding,) = display({})
    assert finding.level == "note"
    assert "--on virtual" in finding.cure


@leaves_a_socket
def test_a_display_that_does_not_answer_is_a_problem() -> None:
    (finding,) = display({"DISPLAY": ":9999"})
    assert finding.level == "problem"


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    finding = journal_folder(in_the_way / "runs")
    assert finding.level == "problem"
    assert "DESKHAND_HOME" in finding.cure


def test_checkpoints_in_the_cache_are_named_as_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "models--Qwen--Qwen3-VL-2B-Instruct").mkdir()
    finding = published_models({"HF_HUB_CACHE": str(tmp_path)})
    assert finding.text == "Qwen/Qwen3-VL-2B-Instruct"


@leaves_a_socket
def test_every_problem_comes_with_a_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path))
    findings = list(examine({"DISPLAY": ":9999", "HF_HUB_CACHE": str(tmp_path)}))
    assert all(finding.cure for finding in findings if finding.level == "problem")
