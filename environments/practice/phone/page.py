"""What an application shows at one time: a page with a title, content that scrolls, and a foot.

Responsible for the shape that all pages share. Where a page stands on the screen is decided in
``layout``, what belongs to the system in ``system``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.practice.phone.base import App
from environments.practice.phone.text import Field
from environments.practice.phone.views import Act, View, label

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState


class Page(ABC):
    """One page; ``name`` tells where one is, ``scroll_px`` how far the content has moved up."""

    activity = ".Main"
    title = ""
    secure = False
    wallpaper = False
    floating = False
    permission = ""
    """What must be allowed before it shows anything, by Android's name."""

    package = ""
    """Whose window it is, if not that of the application under which it was opened."""

    def __init__(self, world: PhoneState) -> None:
        """Belong to a phone."""
        self.world = world
        self.scroll_px = 0
        self.focus: Field | None = None

    @property
    def name(self) -> str:
        """Return where one is, for the truth; pages of one kind differ by what they show."""
        return self.title

    @abstractmethod
    def content(self, width: int) -> list[View]:
        """Return what scrolls, laid out from (0, 0) in a width in pixels."""

    def actions(self) -> list[tuple[str, Act]]:
        """Return the buttons at the right of the title, from the right."""
        return []

    def foot(self, width: int) -> list[View]:
        """Return what stands in one row below the content, laid out from (0, 0)."""
        return []

    def refusal(self, width: int) -> list[View]:
        """Return what is shown when the permission is not given."""
        return [label("Denied", 0, width)] if self.world.has_answered(self) else []

    def shown(self) -> None:
        """React to coming to the front: ask for what must be allowed."""
        if self.permission:
            self.world.ask_for(self)

    def leave(self) -> bool:
        """React to Back; False if there is nothing to close inside the page."""
        return False


@dataclass(frozen=True, slots=True)
class Program:
    """An installed application.

    Attributes:
        app: what it is called.
        first: the page that it starts with.
        follow: shows what a link names, once it is in front.
        schemes: how the links begin that it takes from elsewhere.
    """

    app: App
    first: Callable[[PhoneState], Page]
    follow: Callable[[PhoneState, str], None] | None = None
    schemes: tuple[str, ...] = ()


class Dialog(Page):
    """A question over the page below: a few words and buttons under each other.

    ``cancel`` is what Back does instead of only closing it.
    """

    floating = True
    activity = ".Dialog"

    def __init__(
        self,
        world: PhoneState,
        question: str,
        answers: list[tuple[str, Act]],
        package: str = "",
        activity: str = ".Dialog",
    ) -> None:
        """Ask something; every answer closes the dialog."""
        super().__init__(world)
        self.title = self.question = question
        self.cancel: Act | None = None
        self.package = package
        self.activity = activity
        self._answers = answers

    def content(self, width: int) -> list[View]:
        """Return the question and below it the answers."""
        rows = [View("label", self.question, (8, 0, width - 8, 32), id="message")]
        for number, (text, act) in enumerate(self._answers, start=1):
            box = (16, number * 32 + 2, width - 16, number * 32 + 30)
            rows.append(View("button", text, box, id=text.lower(), tap=self._closing(act)))
        return rows

    def leave(self) -> bool:
        """Do on Back what was set."""
        if self.cancel is not None:
            self.cancel()
        return self.cancel is not None

    def _closing(self, act: Act) -> Act:
        def answer() -> None:
            act()  # First, since the page below looks at the answer when it is shown again.
            self.world.close_page(self)

        return answer
