"""The words of the practice phone that the practice desktop does not have.

Responsible for labels, names and values on the phone's screens; each is one word, so that a
tokenizer can hold it as one token. Decides nothing about where they stand.
"""

from environments.practice import words

NAMES = (
    "Anna", "Boris", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Ida", "Jonas",
    "Karl", "Laura", "Maria", "Nora", "Oscar", "Paula", "Quinn", "Rosa", "Simon", "Tina",
)  # fmt: skip
"""People."""

PLACES = ("Paris", "London", "Berlin", "Tokyo", "Oslo", "Rome", "Cairo", "Lima")
THINGS = ("Apple", "Banana", "Cherry", "Lemon", "Mango", "Olive", "Peach", "Plum")
"""What messages, notes, photos and pages are about."""

APPS = ("Settings", "Messages", "Contacts", "Browser", "Notes", "Photos", "Camera", "Bank")
"""Applications, as they are called under their icons."""

SWITCHES = ("Wifi", "Bluetooth", "Airplane", "Location", "Data", "Backup")
DISPLAY = ("Brightness", "Dark", "Rotate", "Landscape")
PAGES = ("Display", "Sound")
"""Settings."""

ACTIONS = (
    "New", "Save", "Send", "Edit", "Delete", "Allow", "Deny", "Clear", "Shoot", "Go", "Paste",
    "Copy", "Cut", "All", "Call", "Message",
)  # fmt: skip
"""What buttons do."""

TOPICS = ("Update", "Backup", "Sync", "Alerts")
"""What the system itself has to say."""

FIELDS = ("Note", "Text", "Address", "Account", "Code")
"""What the phone's own text fields are called."""

SYSTEM = ("Back", "Home", "Recents", "Locked", "Shade", "Rotate")

LABELS = tuple(
    dict.fromkeys(
        (*words.LABELS, *NAMES, *PLACES, *THINGS, *APPS, *SWITCHES, *DISPLAY, *PAGES, *ACTIONS,
         *FIELDS, *SYSTEM)
    )
)  # fmt: skip
"""Every word that can be a target on the phone."""
