"""A player for shows where no model can play yet: it does what the practice world's oracle says.

Responsible for saying the oracle's steps in the words of a model. It knows the answer, so nothing
that it does says anything about a model; its name tells so wherever it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agent.models.base import Image, Message, Reply
from agent.models.profiles.embedded import PROFILE
from environments.base import Stop

if TYPE_CHECKING:
    from environments.practice.base import PracticeTruth
    from tools.schema import ToolSpec

NAME = "a script that knows the answer (no model)"


class OraclePlayer:
    """Plays one task on a practice phone, through parser, tools and input like any model."""

    name = NAME
    profile = PROFILE.name

    def __init__(self, truth: PracticeTruth) -> None:
        """Take who knows what is to be done next."""
        self._truth = truth

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Return the oracle's next step as a call of the first tool.

        Raises:
            Stopped: a stop was asked for.
        """
        from agent.training.touches import touch_arguments
        from environments.geometry import Screen

        stop.check()
        seen = [part for part in messages[-1].parts if isinstance(part, Image)][-1]
        height, width = seen.frame.shape[:2]
        step = self._truth.oracle()
        arguments = touch_arguments(step.action, Screen(width, height))
        call = {"name": tools[0].name, "arguments": arguments}
        text = f"{step.thought}\n<tool_call>\n{json.dumps(call)}\n</tool_call>"
        if on_text is not None:
            on_text(text)
        return Reply(text)
