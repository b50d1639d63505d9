"""A server in the comparison: the same conversation over HTTP, as its users would ask it.

Responsible for one request per step and for its timings. The server is asked what the engine was
asked, with the same pictures, and must write as many tokens as the engine wrote, greedily and
without a grammar; what it says is thrown away, and the engine's reply goes into the history, so
that both always have the same prompt. Pictures sent before are not encoded as PNG again.
"""

from __future__ import annotations

import base64
import http.client
import io
import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from agent.models.base import Image, Message, Reply
from benchmarks.latency.replay import PROFILE, Player, Taken
from environments.base import Stop
from environments.errors import ConfigError, ModelError
from tools.schema import ToolSpec

TIMEOUT_S = 300.0
PNG_LEVEL = 1
"""The fastest that still compresses; Pillow's usual 6 takes half as long again (shared notes on
performance, section 5)."""


class Line:
    """A connection to a server that stays open from request to request."""

    def __init__(self, url: str) -> None:
        """Take the server's address ("http://localhost:8000/v1"); nothing is sent yet.

        Raises:
            ConfigError: it is no address.
        """
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ConfigError(f"The server {url!r} is no address; write http://HOST:PORT/v1.")
        self._connection = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=TIMEOUT_S
        )
        self._path = parts.path.rstrip("/")

    def ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        """Send a request and return what is answered.

        Raises:
            ConfigError: the server does not answer.
            ModelError: it refuses.
        """
        try:
            try:
                status, text = self._exchange(method, path, body)
            except (http.client.RemoteDisconnected, ConnectionError):
                # Servers hang up after some quiet seconds; calling again shows whether it is there.
                self._connection.close()
                status, text = self._exchange(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            raise ConfigError(f"The server does not answer ({error}); is it running?") from error
        if status != http.HTTPStatus.OK:
            raise ModelError(f"The server refused: {status} {text[:300]!r}.")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        self._connection.request(method, self._path + path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def close(self) -> None:
        """Hang up; the next request would call again."""
        self._connection.close()


class ServerModel:
    """A server behind the ``Model`` seam, following the conversation of another backend."""

    name = "server"
    profile = PROFILE.name

    def __init__(self, line: Line, served: str | None, leader: Player) -> None:
        """Take the server, its model's name (None for its first one), and whom it follows.

        Raises:
            ConfigError: the server does not answer.
        """
        self._line, self._leader = line, leader
        self._sent: dict[str, str] = {}
        self._served = served or str(line.ask("GET", "/models", None)["data"][0]["id"])

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Ask the server, and return what the leader said.

        Raises:
            ModelError: the server refused, or wrote another number of tokens than asked for.
        """
        stop.check()
        said: Taken = self._leader.taken[-1]
        wanted = said.counters["tokens_generated"]
        started = time.perf_counter()
        request = json.dumps(self._request(messages, wanted)).encode()
        asked = time.perf_counter()
        answer = self._line.ask("POST", "/chat/completions", request)
        spent = {"request": asked - started, "server": time.perf_counter() - asked}
        usage = answer["usage"]
        if usage["completion_tokens"] != wanted:
            raise ModelError(
                f"The server wrote {usage['completion_tokens']} tokens and not {wanted}; "
                "start one that honours ignore_eos."
            )
        counters = {"tokens_generated": wanted, "prompt_tokens": usage["prompt_tokens"]}
        counters |= {"bytes_moved": len(request)}
        return Reply(said.text, "stop", {s: t * 1000 for s, t in spent.items()}, counters)

    def _request(self, messages: Sequence[Message], wanted: int) -> dict[str, Any]:
        turns = [{"role": m.role, "content": [self._part(p) for p in m.parts]} for m in messages]
        return {
            "model": self._served,
            "messages": turns,
            "temperature": 0,
            "max_tokens": wanted,
            "ignore_eos": True,
        }

    def _part(self, part: str | Image) -> dict[str, Any]:
        if isinstance(part, str):
            return {"type": "text", "text": part}
        if part.frame_hash not in self._sent:
            self._sent[part.frame_hash] = _data_url(part)
        return {"type": "image_url", "image_url": {"url": self._sent[part.frame_hash]}}


def _data_url(image: Image) -> str:
    from PIL import Image as Pictures

    buffer = io.BytesIO()
    Pictures.fromarray(image.frame).save(buffer, "PNG", compress_level=PNG_LEVEL)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
