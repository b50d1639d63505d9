"""The stop key at the person's own desk, while the run is somewhere else.

Responsible for hearing one chord on the person's display and for nothing more: a virtual display
has no keyboard that a person could reach. On the person's own desktop ``guest`` hears it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext

from environments.base import Stop
from environments.desktop.panic import Area, PersonEvent, StopKey, stop_key_of
from environments.desktop.person import PersonWatch
from environments.desktop.session import session_problem
from environments.desktop.x11 import DisplayAddress
from environments.errors import DeskhandError

_LOCAL = re.compile(r":\d+(\.\d+)?")


@contextmanager
def stop_key_heard(stop: Stop, variables: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Set the stop when the person presses the stop key, wherever they can be heard.

    Where there is no local X11 desk nothing is listened to, and that is no error: the run does not
    need it, and Ctrl-C and ``deskhand stop`` are there.

    Raises:
        ConfigError: the stop key that was chosen is none.
    """
    key = StopKey(stop_key_of(variables))

    def hear(event: PersonEvent, areas: Sequence[Area]) -> None:
        if key.hear(event):
            stop.set(f"You pressed {key.spelled}.")

    watch = _watch(variables, hear)
    with closing(watch) if watch else nullcontext():
        yield


def _watch(
    variables: Mapping[str, str], hear: Callable[[PersonEvent, Sequence[Area]], None]
) -> PersonWatch | None:
    # A display across the network is not asked: one that does not answer could hold up the run.
    if not _LOCAL.fullmatch(variables.get("DISPLAY", "")) or session_problem(variables):
        return None
    address = DisplayAddress(variables["DISPLAY"], variables.get("XAUTHORITY"))
    try:
        return PersonWatch(address, hear)
    except DeskhandError:
        return None
