"""A hub on the loopback address with one model, whose weights never end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "a" * 40
SIZES = {"config.json": 100, "model.safetensors": 1 << 29}


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        name = self.path.rpartition("/")[2]
        self._begin(SIZES.get(name, 0), etag=f'"{name}"')

    def do_GET(self) -> None:
        if "/tree/" in self.path:
            files = SIZES.items()
            self._answer([{"type": "file", "path": n, "size": s, "oid": COMMIT} for n, s in files])
        elif self.path.startswith("/api/"):
            self._answer({"id": "some/model", "sha": COMMIT, "siblings": []})
        else:
            self.do_HEAD()
            with suppress(OSError):
                for _ in range(SIZES[self.path.rpartition("/")[2]] // 100):
                    self.wfile.write(b"0" * 100)

    def _answer(self, what: Any) -> None:
        body = json.dumps(what).encode()
        self._begin(len(body))
        self.wfile.write(body)

    def _begin(self, length: int, **more: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": str(length), "X-Repo-Commit": COMMIT, **more}.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def endless_hub() -> Iterator[str]:
    """Serve it; yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
