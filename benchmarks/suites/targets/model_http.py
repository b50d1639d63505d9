"""The HTTP of the model server: requests in, streamed replies and scheduled faults out.

Responsible for the protocol alone. What is replied, and when it fails, is ``model_server``'s.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.suites.targets.model_server import Fault, ModelServer

PIECE = 7
"""Characters of each piece of a streamed reply."""

BUDGET = "thinking_token_budget"
"""What vLLM calls the bound on a thought."""

STATUSES: Mapping[str, int] = {"429": 429, "500": 500, "503": 503, "401": 401}


class Http(ThreadingHTTPServer):
    """The socket, which knows whose it is."""

    daemon_threads = True
    allow_reuse_address = True
    owner: ModelServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note that somebody hung up, which is what is tested, and keep quiet."""
        self.owner.seen.left.set()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Http

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
