"""What reached the phone, and what it told, in order.

Responsible for the entries, in memory and as lines of JSON in a file that another process may read
meanwhile. Decides nothing.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Value = str | int | float | bool | list[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        time_s: when, by CLOCK_MONOTONIC, which all processes of a machine share.
        kind: "connect", "disconnect", "open" (a service), "line" (of the shell), "input" (felt by
            the phone), "refused" (input that was not let through), "look" (a frame was handed
            out), "report" (another output that tells the rotation), "rotate", "fault",
            "felt" (by the world), "injection".
        values: what about it; each kind has its own.
    """

    time_s: float
    kind: str
    values: dict[str, Value]

    def as_json(self) -> dict[str, Any]:
        """Return the entry as one flat object."""
        return {"time_s": self.time_s, "kind": self.kind, **self.values}


class Log:
    """Entries in order. Safe to use from several threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8") if path is not None else None

    def add(self, kind: str, **values: Value) -> None:
        """Note that something happened now."""
        with self._lock:
            entry = Entry(time.monotonic(), kind, values)
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(json.dumps(entry.as_json()) + "\n")
                self._file.flush()

    def entries(self, *kinds: str, since: int = 0) -> list[Entry]:
        """Return what happened, from entry number ``since`` on; only these kinds, if any."""
        with self._lock:
            found = self._entries[since:]
        return [entry for entry in found if not kinds or entry.kind in kinds]

    def close(self) -> None:
        """Close the file; later entries stay in memory."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            file.close()
