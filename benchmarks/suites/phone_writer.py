"""A process that writes on a phone until it is killed.

Responsible for being in the middle of it: it says when it begins and never ends by itself. Started
by the bar on text, as

    python -m benchmarks.suites.phone_writer PORT SERIAL
"""

from __future__ import annotations

import sys

from environments.actions import TypeText
from environments.android.adb import Adb
from environments.android.environment import AndroidEnvironment
from environments.base import Stop

TEXT = "받는 사람\n" * 2000
"""Long enough to be killed in the middle of it."""


def main(arguments: list[str]) -> None:
    """Write on the phone with the serial, by the adb server on the port."""
    port, serial = arguments
    stop = Stop()
    phone = AndroidEnvironment(Adb(stop, int(port), may_start=False), serial, stop)
    phone.observe()
    print("writing", flush=True)  # noqa: T201
    while True:
        phone.execute(TypeText(TEXT))


if __name__ == "__main__":
    main(sys.argv[1:])
