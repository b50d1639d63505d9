"""What the small tools for files and text share: options, and bytes from files or the input.

Responsible for the plain rules of toybox's ``getopt`` as far as one-letter options go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from environments.practice.phone.wire.commands.call import Call
from environments.practice.phone.wire.files import FileError


def split(call: Call) -> tuple[str, list[str]]:
    """Return a call's one-letter options and its other arguments."""
    options = "".join(w[1:] for w in call.arguments if re.fullmatch(r"-[a-zA-Z0-9]+", w))
    return options, [w for w in call.arguments if not re.fullmatch(r"-[a-zA-Z0-9]+", w)]


def inputs(call: Call, names: Sequence[str]) -> Iterator[bytes]:
    """Yield the bytes of the files, or of the standard input if there are none."""
    for name in names:
        if name == "-":
            yield from piped(call)
        else:
            try:
                yield call.files.read(call.path(name))
            except FileError as error:
                call.complain(f"{call.name}: {name}: {error}")
                raise
    if not names:
        yield from piped(call)


def piped(call: Call) -> Iterator[bytes]:
    """Yield the standard input until it ends."""
    while data := call.channels.stdin.read():
        yield data


def whole(call: Call, names: Sequence[str]) -> bytes:
    """Return all bytes of the files, or of the standard input if there are none."""
    return b"".join(inputs(call, names))
