"""What a practice phone holds: contacts, messages, notes, photos, permissions and news.

Responsible for the data and for saying all of it, since that is what scoring looks at.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Contact:
    """A person and their number."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message; ``mine`` if the owner of the phone wrote it."""

    text: str
    mine: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """A notification of an application; touching it opens ``link`` there."""

    package: str
    title: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A local page: its heading, some lines of text, and links by the words that stand on them."""

    title: str
    lines: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass
class Store:
    """Everything on the phone that is not a setting."""

    contacts: list[Contact] = field(default_factory=list)
    talks: dict[str, list[Message]] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)
    permissions: dict[str, bool] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    sites: dict[str, Site] = field(default_factory=dict)

    def contact(self, name: str) -> Contact | None:
        """Return the contact of a name."""
        return next((c for c in self.contacts if c.name == name), None)

    def delivered(self, name: str, message: Message) -> None:
        """Add a message to a talk, the newest of all."""
        talk = self.talks.pop(name, [])
        self.talks = {name: [*talk, message], **self.talks}
        if not message.mine:
            self.unread.add(name)

    def values(self) -> dict[str, object]:
        """Return all of it, by key; being read or not is nothing that lasts."""
        said = {
            f"talk:{name}": tuple((m.mine, m.text) for m in talk)
            for name, talk in self.talks.items()
        }
        return {
            "contacts": tuple((c.name, c.number) for c in sorted(self.contacts, key=_by_name)),
            "notes": tuple(self.notes),
            "photos": tuple(self.photos),
            "news": tuple((n.package, n.title, n.text) for n in self.news),
            "permissions": tuple(sorted(self.permissions.items())),
            "drafts": tuple(sorted((name, text) for name, text in self.drafts.items() if text)),
            **said,
        }


def _by_name(contact: Contact) -> str:
    return contact.name
