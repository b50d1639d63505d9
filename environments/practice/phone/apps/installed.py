"""What is installed on every practice phone.

Responsible for the list; a phone's seed draws the order on the home screen.
"""

from __future__ import annotations

from environments.practice.phone.apps import (
    bank,
    browser,
    camera,
    contacts,
    messages,
    notes,
    photos,
    settings,
)
from environments.practice.phone.page import Program

PROGRAMS: tuple[Program, ...] = tuple(
    app.PROGRAM for app in (settings, messages, contacts, browser, notes, photos, camera, bank)
)
