"""Real RandR outputs: Xorg with its dummy driver, which has monitors without any hardware.

Responsible for starting such a server with two outputs side by side and for pulling one out. Not
every machine lets Xorg start; then it says why.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from environments.desktop.companion import Companion
from environments.desktop.x11 import DisplayAddress, connect
from environments.errors import ConfigError

DRIVER = Path("/usr/lib/xorg/modules/drivers/dummy_drv.so")
_MODES = {
    "DUMMY0": "1920x1200 193.25 1920 2056 2256 2592 1200 1203 1209 1245",
    "DUMMY1": "1920x1080 173.00 1920 2048 2248 2576 1080 1083 1088 1120",
}
"""Size and timings of each output, as ``cvt`` prints them."""

_PLACES = {"DUMMY0": "0 0", "DUMMY1": "1920 120"}


@contextmanager
def dummy_outputs() -> Iterator[DisplayAddress]:
    """Start Xorg with two outputs on a root of 3840x1200.

    Raises:
        ConfigError: it is not installed, or does not start here; the text says which.
    """
    if shutil.which("Xorg") is None or not DRIVER.exists():
        raise ConfigError("Xorg's dummy driver is missing: xserver-xorg-video-dummy")
    with tempfile.TemporaryDirectory(prefix="deskhand-outputs-") as name:
        folder = Path(name)
        (folder / "xorg.conf").write_text(_settings())
        command = ["Xorg", "-displayfd", "1", "-config", str(folder / "xorg.conf"), "-noreset"]
        command += ["-logfile", str(folder / "Xorg.log"), "-nolisten", "tcp", "-novtswitch"]
        server = Companion(command, os.environ, folder)
        try:
            number = server.first_line()
            if not number:
                raise ConfigError("Xorg with the dummy driver does not start on this machine")
            yield DisplayAddress(f":{number}")
        finally:
            server.close()
            folder.mkdir(exist_ok=True)  # The companion has removed it.


def pull_out(address: DisplayAddress, output: str) -> None:
    """Switch an output off, as pulling its plug does."""
    with closing(connect(address)) as connection:
        resources = connection.screen().root.xrandr_get_screen_resources()
        for number in resources.outputs:
            info = connection.xrandr_get_output_info(number, resources.config_timestamp)
            if info.name == output:
                connection.xrandr_set_crtc_config(
                    info.crtc, resources.config_timestamp, 0, 0, 0, 1, []
                )
        connection.sync()


def _settings() -> str:
    monitors = "".join(
        f'Section "Monitor"\n Identifier "{name}"\n HorizSync 5-1000\n VertRefresh 5-200\n'
        f' Modeline "{mode.split()[0]}" {mode.partition(" ")[2]}\n'
        f' Option "PreferredMode" "{mode.split()[0]}"\n Option "Position" "{_PLACES[name]}"\n'
        f' Option "Enable" "true"\n Option "Primary" "{name == "DUMMY0"}"\nEndSection\n'
        for name, mode in _MODES.items()
    )
    joined = "".join(f' Option "Monitor-{name}" "{name}"\n' for name in _MODES)
    return (
        'Section "ServerFlags"\n Option "AutoAddDevices" "false"\n'
        ' Option "DontVTSwitch" "true"\nEndSection\n'
        f'Section "Device"\n Identifier "d"\n Driver "dummy"\n VideoRam 256000\n{joined}'
        f"EndSection\n{monitors}"
        'Section "Screen"\n Identifier "s"\n Device "d"\n Monitor "DUMMY0"\n DefaultDepth 24\n'
        ' SubSection "Display"\n  Depth 24\n  Virtual 3840 1200\n EndSubSection\nEndSection\n'
    )
