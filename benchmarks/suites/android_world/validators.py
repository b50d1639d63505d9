"""AndroidWorld's own judgement of a phone, over plain adb.

Responsible for what its code takes for an Android (an object that answers adb calls, and nothing
else: no emulator, no gRPC, no forwarder app), and for its tasks on settings, done and judged on the
practice phone. What is judged, and how, is AndroidWorld's; nothing of it is written again here.
Source: google-research/android_world d9c569f and google-deepmind/android_env 1.3.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.header import hash_of
from benchmarks.suites.phone_stand import Stand
from environments.actions import Tap
from environments.android.adb import adb_program
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice.phone.tasks import tap_on
from environments.practice.phone.views import point_of_level
from environments.practice.phone.ways import go_to, into_view
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import OracleStep

COMMAND_S = 20.0
NEEDED = ("android_world", "android_env")
SOURCES = (".py", ".json", ".textproto")
MOST_STEPS = 12

Wish = Mapping[str, str]
"""Label of a switch, or "Brightness" -> what it is to be."""

SETTINGS: Mapping[str, Wish] = {
    "SystemBrightnessMax": {"Brightness": "max"},
    "SystemBrightnessMaxVerify": {},
    "SystemBrightnessMin": {"Brightness": "min"},
    "SystemBrightnessMinVerify": {},
    "SystemWifiTurnOff": {"Wifi": "off"},
    "SystemWifiTurnOffVerify": {},
    "SystemWifiTurnOn": {"Wifi": "on"},
    "SystemWifiTurnOnVerify": {},
    "SystemBluetoothTurnOff": {"Bluetooth": "off"},
    "SystemBluetoothTurnOffVerify": {},
    "SystemBluetoothTurnOn": {"Bluetooth": "on"},
    "SystemBluetoothTurnOnVerify": {},
    "TurnOffWifiAndTurnOnBluetooth": {"Wifi": "off", "Bluetooth": "on"},
}
"""Tasks that a few settings decide -> what is to be done; those on verifying ask for nothing."""


def missing() -> str:
    """Return why AndroidWorld's code cannot be used here, empty if it can."""
    absent = [name for name in NEEDED if find_spec(name) is None]
    if not absent:
        return ""
    return (
        f"{' and '.join(absent)} cannot be imported. AndroidWorld comes from "
        "github.com/google-research/android_world; docs/benchmarks.md says how to put it beside "
        "Deskhand."
    )


def package_versions(*names: str) -> dict[str, str]:
    """Return VERSION@HASH of packages; of those that set and judge AndroidWorld's tasks, if none.

    The hash is of the sources, for a clone tells no version and both may have been changed; what
    ``protoc`` makes of them is left out.
    """
    found = {name: _sources(name) for name in names or NEEDED if find_spec(name)}
    return {name: f"{_version(name)}@{hash_of(parts)}" for name, parts in found.items()}


def _sources(name: str) -> Iterator[str]:
    spec = find_spec(name)
    for root in map(Path, (spec and spec.submodule_search_locations) or ()):
        for path in sorted(root.rglob("*")):
            if path.suffix in SOURCES and not path.stem.endswith(("_pb2", "_pb2_grpc")):
                yield f"{path.relative_to(root)} {path.read_text('utf-8', 'replace')}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


class PlainAdb:
    """What AndroidWorld takes for an Android: adb calls to one phone, by the real ``adb``.

    android_env's own controller kills the adb server whenever a command fails; this one does not,
    for others may use it. What a phone without root refuses (its clock) is told and stays undone.
    """

    def __init__(self, serial: str, port: int) -> None:
        """Call the phone with this serial through the server on this port.

        Raises:
            ConfigError: AndroidWorld is not installed.
        """
        if words := missing():
            raise ConfigError(words)
        parser = import_module("android_env.components.adb_call_parser")
        self._command = [adb_program(), "-P", str(port), "-s", serial]
        self._parser = parser.AdbCallParser(self)

    def execute_adb_call(self, call: Any) -> Any:
        """Answer an ``AdbRequest`` with an ``AdbResponse``."""
        return self._parser.parse(call)

    def execute_command(self, args: Sequence[str], timeout: float | None = None) -> bytes:
        """Return what adb says.

        Raises:
            subprocess.SubprocessError: it failed; android_env makes an answer of it that says so.
        """
        return subprocess.check_output(
            [*self._command, *args], stderr=subprocess.STDOUT, timeout=timeout or COMMAND_S
        )


