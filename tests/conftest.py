"""What several test folders share: one virtual display for the whole run."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from environments.desktop.virtual import VirtualDisplay

# How long a case takes says nothing on a machine that does other things as well. And a gate must
# say the same thing twice; looking for new cases is for everywhere else.
settings.register_profile(
    "sentences",
    derandomize=bool(os.environ.get("CI")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("sentences")


@pytest.fixture(scope="session", autouse=True)
def no_adb_server_of_a_person() -> Iterator[None]:
    """Keep tests away from the phones of whoever runs them: nothing listens where they look."""
    with socket.create_server(("127.0.0.1", 0)) as probe, pytest.MonkeyPatch.context() as changed:
        changed.setenv("ANDROID_ADB_SERVER_PORT", str(probe.getsockname()[1]))
        probe.close()
        yield


@pytest.fixture(scope="session")
def x_display() -> Iterator[VirtualDisplay]:
    """A display of our own with a window manager, 640x480."""
    missing = [program for program in ("Xvfb", "openbox") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: apt-get install xvfb openbox")
    with VirtualDisplay(640, 480) as display:
        yield display
