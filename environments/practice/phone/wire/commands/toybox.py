"""The small tools for files and text, as far as clients use them.

Responsible for a plain subset of each, with the messages of Android's toybox. All of it works on
the phone's own files.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
import stat
import time
from collections.abc import Iterator, Sequence

from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.files import FileError, Node


def _split(call: Call) -> tuple[str, list[str]]:
    """Return a call's one-letter options and its other arguments."""
    options = "".join(w[1:] for w in call.arguments if re.fullmatch(r"-[a-zA-Z0-9]+", w))
    return options, [w for w in call.arguments if not re.fullmatch(r"-[a-zA-Z0-9]+", w)]


def _inputs(call: Call, names: Sequence[str]) -> Iterator[bytes]:
    """Yield the bytes of the files, or of the standard input if there are none."""
    for name in names:
        if name == "-":
            yield from _piped(call)
        else:
            try:
                yield call.files.read(call.path(name))
            except FileError as error:
                call.complain(f"{call.name}: {name}: {error}")
                raise
    if not names:
        yield from _piped(call)


def _piped(call: Call) -> Iterator[bytes]:
    while data := call.channels.stdin.read():
        yield data


def _whole(call: Call, names: Sequence[str]) -> bytes:
    return b"".join(_inputs(call, names))


def quietly(work: Call) -> int:
    """Take any arguments and do nothing."""
    return 0


def cat(call: Call) -> int:
    """Print files."""
    status = 0
    for name in _split(call)[1] or ["-"]:
        try:
            for data in _inputs(call, [name]):
                call.out(data)
        except FileError:
            status = 1
    return status


def ls(call: Call) -> int:
    """List files."""
    options, names = _split(call)
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
    options, names = _split(call)
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
    options, names = _split(call)
    status = 0
    for name in names:
        try:
            call.files.make_folder(call.path(name), with_parents="p" in options)
        except FileError as error:
            status = call.complain(f"mkdir: '{name}': {error}")
    return status


def touch(call: Call) -> int:
    """Make empty files."""
    for name in _split(call)[1]:
        if call.files.find(call.path(name)) is None:
            call.files.write(call.path(name), b"")
    return 0


def copy(call: Call) -> int:
    """Copy or move one file."""
    names = _split(call)[1]
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


def head(call: Call) -> int:
    """Print the first or the last lines, or bytes with ``-c``."""
    words, count, by_bytes = list(call.arguments), 10, False
    names: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("-n", "-c") and words:
            by_bytes = word == "-c"
            count = int(words.pop(0))
        elif re.fullmatch(r"-\d+", word):
            count = int(word[1:])
        else:
            names.append(word)
    data = _whole(call, names)
    if by_bytes:
        call.out(data[:count] if call.name == "head" else data[-count:])
        return 0
    lines = data.splitlines(keepends=True)
    call.out(b"".join(lines[:count] if call.name == "head" else lines[-count:]))
    return 0


def wc(call: Call) -> int:
    """Count lines, words and bytes."""
    options, names = _split(call)
    data = _whole(call, names)
    counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    shown = [str(counts[kind]) for kind in "lwc" if kind in (options or "lwc")]
    call.say(" ".join([*shown, *names]))
    return 0


def grep(call: Call) -> int:
    """Print the lines that fit a pattern."""
    options, words = _split(call)
    most = _most(call.arguments)
    words = words[1:] if most is not None and "-m" in call.arguments else words
    if "e" in options and not words:
        return 2
    pattern, names = words[0], words[1:]
    if "F" in options:
        pattern = re.escape(pattern)
    elif "E" not in options:  # In a basic expression these stand for themselves.
        pattern = re.sub(r"\\?([|+?(){}])", _basic, pattern)
    if "x" in options:
        pattern = f"^(?:{pattern})$"
    flags = re.IGNORECASE if "i" in options else 0
    found = 0
    for line in _whole(call, names).decode(errors="replace").splitlines():
        match = re.search(pattern, line, flags)
        if (match is None) == ("v" not in options):
            continue
        found += 1
        if not set("qc") & set(options):
            call.say(match.group() if "o" in options and match else line)
        if found == most:
            break
    if "c" in options:
        call.say(str(found))
    return int(not found)


def _most(arguments: Sequence[str]) -> int | None:
    """Return after how many lines ``-m`` ends it, None if it is not given."""
    for number, word in enumerate(arguments):
        if re.fullmatch(r"-m\d+", word):
            return int(word[2:])
        if word == "-m" and number + 1 < len(arguments):
            return int(arguments[number + 1])
    return None


def _basic(match: re.Match[str]) -> str:
    return match.group(1) if match.group().startswith("\\") else "\\" + match.group(1)


def tr(call: Call) -> int:
    """Change or delete characters."""
    options, words = _split(call)
    data = _whole(call, []).decode(errors="surrogateescape")
    sets = [_characters(word) for word in words]
    if "d" in options:
        data = "".join(character for character in data if character not in sets[0])
    elif len(sets) > 1:
        last = sets[1][-1] if sets[1] else ""
        table = {a: sets[1][n] if n < len(sets[1]) else last for n, a in enumerate(sets[0])}
        data = "".join(table.get(character, character) for character in data)
    call.out(data.encode(errors="surrogateescape"))
    return 0


def _characters(text: str) -> str:
    text = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
    return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), text)


def base64_(call: Call) -> int:
    """Encode, or decode with ``-d``."""
    options, names = _split(call)
    data = _whole(call, names)
    if "d" in options:
        call.out(base64.b64decode(data))
    else:
        text = base64.b64encode(data).decode()
        for start in range(0, len(text), 76):
            call.say(text[start : start + 76])
    return 0


def digest(call: Call) -> int:
    """Print a file's digest by the command's own algorithm."""
    names = _split(call)[1]
    made = hashlib.new(call.name.removesuffix("sum"), _whole(call, names)).hexdigest()
    call.say(f"{made}  {names[0] if names else '-'}")
    return 0


def name_part(call: Call) -> int:
    """Print the last part of a path, or all before it."""
    path = call.arguments[0].rstrip("/") if call.arguments else ""
    last = call.name == "basename"
    call.say(posixpath.basename(path) if last else posixpath.dirname(path) or ".")
    return 0


def seq(call: Call) -> int:
    """Print numbers."""
    numbers = [int(word) for word in call.arguments]
    first = numbers[0] if len(numbers) > 1 else 1
    for number in range(first, numbers[-1] + 1):
        call.say(str(number))
    return 0


def sort(call: Call) -> int:
    """Print lines in order."""
    options, names = _split(call)
    lines = sorted(_whole(call, names).splitlines(), reverse="r" in options)
    if "u" in options:
        lines = list(dict.fromkeys(lines))
    call.out(b"".join(line + b"\n" for line in lines))
    return 0
