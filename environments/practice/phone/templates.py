"""The task templates of the practice phone: scenes from a seed, each with its oracle.

Responsible for what is asked and how it is solved; what the phone holds besides is drawn with it.
Longer than a file should be, because scenes of one kind are easier to compare in one place.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from environments.actions import Tap
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice import words as shared_words
from environments.practice.joint import RECEIVE_CODE, CodeTask, code_task
from environments.practice.layout import coin
from environments.practice.phone import words
from environments.practice.phone.apps import browser, messages
from environments.practice.phone.apps.settings import brightness_of
from environments.practice.phone.furnishing import number
from environments.practice.phone.store import Contact, Message, News
from environments.practice.phone.tasks import (
    PhoneScene,
    PhoneTemplate,
    hold_on,
    tap_on,
    throw_away,
)
from environments.practice.phone.views import point_of_level
from environments.practice.phone.ways import (
    as_before,
    at_shade,
    enter,
    fill,
    go_to,
    into_view,
    say,
    swipes_to,
    talk_goal,
    text_in,
    unsaid,
    without,
    write_in_note,
)
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import DONE, OracleStep, looked_for
from environments.practice.templates import switch_wordings

ROWS_SEEN = 7
"""Rows of a list that the upright screen shows."""


def open_app(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Open one of the applications."""
    app = rng.choice([app for app in world.apps if app.label not in ("Bank", "Camera")])

    def oracle(world: PhoneWorld) -> OracleStep:
        return enter(world, app.label) or tap_on(world, app.label)

    wordings = (f"Open {app.label}.", f"Start the {app.label} app.", f"Launch {app.label}.")
    return PhoneScene(world, wordings, {"front": app.package}, oracle, 1)


