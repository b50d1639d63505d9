"""Who the practice phone says it is.

Responsible for serial number, model and the system properties that follow from them. The values
are a made-up phone's; their names and forms are those of Android 14 (``getprop`` of an emulator).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEATURES = (
    "shell_v2",
    "cmd",
    "stat_v2",
    "ls_v2",
    "fixed_push_mkdir",
    "fixed_push_symlink_timestamp",
    "sendrecv_v2",
)
"""What the server may use with us (``transport.cpp`` of AOSP's adb names them)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A phone's names. Two phones need two serial numbers."""

    serial: str = "PRACTICE0001"
    brand: str = "deskhand"
    model: str = "Practice Phone"
    device: str = "practice"
    release: str = "14"
    sdk: int = 34

    @property
    def banner(self) -> bytes:
        """What CNXN tells the server, which shows it in ``adb devices -l``."""
        names = {"name": self.device, "model": self.model, "device": self.device}
        properties = "".join(f"ro.product.{name}={value};" for name, value in names.items())
        return f"device::{properties}features={','.join(FEATURES)}".encode()

    def properties(self, density: int) -> Mapping[str, str]:
        """Return what ``getprop`` lists."""
        fingerprint = (
            f"{self.brand}/{self.device}/{self.device}:{self.release}/PRACTICE/1:user/release-keys"
        )
        return {
            "dev.bootcomplete": "1",
            "gsm.operator.alpha": "Practice",
            "init.svc.adbd": "running",
            "init.svc.bootanim": "stopped",
            "persist.sys.locale": "en-US",
            "persist.sys.timezone": "UTC",
            "ro.boot.serialno": self.serial,
            "ro.build.characteristics": "default",
            "ro.build.fingerprint": fingerprint,
            "ro.build.type": "user",
            "ro.build.version.release": self.release,
            "ro.build.version.sdk": str(self.sdk),
            "ro.debuggable": "0",
            "ro.product.brand": self.brand,
            "ro.product.cpu.abi": "arm64-v8a",
            "ro.product.device": self.device,
            "ro.product.locale": "en-US",
            "ro.product.manufacturer": self.brand,
            "ro.product.model": self.model,
            "ro.product.name": self.device,
            "ro.secure": "1",
            "ro.serialno": self.serial,
            "ro.sf.lcd_density": str(density),
            "sys.boot_completed": "1",
        }
