"""What is on a practice phone at the start, drawn from its seed.

Responsible for contents and first settings. Templates change what their task needs.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from environments.practice.phone import words
from environments.practice.phone.apps import contacts, photos
from environments.practice.phone.apps.browser import START, address
from environments.practice.phone.base import Namespace
from environments.practice.phone.keyboard import ON_SCREEN
from environments.practice.phone.store import Contact, Message, News, Site, Store

SETTINGS: Mapping[Namespace, Mapping[str, str]] = {
    "system": {
        "screen_brightness": "128",
        "screen_brightness_mode": "0",
        "accelerometer_rotation": "0",
        "user_rotation": "0",
        "screen_off_timeout": "1800000",
        "sound_effects_enabled": "1",
    },
    "secure": {
        "default_input_method": ON_SCREEN.id,
        "location_mode": "3",
        "ui_night_mode": "1",
        "accessibility_captioning_enabled": "0",
    },
    "global": {
        "wifi_on": "1",
        "bluetooth_on": "0",
        "airplane_mode_on": "0",
        "mobile_data": "1",
        "device_provisioned": "1",
        "adb_enabled": "1",
    },
}
"""Android's own keys (android.provider.Settings) and what they hold on a new phone."""


def furnish(rng: random.Random) -> Store:
    """Draw contacts, messages, notes, photos and news."""
    names = rng.sample(words.NAMES, rng.randint(10, 14))
    people = [Contact(name, number(rng)) for name in names]
    talks = {
        name: [Message(text, rng.random() < 0.5) for text in rng.sample(words.THINGS, 2)]  # noqa: PLR2004 - a coin
        for name in rng.sample(names, rng.randint(3, 5))
    }
    store = Store(contacts=people, talks=talks)
    store.notes = rng.sample(words.THINGS, rng.randint(2, 4))
    store.photos = rng.sample((*words.PLACES, *words.THINGS), rng.randint(4, 8))
    store.news = [
        News("com.android.settings", title, text)
        for title, text in zip(
            rng.sample(words.TOPICS, rng.randrange(3)), words.THINGS, strict=False
        )
    ]
    store.sites = sites(rng)
    store.permissions = {
        f"{photos.APP.package}/{photos.PhotosPage.permission}": True,
        f"{contacts.APP.package}/{contacts.ContactsPage.permission}": True,
    }
    return store


def sites(rng: random.Random) -> dict[str, Site]:
    """Draw a first page, three pages that it leads to, and where these lead."""
    places, things = rng.sample(words.PLACES, 3), rng.sample(words.THINGS, 6)
    found = {thing: Site(thing, tuple(rng.sample(words.THINGS, 2))) for thing in things}
    for number, place in enumerate(places):
        links = tuple((thing, address(thing)) for thing in things[2 * number : 2 * number + 2])
        found[place] = Site(place, tuple(rng.sample(words.NAMES, 2)), links)
    start = Site("Start", (), tuple((place, address(place)) for place in places))
    return {START: start, **{address(name): site for name, site in found.items()}}


def number(rng: random.Random) -> str:
    """Draw a telephone number of six digits."""
    return "".join(rng.choice("0123456789") for _ in range(6))
