"""A model that says what it was told to say.

Responsible for replaying replies in order, for tests, demonstrations and bug reports. Looks at
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.models.base import Message, Reply
from environments.base import Stop
from environments.errors import ModelError
from tools.schema import ToolSpec


class ScriptedModel:
    """Replays the given replies, one for each request."""

    def __init__(
        self, replies: Sequence[str], name: str = "scripted", profile: str = "qwen3vl-desktop"
    ) -> None:
        """Take the raw replies in the order in which they will be asked for."""
        self._replies = iter(tuple(replies))
        self.name = name
        self.profile = profile

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Return the next reply.

        Raises:
            ModelError: the script is at its end.
            Stopped: a stop was asked for.
        """
        stop.check()
        text = next(self._replies, None)
        if text is None:
            raise ModelError("The script is at its end; give it one more reply or end it earlier.")
        if on_text:
            on_text(text)
        return Reply(text)