def toggle_setting(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Switch something on or off in the settings."""
    name, namespace, key = rng.choice(world.switches)
    for _, space, other in world.switches:
        if coin(rng):
            world.switching(space, other)()
    was_on = world.setting(namespace, key) not in ("", "0")
    world.switching(namespace, key)()
    goal = {f"setting:{namespace}/{key}": world.setting(namespace, key)}
    world.switching(namespace, key)()

    def oracle(world: PhoneWorld) -> OracleStep:
        return go_to(world, "Settings", "Settings") or tap_on(world, name, "switch")

    return PhoneScene(world, in_settings(switch_wordings(name, not was_on)), goal, oracle, 2)


def in_settings(wordings: tuple[str, ...]) -> tuple[str, ...]:
    """Return wordings that say where to look."""
    return tuple(f"{wording[:-1]} in Settings." for wording in wordings)


def set_brightness(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Set the slider on the page about the display."""
    level = rng.randint(0, 10)
    wanted = rng.choice([step for step in range(11) if step != level])
    world.put_setting("system", "screen_brightness", str(brightness_of(level)))

    def oracle(world: PhoneWorld) -> OracleStep:
        step = go_to(world, "Settings", "Settings", "Display")
        if step is not None or world.page.name == "Settings":
            return step or tap_on(world, "Display", "row")
        view = next(v for v in world.screenful().content if v.kind == "slider")
        return OracleStep(
            f"Set Brightness {wanted}.", Tap(InputPoint(*point_of_level(view, wanted)))
        )

    wordings = (
        f"Set Brightness to {wanted} in Settings.",
        f"Change the Brightness slider to {wanted}.",
        f"Move Brightness to {wanted}.",
    )
    goal = {"setting:system/screen_brightness": str(brightness_of(wanted))}
    return PhoneScene(world, wordings, goal, oracle, 3)


def rotate_screen(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Turn the screen to lie or to stand."""
    lies = coin(rng)
    world.put_setting("system", "user_rotation", "1" if lies else "0")

    def oracle(world: PhoneWorld) -> OracleStep:
        step = go_to(world, "Settings", "Settings", "Display")
        label = "Display" if world.page.name == "Settings" else "Landscape"
        return step or into_view(world, label) or tap_on(world, label)

    wordings = in_settings(switch_wordings("Landscape", not lies))
    goal = {"setting:system/user_rotation": "0" if lies else "1"}
    return PhoneScene(world, wordings, goal, oracle, 3)


def send_message(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Send a word to somebody one has written with before."""
    name = rng.choice(tuple(world.store.talks))
    text = rng.choice(words.THINGS)
    goal = talk_goal(world, name, text)

    def oracle(world: PhoneWorld) -> OracleStep:
        unsaid(world, name, goal)
        step = go_to(world, "Messages", "Messages", messages.TALK + name)
        if step is not None or world.page.name == "Messages":
            return step or tap_on(world, name, "row")
        return say(world, text)

    wordings = (
        f"Send {text} to {name}.",
        f"Write {text} to {name} in Messages.",
        f"Send {name} the message {text}.",
    )
    return PhoneScene(world, wordings, goal, oracle, 5)


def reply_to_news(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Answer a message that has just arrived, from its notification."""
    name = rng.choice(tuple(world.store.talks))
    said, text = rng.sample(words.THINGS, 2)
    world.store.delivered(name, Message(said))
    news = News(messages.APP.package, name, said, messages.TALK + name)
    world.notify(news)
    goal = {**talk_goal(world, name, text), "news": without(world, news)}

    def oracle(world: PhoneWorld) -> OracleStep:
        unsaid(world, name, goal)
        if news not in world.store.news:
            step = go_to(world, "Messages", "Messages", messages.TALK + name)
            if step is not None or world.page.name == "Messages":
                return step or tap_on(world, name, "row")
            return say(world, text)
        return at_shade(world) or tap_on(world, name, "notification")

    wordings = (
        f"Reply {text} to the notification from {name}.",
        f"Open the notification from {name} and answer {text}.",
        f"Answer the notification of {name} with {text}.",
    )
    return PhoneScene(world, wordings, goal, oracle, 5)


def dismiss_news(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Throw one of two or three notifications away."""
    titles = rng.sample(words.TOPICS, rng.randint(2, 3))
    world.store.news = [
        News("com.android.settings", title, rng.choice(words.THINGS)) for title in titles
    ]
    news = rng.choice(world.store.news)

    def oracle(world: PhoneWorld) -> OracleStep:
        return at_shade(world) or throw_away(world, news.title)

    wordings = (
        f"Dismiss the notification {news.title}.",
        f"Swipe the {news.title} notification away.",
        f"Clear only the notification {news.title}.",
    )
    return PhoneScene(world, wordings, {"news": without(world, news)}, oracle, 2)


def read_message(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Open the talk with somebody."""
    name = rng.choice(tuple(world.store.talks))

    def oracle(world: PhoneWorld) -> OracleStep:
        return go_to(world, "Messages", "Messages") or tap_on(world, name, "row")

    wordings = (
        f"Open the messages from {name}.",
        f"Show what {name} wrote in Messages.",
        f"Read the messages of {name}.",
    )
    return PhoneScene(world, wordings, {"page": messages.TALK + name}, oracle, 2)


def add_contact(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Add somebody with a number."""
    known = [contact.name for contact in world.store.contacts]
    name = rng.choice([name for name in words.NAMES if name not in known])
    digits = number(rng)[:3]
    before = world.values()["contacts"]
    after = sorted([*((c.name, c.number) for c in world.store.contacts), (name, digits)])

    def oracle(world: PhoneWorld) -> OracleStep:
        if world.values()["contacts"] != before:
            raise LookupError("somebody else was added")
        step = go_to(world, "Contacts", "Contacts", "Contact")
        if step is not None or world.page.name == "Contacts":
            return step or tap_on(world, "New", "button")
        for label, text in (("Name", name), ("Phone", digits)):
            if text_in(world, label) != text:
                return fill(world, label, text)
        return tap_on(world, "Save", "button")

    wordings = (
        f"Add the contact {name} with the number {digits}.",
        f"Save {name} with Phone {digits} in Contacts.",
        f"Make a new contact {name}, number {digits}.",
    )
    return PhoneScene(world, wordings, {"contacts": tuple(after)}, oracle, 6)


def find_contact(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Show somebody who may be further down in the list."""
    names = sorted(contact.name for contact in world.store.contacts)
    row = rng.randrange(3, len(names))
    name = names[row]

    def oracle(world: PhoneWorld) -> OracleStep:
        step = go_to(world, "Contacts", "Contacts")
        found = step or into_view(world, name) or tap_on(world, name, "row")
        return step or looked_for(name, found, "tap")

    wordings = (
        f"Show the contact {name}.",
        f"Find {name} in Contacts.",
        f"Open the contact of {name}.",
    )
    steps = 2 + swipes_to(row, ROWS_SEEN)
    return PhoneScene(world, wordings, {"page": f"contact:{name}"}, oracle, steps)


def delete_contact(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Delete somebody near the beginning of the list."""
    people = sorted(world.store.contacts, key=lambda contact: contact.name)
    gone = rng.choice(people[:ROWS_SEEN])

    def oracle(world: PhoneWorld) -> OracleStep:
        step = go_to(world, "Contacts", "Contacts", f"contact:{gone.name}")
        if step is not None or world.page.name == "Contacts":
            return step or into_view(world, gone.name) or tap_on(world, gone.name, "row")
        return tap_on(world, "Delete", "button")

    wordings = (
        f"Delete the contact {gone.name}.",
        f"Remove {gone.name} from Contacts.",
        f"Delete {gone.name} in Contacts.",
    )
    goal = {"contacts": tuple((c.name, c.number) for c in people if c is not gone)}
    return PhoneScene(world, wordings, goal, oracle, 3)


def write_note(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Write a new note of one word."""
    before = tuple(world.store.notes)
    text = rng.choice([thing for thing in words.THINGS if thing not in before])

    def oracle(world: PhoneWorld) -> OracleStep:
        as_before(world, before, len(before))
        return write_in_note(world, len(before), text)

    wordings = (
        f"Write the note {text}.",
        f"Make a new note {text} in Notes.",
        f"Add {text} to Notes.",
    )
    return PhoneScene(world, wordings, {"notes": (*before, text)}, oracle, 3)


def edit_note(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Put another word in place of a note."""
    before = tuple(world.store.notes)
    row = rng.randrange(len(before))
    text = rng.choice([thing for thing in words.THINGS if thing not in before])

    def oracle(world: PhoneWorld) -> OracleStep:
        as_before(world, before, row)
        return write_in_note(world, row, text)

    old = before[row]
    wordings = (
        f"Change the note {old} to {text}.",
        f"Replace {old} in Notes with {text}.",
        f"Make the note {old} read {text} instead.",
    )
    goal = {"notes": (*before[:row], text, *before[row + 1 :])}
    return PhoneScene(world, wordings, goal, oracle, 4)


def paste_note(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Paste what was copied into a new note."""
    before = tuple(world.store.notes)
    world.clipboard = rng.choice([thing for thing in words.THINGS if thing not in before])

    def oracle(world: PhoneWorld) -> OracleStep:
        as_before(world, before, len(before))
        step = go_to(world, "Notes", "Notes", "note:None")
        if step is not None or world.page.name == "Notes":
            if len(world.store.notes) > len(before):
                raise LookupError("another note was written")
            return step or tap_on(world, "New", "button")
        pastes = any(t.label == "Paste" for t in world.targets())
        return tap_on(world, "Paste") if pastes else hold_on(world, "Note", "text field")

    wordings = (
        "Paste what was copied into a new note.",
        "Make a new note in Notes and paste.",
        "Paste the clipboard as a new note.",
    )
    goal = {"notes": (*before, world.clipboard)}
    return PhoneScene(world, wordings, goal, oracle, 4)


def follow_link(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Open a page and follow a link on it."""
    first, to_first = rng.choice(world.store.sites[browser.START].links)
    second, to_second = rng.choice(world.store.sites[to_first].links)

    def oracle(world: PhoneWorld) -> OracleStep:
        pages = (f"web:{browser.START}", f"web:{to_first}")
        step = go_to(world, "Browser", *pages)
        label = first if world.page.name == pages[0] else second
        return step or tap_on(world, label, "link")

    wordings = (
        f"Open the page {first} in Browser and follow the link {second}.",
        f"In Browser go to {first}, then to {second}.",
        f"Browser: open {first} and tap {second}.",
    )
    return PhoneScene(world, wordings, {"page": f"web:{to_second}"}, oracle, 3)


def delete_photo(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Delete one photo, and say that it is meant."""
    photo = rng.choice(world.store.photos)
    left = tuple(name for name in world.store.photos if name != photo)
    before = tuple(world.store.photos)

    def oracle(world: PhoneWorld) -> OracleStep:
        if tuple(world.store.photos) != before:
            raise LookupError("another photo was deleted")
        asked = f"Delete {photo}?"
        step = go_to(world, "Photos", "Photos", f"photo:{photo}", asked)
        if step is not None or world.page.name == "Photos":
            return step or into_view(world, photo) or tap_on(world, photo, "photo")
        return tap_on(
            world, shared_words.CONFIRM if world.page.name == asked else "Delete", "button"
        )

    wordings = (
        f"Delete the photo {photo}.",
        f"Remove {photo} from Photos.",
        f"Delete {photo} in Photos and confirm.",
    )
    return PhoneScene(world, wordings, {"photos": left}, oracle, 4)


def grant_or_deny(rng: random.Random, world: PhoneWorld) -> PhoneScene:
    """Open an application and let it have, or not, what it asks for."""
    app = rng.choice([app for app in world.apps if app.label in ("Camera", "Photos", "Contacts")])
    permissions = world.store.permissions
    for key in [key for key in permissions if key.startswith(app.package)]:
        del permissions[key]
    page = world.programs[app.package].first(world)
    allow = coin(rng)
    key = f"{app.package}/{page.permission}"
    goal = {"permissions": tuple(sorted({**permissions, key: allow}.items()))}

    def oracle(world: PhoneWorld) -> OracleStep:
        if key in world.store.permissions:
            raise LookupError("the question was answered otherwise")
        question = f"Allow {app.label}?"
        step = go_to(world, app.label, question)
        return step or tap_on(world, "Allow" if allow else "Deny", "button")

    verb = "Allow" if allow else "Deny"
    wordings = (
        f"Open {app.label} and tap {verb}.",
        f"Start {app.label} and {verb.lower()} what it asks for.",
        f"{verb} what {app.label} asks for.",
    )
    return PhoneScene(world, wordings, goal, oracle, 2)


TEMPLATES: dict[str, PhoneTemplate] = {
    template.__name__: template
    for template in (
        open_app, toggle_setting, set_brightness, rotate_screen, send_message, reply_to_news,
        dismiss_news, read_message, add_contact, find_contact, delete_contact, write_note,
        edit_note, paste_note, follow_link, delete_photo, grant_or_deny,
    )
}  # fmt: skip
"""Every template by name."""

DEMO: Mapping[str, str] = {
    "open_app": "one tap",
    "toggle_setting": "an application and a switch in it",
    "send_message": "a message, with typing",
}
"""The templates of the demo, and what each of them shows."""


def receive_code(task: CodeTask) -> PhoneTemplate:
    """Return the phone's half of ``joint.COPY_CODE``: a message with a code, to be read only."""

    def build(rng: random.Random, world: PhoneWorld) -> PhoneScene:
        if world.store.contact(task.sender) is None:
            world.store.contacts.append(Contact(task.sender, number(rng)))
        world.store.delivered(task.sender, Message(task.message))

        def oracle(world: PhoneWorld) -> OracleStep:
            talk = messages.TALK + task.sender
            step = go_to(world, "Messages", "Messages", talk)
            if step is not None or world.page.name == talk:
                return step or DONE
            return tap_on(world, task.sender, "row")

        return PhoneScene(world, (task.wording,), {}, oracle, 2)

    return build


def template_named(name: str, seed: int = 0) -> PhoneTemplate:
    """Return a template; the half of a task over two worlds is made from the seed of both.

    Raises:
        ConfigError: there is none of this name.
    """
    if name == RECEIVE_CODE:
        return receive_code(code_task(seed))
    if name not in TEMPLATES:
        raise ConfigError(
            f"There is no template {name!r} for the practice phone; there are: "
            f"{', '.join(TEMPLATES)}."
        )
    return TEMPLATES[name]
