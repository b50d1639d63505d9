"""One run per phone, across processes.

Responsible for a lock that ends with the process that holds it, however that ends. Knows no phone
but its serial.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import ExitStack
from pathlib import Path

from platformdirs import user_runtime_path

from environments.errors import DeviceBusyError

_PLAIN = re.compile(r"[^A-Za-z0-9._-]")


class DeviceLock:
    """Holds a phone until ``close``; ``names`` are all that it is known by."""

    def __init__(self, *names: str) -> None:
        """Take it.

        Raises:
            DeviceBusyError: another run has it; the text says which process.
        """
        with ExitStack() as undo:
            for name in dict.fromkeys(filter(None, names)):
                undo.callback(os.close, _locked(name))
            self._closing = undo.pop_all()

    def close(self) -> None:
        """Give it back; may be called twice."""
        self._closing.close()


def lock_folder() -> Path:
    """Return where the locks lie, the same for all runs of one person."""
    return user_runtime_path("deskhand", ensure_exists=True)


def _locked(name: str) -> int:
    path = lock_folder() / f"phone-{_PLAIN.sub('_', name)}.lock"
    # Never removed: who opens it while another removes it would hold a lock that nobody sees.
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as cause:
        holder = os.pread(file, 32, 0).decode(errors="replace").strip()
        os.close(file)
        raise DeviceBusyError(
            f"The phone {name} is in use by another run (process {holder or 'unknown'}). "
            "Wait for it or stop it; deskhand devices shows the others."
        ) from cause
    os.ftruncate(file, 0)
    os.pwrite(file, str(os.getpid()).encode(), 0)
    return file
