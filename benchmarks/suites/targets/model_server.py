"""A model server that fails on a schedule, for tests of who asks it.

Responsible for the HTTP of an OpenAI-compatible server on loopback, for its faults, and for a
"model" that points at the red square of the newest picture, in the sizes that this server brings
pictures to: so a point is right only if the asker knows what becomes of pictures. Nothing here is a
language model.
"""

from __future__ import annotations

import base64
import io
import json
import select
import socket
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import numpy as np

from environments.base import Frame
from environments.geometry import ResizedPixels, resized

Fault = Literal[
    "429", "500", "503", "401", "mute", "stall", "cut", "unfinished", "not json",
    "not utf-8", "error event", "abort", "page", "length", "filtered",
]  # fmt: skip
WORDS = "Click the red square.\n"
TEXT_TOKENS = 50
PIECE = 7
"""Characters of each piece of a streamed reply."""

BUDGET = "thinking_token_budget"
"""What vLLM calls the bound on a thought."""

LOOKS_EVERY_S = 0.01
STATUSES: Mapping[str, int] = {"429": 429, "500": 500, "503": 503, "401": 401}


@dataclass
class Manner:
    """What kind of server it is.

    Attributes:
        served: name of its model.
        owned_by: what it says of who owns that; tells the program.
        root: from where it says that its model was loaded.
        own: what it answers about itself, by path.
        most_tokens: visual tokens to which it shrinks pictures.
        factor: pixels per side of a token.
        grid: largest coordinate of its model's replies; None for pixels of the resized picture.
        counts: it tells what requests cost.
        retry_after: what it answers with a 429.
        refuses: fields of a request that it does not know.
        thought: what its model thinks first, in tokens of a word each.
        bounds: it ends a thought at the budget that it is told.
        goes_on: it can go on with the last message.
        apart: under what name it sends thoughts; empty for among the words.
        is_mute: it never answers what it is.
    """

    served: str = "Qwen3-VL-stub-Instruct"
    owned_by: str = "somebody"
    root: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)
    most_tokens: int = 16_384
    factor: int = 32
    grid: int | None = 1000
    counts: bool = True
    retry_after: str = "1"
    refuses: tuple[str, ...] = ()
    thought: Sequence[str] = ()
    bounds: bool = False
    goes_on: bool = True
    apart: str = ""
    is_mute: bool = False


@dataclass
class Seen:
    """What was asked.

    Attributes:
        bodies: of all requests for replies.
        headers: of the last request.
        arrived: there was a request for a reply, or one that is never answered.
        was_asked: there was a request of any kind.
        left: somebody hung up before the end.
    """

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    arrived: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    was_asked: bool = False


