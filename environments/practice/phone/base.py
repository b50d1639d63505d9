"""What the device side needs of a phone.

Responsible for the seam between the practice phone's world and whatever carries it: the process
that acts on it directly, or our device side of the adb wire protocol. Knows no wire and no task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal, Protocol

from environments.base import Frame

Phase = Literal["down", "move", "up", "cancel"]
Rotation = Literal[0, 1, 2, 3]
"""Quarter turns anticlockwise from the natural position, as Android's ``Surface.ROTATION_*``."""

Namespace = Literal["system", "secure", "global"]


@dataclass(frozen=True, slots=True)
class App:
    """An installed application: its package, its launcher activity and the name people know."""

    package: str
    activity: str
    label: str


@dataclass(frozen=True, slots=True)
class InputMethod:
    """A keyboard that can be chosen, by the id that ``ime`` uses (``package/.Service``)."""

    id: str
    label: str


class Phone(Protocol):
    """A phone as its system sees it. Times are seconds that never go back; no clock of its own.

    Attributes:
        size_px: width and height in the natural position.
        density: dots per inch.
        rotation: how it is held now; ``frame`` is already turned.
        version: grows with everything that changes what is seen.
        apps: what is installed.
        input_methods, input_method: the keyboards, and the id of the one in use.
        clipboard: its text.
        settings: namespace -> key -> value, as ``settings`` reads them; write by ``put_setting``.
    """

    size_px: tuple[int, int]
    density: int
    rotation: Rotation
    version: int
    apps: Sequence[App]
    input_methods: Sequence[InputMethod]
    input_method: str
    clipboard: str
    settings: Mapping[Namespace, Mapping[str, str]]

    @property
    def is_awake(self) -> bool:
        """The screen is on."""
        ...

    @property
    def is_locked(self) -> bool:
        """The lock screen is shown."""
        ...

    @property
    def is_secure(self) -> bool:
        """The window in front asks for no screenshots; ``frame`` is then black."""
        ...

    @property
    def has_focus(self) -> bool:
        """A field takes text, so that a keyboard is shown for it."""
        ...

    @property
    def front(self) -> tuple[str, str]:
        """Package and activity of the window in front."""
        ...

    def frame(self) -> Frame:
        """Return what a screenshot shows: (H, W, 3) uint8 RGB, turned as the phone is held."""
        ...

    def advance(self, time_s: float) -> None:
        """Let time pass: notifications, animations, whatever is due by then."""
        ...

    def touch(self, phase: Phase, x: int, y: int, time_s: float) -> None:
        """Feel a finger, in pixels of the turned screen."""
        ...

    def key(self, name: str, time_s: float, held: Set[str] = frozenset()) -> None:
        """Feel a key by Android's name, ``KEYCODE_BACK`` for one; keys it has not do nothing.

        ``held`` are the keys that are down meanwhile (``KEYCODE_CTRL_LEFT`` for a chord).
        """
        ...

    def commit_text(self, text: str) -> None:
        """Put text where the focus is, as an input method does; any characters."""
        ...

    def clear_text(self) -> None:
        """Empty the field that has the focus."""
        ...

    def ui_xml(self) -> str:
        """Return the window in front as ``uiautomator dump`` writes it."""
        ...

    def start(self, package: str, activity: str | None = None) -> bool:
        """Bring an app to the front; False if there is none."""
        ...

    def open_link(self, address: str) -> bool:
        """Show an address in the app that takes it; False if none does."""
        ...

    def force_stop(self, package: str) -> None:
        """End an app; the home screen is shown if it was in front."""
        ...

    def hold_it(self, posture: Rotation) -> None:
        """Hold the phone another way; the screen follows if it is told to rotate by itself."""
        ...

    def put_setting(self, namespace: Namespace, key: str, value: str | None) -> None:
        """Change a setting, None to remove it; what depends on it changes too."""
        ...

    def choose_input_method(self, identity: str) -> bool:
        """Use another keyboard; False if there is none of that id."""
        ...
