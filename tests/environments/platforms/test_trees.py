"""The trees of Windows and macOS through their seam: objects that answer as the systems do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from environments.elements import Elements
from environments.geometry import InputPoint
from environments.platforms.trees import ax_tree, uia_tree

WINDOW = (-1920, 0, 800, 600)


@dataclass(eq=False)
class Raw:
    """An IUIAutomationElement, as far as it is asked."""

    CurrentControlType: int
    CurrentName: str
    place: tuple[int, int, int, int]
    below: list[Raw] = field(default_factory=list)
    CurrentIsPassword: bool = False
    CurrentIsOffscreen: bool = False
    CurrentHasKeyboardFocus: bool = False
    CurrentIsEnabled: bool = True
    CurrentProcessId: int = 7
    value: str = ""
    above: Raw | None = None

    @property
    def CurrentBoundingRectangle(self) -> Any:
        left, top, right, bottom = self.place
        return SimpleNamespace(left=left, top=top, right=right, bottom=bottom)

    def GetRuntimeId(self) -> tuple[int, int]:
        return 42, id(self)

    def GetCurrentPropertyValue(self, number: int) -> str:
        assert number == 30045
        return self.value


class Automation:
    """An IUIAutomation with one window of one program."""

    def __init__(self, window: Raw, focus: Raw) -> None:
        self.root, self.focus = Raw(50033, "Desktop", (0, 0, 9, 9), [window]), focus
        self.ControlViewWalker = self
        self._link(self.root)

    def _link(self, raw: Raw) -> None:
        for child in raw.below:
            child.above = raw
            self._link(child)

    def GetRootElement(self) -> Raw:
        return self.root

    def GetFocusedElement(self) -> Raw:
        return self.focus

    def CompareElements(self, one: Raw, other: Raw) -> bool:
        return one is other

    def GetParentElement(self, raw: Raw) -> Raw | None:
        return raw.above

    def GetFirstChildElement(self, raw: Raw) -> Raw | None:
        return next(iter(raw.below), None)

    def GetNextSiblingElement(self, raw: Raw) -> Raw | None:
        assert raw.above is not None
        after = raw.above.below[raw.above.below.index(raw) + 1 :]
        return next(iter(after), None)


def windows_desktop() -> Automation:
    entry = Raw(50004, "Name", (-1900, 50, -1700, 80), CurrentHasKeyboardFocus=True, value="Zoë")
    save = Raw(50000, "Save", (-1900, 100, -1800, 130), CurrentIsEnabled=False)
    hidden = Raw(50000, "Away", (-1900, 700, -1800, 730), CurrentIsOffscreen=True)
    panel = Raw(50033, "", (-1920, 0, -1120, 600), [entry, save, hidden])
    return Automation(Raw(50032, "Letter", (-1920, 0, -1120, 600), [panel]), entry)


def test_windows_tells_what_is_shown_where_it_is_and_how_it_stands() -> None:
    tree = uia_tree(windows_desktop(), (OSError,))
    found = tree.read(7, WINDOW)
    assert [item.words() for item in found.items] == ["entry 'Name'", "push button 'Save'"]
    assert found.focused is not None
    assert found.focused.name == "Name"
    save = found.at(InputPoint(-1850, 110))
    assert save is not None
    assert save.states == {"disabled"}
    assert tree.focused_text() == "Zoë"


def test_windows_of_another_program_are_not_taken_for_this_one() -> None:
    assert uia_tree(windows_desktop(), (OSError,)).read(8, WINDOW).freshness == "absent"


def test_a_password_is_never_read_back() -> None:
    desktop = windows_desktop()
    desktop.focus.CurrentIsPassword = True
    tree = uia_tree(desktop, (OSError,))
    assert tree.focused_text() is None
    assert tree.read(7, WINDOW).items[0].role == "password text"


def mac(**attributes: Any) -> Mapping[str, Any]:
    return {"AXPosition": (10.0, 30.0), "AXSize": (100.0, 20.0), **attributes}


class Mac:
    """What AXUIElementCopyAttributeValue answers for one program."""

    def __init__(self) -> None:
        self.field = Hashed(mac(AXRole="AXTextField", AXTitle="Name", AXFocused=True, AXValue="a"))
        self.box = Hashed(
            mac(AXRole="AXCheckBox", AXTitle="Sound", AXPosition=(10.0, 60.0), AXValue=1)
        )
        self.group = Hashed({"AXRole": "AXGroup", "AXChildren": [self.field, self.box]})
        self.window = Hashed(
            {"AXPosition": (0.0, 25.0), "AXSize": (400.0, 300.0), "AXChildren": [self.group]}
        )
        self.program = Hashed({"AXFocusedWindow": self.window, "AXFocusedUIElement": self.field})

    def copy(self, raw: Hashed, attribute: str) -> Any:
        return raw.attributes.get(attribute)


@dataclass(eq=False)
class Hashed:
    attributes: Mapping[str, Any]


def mac_read(system: Mac, window: tuple[int, int, int, int] = (0, 25, 400, 300)) -> Elements:
    return ax_tree(lambda pid: system.program, system.copy, (OSError,)).read(7, window)


def test_macos_tells_what_is_shown_where_it_is_and_how_it_stands() -> None:
    found = mac_read(Mac())
    assert [item.words() for item in found.items] == ["entry 'Name'", "check box 'Sound'"]
    assert found.items[0].states == {"focused"}
    assert found.items[1].states == {"checked"}
    assert found.items[1].box == (10, 60, 100, 20)


def test_macos_reads_a_field_back_but_no_secret() -> None:
    system = Mac()
    tree = ax_tree(lambda pid: system.program, system.copy, (OSError,))
    assert tree.focused_text() is None  # Nobody has looked yet.
    tree.read(7, (0, 25, 400, 300))
    assert tree.focused_text() == "a"
    system.field.attributes = {**system.field.attributes, "AXSubrole": "AXSecureTextField"}
    assert tree.focused_text() is None


def test_a_tree_of_another_window_is_stale_and_an_unknown_program_absent() -> None:
    assert mac_read(Mac(), (500, 25, 400, 300)).freshness == "stale"
    system = Mac()
    assert (
        ax_tree(lambda pid: None, system.copy, (OSError,)).read(None, WINDOW).freshness == "absent"
    )


def test_a_tree_that_takes_too_long_is_slow_and_one_that_fails_is_absent() -> None:
    system = Mac()
    ticks = iter(range(100))
    tree = ax_tree(lambda pid: system.program, system.copy, (OSError,))
    tree._clock = lambda: float(next(ticks))
    assert tree.read(7, WINDOW).freshness == "slow"

    def refuse(raw: Any, attribute: str) -> Any:
        raise OSError("the window server has gone")

    broken = ax_tree(lambda pid: system.program, refuse, (OSError,)).read(7, WINDOW)
    assert (broken.freshness, broken.reason) == ("absent", "OSError: the window server has gone")
