"""macOS as it answers our questions: each permission is named with the one step that helps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from environments.platforms.macos import MacOS
from tests.environments.platforms.machines import RETINA, Computer, Keys

BINARY = "/opt/homebrew/bin/python3.11"


@dataclass
class Answers:
    """What macOS answers."""

    record: bool = True
    control: bool = True
    listen: bool = True

    def may_record(self) -> bool:
        return self.record

    def may_control(self) -> bool:
        return self.control

    def may_listen(self) -> bool:
        return self.listen

    def front_application(self) -> str | None:
        return "Finder"


def session(answers: Answers) -> MacOS:
    return MacOS(answers, Keys, lambda: Computer(RETINA), BINARY)


def test_with_all_permissions_there_is_no_problem() -> None:
    mac = session(Answers())
    assert mac.problem() is None
    assert mac.foreground() == "Finder"
    assert mac.monitors() == (RETINA,)
    assert mac.hands is mac.hands


@pytest.mark.parametrize(
    ("missing", "pane", "anchor"),
    [
        ("record", "Screen Recording", "Privacy_ScreenCapture"),
        ("control", "Accessibility", "Privacy_Accessibility"),
        ("listen", "Input Monitoring", "Privacy_ListenEvent"),
    ],
)
def test_a_missing_permission_names_this_very_binary_and_the_place_in_the_settings(
    missing: str, pane: str, anchor: str
) -> None:
    problem = str(session(Answers(**{missing: False})).problem())
    assert BINARY in problem
    assert pane in problem
    assert anchor in problem
    assert "start Deskhand again" in problem


def test_all_missing_permissions_are_told_at_once_to_who_asks_for_all() -> None:
    assert len(session(Answers(False, False, False)).problems()) == 3
