"""A model that says what it was given: for tests, demonstrations and replays.

Responsible for handing out written replies one by one, streamed and stoppable like any model's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.models.base import Message, Reply
from environments.base import Stop
from environments.errors import ConfigError, ModelError
from tools.schema import ToolSpec

PIECE_LETTERS = 16


class ScriptedModel:
    """Replays replies in order.

    Attributes:
        prompts: the conversations it was asked to continue, in order.
    """

    def __init__(
        self, replies: Sequence[str], profile: str = "qwen3vl-desktop", name: str = "scripted"
    ) -> None:
        self._replies, self._profile, self._name = tuple(replies), profile, name
        self._said = 0
        self.prompts: list[tuple[Message, ...]] = []

    @classmethod
    def from_file(cls, path: Path, profile: str = "qwen3vl-desktop") -> ScriptedModel:
        """Read a JSON list of replies.

        Raises:
            ConfigError: the file is missing or holds something else.
        """
        try:
            replies = json.loads(path.expanduser().read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ConfigError(f"There is no script {path}; name a JSON file of replies.") from None
        except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: nobody's home.
            raise ConfigError(f"The script {path} cannot be read as JSON: {error}.") from error
        if not isinstance(replies, list) or not all(isinstance(r, str) for r in replies):
            raise ConfigError(f"The script {path} must be a JSON list of texts, one per reply.")
        return cls(replies, profile, f"scripted ({path.name})")

    def go_on_after(self, replies: int) -> None:
        """Go on behind the replies that were given in an earlier process."""
        self._said = replies

    @property
    def name(self) -> str:
        """Says that no model thinks here."""
        return self._name

    @property
    def profile(self) -> str:
        """Name of the profile it is spoken to with."""
        return self._profile

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
            Stopped: a stop was asked for, also by whoever read a piece.
        """
        stop.check()
        if self._said >= len(self._replies):
            raise ModelError(f"The script is at its end: all {len(self._replies)} replies are out.")
        text = self._replies[self._said]
        self._said += 1
        self.prompts.append(tuple(messages))
        for at in range(0, len(text), PIECE_LETTERS):
            if on_text is not None:
                on_text(text[at : at + PIECE_LETTERS])
            stop.check()
        return Reply(text)
