"""What the programs of a task can see and reach: the command line of bubblewrap.

Responsible for which files of this machine stand inside and that none of them can be written, for
how much memory their own may take, and for saying whether a sandbox can be made here at all. Starts
nothing that stays.

Nothing of this machine stands inside that is not named here: programs and what belongs to them
below ``/usr``, the settings of programs from ``/etc``, Python. Whoever plays as root is root inside
only by name: no capability, no way to any, and nothing to write but memory of the sandbox's own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from benchmarks.suites.osworld.home import HOME, programs
from benchmarks.suites.osworld.warden import can_scope
from environments.desktop.x11 import DisplayAddress

RUN = "/run/user/1000"
COOKIE = "/run/deskhand/Xauthority"
BIN = "/run/deskhand/bin"
_WARDEN = "/run/deskhand/warden.py"
_UID = "1000"
_ROOM: Mapping[str, tuple[int, str]] = {
    HOME: (2 << 30, "0755"),
    "/tmp": (1 << 30, "1777"),
    "/dev/shm": (512 << 20, "1777"),
    RUN: (64 << 20, "0700"),
}
"""Where programs can write: all in memory, so many bytes at most, and with these permissions."""

_ALONE = (
    *("--new-session", "--as-pid-1", "--unshare-user", "--unshare-pid", "--unshare-ipc"),
    *("--unshare-cgroup-try", "--disable-userns", "--cap-drop", "ALL"),
    *("--uid", _UID, "--gid", _UID),
)
_ROOTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_READ_ONLY = ("/var/cache/fontconfig", "/var/lib/libreoffice")
_EMPTIED = ("/usr/local/etc", "/usr/local/src", "/usr/src")
"""What a machine's owner keeps below /usr, who may have put keys there."""

_SETTINGS = (
    *("alternatives", "ld.so.*", "ssl/certs", "ssl/openssl.cnf", "ca-certificates*", "pki/tls"),
    *("nsswitch.conf", "host.conf", "gai.conf", "networks", "protocols", "services", "netconfig"),
    *("fonts", "X11", "xdg", "gtk-*", "dconf", "dbus-1", "glvnd", "vulkan", "OpenCL", "drirc"),
    *("vdpau_wrapper.cfg", "pulse", "openal", "alsa", "asound.conf"),
    *("localtime", "timezone", "locale.*", "default/locale", "terminfo", "inputrc", "nanorc"),
    *("mime.types", "mailcap", "magic", "magic.mime", "xattr.conf", "sgml", "xml", "groff"),
    *("os-release", "lsb-release", "debian_version", "issue", "login.defs", "shells", "skel"),
    *("bash.bashrc", "profile", "vim", "perl", "python3*", "java-*", "manpath.config"),
    *("papersize", "paperspecs", "libpaper.d", "ghostscript", "dictionaries-common"),
    *("ImageMagick-*", "libreoffice", "gimp", "chromium*", "opt/chrome", "vlc"),
)
"""Of /etc: what programs need to run, and nothing in which keys, users or hosts are kept."""


_UNSCOPED = (
    "With --network the programs of a task could reach the sockets of your own session (X11, "
    "D-Bus), and this kernel cannot keep them from it: Linux 6.12 with Landlock can. Play these "
    "tasks in a virtual machine with such a kernel, or without --network."
)


def screen_name(network: bool) -> str:
    """Return what the display is called inside: as on the format's own machine.

    A library of X asks for a socket that only bears this name before it asks for the file, and goes
    no further if there is one that it may not reach (Xtrans). With a shared network there may be.
    """
    return f":{1_000_000 + secrets.randbelow(1_000_000)}" if network else ":0"


