"""Where practice tasks are played: a desktop or a phone, in process or through the real thing.

Responsible for what differs between these places. The worlds stand in ``environments.practice``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from environments.base import Stop
from environments.practice import templates as desktop
from environments.practice.environment import InProcessPractice
from environments.practice.named import template_named
from environments.practice.phone import templates as phone
from environments.practice.phone.environment import InProcessPhone
from environments.registry import open_environment

Where = Literal["in-process", "guise", "display", "phone", "phone-guise", "adb"]
"""The desktop in process, in other looks, or on a display of its own; the phone in process, in
other looks, or through adb."""


InProcess = InProcessPractice | InProcessPhone
"""What can be looked at and counted without any device."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place.

    Attributes:
        spec: what it is called in ``environments.registry``.
        in_process: the same world in this process, for looks at it and for counting.
        templates: the names of all its templates.
        demo: the names of those of the demo.
        named: finds a template, or raises ConfigError with the list.
    """

    spec: str
    in_process: str
    templates: tuple[str, ...]
    demo: tuple[str, ...]
    named: Callable[[str], object]

    def opened(self, template: str, seed: int) -> InProcess:
        """Open a task in process."""
        spec = f"{self.in_process}:{template}/{seed}"
        return cast(InProcess, open_environment(spec, Stop()))


def _desktop(spec: str) -> Place:
    names = tuple(desktop.TEMPLATES), tuple(desktop.DEMO)
    return Place(spec, "practice:in-process", *names, template_named)


def _phone(spec: str) -> Place:
    names = tuple(phone.TEMPLATES), tuple(phone.DEMO)
    return Place(spec, "practice-phone:in-process", *names, phone.template_named)


PLACES: Mapping[Where, Place] = {
    "in-process": _desktop("practice:in-process"),
    "guise": _desktop("practice:guise"),
    "display": _desktop("practice"),
    "phone": _phone("practice-phone:in-process"),
    "phone-guise": _phone("practice-phone:guise"),
    "adb": _phone("practice-phone"),
}
