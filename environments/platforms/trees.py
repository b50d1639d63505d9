"""The element trees of Windows (UI Automation) and macOS (AX) behind ``elements.ElementSource``.

Responsible for one walk over either, breadth first and within the limit, and for the words of each
platform in ours. What calls the system stands behind ``Node`` and is handed in by ``open_uia`` and
``open_ax``; neither has run on a real machine yet, see docs/platforms.md.

Sources: UIAutomationClient (IUIAutomationElement, control type identifiers) at
learn.microsoft.com; AXUIElement.h, AXRoleConstants.h and AXAttributeConstants.h at
developer.apple.com.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from environments.elements import LIMIT_S, MOST, Box, Element, Elements, graded

UIA_ROLES: Mapping[int, str] = {
    50000: "push button", 50002: "check box", 50003: "combo box", 50004: "entry", 50005: "link",
    50006: "image", 50007: "list item", 50008: "list", 50009: "menu", 50011: "menu item",
    50012: "progress bar", 50013: "radio button", 50014: "scroll bar", 50015: "slider",
    50016: "spin button", 50017: "status bar", 50018: "page tab list", 50019: "page tab",
    50020: "label", 50022: "tool tip", 50023: "tree", 50024: "list item", 50029: "table cell",
    50030: "text", 50031: "push button", 50036: "table",
}  # fmt: skip
AX_ROLES: Mapping[str, str] = {
    "AXButton": "push button", "AXCheckBox": "check box", "AXComboBox": "combo box",
    "AXTextField": "entry", "AXTextArea": "text", "AXLink": "link", "AXImage": "image",
    "AXList": "list", "AXMenu": "menu", "AXMenuItem": "menu item", "AXPopUpButton": "combo box",
    "AXProgressIndicator": "progress bar", "AXRadioButton": "radio button", "AXRow": "list item",
    "AXScrollBar": "scroll bar", "AXSlider": "slider", "AXStaticText": "label",
    "AXTable": "table", "AXCell": "table cell", "AXOutline": "tree", "AXTabGroup": "page tab list",
}  # fmt: skip
_SECRET = "password text"
_MOST_VISITED = 4000


class Node(Protocol):
    """One element of a platform's tree; any attribute may raise what the platform raises."""

    def element(self) -> Element | None:
        """Return it in our words, None if it is not shown or nothing to point at."""
        ...

    def box(self) -> Box | None:
        """Return where it is, None if it is nowhere."""
        ...

    def children(self) -> Iterable[Node]:
        """Return what lies in it."""
        ...


