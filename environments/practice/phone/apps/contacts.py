"""The contacts application: a list that is longer than the screen, a person, and a form.

Responsible for its pages; the contacts themselves are the store's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.practice.phone.base import App
from environments.practice.phone.page import Page, Program
from environments.practice.phone.store import Contact
from environments.practice.phone.text import Field
from environments.practice.phone.views import Act, View, label, labelled_field, row_at

if TYPE_CHECKING:
    from environments.practice.phone.state import PhoneState

APP = App("org.practice.contacts", ".Contacts", "Contacts")


class ContactsPage(Page):
    """Everybody, by name."""

    activity = APP.activity
    title = APP.label
    permission = "android.permission.READ_CONTACTS"

    def content(self, width: int) -> list[View]:
        """Return one row for each person."""
        if not self.world.may(self):
            return self.refusal(width)
        names = sorted(contact.name for contact in self.world.store.contacts)
        return [
            View("row", name, row_at(row, width), id="contact", tap=self._opening(name))
            for row, name in enumerate(names)
        ]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer a new contact."""
        return [("New", lambda: self.world.show(EditPage(self.world, None)))]

    def _opening(self, name: str) -> Act:
        return lambda: self.world.show(ContactPage(self.world, name))


class ContactPage(Page):
    """One person."""

    activity = ".Contact"

    def __init__(self, world: PhoneState, name: str) -> None:
        """Show a person of this name."""
        super().__init__(world)
        self.title = name

    @property
    def name(self) -> str:
        """Return who is shown."""
        return f"contact:{self.title}"

    def content(self, width: int) -> list[View]:
        """Return the number and a way to write."""
        contact = self.world.store.contact(self.title)
        number = contact.number if contact else ""
        write = self.world.writing_to(self.title)
        return [
            label(number, 0, width, "number"),
            View("row", "Message", row_at(1, width), id="message", tap=write),
        ]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to change or to delete."""
        return [("Delete", self._delete), ("Edit", self._edit)]

    def _edit(self) -> None:
        self.world.show(EditPage(self.world, self.world.store.contact(self.title)))

    def _delete(self) -> None:
        store = self.world.store
        store.contacts = [c for c in store.contacts if c.name != self.title]
        self.world.close_page(self)


class EditPage(Page):
    """A form for a person; nothing is kept before Save."""

    activity = ".Edit"
    title = "Contact"

    def __init__(self, world: PhoneState, contact: Contact | None) -> None:
        """Begin with what is known about somebody, or with nothing and the caret in the name."""
        super().__init__(world)
        self._contact = contact
        self.fields = (
            Field("Name", contact.name if contact else "", on_action=self._next),
            Field("Phone", contact.number if contact else ""),
        )
        self.focus = None if contact else self.fields[0]

    def content(self, width: int) -> list[View]:
        """Return the fields below each other."""
        return [
            view
            for row, field in enumerate(self.fields)
            for view in labelled_field(field, row, width)
        ]

    def actions(self) -> list[tuple[str, Act]]:
        """Offer to keep it."""
        return [("Save", self._save)]

    def _next(self) -> None:
        self.focus = self.fields[1]

    def _save(self) -> None:
        name, number = (field.text for field in self.fields)
        store = self.world.store
        kept = [c for c in store.contacts if c is not self._contact]
        if name:
            store.contacts = [*kept, Contact(name, number)]
            self.world.replace_pages([ContactsPage(self.world), ContactPage(self.world, name)])


PROGRAM = Program(APP, ContactsPage)
