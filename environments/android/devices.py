"""Which phone is meant, and what it is.

Responsible for choosing one device by its serial and never by chance, for reaching it over the
network, and for describing it. Moves nothing on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from environments.android.adb import Adb, Listed, trouble
from environments.errors import ConfigError, DeviceDisconnectedError

ANY = "any"
"""Instead of a serial: whichever is ready and nobody else has."""

_ADDRESS = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})|\[[0-9a-fA-F:]+\]:\d{1,5}")
_WHAT = {
    "model": "ro.product.model",
    "brand": "ro.product.brand",
    "android": "ro.build.version.release",
    "api": "ro.build.version.sdk",
    "serialno": "ro.serialno",
    "build": "ro.build.fingerprint",
}
DESCRIBE = (
    "; ".join(f"echo {name}=$(getprop {key})" for name, key in _WHAT.items())
    + "; wm size; wm density"
)
"""What to ask a phone, in one line of its shell."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a phone says of itself.

    Attributes:
        size_px: in the position it was built for; (0, 0) where it does not tell.
        density: dots per inch, 0 where it does not tell.
        serialno: the number that it was built with; not always its serial for adb.
        build: the fingerprint of its software.
    """

    model: str
    brand: str
    android: str
    api: int
    size_px: tuple[int, int]
    density: int
    serialno: str = ""
    build: str = ""

    def words(self) -> str:
        """Return it in a few words."""
        width, height = self.size_px
        name = f"{self.brand} {self.model}".strip() or "phone"
        return f"{name}, Android {self.android or '?'}, {width}x{height}, {self.density} dpi"

    def is_same_phone(self, other: Description) -> bool:
        """Tell whether it is the phone that it was; what can be set is not looked at."""
        return (self.model, self.serialno, self.build) == (other.model, other.serialno, other.build)


def described(answer: str) -> Description:
    """Return what the answer to ``DESCRIBE`` says."""
    lines = [line.strip() for line in answer.splitlines()]
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    size = re.findall(r"(?:Physical|Override) size: *(\d+)x(\d+)", answer)
    density = re.findall(r"(?:Physical|Override) density: *(\d+)", answer)
    return Description(
        model=said.get("model", ""),
        brand=said.get("brand", ""),
        android=said.get("android", ""),
        api=int(said["api"]) if said.get("api", "").isdigit() else 0,
        # What a person has set stands last and holds.
        size_px=(int(size[-1][0]), int(size[-1][1])) if size else (0, 0),
        density=int(density[-1]) if density else 0,
        serialno=said.get("serialno", ""),
        build=said.get("build", ""),
    )


def is_address(serial: str) -> bool:
    """Tell whether a serial is a place in the network, HOST:PORT."""
    return _ADDRESS.fullmatch(serial) is not None


def same_phone_elsewhere(serial: str, described: Description) -> str:
    """Return another name of a phone, under which it may be in use by cable or over the network.

    Empty where there is none: emulators and phones that this machine itself provides all carry the
    same number.
    """
    own = serial.startswith(("emulator-", "127.", "localhost:", "[::1]"))
    return "" if own or described.serialno in (serial, "unknown") else described.serialno


def choose(adb: Adb, wanted: str) -> str:
    """Return the serial of the phone that is meant; a place in the network is connected to.

    Raises:
        ConfigError: none is there, several are and none was named, or the named one is not known.
        DeviceDisconnectedError: it is known, but takes no commands; the text says what to do.
    """
    if is_address(wanted) and adb.state(wanted) == "absent":
        _reach(adb, wanted)
    known = adb.devices()
    if wanted:
        return _ready(_named(known, wanted))
    if not known:
        raise ConfigError(
            "There is no phone. Plug one in with USB debugging switched on (developer options), "
            "start an emulator, or name one in the network: --on android:HOST:PORT"
        )
    if len(known) == 1:
        return _ready(known[0])
    raise ConfigError(
        f"There are several phones: {listed(known)}. Name one: --on android:{known[0].serial}"
    )


def listed(devices: tuple[Listed, ...]) -> str:
    """Return serials and states in one line."""
    return ", ".join(f"{device.serial} ({device.state})" for device in devices) or "none"


def _named(known: tuple[Listed, ...], wanted: str) -> Listed:
    for device in known:
        if device.serial == wanted:
            return device
    raise ConfigError(f"There is no phone {wanted!r:.60}. There are: {listed(known)}.")


def _ready(device: Listed) -> str:
    if not device.is_ready:
        raise trouble(device.serial, device.state)
    return device.serial


def _reach(adb: Adb, address: str) -> None:
    said = adb.connect(address)
    if not said.startswith(("connected", "already connected")):
        raise DeviceDisconnectedError(
            f"No phone answers at {address}: {said.strip()}. Switch on wireless debugging there; "
            "a phone that was never paired has to be paired first."
        )
