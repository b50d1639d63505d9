"""Tools that only look: a screenshot, what is in front, the element tree.

Responsible for their words and for what they answer; names that a program chose are data and stand
on one line. How a screen is looked at is the environment's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, TypeAdapter

from environments.base import Observation
from environments.elements import Element, Elements
from environments.geometry import ImagePoint, InputPoint, Screen
from environments.quoting import on_one_line
from tools.computer_use import GRID
from tools.mcp.last_look import LastLook
from tools.mcp.served import Answer, Output, Progress, ServedTool, SizePx, output_schema, size_of
from tools.schema import Annotations
from tools.windows import checked, described

LONGEST = 200


class Nothing(BaseModel):
    """The arguments of a tool that takes none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@runtime_checkable
class HasElements(Protocol):
    """A screen whose element tree is read when somebody asks."""

    def elements(self) -> Elements:
        """Return the tree of what is in front."""
        ...


class Seen(Output):
    """A look in words."""

    size_px: SizePx
    foreground: str | None = None
    screen: str | None = None
    settled_by: str
    notice: str | None = None
    focused: str | None = None
    elements: int | None = None


class ElementAt(Output):
    """One element; points are from 0 to 1000 on both axes."""

    role: str
    name: str
    states: tuple[str, ...]
    x: int
    """Of its centre, where it is clicked or tapped."""
    y: int
    left: int
    top: int
    right: int
    bottom: int


class Tree(Output):
    """An element tree, and what it is worth."""

    freshness: Literal["fresh", "empty", "stale", "slow", "absent"]
    reason: str
    elements: tuple[ElementAt, ...]


def looking_tools(
    eyes: LastLook, tree: Callable[[Observation], Elements], clean: Callable[[str], str]
) -> tuple[ServedTool, ...]:
    """Return the tools that only look.

    Args:
        eyes: looks, and remembers what was shown.
        tree: returns the element tree that belongs to a look.
        clean: takes out of a text what nobody may read.
    """

    def screenshot() -> Answer:
        look = eyes.fresh()
        seen = _seen(look, clean)
        return Answer(f"{_words(seen)} The picture shows it.", seen.data(), look.frame)

    def observe() -> Answer:
        seen = _seen(eyes.fresh(), clean)
        return Answer(_words(seen), seen.data())

    def elements() -> Answer:
        look = eyes.fresh()
        found = _tree(tree(look), look.screen, clean)
        return Answer(_tree_words(found), found.data())

    return (
        _tool("screenshot", "Take a screenshot", _SCREENSHOT, Seen, screenshot),
        _tool("observe", "Look without a picture", _OBSERVE, Seen, observe),
        _tool("element_tree", "List the elements", _ELEMENTS, Tree, elements),
    )


_SCREENSHOT = "Wait until the screen has settled and return a picture of it."
_OBSERVE = (
    "Wait until the screen has settled and say what is in front and what has the keyboard, "
    "without a picture."
)
_ELEMENTS = (
    "List the elements of the window in front with their roles, names, states and places, as the "
    "platform's accessibility tree has them. Points are from 0 to 1000 on both axes. `freshness` "
    "says what the tree is worth; where it is not fresh, use the screenshot."
)


def _tool(
    name: str, title: str, text: str, output: type[Output], look: Callable[[], Answer]
) -> ServedTool:
    adapter = TypeAdapter(Nothing)
    hints = Annotations(title, read_only=True, destructive=False, idempotent=True, open_world=False)
    spec = described(name, text, adapter, hints)

    def answer(arguments: Mapping[str, Any], progress: Progress) -> Answer:
        checked(spec, adapter, arguments)
        return look()

    return ServedTool(spec, output_schema(output), answer)


def _seen(look: Observation, clean: Callable[[str], str]) -> Seen:
    tree = look.elements
    focused = tree.focused if tree and tree.freshness == "fresh" else None
    return Seen(
        size_px=size_of(look.screen),
        foreground=_data(look.foreground, clean) if look.foreground else None,
        screen=look.shows or None,
        settled_by=look.settled_by,
        notice=look.notice or None,
        focused=clean(focused.words()) if focused else None,
        elements=len(tree.items) if tree and tree.freshness == "fresh" else None,
    )


def _words(seen: Seen) -> str:
    told = [f"The screen is {seen.size_px.width}x{seen.size_px.height} pixels"]
    told += [f"in front is {seen.foreground!r}"] if seen.foreground else []
    told += [f"the keyboard is at the {seen.focused}"] if seen.focused else []
    return f"{'; '.join(told)}.{f' {seen.notice}' if seen.notice else ''}"


def _tree(tree: Elements, screen: Screen, clean: Callable[[str], str]) -> Tree:
    items = tuple(_element(item, screen, clean) for item in tree.items)
    return Tree(freshness=tree.freshness, reason=tree.reason, elements=items)


def _element(item: Element, screen: Screen, clean: Callable[[str], str]) -> ElementAt:
    left, top, width, height = item.box
    corner = _on_grid(screen, InputPoint(left, top))
    end = _on_grid(screen, InputPoint(left + width, top + height))
    centre = _on_grid(screen, InputPoint(left + width // 2, top + height // 2))
    return ElementAt(
        role=item.role,
        name=_data(item.name, clean),
        states=tuple(sorted(item.states)),
        x=centre[0],
        y=centre[1],
        left=corner[0],
        top=corner[1],
        right=end[0],
        bottom=end[1],
    )


def _on_grid(screen: Screen, point: InputPoint) -> tuple[int, int]:
    """Return where a point is on the grid; what lies off the picture is moved to its edge."""
    pixel = screen.from_input(point)
    inside = ImagePoint(
        min(max(pixel.x, 0), screen.width_px - 1), min(max(pixel.y, 0), screen.height_px - 1)
    )
    on = screen.to_grid(inside, GRID)
    return int(on.x), int(on.y)


def _tree_words(tree: Tree) -> str:
    if tree.freshness != "fresh":
        return f"There is no usable element tree ({tree.freshness}: {tree.reason})."
    return "\n".join(
        ", ".join((f"{one.role} {one.name!r} at ({one.x}, {one.y})", *one.states))
        for one in tree.elements
    )


def _data(text: str, clean: Callable[[str], str]) -> str:
    return clean(on_one_line(text))[:LONGEST]