class WalkedTree:
    """An ``ElementSource`` over a tree that has to be walked."""

    def __init__(
        self,
        window_of: Callable[[int | None], Node | None],
        text_of_focus: Callable[[], str | None],
        failures: tuple[type[Exception], ...],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what finds the front window of a program, and what the platform can raise."""
        self._window_of = window_of
        self._text_of_focus = text_of_focus
        self._failures = failures
        self._clock = clock

    def read(self, pid: int | None, window: Box) -> Elements:
        """Return the elements of the window in front, of the program with this number."""
        started = self._clock()
        try:
            root = self._window_of(pid)
            if root is None:
                return Elements("absent", "the program shows no elements")
            items, in_time = self._walk(root, started + LIMIT_S)
            said = root.box()
        except self._failures as cause:
            return Elements("absent", f"{type(cause).__name__}: {cause}")
        took_ms = (self._clock() - started) * 1000
        if not in_time:
            return Elements("slow", f"not walked in {LIMIT_S * 1000:.0f} ms", took_ms=took_ms)
        return graded(items, said, window, took_ms)

    def focused_text(self) -> str | None:
        """Return the text of the field that has the keyboard, None where nobody can tell."""
        try:
            return self._text_of_focus()
        except self._failures:
            return None

    def close(self) -> None:
        """Hold nothing, so give nothing back."""

    def _walk(self, root: Node, deadline: float) -> tuple[list[Element], bool]:
        items: list[Element] = []
        queue, visited = deque([root]), 0
        while queue and len(items) < MOST and visited < _MOST_VISITED:
            if self._clock() > deadline:
                return items, False
            node, visited = queue.popleft(), visited + 1
            element = node.element()
            if element is not None:
                items.append(element)
            queue.extend(node.children())
        return items, True


class UiaNode:
    """One IUIAutomationElement, with the walker that finds its children."""

    def __init__(self, raw: Any, walker: Any) -> None:
        self._raw = raw
        self._walker = walker

    def element(self) -> Element | None:
        """Return it in our words."""
        raw, box = self._raw, self.box()
        role = UIA_ROLES.get(raw.CurrentControlType)
        if raw.CurrentIsPassword:
            role = _SECRET
        if role is None or box is None or raw.CurrentIsOffscreen:
            return None
        states = {"focused"} if raw.CurrentHasKeyboardFocus else set()
        states |= set() if raw.CurrentIsEnabled else {"disabled"}
        key = ".".join(map(str, raw.GetRuntimeId()))
        return Element(key, role, raw.CurrentName or "", box, frozenset(states))

    def box(self) -> Box | None:
        """Return where it is, in physical pixels (the process is per-monitor DPI aware)."""
        place = self._raw.CurrentBoundingRectangle
        size = place.right - place.left, place.bottom - place.top
        return (place.left, place.top, *size) if min(size) > 0 else None

    def children(self) -> Iterable[UiaNode]:
        """Return what lies in it, in the control view."""
        child = self._walker.GetFirstChildElement(self._raw)
        while child:
            yield UiaNode(child, self._walker)
            child = self._walker.GetNextSiblingElement(child)


class AxNode:
    """One AXUIElement; ``copy(raw, attribute)`` returns a value or None."""

    def __init__(self, raw: Any, copy: Callable[[Any, str], Any]) -> None:
        self._raw = raw
        self._copy = copy

    def element(self) -> Element | None:
        """Return it in our words."""
        box = self.box()
        role = AX_ROLES.get(self._copy(self._raw, "AXRole"))
        if self._copy(self._raw, "AXSubrole") == "AXSecureTextField":
            role = _SECRET
        if role is None or box is None:
            return None
        name = self._copy(self._raw, "AXTitle") or self._copy(self._raw, "AXDescription")
        if role == "label":
            name = name or self._copy(self._raw, "AXValue")
        states = {"focused"} if self._copy(self._raw, "AXFocused") else set()
        states |= {"disabled"} if self._copy(self._raw, "AXEnabled") is False else set()
        if role in ("check box", "radio button") and self._copy(self._raw, "AXValue") == 1:
            states.add("checked")
        # Equal elements have equal hashes (CFHash), for as long as they live.
        return Element(str(hash(self._raw)), role, str(name or ""), box, frozenset(states))

    def box(self) -> Box | None:
        """Return where it is, in points from the top left of the primary monitor."""
        at, size = self._copy(self._raw, "AXPosition"), self._copy(self._raw, "AXSize")
        if at is None or size is None or min(size) <= 0:
            return None
        return round(at[0]), round(at[1]), round(size[0]), round(size[1])

    def children(self) -> Iterable[AxNode]:
        """Return what lies in it."""
        return [AxNode(raw, self._copy) for raw in self._copy(self._raw, "AXChildren") or ()]


def uia_tree(automation: Any, failures: tuple[type[Exception], ...]) -> WalkedTree:
    """Return the tree of Windows from an IUIAutomation object."""
    walker = automation.ControlViewWalker

    def window_of(pid: int | None) -> UiaNode | None:
        raw = automation.GetFocusedElement()
        root = automation.GetRootElement()
        while raw and (above := walker.GetParentElement(raw)):
            if automation.CompareElements(above, root):
                break
            raw = above
        mine = raw and (pid is None or raw.CurrentProcessId == pid)
        return UiaNode(raw, walker) if mine else None

    def text_of_focus() -> str | None:
        raw = automation.GetFocusedElement()
        if not raw or raw.CurrentIsPassword:
            return None
        value = raw.GetCurrentPropertyValue(30045)  # UIA_ValueValuePropertyId
        return value if isinstance(value, str) else None

    return WalkedTree(window_of, text_of_focus, failures)


def ax_tree(
    application_of: Callable[[int], Any],
    copy: Callable[[Any, str], Any],
    failures: tuple[type[Exception], ...],
) -> WalkedTree:
    """Return the tree of macOS from what makes an application's element and reads attributes."""
    asked: list[Any] = []

    def window_of(pid: int | None) -> AxNode | None:
        asked[:] = [application_of(pid)] if pid else []
        window = copy(asked[0], "AXFocusedWindow") if asked else None
        return AxNode(window, copy) if window else None

    def text_of_focus() -> str | None:
        field = copy(asked[0], "AXFocusedUIElement") if asked else None
        if not field or copy(field, "AXSubrole") == "AXSecureTextField":
            return None
        value = copy(field, "AXValue")
        return value if isinstance(value, str) else None

    return WalkedTree(window_of, text_of_focus, failures)


def open_uia() -> WalkedTree:
    """Connect to UI Automation on Windows.

    Raises:
        ImportError: comtypes is not installed.
    """
    from importlib import import_module

    client = import_module("comtypes.client")
    client.GetModule("UIAutomationCore.dll")
    library = import_module("comtypes.gen.UIAutomationClient")
    automation = client.CreateObject(
        "{ff48dba4-60ef-4201-aa87-54103eef594e}",  # CLSID_CUIAutomation
        interface=library.IUIAutomation,
    )
    return uia_tree(automation, (import_module("comtypes").COMError, OSError))


def open_ax() -> WalkedTree:
    """Connect to the accessibility API of macOS, through what pynput brings along.

    Raises:
        ImportError: pyobjc is not installed.
    """
    from importlib import import_module

    services: Any = import_module("ApplicationServices")

    def copy(raw: Any, attribute: str) -> Any:
        fault, value = services.AXUIElementCopyAttributeValue(raw, attribute, None)
        if fault or value is None:
            return None
        kind = {"AXPosition": services.kAXValueCGPointType, "AXSize": services.kAXValueCGSizeType}
        if attribute not in kind:
            return value
        held, pair = services.AXValueGetValue(value, kind[attribute], None)
        return tuple(pair) if held else None

    return ax_tree(services.AXUIElementCreateApplication, copy, (OSError, ValueError, TypeError))