class ModelServer:
    """The server; runs between ``open`` and ``close``, always on the same port."""

    def __init__(self, manner: Manner | None = None, cut_at: int = 60) -> None:
        """Take how it is, and after how many characters faults break a reply off."""
        self.manner, self.cut_at = manner or Manner(), cut_at
        self.faults: deque[Fault] = deque()
        self.seen = Seen()
        self.secret = ""  # Repeated in complaints, as some servers repeat a wrong key.
        self._over = threading.Event()
        self._port = 0
        self.open()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}/v1"

    def open(self) -> None:
        """Begin to listen."""
        self._http = _Http(("127.0.0.1", self._port), _Handler, bind_and_activate=True)
        self._http.owner = self
        self._port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def shut(self) -> None:
        """Refuse connections until it is opened again."""
        self._http.shutdown()
        self._http.server_close()

    def close(self) -> None:
        """End, also for those that it keeps waiting."""
        self._over.set()
        self.shut()

    def keep_waiting(self, connection: socket.socket) -> None:
        """Say nothing until whoever asked hangs up, or until the end."""
        while not self._over.wait(LOOKS_EVERY_S):
            gone, _, _ = select.select([connection], [], [], 0)
            if gone and not connection.recv(1):
                self.seen.left.set()
                return

    def reply_to(self, body: Mapping[str, Any]) -> str:
        """Return the whole reply: words and a call that points at the red square."""
        frame = newest_picture(body["messages"])
        shown = self._size(frame)
        at = red_centre(frame)
        share = at[0] / frame.shape[1], at[1] / frame.shape[0]
        span = (self.manner.grid,) * 2 if self.manner.grid else shown
        point = [round(part * whole) for part, whole in zip(share, span, strict=True)]
        call = {
            "name": "computer_use",
            "arguments": {"action": "left_click", "coordinate": point},
        }
        return f"{WORDS}<tool_call>\n{json.dumps(call)}\n</tool_call>"

    def price_of(self, body: Mapping[str, Any]) -> int:
        """Return the tokens of a prompt."""
        sizes = [self._size(frame) for frame in pictures(body["messages"])]
        area = self.manner.factor**2
        return TEXT_TOKENS + sum(wide * high // area + 2 for wide, high in sizes)

    def _size(self, frame: Frame) -> tuple[int, int]:
        area = self.manner.factor**2
        rule = ResizedPixels(self.manner.factor, area, self.manner.most_tokens * area)
        return resized(frame.shape[1], frame.shape[0], rule)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: ModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note that somebody hung up, which is what is tested, and keep quiet."""
        self.owner.seen.left.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Keep quiet."""

    def do_GET(self) -> None:
        """Answer what this server is."""
        owner = self.server.owner
        manner, owner.seen.was_asked = owner.manner, True
        if manner.is_mute:
            owner.seen.arrived.set()
            owner.keep_waiting(self.connection)
            self.close_connection = True
            return
        if self.path != "/v1/models":
            self._answer(200 if self.path in manner.own else 404, manner.own.get(self.path, {}))
            return
        card = {"id": manner.served, "object": "model", "owned_by": manner.owned_by}
        self._answer(200, {"object": "list", "data": [card | {"root": manner.root}]})

    def do_POST(self) -> None:
        """Answer with a reply or with what the schedule says."""
        owner = self.server.owner
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        owner.seen.headers = dict(self.headers)
        unknown = [name for name in owner.manner.refuses if name in body]
        if self.path in owner.manner.own:
            self._answer(200, owner.manner.own[self.path])
        elif unknown:
            self._answer(400, {"error": {"message": f"unknown field {unknown[0]}"}})
        elif not body.get("stream"):
            usage = {"prompt_tokens": owner.price_of(body), "completion_tokens": 1}
            choice = {"message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}
            told = {"usage": usage} if owner.manner.counts else {}
            self._answer(200, {"choices": [choice], **told})
        else:
            owner.seen.bodies.append(body)
            owner.seen.arrived.set()
            self._stream(body, owner.faults.popleft() if owner.faults else None)

    def _stream(self, body: Mapping[str, Any], fault: Fault | None) -> None:
        owner = self.server.owner
        if fault is not None and fault in STATUSES:
            self._answer(STATUSES[fault], {"error": {"message": f"{fault} {owner.secret}"}})
        elif fault == "mute":
            owner.keep_waiting(self.connection)
            self.close_connection = True
        elif fault == "page":
            self._send(200, b"<html>not here</html>", "text/html")
        else:
            self._begin()
            self._speak(body, fault)

    def _speak(self, body: Mapping[str, Any], fault: Fault | None) -> None:
        owner, manner = self.server.owner, self.server.owner.manner
        goes_on = manner.goes_on and body.get("continue_final_message")
        thought = () if goes_on else manner.thought
        thought = thought[: body.get(BUDGET) if manner.bounds else None]
        for word in thought[: body["max_tokens"]]:
            self._event(_delta(f"{word} ", manner.apart or "content"))
        if thought and len(thought) >= body["max_tokens"]:
            self._end("length", owner.price_of(body))
            return
        if thought and not manner.apart:
            self._event(_delta("\n</think>\n\n"))
        text = owner.reply_to(body)
        said = text if fault is None else text[: owner.cut_at]
        for start in range(0, len(said), PIECE):
            self._event(_delta(said[start : start + PIECE]))
        self._finish(fault, owner.price_of(body))

    def _finish(self, fault: Fault | None, price: int) -> None:
        if fault == "stall":
            self.server.owner.keep_waiting(self.connection)
            self.close_connection = True
        elif fault == "cut":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif fault in ("not json", "not utf-8"):
            half = b'{"choices": [{"delta"' if fault == "not json" else b"\xff\xfe"
            self._raw(b"data: " + half + b"\n\n")
            self._end("stop", price)
        elif fault == "error event":
            self._event({"error": {"message": "out of memory", "code": 500}})
            self._raw(b"data: [DONE]\n\n")
            self._raw(b"")
        elif fault == "unfinished":
            self._raw(b"data: [DONE]\n\n")
            self._raw(b"")
        else:
            reasons = {"abort": "abort", "length": "length", "filtered": "content_filter"}
            self._end(reasons.get(fault or "", "stop"), price)

    def _end(self, reason: str, price: int) -> None:
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        self._event({"choices": [], "usage": {"prompt_tokens": price, "completion_tokens": 9}})
        self._raw(b"data: [DONE]\n\n")
        self._raw(b"")

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _event(self, event: Mapping[str, Any]) -> None:
        self._raw(b"data: " + json.dumps(event).encode() + b"\n\n")

    def _raw(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        if status == 429:  # noqa: PLR2004 - too many requests
            self.send_header("Retry-After", self.server.owner.manner.retry_after)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _delta(text: str, name: str = "content") -> Mapping[str, Any]:
    return {"choices": [{"index": 0, "delta": {name: text}, "finish_reason": None}]}


def pictures(messages: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """Return the pictures of a conversation."""
    from PIL import Image

    found = []
    for message in messages:
        content = message["content"]
        for part in content if isinstance(content, list) else ():
            if part["type"] == "image_url":
                data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
                found.append(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    return found


def newest_picture(messages: Sequence[Mapping[str, Any]]) -> Frame:
    """Return the last picture of a conversation."""
    return pictures(messages)[-1]


def red_centre(frame: Frame) -> tuple[float, float]:
    """Return (x, y) of the middle of all that is red; the picture's own middle without any."""
    red = (frame[..., 0] > 150) & (frame[..., 1] < 100) & (frame[..., 2] < 100)  # noqa: PLR2004
    ys, xs = np.nonzero(red)
    if not xs.size:
        return frame.shape[1] / 2, frame.shape[0] / 2
    return float(xs.mean()) + 0.5, float(ys.mean()) + 0.5


def with_red_square(size: tuple[int, int], at: tuple[int, int], side: int = 24) -> Frame:
    """Return a grey picture of (width, height) pixels with a red square around a point."""
    frame = np.full((size[1], size[0], 3), 220, np.uint8)
    x, y = at
    frame[max(0, y - side // 2) : y + side // 2, max(0, x - side // 2) : x + side // 2] = (
        200,
        0,
        0,
    )
    return frame
