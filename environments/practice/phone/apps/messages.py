"""The messages application: who one has written with, and what.

Responsible for its pages; the messages themselves are the store's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice.canvas import ROW_PX, lattice_width
from environments.practice.phone.base import App
from environments.practice.phone.page import Page, Program
from environments.practice.phone.store import Message
from environments.practice.phone.text import Field, broken
from environments.practice.phone.views import Act, View, row_at

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

APP = App("org.practice.messages", ".Messages", "Messages")
TALK = "talk:"
BUBBLE_PX = 160
LINE_PX = 16


class TalksPage(Page):
    """Everybody one has written with, the newest first."""

    activity = APP.activity
    title = APP.label

    def content(self, width: int) -> list[View]:
        """Return names, each with the last message."""
        store = self.world.store
        return [
            View("row", name, row_at(row, width), detail=talk[-1].text if talk else "",
                 id="conversation", tap=self.world.writing_to(name), mine=name in store.unread)
            for row, (name, talk) in enumerate(store.talks.items())
        ]  # fmt: skip

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to write to somebody else."""
        return [("New", lambda: self.world.show(PeoplePage(self.world)))]


class PeoplePage(Page):
    """To whom one can write."""

    activity = ".People"
    title = "People"

    def content(self, width: int) -> list[View]:
        """Return everybody."""
        names = sorted(contact.name for contact in self.world.store.contacts)
        return [
            View("row", name, row_at(row, width), id="contact", tap=self.world.writing_to(name))
            for row, name in enumerate(names)
        ]


class TalkPage(Page):
    """What has been written with somebody, and a field to write in."""

    activity = ".Talk"

    def __init__(self, world: PhoneState, name: str) -> None:
        """Open a talk at its end, with what was not sent the last time."""
        super().__init__(world)
        self.title = name
        self.text = Field("Text", world.store.drafts.get(name, ""), on_change=self._keep,
                          on_action=self._send)  # fmt: skip
        self.scroll_px = 1 << 20

    @property
    def name(self) -> str:
        """Return with whom it is."""
        return TALK + self.title

    def shown(self) -> None:
        """Count as read."""
        self.world.store.unread.discard(self.title)

    def content(self, width: int) -> list[View]:
        """Return the bubbles, one's own at the right."""
        views, top = [], 0
        for message in self.world.store.talks.get(self.title, []):
            lines = broken(message.text, BUBBLE_PX - 16)
            bubble_px = lattice_width(message.text) if len(lines) == 1 else BUBBLE_PX
            height = -(-(len(lines) * LINE_PX + 16) // ROW_PX) * ROW_PX
            left = width - 8 - bubble_px if message.mine else 8
            box = (left, top, left + bubble_px, top + height)
            views.append(View("bubble", message.text, box, id="bubble", mine=message.mine))
            top += height
        return views

    def foot(self, width: int) -> list[View]:
        """Return the field and the button that sends."""
        field = (8, 4, width - 72, ROW_PX - 4)
        send = (width - 64, 4, width - 8, ROW_PX - 4)
        return [
            View("field", "Text", field, detail="Text", id="compose", field=self.text),
            View("button", "Send", send, id="send", tap=self._send),
        ]

    def _keep(self, text: str) -> None:
        self.world.store.drafts[self.title] = text

    def _send(self) -> None:
        if self.text.text:
            self.world.store.delivered(self.title, Message(self.text.text, mine=True))
            self.text.clear()
            self.scroll_px = 1 << 20


def follow(world: PhoneState, link: str) -> None:
    """Show the talk with somebody, by name or by number."""
    who = link.removeprefix(TALK).removeprefix("smsto:").removeprefix("sms:")
    known = [c.name for c in world.store.contacts if who in (c.name, c.number)]
    world.replace_pages([TalksPage(world), TalkPage(world, known[0] if known else who)])


PROGRAM = Program(APP, TalksPage, follow, ("sms:", "smsto:"))
