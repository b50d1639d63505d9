"""The small tools for text, as far as clients use them.

Responsible for a plain subset of each, as Android's toybox has them.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Sequence

from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.commands.reading import split, whole


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
    data = whole(call, names)
    if by_bytes:
        call.out(data[:count] if call.name == "head" else data[-count:])
        return 0
    lines = data.splitlines(keepends=True)
    call.out(b"".join(lines[:count] if call.name == "head" else lines[-count:]))
    return 0


def wc(call: Call) -> int:
    """Count lines, words and bytes."""
    options, names = split(call)
    data = whole(call, names)
    counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    shown = [str(counts[kind]) for kind in "lwc" if kind in (options or "lwc")]
    call.say(" ".join([*shown, *names]))
    return 0


def grep(call: Call) -> int:
    """Print the lines that fit a pattern."""
    options, words = split(call)
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
    for line in whole(call, names).decode(errors="replace").splitlines():
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
    options, words = split(call)
    data = whole(call, []).decode(errors="surrogateescape")
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
    options, names = split(call)
    data = whole(call, names)
    if "d" in options:
        call.out(base64.b64decode(data))
    else:
        text = base64.b64encode(data).decode()
        for start in range(0, len(text), 76):
            call.say(text[start : start + 76])
    return 0


def digest(call: Call) -> int:
    """Print a file's digest by the command's own algorithm."""
    names = split(call)[1]
    made = hashlib.new(call.name.removesuffix("sum"), whole(call, names)).hexdigest()
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
    options, names = split(call)
    lines = sorted(whole(call, names).splitlines(), reverse="r" in options)
    if "u" in options:
        lines = list(dict.fromkeys(lines))
    call.out(b"".join(line + b"\n" for line in lines))
    return 0
