"""The phone's files, in memory.

Responsible for folders, bytes, modes and times, and for what the shell's user may write. Touches
no file of the host. Paths and permissions as on a stock Android: shared storage is reached by
several names, ``/data/local/tmp`` belongs to the shell, everything else is read-only.
"""

from __future__ import annotations

import fnmatch
import posixpath
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_SHARED = "/storage/emulated/0"
_LINKS = {"/sdcard": _SHARED, "/storage/self/primary": _SHARED, "/mnt/sdcard": _SHARED}
_FOLDERS = (
    *("/data", "/data/local", "/data/local/tmp", "/data/app", "/data/data"),
    *("/dev", "/system", "/system/bin", "/storage", "/storage/emulated", _SHARED),
    *(f"{_SHARED}/{name}" for name in ("Download", "DCIM", "Pictures", "Documents", "Movies")),
)
_WRITABLE = (_SHARED, "/data/local/tmp")
_NULL = ("/dev/null",)

EPOCH_S = 1_700_000_000
"""When the phone's own files were made, in seconds since 1970."""


class FileError(Exception):
    """A file could not be read or written; the text is the reason as ``strerror`` gives it."""

    def __init__(self, reason: str, number: int) -> None:
        super().__init__(reason)
        self.number = number
        """The errno, as Linux numbers it."""


def _missing() -> FileError:
    return FileError("No such file or directory", 2)


@dataclass(slots=True)
class Node:
    """A file or a folder; a folder has no bytes."""

    mode: int
    data: bytes = b""
    time_s: int = EPOCH_S

    @property
    def is_folder(self) -> bool:
        """It holds others."""
        return stat.S_ISDIR(self.mode)

    @property
    def size(self) -> int:
        """Bytes; folders say 4096, as ext4 does."""
        return 4096 if self.is_folder else len(self.data)


@dataclass
class Files:
    """A tree of nodes by their real paths. Safe to use from several threads."""

    _nodes: dict[str, Node] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._nodes["/"] = Node(stat.S_IFDIR | 0o755)
        for path in _FOLDERS:
            self._nodes[path] = Node(stat.S_IFDIR | 0o771)

    @staticmethod
    def real(path: str) -> str:
        """Return a path without links, dots and doubled slashes."""
        path = "/" + posixpath.normpath("/" + path).lstrip("/")
        for name, target in _LINKS.items():
            if path == name or path.startswith(name + "/"):
                return target + path[len(name) :]
        return path

    def find(self, path: str) -> Node | None:
        """Return what is at a path."""
        return self._nodes.get(self.real(path))

    def is_link(self, path: str) -> bool:
        """Tell whether a path itself is one of the names of shared storage."""
        return "/" + posixpath.normpath("/" + path).lstrip("/") in _LINKS

    def read(self, path: str) -> bytes:
        """Return a file's bytes.

        Raises:
            FileError: it is missing, or a folder.
        """
        if self.real(path) in _NULL:
            return b""
        node = self.find(path)
        if node is None:
            raise _missing()
        if node.is_folder:
            raise FileError("Is a directory", 21)
        return node.data

    def write(
        self, path: str, data: bytes, mode: int = 0o644, time_s: int = EPOCH_S, extend: bool = False
    ) -> None:
        """Write a file, or put bytes at its end.

        Raises:
            FileError: the folder is missing, or it may not be written.
        """
        if self.real(path) in _NULL:
            return
        with self._lock:
            node = self._writable(path)
            if node is not None and node.is_folder:
                raise FileError("Is a directory", 21)
            former = node.data if node is not None and extend else b""
            self._nodes[self.real(path)] = Node(stat.S_IFREG | mode & 0o777, former + data, time_s)

    def make_folder(self, path: str, with_parents: bool = False, mode: int = 0o771) -> None:
        """Make a folder.

        Raises:
            FileError: it is there already, its own folder is not, or it may not be made.
        """
        with self._lock:
            if with_parents and self.real(path) != "/":
                parent = posixpath.dirname(self.real(path))
                if self.find(parent) is None:
                    self.make_folder(parent, True)
            if (there := self.find(path)) is not None:
                if with_parents and there.is_folder:
                    return
                raise FileError("File exists", 17)
            self._writable(path)
            self._nodes[self.real(path)] = Node(stat.S_IFDIR | mode & 0o777)

    def remove(self, path: str, recursively: bool = False) -> None:
        """Remove a file, or a folder with all in it.

        Raises:
            FileError: it is missing, a folder, or may not be removed.
        """
        with self._lock:
            node = self._writable(path)
            if node is None:
                raise _missing()
            if node.is_folder and not recursively:
                raise FileError("Is a directory", 21)
            real = self.real(path)
            for name in [n for n in self._nodes if n == real or n.startswith(real + "/")]:
                del self._nodes[name]

    def entries(self, path: str) -> Iterator[tuple[str, Node]]:
        """Yield names and nodes of a folder, in order.

        Raises:
            FileError: it is missing, or no folder.
        """
        node = self.find(path)
        if node is None:
            raise _missing()
        if not node.is_folder:
            raise FileError("Not a directory", 20)
        start = self.real(path).rstrip("/") + "/"
        with self._lock:
            inside = [n for n in self._nodes if n.startswith(start) and n != "/"]
            direct = sorted(n for n in inside if "/" not in n[len(start) :])
            found = [(name[len(start) :], self._nodes[name]) for name in direct]
        yield from found

    def names(self, pattern: str) -> list[str]:
        """Return the paths that fit a pattern, spelt as the pattern spells their folder."""
        folder, name = posixpath.split(pattern)
        try:
            found = [n for n, _ in self.entries(folder or "/") if fnmatch.fnmatchcase(n, name)]
        except FileError:
            return []
        return [posixpath.join(folder, n) for n in found if name[0] == "." or n[0] != "."]

    def _writable(self, path: str) -> Node | None:
        """Return what is at a path that may be changed; its folder must be there."""
        real = self.real(path)
        parent = self._nodes.get(posixpath.dirname(real))
        if parent is None:
            raise _missing()
        if not parent.is_folder:
            raise FileError("Not a directory", 20)
        if not real.startswith(tuple(f"{root}/" for root in _WRITABLE)):
            if real.startswith("/data"):
                raise FileError("Permission denied", 13)
            raise FileError("Read-only file system", 30)
        return self._nodes.get(real)
