"""The window in front of the practice phone as ``uiautomator dump`` writes it.

Responsible for the form: one line, the attributes and their order, and what Android escapes
(AccessibilityNodeInfoDumper and KXmlSerializer of AOSP). What is in the window is ``layout``'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from environments.practice.canvas import Box
from environments.practice.phone.text import Field
from environments.practice.phone.views import Kind, View

if TYPE_CHECKING:
    from environments.practice.phone.screen import PhoneScreen

HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"

CLASSES: dict[Kind, str] = {
    "button": "android.widget.Button", "icon": "android.widget.TextView",
    "row": "android.widget.LinearLayout", "switch": "android.widget.LinearLayout",
    "choice": "android.widget.RadioButton", "slider": "android.widget.SeekBar",
    "field": "android.widget.EditText", "page": "android.widget.EditText",
    "card": "android.widget.FrameLayout", "tile": "android.widget.Switch",
    "photo": "android.widget.ImageView", "key": "android.widget.Button",
    "panel": "android.widget.FrameLayout", "bar": "android.view.View",
}  # fmt: skip
"""Everything else is a text view."""

INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold; Android writes a full stop instead."""


@dataclass
class Node:
    """One element of the dump."""

    kind: str
    box: Box
    text: str = ""
    id: str = ""
    description: str = ""
    flags: frozenset[str] = frozenset()
    children: list[Node] = field(default_factory=list)


FLAGS = ("checkable", "checked", "clickable", "enabled", "focusable", "focused", "scrollable",
         "long-clickable", "password", "selected")  # fmt: skip


def written_out(world: PhoneScreen) -> str:
    """Return the dump of the window in front."""
    width, height = world.turned_px
    root = Node("android.widget.FrameLayout", (0, 0, width, height), flags=frozenset({"enabled"}))
    screen = world.screenful()
    seen = screen.window()
    held = set(map(id, screen.content))
    content = [view for view in seen if id(view) in held]
    fixed = [view for view in seen if id(view) not in held]
    root.children += [node_of(view, (0, 0, width, height), world.focus) for view in fixed]
    flags = {"enabled"} | ({"scrollable", "focusable"} if world.scrolls() else set())
    area = Node("android.widget.ScrollView", screen.area, id="list", flags=frozenset(flags))
    area.children = [node_of(view, screen.area, world.focus) for view in content]
    root.children.append(area)
    package = world.front[0]
    body = "".join(lines(root, 0, package))
    return f'{HEAD}<hierarchy rotation="{world.rotation}">{body}</hierarchy>'


def node_of(view: View, seen: Box, focus: Field | None) -> Node:
    """Return the element of a view, with its parts."""
    node = Node(
        CLASSES.get(view.kind, "android.widget.TextView"),
        cut(view.box, seen),
        text=text_of(view),
        id=view.id,
        description=view.text if view.kind in ("photo", "slider", "icon", "tile") else "",
        flags=frozenset(flags_of(view, focus)),
    )
    if view.kind in ("row", "switch", "card"):
        node.children = parts_of(view, seen)
        node.id = ""
    return node


def text_of(view: View) -> str:
    """Return what Android reports as the text: of a field what is in it, or its hint."""
    if view.field is not None:
        shown = view.field.text or view.detail
        return "\u2022" * len(view.field.text) if view.field.password else shown
    if view.kind in ("row", "switch", "card", "photo", "tile"):
        return ""
    return str(float(view.level)) if view.kind == "slider" else view.text


def flags_of(view: View, focus: Field | None) -> set[str]:
    """Return which attributes are true."""
    flags = {"enabled"}
    if view.tap is not None or view.field is not None:
        flags |= {"clickable", "focusable"}
    if view.slide is not None:
        flags |= {"focusable"}
    if view.hold is not None or view.field is not None:
        flags |= {"long-clickable"}
    if view.field is not None and view.field is focus:
        flags |= {"focused"}
    if view.field is not None and view.field.password:
        flags |= {"password"}
    if view.kind in ("choice", "tile"):
        flags |= {"checkable"} | ({"checked"} if view.state else set())
    return flags


def parts_of(view: View, seen: Box) -> list[Node]:
    """Return the title, the summary and the switch of a row."""
    left, top, right, bottom = view.box
    enabled = frozenset({"enabled"})
    box = cut((left + 8, top + 8, (left + right) // 2, bottom - 8), seen)
    parts = [Node("android.widget.TextView", box, view.text, "title", flags=enabled)]
    if view.detail:
        box = cut(((left + right) // 2, top + 8, right - 8, bottom - 8), seen)
        parts.append(Node("android.widget.TextView", box, view.detail, "summary", flags=enabled))
    if view.kind == "switch":
        flags = enabled | {"checkable"} | ({"checked"} if view.state else set())
        box = cut((right - 36, top + 8, right - 8, bottom - 8), seen)
        parts.append(Node("android.widget.Switch", box, id="switch_widget", flags=flags))
    return parts


def cut(box: Box, seen: Box) -> Box:
    """Return what is seen of a box."""
    return (max(box[0], seen[0]), max(box[1], seen[1]), min(box[2], seen[2]), min(box[3], seen[3]))


def lines(node: Node, index: int, package: str) -> list[str]:
    """Return an element and what it holds as text."""
    left, top, right, bottom = node.box
    values = {
        "index": str(index),
        "text": node.text,
        "resource-id": f"{package}:id/{node.id}" if node.id else "",
        "class": node.kind,
        "package": package,
        "content-desc": node.description,
        **{flag: str(flag in node.flags).lower() for flag in FLAGS},
        "bounds": f"[{left},{top}][{right},{bottom}]",
    }
    head = "<node " + " ".join(f'{name}="{escaped(text)}"' for name, text in values.items())
    if not node.children:
        return [f"{head} />"]
    inner = [part for n, child in enumerate(node.children) for part in lines(child, n, package)]
    return [f"{head}>", *inner, "</node>"]


def escaped(text: str) -> str:
    """Return a text as it stands inside the quotes of an attribute."""
    return "".join(map(_escaped, INVALID.sub(".", text)))


def _escaped(character: str) -> str:
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    if character in named:
        return named[character]
    return f"&#{ord(character)};" if character < " " or character > "\uffff" else character
