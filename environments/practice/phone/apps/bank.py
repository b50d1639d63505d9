"""The bank: an application whose windows allow no screenshots.

Responsible for its page. Everything in it is invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice.phone.base import App
from environments.practice.phone.page import Page, Program
from environments.practice.phone.text import Field
from environments.practice.phone.views import Act, View, labelled_field

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

APP = App("org.practice.bank", ".Bank", "Bank")


class BankPage(Page):
    """A form to log in."""

    activity = APP.activity
    title = APP.label
    secure = True

    def __init__(self, world: PhoneState) -> None:
        """Begin with empty fields."""
        super().__init__(world)
        self.fields = (Field("Account"), Field("Code", password=True))

    def content(self, width: int) -> list[View]:
        """Return the fields below each other."""
        return [
            view
            for row, field in enumerate(self.fields)
            for view in labelled_field(field, row, width)
        ]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to log in, which leads nowhere here."""
        return [("Login", lambda: None)]


PROGRAM = Program(APP, BankPage)
