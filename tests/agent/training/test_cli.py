"""The command ``train``: what a person reads, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cli import main


def left_with(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as left:
        main(["train", "embedded", *arguments])
    return left.value.code


def test_help_shows_an_example_as_it_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert left_with("--help") == 0
    assert "  deskhand train embedded --work .training" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ("--scale", "0"),
        ("--scale", "-1"),
        ("--workers", "-1"),
        ("--tasks", "0"),
        ("--processes", "0"),
        ("--seed", "50"),
    ],
)
def test_lengths_and_counts_that_make_no_sense_are_wrong_usage(
    wrong: tuple[str, str], tmp_path: Path
) -> None:
    assert left_with("--work", str(tmp_path / "work"), *wrong) == 2
    assert not (tmp_path / "work").exists()


def test_an_unknown_course_is_refused_with_the_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with("--work", str(tmp_path / "work"), "--course", "cooking") == 2
    assert "practice, mend, pages" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("course", "told"),
    [(("--course", "mend"), "--from"), (("--course", "pages", "--from", "embedded"), "record")],
)
def test_a_course_without_what_it_begins_with_is_one_sentence(
    course: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_with("--work", str(tmp_path / "work"), *course) == 2
    *_, said = capsys.readouterr().err.strip().splitlines()
    assert said.startswith("deskhand: ")
    assert told in said


def test_a_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert left_with("--work", str(tmp_path / "file" / "work")) == 2
    told = capsys.readouterr().err.strip()
    assert told.startswith("deskhand: The folder")
    assert "\n" not in told
