"""The browser: an address and the local pages that the phone holds.

Responsible for showing and following; the pages are the store's. Reaches no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice.canvas import ROW_PX, lattice_width
from environments.practice.phone.base import App
from environments.practice.phone.page import Page, Program
from environments.practice.phone.store import Site
from environments.practice.phone.text import Field
from environments.practice.phone.views import Act, View, label

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

APP = App("org.practice.browser", ".Browser", "Browser")
START = "start.local"


def address(name: str) -> str:
    """Return where the page of a name stands."""
    return f"{name.lower()}.local"


def plain(link: str) -> str:
    """Return an address without what need not be written."""
    return link.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")


class BrowserPage(Page):
    """One page at a time, with the way back."""

    activity = APP.activity
    title = APP.label

    def __init__(self, world: PhoneState) -> None:
        """Begin with the first page."""
        super().__init__(world)
        self.visited = [START]
        self.bar = Field("Address", START, on_action=self._go)

    @property
    def address(self) -> str:
        """Where one is."""
        return self.visited[-1]

    @property
    def name(self) -> str:
        """Return where one is, for the truth."""
        return f"web:{self.address}"

    def content(self, width: int) -> list[View]:
        """Return the address and the page."""
        site = self.world.store.sites.get(self.address, Site("Missing"))
        bar = View("field", "Address", (8, 4, width - 8, ROW_PX - 4), id="url", field=self.bar)
        head = label(site.title, 1, width, "heading")
        lines = [label(line, row, width, "text") for row, line in enumerate(site.lines, start=2)]
        links = [
            self._link(text, link, 2 + len(lines) + number)
            for number, (text, link) in enumerate(site.links)
        ]
        return [bar, head, *lines, *links]

    def leave(self) -> bool:
        """Go back to the page before."""
        if len(self.visited) == 1:
            return False
        self.visited.pop()
        self._arrived()
        return True

    def go_to(self, link: str) -> None:
        """Show another page."""
        self.visited.append(plain(link))
        self._arrived()

    def _link(self, text: str, link: str, row: int) -> View:
        box = (8, row * ROW_PX, 8 + lattice_width(text), (row + 1) * ROW_PX)
        return View("link", text, box, id="link", tap=self._following(link))

    def _following(self, link: str) -> Act:
        return lambda: self.go_to(link)

    def _go(self) -> None:
        self.focus = None
        self.go_to(self.bar.text)

    def _arrived(self) -> None:
        self.bar.text = self.address
        self.bar.place(len(self.address))
        self.scroll_px = 0


def follow(world: PhoneState, link: str) -> None:
    """Show an address."""
    page = BrowserPage(world)
    page.go_to(link)
    world.replace_pages([page])


PROGRAM = Program(APP, BrowserPage, follow, ("http://", "https://"))
