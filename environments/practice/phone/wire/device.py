"""The phone's system between its world and its shell.

Responsible for what all commands share: the world under one lock and on one clock, the files, the
log, the faults as they show on the phone itself. Knows no line and no command.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Set
from dataclasses import dataclass, field

import numpy as np

from environments.base import Frame
from environments.practice.phone.base import Phase, Phone, Rotation
from environments.practice.phone.wire.faults import Fault, Faults, Kind, Occasion
from environments.practice.phone.wire.files import Files
from environments.practice.phone.wire.identity import Identity
from environments.practice.phone.wire.injections import Injection
from environments.practice.phone.wire.jobs import Jobs
from environments.practice.phone.wire.log import Log


class NotAllowed(Exception):
    """Input is not let through: the shell has no INJECT_EVENTS permission."""


class LineCut(Exception):
    """The line was cut by a fault; whoever serves on it just ends."""


@dataclass(eq=False)
class Device:
    """A phone as its own system sees it. Safe to use from several threads.

    Attributes:
        phone: the world; touch it only with ``lock`` held.
        cut: cuts the line to every host; nobody answers a new one for the seconds given first,
            and debugging has to be allowed anew for those given second.
        closing: set when the phone goes for good.
        jobs: what shells run in the background.
        displays: how many there are; the others show nothing but make screencap warn.
    """

    phone: Phone
    identity: Identity = field(default_factory=Identity)
    files: Files = field(default_factory=Files)
    faults: Faults = field(default_factory=Faults)
    log: Log = field(default_factory=Log)
    cut: Callable[[float, float], None] = lambda offline_s, unauthorised_s: None
    displays: int = 1
    lock: threading.RLock = field(default_factory=threading.RLock)
    injections: list[Injection] = field(default_factory=list)
    enabled_input_methods: set[str] = field(default_factory=set)
    closing: threading.Event = field(default_factory=threading.Event)
    jobs: Jobs = field(init=False)
    _born_s: float = 0.0
    _secure_until_s: float = 0.0
    _refused_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.closing)
        self.show(self.phone)

    def now(self) -> float:
        """Let the world's time pass until now, and return it; call with ``lock`` held.

        A world's time begins with its device.
        """
        now = time.monotonic() - self._born_s
        self.phone.advance(now)
        return now

    def show(self, phone: Phone) -> None:
        """Put another world in this one's place; its time begins now."""
        with self.lock:
            self.phone, self._born_s = phone, time.monotonic()
            self.enabled_input_methods.update(one.id for one in phone.input_methods)

    @property
    def is_secure(self) -> bool:
        """The window in front, or a fault, allows no screenshot."""
        return self.phone.is_secure or time.monotonic() < self._secure_until_s

    @property
    def screen_px(self) -> tuple[int, int]:
        """Width and height as the phone is held."""
        width, height = self.phone.size_px
        return (height, width) if self.phone.rotation % 2 else (width, height)

    def process_of(self, package: str) -> int:
        """Return the number of an app's process, always the same."""
        return 2000 + zlib.crc32(package.encode()) % 20000

    def wait(self, seconds: float) -> None:
        """Let a part of a gesture take its time, whether or not its caller is still there."""
        self.closing.wait(seconds)

    def strike(self, occasion: Occasion) -> Fault | None:
        """Return the fault of this occasion, after noting it in the log."""
        fault = self.faults.draw(occasion)
        if fault is not None:
            self.log.add("fault", fault=fault.kind.value, at=occasion, amount=fault.amount)
        return fault

    def break_line(self, fault: Fault | None) -> None:
        """Cut the line if that is what the fault does.

        Raises:
            LineCut: it was cut.
        """
        if fault is None or fault.kind not in _CUTS:
            return
        offline = fault.amount if fault.kind is Kind.OFFLINE else 0.0
        unauthorised = fault.amount if fault.kind is Kind.UNAUTHORISED else 0.0
        self.cut(offline, unauthorised)
        raise LineCut

    def look(self) -> Frame:
        """Return what a screenshot shows now: (H, W, 3) uint8 RGB, black if that is refused."""
        with self.lock:
            self.now()
            frame = self.phone.frame()
            self.log.add("look", rotation=self.phone.rotation, version=self.phone.version)
            return np.zeros_like(frame) if self.is_secure else frame

    def looked(self, fault: Fault | None) -> None:
        """Do to the phone what a fault does after a look."""
        match fault:
            case Fault(kind=Kind.ROTATE):
                self.turn()
            case Fault(kind=Kind.SECURE, amount=amount):
                self._secure_until_s = time.monotonic() + amount
            case Fault(kind=Kind.ASLEEP):
                with self.lock:
                    self.phone.key("KEYCODE_SLEEP", self.now())

    def told(self, what: str) -> None:
        """Note that an output told the rotation."""
        self.log.add("report", rotation=self.phone.rotation, by=what)

    def turn(self, rotation: Rotation | None = None) -> None:
        """Turn what is seen, by a quarter and back again if no rotation is named.

        The phone is held another way if it follows its posture; otherwise, as an app or a person
        does, by the setting.
        """
        with self.lock:
            self.now()
            wanted = rotation if rotation is not None else _turned(self.phone.rotation)
            if self.phone.settings["system"].get("accelerometer_rotation") == "1":
                self.phone.hold_it(wanted)
            else:
                self.phone.put_setting("system", "user_rotation", str(wanted))
            self.log.add("rotate", rotation=self.phone.rotation)

    def begin_input(self, command: str) -> Fault | None:
        """Make way for one input command; return its fault, to be given to ``end_input``.

        Raises:
            NotAllowed: input is refused now.
            LineCut: the line was cut before anything was felt.
        """
        fault = self.strike("input")
        if fault is not None and fault.kind is not Kind.DROP_AFTER:
            self.break_line(fault)
        if fault is not None and fault.kind is Kind.ROTATE:
            self.turn()
        if fault is not None and fault.kind is Kind.NO_INJECTION:
            self._refused_until_s = time.monotonic() + fault.amount
        if time.monotonic() < self._refused_until_s:
            self.log.add("refused", command=command)
            raise NotAllowed
        with self.lock:
            self.log.add("input", command=command, rotation=self.phone.rotation)
        return fault

    def end_input(self, fault: Fault | None) -> None:
        """Cut the line if the fault does so after an input.

        Raises:
            LineCut: it was cut.
        """
        if fault is not None and fault.kind is Kind.DROP_AFTER:
            self.break_line(fault)

    def refuse_input(self, seconds: float) -> None:
        """Refuse input for so long, as a phone whose security setting is off."""
        self._refused_until_s = time.monotonic() + seconds

    def hide(self, seconds: float) -> None:
        """Let the window in front be a secure one for so long."""
        self._secure_until_s = time.monotonic() + seconds

    def touch(self, phase: Phase, x: float, y: float) -> None:
        """Let the world feel a finger now, in pixels of the turned screen."""
        with self.lock:
            now = self.now()
            self.phone.touch(phase, round(x), round(y), now)
        self.log.add("felt", phase=phase, x=round(x), y=round(y))

    def key(self, name: str, held: Set[str] = frozenset()) -> None:
        """Let the world feel a key now, with others held down."""
        with self.lock:
            self.phone.key(name, self.now(), held)
        self.log.add("felt", key=name)

    def inject(self, injection: Injection) -> None:
        """Note that typed text was taken for the shell's own language."""
        self.injections.append(injection)
        self.log.add("injection", line=injection.line, piece=injection.piece)


_CUTS = (Kind.DROP, Kind.DROP_AFTER, Kind.OFFLINE, Kind.UNAUTHORISED)


def _turned(rotation: Rotation) -> Rotation:
    return 0 if rotation % 2 else 1