def world_of(serial: str, port: int, elements: bool = False) -> Any:
    """Return AndroidWorld's ``AsyncAndroidEnv`` for a phone.

    With ``elements`` it reads the element tree by uiautomator, which some of its tasks judge by;
    else it has none.

    Raises:
        ConfigError: AndroidWorld is not installed.
    """
    plain = PlainAdb(serial, port)
    controllers = import_module("android_world.env.android_world_controller")
    interface = import_module("android_world.env.interface")
    methods = controllers.A11yMethod
    method = methods.UIAUTOMATOR if elements else methods.NONE
    return interface.AsyncAndroidEnv(controllers.AndroidWorldController(plain, a11y_method=method))


def settings_task(name: str) -> Any:
    """Return one of ``SETTINGS`` as AndroidWorld's own object, with parameters that it draws."""
    place = "composite" if name.startswith("Turn") else "single"
    made = getattr(import_module(f"android_world.task_evals.{place}.system"), name)
    return made(made.generate_random_params())


@dataclass(frozen=True, slots=True)
class Judged:
    """What AndroidWorld said of one task.

    Attributes:
        before: its score when it had set the task up and nothing was done.
        after: its score when what it asks for had been done on the phone.
    """

    name: str
    goal: str
    before: float
    after: float

    @property
    def is_right(self) -> bool:
        """It was open before, unless it only asks to verify, and done afterwards."""
        return self.after == 1.0 and (self.before < 1.0) == bool(SETTINGS[self.name])


def judged(name: str, stand: Stand) -> Judged:
    """Let AndroidWorld set a task up, do it by touching the phone, and let AndroidWorld judge.

    Raises:
        ConfigError: AndroidWorld is not installed.
        DeviceError: the phone cannot be reached.
    """
    world, task = world_of(stand.serial, stand.adb_port), settings_task(name)
    task.initialize_task(world)
    try:
        before = float(task.is_successful(world))
        for label, value in SETTINGS[name].items():
            _set(stand, label, value)
        return Judged(name, str(task.goal), before, float(task.is_successful(world)))
    finally:
        task.tear_down(world)


def step_towards(world: PhoneWorld, wish: Wish) -> OracleStep | None:
    """Return the next touch that leads to what is wished for; None when all is so."""
    steps = (
        _brightness(world, value) if label == "Brightness" else _switch(world, label, value)
        for label, value in wish.items()
    )
    return next((step for step in steps if step is not None), None)


def _set(stand: Stand, label: str, value: str) -> None:
    """Do it as a person would, in the settings of the phone."""
    for _ in range(MOST_STEPS):
        stand.environment.observe()
        with stand.held() as world:
            step = step_towards(world, {label: value})
        if step is None:
            return
        assert step.action is not None
        stand.environment.execute(step.action)


def _switch(world: PhoneWorld, label: str, value: str) -> OracleStep | None:
    _, namespace, key = next(switch for switch in world.switches if switch[0] == label)
    if (world.setting(namespace, key) != "0") == (value == "on"):
        return None
    step = go_to(world, "Settings", "Settings") or into_view(world, label)
    return step or tap_on(world, label, "switch")


def _brightness(world: PhoneWorld, value: str) -> OracleStep | None:
    if world.setting("system", "screen_brightness") == {"max": "255", "min": "1"}[value]:
        return None
    step = go_to(world, "Settings", "Settings", "Display")
    if step is not None or world.page.name == "Settings":
        return step or into_view(world, "Display") or tap_on(world, "Display", "row")
    slider = next(view for view in world.screenful().content if view.kind == "slider")
    at = InputPoint(*point_of_level(slider, 10 if value == "max" else 0))
    return OracleStep(f"Set Brightness to {value}.", Tap(at))
