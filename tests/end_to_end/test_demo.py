"""``deskhand demo``: three tasks, each checked by the world's own state, and the pictures left."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from agent.cli import main
from agent.models.registry import EMBEDDED_FOLDER, knows_phones
from agent.oracle_player import NAME
from environments.practice.templates import DEMO
from tests.agent.replies import DONE
from tests.end_to_end.scripts import oracle_replies, write_script

needs_display = pytest.mark.skipif(not shutil.which("Xvfb"), reason="apt-get install xvfb")
needs_checkpoint = pytest.mark.skipif(
    not (EMBEDDED_FOLDER / "config.json").is_file(), reason="deskhand train embedded"
)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep the runs of a test in its own folder."""
    monkeypatch.setenv("DESKHAND_HOME", str(tmp_path / "home"))
    return tmp_path


def demo(pictures: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["demo", "--pictures", str(pictures), *options])
    return int(left.value.code or 0)


def test_three_tasks_that_are_done_leave_three_strips_and_zero(home: Path) -> None:
    replies = [text for name in DEMO for text in oracle_replies(name, 1)]
    model = write_script(home, replies)
    assert demo(home / "strips", "--on", "practice:in-process", "--model", model) == 0
    for name in DEMO:
        with Image.open(home / "strips" / f"{name}-1.png") as strip:
            assert strip.format == "PNG"


def test_a_task_that_fails_twice_leaves_one_and_both_tries_are_printed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *others = DEMO
    solved = [text for name in others for text in oracle_replies(name, 1)]
    model = write_script(home, [DONE, DONE, *solved])
    assert demo(home / "strips", "--on", "practice:in-process", "--model", model) == 1
    printed = capsys.readouterr().out
    assert "try 2" in printed
    assert (home / "strips" / f"{first}-2.png").is_file()


@needs_display
@needs_checkpoint
def test_the_embedded_checkpoint_does_the_three_tasks_on_a_real_display(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo(home / "strips", "--on", "practice") == 0
    printed = capsys.readouterr().out
    assert "very small checkpoint" in printed
    assert printed.count("verified") == len(DEMO)


@needs_checkpoint
def test_the_demo_does_a_task_on_a_phone_through_adb_and_says_who_played(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--on", "practice:in-process", "--phone", "practice-phone")
    assert demo(home / "strips", *options) == 0
    printed = capsys.readouterr().out
    assert printed.count("verified") == len(DEMO) + 1
    knows = knows_phones("embedded")
    assert ("has not learnt the phone" in printed) is not knows
    assert (NAME in printed) is not knows
    assert (home / "strips" / "send_message-1.png").is_file()
