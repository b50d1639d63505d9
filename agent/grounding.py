"""Where on a picture is the thing that somebody names?

Responsible for one question to the model about one picture, with the same prompt, grammar, parser
and conversion as a run. Acts on nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from agent.models.base import Image
from agent.models.loaded import Loaded
from agent.parsing import Plan, parse
from environments.base import Frame, Observation, Stop
from environments.errors import ConfigError, ToolError
from environments.geometry import Grid, Screen
from tools.schema import Tool


@dataclass(frozen=True, slots=True)
class Grounding:
    """What the model answered.

    Attributes:
        point_px: the image pixel it points at, None if it points at nothing.
        thought: what it said before.
        reason: why there is no point, empty if there is one.
        reply: all that it said, as it said it.
    """

    point_px: tuple[int, int] | None
    thought: str
    reason: str = ""
    reply: str = ""


def read_picture(path: Path) -> Frame:
    """Return a picture file as (H, W, 3) uint8 RGB.

    Raises:
        ConfigError: it is not there, or not a picture.
    """
    import numpy as np
    from PIL import Image as Pictures

    # Pillow's readers raise the last two for headers that make no sense.
    faults = (OSError, Pictures.DecompressionBombError, ValueError, SyntaxError)
    try:
        with Pictures.open(path) as picture:
            frame = np.asarray(picture.convert("RGB"))
    except faults as error:
        raise ConfigError(f"The picture {path} cannot be read ({error}).") from error
    return frame


def ground(what: str, frame: Frame, loaded: Loaded, tool: Tool, stop: Stop) -> Grounding:
    """Ask the model to click on a thing, and return where it would.

    Raises:
        ModelError, Stopped: there is no answer.
    """
    return point(f"Click {what}.", frame, loaded, tool, stop)


def point(task: str, frame: Frame, loaded: Loaded, tool: Tool, stop: Stop) -> Grounding:
    """Ask the model for the first step of a task, and return where it would be.

    Raises:
        ModelError, Stopped: there is no answer.
    """
    screen = Screen(frame.shape[1], frame.shape[0])
    look = Observation(frame, screen, time_s=0.0)
    now = Image(frame, look.frame_hash)
    messages = loaded.profile.messages(task, [], now, [tool.spec])
    reply = loaded.model.generate(messages, [tool.spec], stop=stop)
    plan = parse(reply.text, [tool.spec], is_cut=reply.finish == "length")
    return replace(_pointed(plan, screen, loaded.profile.grid, tool), reply=reply.text)


def _pointed(plan: Plan, screen: Screen, grid: Grid, tool: Tool) -> Grounding:
    if plan.error or not plan.calls:
        return Grounding(None, plan.thought, plan.error or "The model asked for nothing.")
    try:
        request = tool.prepare(plan.calls[0].arguments, screen, grid)
    except ToolError as error:
        return Grounding(None, plan.thought, str(error))
    if request.point_px is None:
        return Grounding(None, plan.thought, "The model did something else than point.")
    return Grounding(request.point_px, plan.thought)
