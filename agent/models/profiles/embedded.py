"""How the embedded checkpoint is spoken to: one picture, the task, and what was done so far.

Responsible for the words that the checkpoint was trained on; ``agent.training`` builds its samples
with the same functions. The tools are not described: a model this small has learnt them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.history import History
from agent.models.base import Image, Message
from agent.models.profiles.base import Turn
from environments.base import Kind
from tools.schema import ToolSpec

TURNS_SHOWN = 8
REFUSED = "refused"
PHONE_TOOL = "mobile_use"
"""Where this is the first tool, the screen is a phone's."""

ASKED: Mapping[Kind, str] = {"desktop": "Task", "phone": "Phone task"}
"""What stands before the task, by the kind of screen."""


def history_line(number: int, thought: str, outcome: str, is_error: bool) -> str:
    """Return how one past step stands in the prompt; an error is shortened to one word."""
    return f"{number}. {thought} {REFUSED if is_error else outcome}\n"


def task_text(task: str, lines: Sequence[str], kind: Kind = "desktop") -> str:
    """Return the text that follows the picture."""
    return f"{ASKED[kind]}: {task}\n{''.join(lines[-TURNS_SHOWN:])}"


@dataclass(frozen=True, slots=True)
class EmbeddedProfile:
    """One user turn with the current screenshot; older ones are not shown."""

    name: str = "embedded"
    grid: int = 1000
    is_held: bool = True
    thought_tokens: int = 12
    call_tokens: int = 96
    image_tokens: tuple[int, int] = (4, 80)
    image_size: tuple[int, int] | None = None
    history: History = History(most=0)

    def messages(
        self, task: str, turns: Sequence[Turn], now: Image, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        """Return the single user turn that asks for the next step."""
        lines = [
            history_line(number, turn.thought, turn.verdict or turn.outcome, turn.is_error)
            for number, turn in enumerate(turns, 1)
        ]
        kind: Kind = "phone" if tools and tools[0].name == PHONE_TOOL else "desktop"
        return [Message("user", (now, task_text(task, lines, kind)))]


PROFILE = EmbeddedProfile()
