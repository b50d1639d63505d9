"""The words of the practice world.

Responsible for every label, name and value that can stand on a practice screen; the embedded
checkpoint's tokenizer holds each of them as one token. Decides nothing about where they stand.
"""

ACTIONS = (
    "Save", "Open", "Print", "Send", "Reply", "Delete", "Copy", "Paste", "Undo", "Redo",
    "Find", "Help", "Next", "Back", "Start", "Stop", "Play", "Pause", "Share", "Export",
    "Import", "Rename", "Move", "Edit", "Sort", "Filter", "Refresh", "Archive", "Upload", "Login",
    "Install", "Update", "Search", "Submit", "Apply", "Record", "Scan", "Merge", "Split", "Rotate",
    "Crop", "Flip", "Lock", "Mute",
)  # fmt: skip
"""What a button or a menu entry does."""

OPTIONS = (
    "Grid", "Ruler", "Sidebar", "Toolbar", "Autosave", "Backup", "Sound", "Wifi", "Bluetooth",
    "Alerts", "Location", "Camera", "Preview", "Margins", "Borders", "Shadows", "Captions",
    "Hints", "Sync", "Spelling",
)  # fmt: skip
"""What can be switched on and off."""

FIELDS = ("Name", "City", "Email", "Phone", "Street", "Country", "Company", "Subject")
"""What a text field asks for."""

VALUES = (
    "Anna", "Boris", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Paris", "London",
    "Berlin", "Tokyo", "Oslo", "Rome", "Cairo", "Lima", "Apple", "Banana", "Cherry", "Lemon",
    "Mango", "Olive", "Peach", "Plum",
)  # fmt: skip
"""What is typed into fields and stands in lists."""

CHOICES = (
    "Red",
    "Green",
    "Blue",
    "Small",
    "Medium",
    "Large",
    "Daily",
    "Weekly",
    "Monthly",
    "Never",
)
"""What radio groups and drop-downs offer."""

CHOICE_NAMES = ("Color", "Size", "Repeat", "Theme", "Quality", "Mode")
"""What a radio group or a drop-down is called."""

AMOUNTS = ("Volume", "Speed", "Zoom", "Contrast")
"""What a slider sets."""

APPS = ("Notes", "Mail", "Music", "Files", "Photos", "Maps", "Tasks", "Clock")
"""Window titles."""

MENUS = ("Document", "Layout", "Extras", "Account")
"""Titles in a menu bar."""

DIALOGS = ("Settings", "Options", "Details", "Profile")
"""Dialogs, and the buttons that open them."""

CONFIRM = "OK"
CANCEL = "Cancel"

LABELS = (
    *ACTIONS, *OPTIONS, *FIELDS, *VALUES, *CHOICES, *CHOICE_NAMES, *AMOUNTS, *APPS, *MENUS,
    *DIALOGS, CONFIRM, CANCEL,
)  # fmt: skip
"""Every word that can be a target."""
