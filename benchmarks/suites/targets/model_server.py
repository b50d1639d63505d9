"""A model server that fails on a schedule, for tests of who asks it.

Responsible for an OpenAI-compatible server on loopback, for the schedule of its faults, and for a
"model" that points at the red square of the newest picture, in the sizes that this server brings
pictures to: so a point is right only if the asker knows what becomes of pictures. Nothing here is a
language model.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmarks.suites.targets.model_http import Handler, Http
from benchmarks.suites.targets.red_squares import newest_picture, pictures, red_centre
from environments.base import Frame
from environments.geometry import ResizedPixels, resized

Fault = Literal[
    "429", "500", "503", "401", "mute", "stall", "cut", "unfinished", "not json",
    "not utf-8", "error event", "abort", "page", "length", "filtered",
]  # fmt: skip
WORDS = "Click the red square.\n"
TEXT_TOKENS = 50
LOOKS_EVERY_S = 0.01


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
        self._http = Http(("127.0.0.1", self._port), Handler, bind_and_activate=True)
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
