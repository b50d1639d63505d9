"""The small tools for files, as far as clients use them.

Responsible for a plain subset of each, with the messages of Android's toybox. All of it works on
the phone's own files.
"""

from __future__ import annotations

import posixpath
import stat
import time

from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.commands.reading import inputs, split
from environments.practice.phone.wire.files import FileError, Node


def quietly(work: Call) -> int:
    """Take any arguments and do nothing."""
    return 0


def cat(call: Call) -> int:
    """Print files."""
    status = 0
    for name in split(call)[1] or ["-"]:
        try:
            for data in inputs(call, [name]):
                call.out(data)
        except FileError:
            status = 1
    return status


def ls(call: Call) -> int:
    """List files."""
    options, names = split(call)
    status = 0
    for name in names or [call.folder]:
        path = call.path(name)
        node = call.files.find(path)
        if node is None:
            status = call.complain(f"ls: {name}: No such file or directory")
        elif node.is_folder and "d" not in options:
            if len(names) > 1:
                call.say(f"{name}:")
            _list(call, path, options)
        else:
            call.say(_long(name, node) if "l" in options else name)
    return status


def _list(call: Call, path: str, options: str) -> None:
    entries = [e for e in call.files.entries(path) if "a" in options or e[0][0] != "."]
    if "l" in options:
        call.say(f"total {sum((node.size + 4095) // 4096 * 8 for _, node in entries)}")
    for name, node in entries:
        call.say(_long(name, node) if "l" in options else name)


def _long(name: str, node: Node) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(node.time_s))
    return f"{stat.filemode(node.mode)} 1 shell shell {node.size:>8} {when} {name}"


def rm(call: Call) -> int:
    """Remove files."""
    options, names = split(call)
    status = 0
    for name in names:
        try:
            call.files.remove(call.path(name), recursively="r" in options or "R" in options)
        except FileError as error:
            if "f" not in options or error.number != 2:  # noqa: PLR2004  ENOENT
                status = call.complain(f"rm: {name}: {error}")
    return status


def mkdir(call: Call) -> int:
    """Make folders."""
    options, names = split(call)
    status = 0
    for name in names:
        try:
            call.files.make_folder(call.path(name), with_parents="p" in options)
        except FileError as error:
            status = call.complain(f"mkdir: '{name}': {error}")
    return status


def touch(call: Call) -> int:
    """Make empty files."""
    for name in split(call)[1]:
        if call.files.find(call.path(name)) is None:
            call.files.write(call.path(name), b"")
    return 0


def copy(call: Call) -> int:
    """Copy or move one file."""
    names = split(call)[1]
    if len(names) != 2:  # noqa: PLR2004
        return call.complain(f"{call.name}: Needs 2 arguments")
    source, target = (call.path(name) for name in names)
    node = call.files.find(target)
    if node is not None and node.is_folder:
        target = posixpath.join(target, posixpath.basename(source))
    call.files.write(target, call.files.read(source))
    if call.name == "mv":
        call.files.remove(source)
    return 0


def stat_(call: Call) -> int:
    """Tell about a file: its size with ``-c %s``."""
    words = list(call.arguments)
    form = words[words.index("-c") + 1] if "-c" in words[:-1] else "%n %s"
    for name in [w for w in words if not w.startswith("-") and w != form]:
        node = call.files.find(call.path(name))
        if node is None:
            return call.complain(f"stat: '{name}': No such file or directory")
        values = {"%n": name, "%s": str(node.size), "%Y": str(node.time_s)}
        values["%a"] = f"{node.mode & 0o777:o}"
        line = form
        for sign, value in values.items():
            line = line.replace(sign, value)
        call.say(line)
    return 0