def walls(
    display: DisplayAddress, screen: str, network: bool, kept: ExitStack
) -> tuple[list[str], list[int]]:
    """Return bubblewrap's command up to the program's, and the descriptors that it reads.

    Inside, the display is called ``screen``. The descriptors live as long as ``kept`` is open.
    """
    descriptors: list[int] = []

    def made(path: str, content: bytes, mode: str = "0444") -> Iterator[str]:
        descriptors.append(_in_memory(content))
        kept.callback(os.close, descriptors[-1])
        yield from ("--perms", mode, "--file", str(descriptors[-1]), path)

    command = ["bwrap", *_ALONE, *([] if network else ["--unshare-net"])]
    command += [*_system(), *_settings()]
    # Who plays as root is root to the kernel's settings too, whatever number stands inside.
    command += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    for path, (room, mode) in _ROOM.items():
        command += ["--size", str(room), "--perms", mode, "--tmpfs", path]
    command += _python()  # After the room, for it may stand where that is: a clone below /tmp.
    for path, content in _made_settings(network).items():
        command += made(f"/etc/{path}", content)
    for name, script in programs().items():
        command += made(f"{BIN}/{name}", script, "0555")
    command += made(_WARDEN, Path(__file__).with_name("warden.py").read_bytes())
    if display.xauthority:
        command += made(COOKIE, Path(display.xauthority).read_bytes())
    command += ["--ro-bind", _socket(display.name), _socket(screen)]
    command += ["--symlink", "/tmp", "/var/tmp"]
    # Last: what is not listed as room can be written no more, and so takes no memory.
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*command, "--chdir", HOME], descriptors


def warden() -> list[str]:
    """Return the command of the program inside."""
    return [str(Path(sys.executable).resolve()), "-I", "-S", "-B", _WARDEN]


def sandbox_problem(network: bool = False) -> str | None:
    """Say why no sandbox can be made here; None where one can."""
    if network and not can_scope():
        return _UNSCOPED
    if shutil.which("bwrap") is None:
        return (
            "bwrap is missing, and without it the shell commands of task files are not run. "
            "Install the Debian package bubblewrap (sudo apt-get install bubblewrap)."
        )
    command = ["bwrap", *_ALONE, "--unshare-net", "--ro-bind", "/", "/", "true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode == 0:
        return None
    return (
        f"bubblewrap cannot make a sandbox here ({tried.stderr.strip() or 'it does not say why'}). "
        "It needs version 0.8 and user namespaces: as root, sysctl -w "
        "kernel.unprivileged_userns_clone=1 (Ubuntu: "
        "kernel.apparmor_restrict_unprivileged_userns=0), and in a container run it with "
        "--security-opt seccomp=unconfined or its like."
    )


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in _ROOTS:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in _READ_ONLY:
        yield from ("--ro-bind-try", name, name)
    for name in _EMPTIED:
        if os.path.isdir(name):
            yield from ("--tmpfs", name, "--remount-ro", name)


def _settings() -> Iterator[str]:
    for path in map(str, sorted(set(chain.from_iterable(map(Path("/etc").glob, _SETTINGS))))):
        yield from ("--ro-bind-try", path, path)


def _made_settings(network: bool) -> dict[str, bytes]:
    made = {
        "passwd": f"root:x:0:0:root:/root:/bin/bash\nuser:x:{_UID}:{_UID}:user:{HOME}:/bin/bash\n",
        "group": f"root:x:0:\nuser:x:{_UID}:\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n",
        "machine-id": f"{secrets.token_hex(16)}\n",
    }
    with_names = Path("/etc/resolv.conf")
    if network and with_names.is_file():
        made["resolv.conf"] = with_names.read_text(encoding="utf-8")
    return {name: content.encode() for name, content in made.items()}


def _python() -> Iterator[str]:
    for path in dict.fromkeys((sys.prefix, sys.base_prefix)):
        if not path.startswith("/usr"):
            yield from ("--ro-bind", path, path)


def _socket(name: str) -> str:
    return f"/tmp/.X11-unix/X{name.lstrip(':')}"


def _in_memory(content: bytes) -> int:
    number = os.memfd_create("deskhand")
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(content)
    os.lseek(number, 0, os.SEEK_SET)
    return number
