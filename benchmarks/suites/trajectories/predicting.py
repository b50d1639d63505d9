"""What a model would do on a recorded screen, in the neutral form.

Responsible for the question (goal, what was done before, one screenshot) and for reading the reply
through the same parser and tool as a run. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.models.base import Image
from agent.models.loaded import Loaded
from agent.models.profiles.base import Turn
from agent.parsing import parse
from benchmarks.suites.grounding.answers import coordinates_in
from benchmarks.suites.trajectories.moves import Box, Level, Move, Point, Recorded, way_of
from environments.actions import OpenApp, PressButton, Swipe, Tap, TypeText
from environments.actions import Wait as WaitAction
from environments.base import Frame, Observation, Stop
from environments.errors import ToolError
from environments.geometry import InputPoint, Screen, grid_size
from tools.mobile_use import mobile_use
from tools.schema import Ending, Request

_CORNERS = 4


@dataclass(frozen=True, slots=True)
class Predicted:
    """What came of a question.

    Attributes:
        move: the action; None where the reply could not be read or means nothing on a phone.
        reply: all that the model said.
    """

    move: Move | None
    reply: str


def question(step: Recorded, level: Level) -> str:
    """Return what is asked: the goal, and at the low level also what this step is to do."""
    if level == "low" and step.instruction:
        return f"{step.goal} You need to: {step.instruction}"
    return step.goal


def predict(step: Recorded, level: Level, frame: Frame, loaded: Loaded, stop: Stop) -> Predicted:
    """Ask the model for the next action; what was done before is told as it is on record.

    Args:
        step: the recorded step.
        level: whether the model is told what the step is to do.
        frame: its screenshot, (H, W, 3) uint8 RGB.
        loaded: the model, spoken to as befits a phone.
        stop: a person's wish to stop.

    Raises:
        ModelError, Stopped: there is no answer.
    """
    grid = loaded.profile.grid
    tool = mobile_use(grid)
    screen = Screen(frame.shape[1], frame.shape[0])
    now = Image(frame, Observation(frame, screen, time_s=0.0).frame_hash)
    turns = [_turn(said) for said in step.before]
    messages = loaded.profile.messages(question(step, level), turns, now, [tool.spec])
    reply = loaded.model.generate(messages, [tool.spec], stop=stop)
    plan = parse(reply.text, [tool.spec], is_cut=reply.finish == "length")
    if plan.error or not plan.calls:
        return Predicted(None, reply.text)
    try:
        request = tool.prepare(plan.calls[0].arguments, screen, grid)
    except ToolError:
        return Predicted(None, reply.text)
    move = move_of(request, screen)
    box = box_in(coordinates_in(reply.text), grid_size(grid, screen.width_px, screen.height_px))
    return Predicted(replace(move, box=box) if move and box else move, reply.text)


def move_of(request: Request, screen: Screen) -> Move | None:
    """Return a request of ``mobile_use`` in the neutral form; None for what no data set has."""
    match request.does:
        case Tap(at, _, hold_ms):
            return Move("long_press" if hold_ms else "tap", at=_share(at, screen))
        case Swipe(start, to):
            return _swipe(_share(start, screen), _share(to, screen))
        case TypeText(text):
            return Move("type", text=text)
        case OpenApp(name):
            return Move("open", text=name)
        case PressButton(name) if name in ("back", "home", "enter", "recents"):
            return Move("press", button=name)
        case WaitAction():
            return Move("wait")
        case Ending(claim, answer):
            return Move("stop", text=answer or "", done=claim == "success")
        case _:
            return None


def box_in(values: Sequence[float], whole: tuple[int, int]) -> Box | None:
    """Return the box in four numbers of the model's grid, whose largest are ``whole``, or None."""
    if len(values) != _CORNERS:
        return None
    x1, y1, x2, y2 = (value / whole[index % 2] for index, value in enumerate(values))
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _swipe(start: Point, to: Point) -> Move:
    return Move("swipe", at=start, to=to, way=way_of(start, to))


def _share(point: InputPoint, screen: Screen) -> Point:
    """Return the middle of the pixel that a point names, as a share of the picture."""
    return (point.x + 0.5) / screen.width_px, (point.y + 0.5) / screen.height_px


def _turn(said: str) -> Turn:
    """Return a past step as a prompt tells it; there is neither a reply nor a picture of it."""
    return Turn(None, "", f"Action: {said}", "done")
