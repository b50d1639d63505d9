"""What a fresh machine is furnished with: its home, and the programs that come first on its path.

Responsible for the settings and the names that task files count on because the format's own machine
has them. Starts nothing and knows no sandbox.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

HOME = "/home/user"
FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures", "Videos", "Music")
_CHROMIUM = (
    "--no-sandbox --test-type --disable-gpu --no-first-run --no-default-browser-check "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--password-store=basic --hide-crash-restore-bubble "
    f"--user-data-dir={HOME}/.config/google-chrome"
)
"""Chromium's own sandbox needs namespaces that ours does not hand on."""

_BEGINNINGS: Mapping[str, str] = {
    ".config/libreoffice/4/user/registrymodifications.xcu": """<?xml version="1.0"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="ShowTipOfTheDay" \
oor:op="fuse"><value>false</value></prop></item>
</oor:items>
""",
    ".config/vlc/vlcrc": "[qt]\nqt-privacy-ask=0\n[core]\nextraintf=http\n"
    "[lua]\nhttp-password=password\n",
}
"""Settings of the format's own machine that its tasks count on: no tip of the day over a document,
no question at VLC's first start, and VLC's state at port 8080."""

_PKILL = """#!/bin/sh
for word; do
  case $word in chrome|google-chrome) word=chromium;; esac
  set -- "$@" "$word"; shift
done
exec /usr/bin/pkill "$@"
"""
"""Tasks end the browser by its own name."""

_OPENBOX = Path("/etc/xdg/openbox/rc.xml")
_TERMINAL_KEY = (
    '<keybind key="C-A-t"><action name="Execute"><command>xterm -T Terminal</command></action>'
    "</keybind>"
)
"""The shortcut of the format's own desktop, by which many of its tasks open a terminal."""


def programs() -> dict[str, bytes]:
    """Return scripts by the names that tasks call programs by."""
    browser = f'#!/bin/sh\nexec /usr/bin/chromium {_CHROMIUM} "$@"\n'
    python = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
    made = dict.fromkeys(
        ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser"), browser
    )
    made |= {"pkill": _PKILL, "python": python, "python3": python}
    if shutil.which("socat") is None:
        made["socat"] = "#!/bin/sh\n"  # Tasks forward the browser's port; we ask at either.
    return {name: script.encode() for name, script in made.items()}


def beginnings() -> dict[str, bytes]:
    """Return files by their places in the home."""
    made = dict(_BEGINNINGS)
    if _OPENBOX.exists():
        usual = _OPENBOX.read_text(encoding="utf-8")
        own = usual.replace("</keyboard>", f"{_TERMINAL_KEY}</keyboard>")
        made[".config/openbox/rc.xml"] = own
    return {path: content.encode() for path, content in made.items()}
