"""Small worlds for tests: one window with the widgets that a test is about."""

from __future__ import annotations

from environments.base import Stop
from environments.geometry import InputPoint
from environments.practice.base import PracticeDesktop
from environments.practice.canvas import LOOKS
from environments.practice.environment import PracticeEnvironment
from environments.practice.tasks import point_of
from environments.practice.widgets import Button, CheckBox, Widget
from environments.practice.world import Window, World


def shown(*widgets: Widget, dialogs: tuple[Window, ...] = ()) -> PracticeEnvironment:
    """Open a window with these widgets; row n of it begins at y = 40 + 32 n."""
    window = Window("Notes", 0, 0, 288, 6, widgets=list(widgets))
    return PracticeEnvironment(World([window], LOOKS[0], dialogs), Stop())


def with_dialog(check: CheckBox) -> PracticeEnvironment:
    """Open a window with a button that opens a dialog with a check box, OK and Cancel."""
    ends = [Button("OK", 16, 72, closes="accept"), Button("Cancel", 80, 72, closes="dismiss")]
    dialog = Window("Options", 80, 96, 176, 2, widgets=[check, *ends], modal=True)
    opener = Button("Options", 16, 40, opens="Options")
    return shown(opener, CheckBox("Grid", 128, 40), dialogs=(dialog,))


def middle_of(environment: PracticeEnvironment, label: str, role: str | None = None) -> InputPoint:
    """Return the middle of a target."""
    return point_of(environment.world, label, role)


def solve(desktop: PracticeDesktop) -> int:
    """Follow the oracle until it is done; return how many actions it took."""
    taken = 0
    while (step := desktop.task.oracle()).action is not None:
        desktop.execute(step.action)
        taken += 1
        assert taken <= 2 * desktop.task.steps, f"no end: {desktop.task.instruction}"
    return taken
