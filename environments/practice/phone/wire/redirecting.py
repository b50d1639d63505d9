"""Where the bytes of a command of the phone's shell go to and come from instead.

Responsible for one redirection on the phone's own files (POSIX Shell Command Language, 2.7), with
mksh's messages. Expands nothing.
"""

from __future__ import annotations

from environments.practice.phone.wire.channels import BytesInput, Channels, Output, nowhere
from environments.practice.phone.wire.files import FileError, Files
from environments.practice.phone.wire.grammar import Redirection

_TERMINALS = ("/dev/tty", "/dev/stdout", "/proc/self/fd/1")


def redirect(
    one: Redirection, target: str, channels: Channels, files: Files, folder: str
) -> Channels:
    """Return a command's channels with one redirection done; ``target`` is its expanded word.

    Raises:
        FileError: the file cannot be read or written.
    """
    path = target if target.startswith("/") else f"{folder.rstrip('/')}/{target}"
    match one.operator:
        case "<<" | "<<-":
            return channels.with_input(BytesInput(target.encode()))
        case "<<<":
            return channels.with_input(BytesInput(target.encode() + b"\n"))
        case "<":
            return channels.with_input(BytesInput(_read(files, path, target)))
        case ">&" | "<&":
            return _duplicated(one.descriptor, target, channels)
    if path in _TERMINALS:
        return channels.with_output(one.descriptor, channels.outputs[1])
    if path == "/dev/stderr":
        return channels.with_output(one.descriptor, channels.outputs[2])
    output = _sink(files, path, target, extend=one.operator == ">>")
    return channels.with_output(one.descriptor, output)


def _duplicated(descriptor: int, target: str, channels: Channels) -> Channels:
    if target == "-":
        return channels.with_output(descriptor, nowhere)
    if not target.isdigit() or int(target) not in channels.outputs:
        return channels
    return channels.with_output(descriptor, channels.outputs[int(target)])


def _read(files: Files, path: str, name: str) -> bytes:
    try:
        return files.read(path)
    except FileError as error:
        raise FileError(f"can't open {name}: {error}", error.number) from error


def _sink(files: Files, path: str, name: str, extend: bool) -> Output:
    try:
        files.write(path, b"", extend=extend)
    except FileError as error:
        raise FileError(f"can't create {name}: {error}", error.number) from error
    return lambda data: files.write(path, data, extend=True)
