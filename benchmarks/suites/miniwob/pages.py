"""The pages of MiniWoB++: where they lie, which version they are, and a server for them.

Responsible for finding them, in the ``miniwob`` wheel or in a folder, and for serving them on the
loopback interface. Imports nothing of the wheel: only its HTML is used.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xxhash

from environments.errors import ConfigError

HOW = (
    "The pages of MiniWoB++ are missing. Get them with `pip install --no-deps miniwob==1.1.0` "
    "(1.9 MB; only its pages are used), or name a folder that holds miniwob/click-test.html "
    "with --pages."
)
_LOOK_S = 0.05
"""How often the server looks whether it is to end."""
_WITHIN = ("", "html", "miniwob/html")


def pages_folder(folder: Path | None = None) -> Path:
    """Return the folder above ``core`` and ``miniwob``, of the wheel or within ``folder``.

    Raises:
        ConfigError: there are no pages; the text says how to get them.
    """
    tried = [folder / part for part in _WITHIN] if folder else _of_the_wheel()
    for place in tried:
        if (place / "miniwob" / "click-test.html").is_file():
            return place.resolve()
    raise ConfigError(f"{folder} holds no pages of MiniWoB++. {HOW}" if folder else HOW)


def pages_version(folder: Path) -> str:
    """Return the hash of all pages and what they load, and the wheel's version if it is there."""
    digest = xxhash.xxh3_64()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)} ".encode() + path.read_bytes())
    try:
        wheel = f"miniwob {version('miniwob')} "
    except PackageNotFoundError:
        wheel = ""
    return f"{wheel}pages@{digest.hexdigest()[:8]}"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback interface and yield the address of the pages."""
    with _Server(("127.0.0.1", 0), partial(_Silent, directory=str(folder))) as server:
        serve = partial(server.serve_forever, _LOOK_S)
        thread = threading.Thread(target=serve, name="miniwob pages", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/miniwob"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    """Says nothing of a browser that hangs up in mid-file."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Silent(SimpleHTTPRequestHandler):
    """Serves without a word, and lets the browser keep what it got: it stays as it is."""

    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        """Say how long it may be kept."""
        self.send_header("Cache-Control", "max-age=86400")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def _of_the_wheel() -> list[Path]:
    found = find_spec("miniwob")
    places = found.submodule_search_locations if found else None
    return [Path(place) / "html" for place in places or ()]
