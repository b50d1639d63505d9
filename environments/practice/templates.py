"""The task templates of the practice desktop: scenes from a seed, each with its oracle.

Responsible for what is asked and how it is solved. Every label is on the screen at most once as
far as a template needs it to be unambiguous; widgets stand on the lattice of ``canvas``.
Long, because sixteen scenes of one kind are easier to compare in one place; where widgets stand is
drawn by ``layout``, and by name they are found in ``named``.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from environments.actions import Click
from environments.geometry import InputPoint
from environments.practice import words
from environments.practice.canvas import LATTICE_PX, Look
from environments.practice.fields import DropDown, MenuBar, Tabs, TextField
from environments.practice.joint import CodeTask
from environments.practice.layout import at_row, button_rows, coin, place, rows_used
from environments.practice.tasks import (
    Oracle,
    OracleStep,
    Scene,
    Template,
    click_on,
    double_click_on,
    has_target,
    looked_for,
    press_keys,
    scroll_at,
    type_text,
)
from environments.practice.widgets import Button, CheckBox, ListBox, RadioGroup, Slider, Widget
from environments.practice.world import Window, World

FORM_WIDTH_PX = 224


def click_button(rng: random.Random, look: Look) -> Scene:
    """Press one of four to eight buttons."""
    labels = rng.sample(words.ACTIONS, rng.randint(4, 8))
    width = rng.choice((208, 240, 272, 304))
    buttons = button_rows(rng, labels, width)
    window = place(rng, rng.choice(words.APPS), width, rows_used(buttons))
    window.widgets = buttons
    wanted = rng.choice(labels)
    wordings = (
        f"Click the {wanted} button.",
        f"Press {wanted}.",
        f"Please push the button {wanted}.",
    )
    return Scene(World([window], look), wordings, {f"press:{wanted}": 1}, press(wanted), 1)


def press(label: str) -> Oracle:
    """Return an oracle that presses one target."""
    return lambda world: click_on(world, label)


def toggle_option(rng: random.Random, look: Look) -> Scene:
    """Switch one of four or five check boxes."""
    labels = rng.sample(words.OPTIONS, rng.randint(4, 5))
    x = LATTICE_PX * rng.randint(1, 3)
    boxes: list[Widget] = [
        CheckBox(label, x, at_row(row), on=coin(rng)) for row, label in enumerate(labels)
    ]
    window = place(rng, rng.choice(words.APPS), rng.choice((160, 192, 224)), len(boxes))
    window.widgets = boxes
    wanted = rng.choice(labels)
    world = World([window], look)
    on = not world.values()[f"check:{wanted}"]
    return Scene(world, switch_wordings(wanted, on), {f"check:{wanted}": on}, press(wanted), 1)


def switch_wordings(label: str, on: bool) -> tuple[str, ...]:
    """Return three ways to ask for a switch."""
    way, verb = ("on", "Enable") if on else ("off", "Disable")
    return (f"Turn {way} {label}.", f"{verb} {label}.", f"Switch the {label} option {way}.")


def choose_radio(rng: random.Random, look: Look) -> Scene:
    """Choose one of four options."""
    options = tuple(rng.sample(words.CHOICES, 4))
    wanted, start = rng.sample(options, 2)
    name = rng.choice(words.CHOICE_NAMES)
    group = RadioGroup(name, LATTICE_PX * rng.randint(1, 3), at_row(0), options, start)
    window = place(rng, rng.choice(words.APPS), rng.choice((160, 192, 224)), 4)
    window.widgets = [group]
    wordings = (f"Choose {wanted}.", f"Set {name} to {wanted}.", f"Pick the {wanted} option.")
    return Scene(World([window], look), wordings, {f"radio:{name}": wanted}, press(wanted), 1)


def pick_dropdown(rng: random.Random, look: Look) -> Scene:
    """Unfold one of two drop-downs and choose from it."""
    names = rng.sample(words.CHOICE_NAMES, 2)
    choices = rng.sample(words.CHOICES, 6)
    widgets: list[Widget] = [
        DropDown(name, LATTICE_PX, at_row(row), options=tuple(options), chosen=options[0])
        for row, (name, options) in enumerate(zip(names, (choices[:3], choices[3:]), strict=True))
    ]
    window = place(rng, rng.choice(words.APPS), FORM_WIDTH_PX, 5)
    window.widgets = widgets
    which = rng.randrange(2)
    name, wanted = names[which], rng.choice((choices[:3], choices[3:])[which][1:])

    def oracle(world: World) -> OracleStep:
        return click_on(world, wanted if has_target(world, wanted, "menu item") else name)

    wordings = (
        f"Set {name} to {wanted}.",
        f"Choose {wanted} as {name}.",
        f"Change {name} to {wanted}.",
    )
    return Scene(World([window], look), wordings, {f"drop:{name}": wanted}, oracle, 2)


def menu_window(rng: random.Random) -> tuple[Window, MenuBar]:
    """Return a window with a menu bar of two menus and a row of buttons."""
    titles = rng.sample(words.MENUS, 2)
    entries = rng.sample(words.ACTIONS, 9)
    menus = {titles[0]: tuple(entries[:3]), titles[1]: tuple(entries[3:6])}
    bar = MenuBar("menu", LATTICE_PX, at_row(0), menus=menus)
    window = place(rng, rng.choice(words.APPS), 288, 5)
    window.widgets = [bar, *button_rows(rng, entries[6:8], 288, 3)]
    return window, bar


def run_menu(rng: random.Random, look: Look) -> Scene:
    """Open a menu and run an entry."""
    window, bar = menu_window(rng)
    title = rng.choice(tuple(bar.menus or {}))
    wanted = rng.choice((bar.menus or {})[title])

    def oracle(world: World) -> OracleStep:
        return click_on(world, wanted if has_target(world, wanted, "menu item") else title)

    wordings = (
        f"Run {wanted} from the {title} menu.",
        f"In the {title} menu choose {wanted}.",
        f"Open {title} and click {wanted}.",
    )
    return Scene(World([window], look), wordings, {"menu:menu": (wanted,)}, oracle, 2)


def switch_menu(rng: random.Random, look: Look) -> Scene:
    """Open a menu and switch an entry that carries a tick."""
    window, bar = menu_window(rng)
    title = rng.choice(tuple(bar.menus or {}))
    names = rng.sample(words.OPTIONS, 3)
    bar.switches = {name: coin(rng) for name in names}
    bar.menus = {**(bar.menus or {}), title: tuple(names)}
    wanted = rng.choice(names)
    on = not bar.switches[wanted]

    def oracle(world: World) -> OracleStep:
        return click_on(world, wanted if has_target(world, wanted, "menu item") else title)

    way = "on" if on else "off"
    wordings = (
        f"Turn {way} {wanted} in the {title} menu.",
        f"In the {title} menu switch {wanted} {way}.",
        f"Open {title} and turn {way} {wanted}.",
    )
    return Scene(World([window], look), wordings, {f"switch:{wanted}": on}, oracle, 2)


def fill_form(rng: random.Random, look: Look) -> Scene:
    """Fill two of two or three fields and press a button."""
    names = rng.sample(words.FIELDS, rng.randint(2, 3))
    fields: list[Widget] = [TextField(n, LATTICE_PX, at_row(r)) for r, n in enumerate(names)]
    labels = rng.sample(words.ACTIONS, 2)
    window = place(rng, rng.choice(words.APPS), FORM_WIDTH_PX, len(fields) + 1)
    window.widgets = [*fields, *button_rows(rng, labels, FORM_WIDTH_PX, len(fields))]
    asked = sorted(rng.sample(range(len(names)), 2))
    (first, second), (one, two) = (names[i] for i in asked), rng.sample(words.VALUES, 2)
    submit = rng.choice(labels)
    goal = {f"field:{first}": one, f"field:{second}": two, f"press:{submit}": 1}

    def oracle(world: World) -> OracleStep:
        values = world.values()
        for name, value in ((first, one), (second, two)):
            if values[f"field:{name}"] != value:
                return write(world, name, value)
        return click_on(world, submit)

    wordings = (
        f"Enter {one} as {first} and {two} as {second}, then click {submit}.",
        f"Set {first} to {one} and {second} to {two}, then press {submit}.",
        f"Type {one} into {first} and {two} into {second}, then push {submit}.",
    )
    return Scene(World([window], look), wordings, goal, oracle, 5)


def write(world: World, name: str, value: str) -> OracleStep:
    """Return the next step to make a field hold exactly a value."""
    window = world.front
    widget = window.focus if window else None
    if not isinstance(widget, TextField) or widget.label != name:
        return click_on(world, name, "text field")
    if widget.text and not widget.all_selected:
        return press_keys("ctrl", "a")
    return type_text(value)


def enter_code(task: CodeTask) -> Template:
    """Return the desktop's half of ``joint.COPY_CODE``: a form with a field for the code."""

    def build(rng: random.Random, look: Look) -> Scene:
        others = [name for name in words.FIELDS if name != task.field]
        names = rng.sample([task.field, *rng.sample(others, 2)], 3)
        other = rng.choice([label for label in words.ACTIONS if label != task.submit])
        labels = rng.sample([task.submit, other], 2)
        window = place(rng, rng.choice(words.APPS), FORM_WIDTH_PX, len(names) + 1)
        fields = [TextField(n, LATTICE_PX, at_row(r)) for r, n in enumerate(names)]
        window.widgets = [*fields, *button_rows(rng, labels, FORM_WIDTH_PX, len(names))]

        def oracle(world: World) -> OracleStep:
            if world.values()[f"field:{task.field}"] != task.code:
                return write(world, task.field, task.code)
            return click_on(world, task.submit)

        goal = {f"field:{task.field}": task.code, f"press:{task.submit}": 1}
        return Scene(World([window], look), (task.wording,), goal, oracle, 3)

    return build


def replace_text(rng: random.Random, look: Look) -> Scene:
    """Replace the text of a field that is already filled."""
    names = rng.sample(words.FIELDS, 3)
    old, new, *rest = rng.sample(words.VALUES, 4)
    which = rng.randrange(3)
    texts = [old if row == which else rest[row % 2] for row in range(3)]
    window = place(rng, rng.choice(words.APPS), FORM_WIDTH_PX, 3)
    window.widgets = [
        TextField(n, LATTICE_PX, at_row(r), text=t)
        for r, (n, t) in enumerate(zip(names, texts, strict=True))
    ]
    name = names[which]
    wordings = (
        f"Change {name} from {old} to {new}.",
        f"Replace {old} in {name} with {new}.",
        f"Make {name} read {new} instead of {old}.",
    )

    def oracle(world: World) -> OracleStep:
        return write(world, name, new)

    return Scene(World([window], look), wordings, {f"field:{name}": new}, oracle, 3)


def change_setting(rng: random.Random, look: Look) -> Scene:
    """Open a dialog, switch a check box in it and confirm."""
    opener = rng.choice(words.DIALOGS)
    others = rng.sample(words.ACTIONS, 3)
    labels = rng.sample([*others, opener], 4)
    main = place(rng, rng.choice(words.APPS), 240, 3)
    main.widgets = button_rows(rng, labels, 240)
    for button in main.widgets:
        if isinstance(button, Button) and button.label == opener:
            button.opens = opener
    options = rng.sample(words.OPTIONS, 3)
    dialog = place(rng, opener, 208, 4)
    dialog.modal = True
    checks: list[Widget] = [
        CheckBox(o, LATTICE_PX * 2, at_row(r), on=coin(rng)) for r, o in enumerate(options)
    ]
    ends = [
        Button(words.CONFIRM, 32, at_row(3), closes="accept"),
        Button(words.CANCEL, 112, at_row(3), closes="dismiss"),
    ]
    dialog.widgets = [*checks, *ends]
    world = World([main], look, (dialog,))
    wanted = rng.choice(options)
    on = not world.values()[f"check:{wanted}"]

    def oracle(world: World) -> OracleStep:
        if world.front is not dialog:
            return click_on(world, opener, "button")
        if dialog.values()[f"check:{wanted}"] != on:
            return click_on(world, wanted)
        return click_on(world, words.CONFIRM)

    way = "on" if on else "off"
    wordings = (
        f"Open {opener}, turn {way} {wanted} and confirm.",
        f"In the {opener} dialog switch {wanted} {way} and accept.",
        f"Go to {opener} and turn {way} {wanted}, then confirm.",
    )
    return Scene(world, wordings, {f"check:{wanted}": on}, oracle, 3)


def set_slider(rng: random.Random, look: Look) -> Scene:
    """Set one of two sliders."""
    names = rng.sample(words.AMOUNTS, 2)
    sliders = [
        Slider(n, LATTICE_PX, at_row(r), value=rng.randint(0, 10)) for r, n in enumerate(names)
    ]
    window = place(rng, rng.choice(words.APPS), 240, 2)
    window.widgets = list(sliders)
    slider = rng.choice(sliders)
    wanted = rng.choice([v for v in range(11) if v != slider.value])

    def oracle(world: World) -> OracleStep:
        x, y = slider.point_of(wanted)
        point = InputPoint(window.x + x, window.y + y)
        return OracleStep(f"Set {slider.label} {wanted}.", Click(point))

    wordings = (
        f"Set {slider.label} to {wanted}.",
        f"Change the {slider.label} slider to {wanted}.",
        f"Move {slider.label} to {wanted}.",
    )
    return Scene(World([window], look), wordings, {f"slider:{slider.label}": wanted}, oracle, 1)


def list_window(rng: random.Random) -> tuple[Window, ListBox]:
    """Return a window with a list of six items, four of them in view."""
    items = tuple(rng.sample(words.VALUES, 6))
    box = ListBox("list", LATTICE_PX + 8 * 2, at_row(0), items, 4, rng.randint(0, 2))
    window = place(rng, rng.choice(words.APPS), rng.choice((176, 208, 240)), 4)
    window.widgets = [box]
    return window, box


def towards(world: World, box: ListBox, item: str) -> OracleStep | None:
    """Return the scrolling that looks for an item, None if it is in view.

    As a person would who cannot know where it is: down to the end, and from the end up.
    """
    if item in box.visible():
        return None
    is_at_end = box.top + box.rows >= len(box.items)
    return scroll_at(world, box.visible()[1], len(box.items) * (1 if is_at_end else -1))


def select_item(rng: random.Random, look: Look) -> Scene:
    """Select an item of a list that may have to be scrolled."""
    window, box = list_window(rng)
    hidden = [item for item in box.items if item not in box.visible()]
    wanted = rng.choice(hidden if coin(rng) else box.visible())
    is_above = wanted in box.items[: box.top]
    is_past = box.top + box.rows < len(box.items)  # Then the end is looked at first.
    steps = 1 + (wanted in hidden) + (is_above and is_past)

    def oracle(world: World) -> OracleStep:
        step = towards(world, box, wanted) or click_on(world, wanted)
        return looked_for(wanted, step, "click")

    wordings = (f"Select {wanted}.", f"Choose {wanted} in the list.", f"Mark the entry {wanted}.")
    return Scene(World([window], look), wordings, {"list:list": wanted}, oracle, steps)


def open_item(rng: random.Random, look: Look) -> Scene:
    """Open an item of a list with a double click."""
    window, box = list_window(rng)
    wanted = rng.choice(box.visible())

    def oracle(world: World) -> OracleStep:
        step = towards(world, box, wanted) or double_click_on(world, wanted)
        return looked_for(wanted, step, "open")

    wordings = (f"Open {wanted}.", f"Double-click {wanted}.", f"Open the entry {wanted}.")
    goal = {"list:list": wanted, "opened:list": (wanted,)}
    return Scene(World([window], look), wordings, goal, oracle, 1)


def switch_tab(rng: random.Random, look: Look) -> Scene:
    """Bring a tab to the front and switch an option on its page."""
    names = tuple(rng.sample(words.MENUS, 3))
    options = rng.sample(words.OPTIONS, 6)
    tabs = Tabs("tabs", LATTICE_PX, at_row(0), names, names[0])
    window = place(rng, rng.choice(words.APPS), 304, 3)
    window.widgets = [tabs]
    window.pages = {
        name: [
            CheckBox(o, LATTICE_PX * 2, at_row(1 + r))
            for r, o in enumerate(options[2 * i : 2 * i + 2])
        ]
        for i, name in enumerate(names)
    }
    page = rng.randrange(1, 3)
    tab, wanted = names[page], rng.choice(options[2 * page : 2 * page + 2])

    def oracle(world: World) -> OracleStep:
        return click_on(world, wanted if tabs.current == tab else tab)

    wordings = (
        f"Turn on {wanted} in the {tab} tab.",
        f"In the {tab} tab switch {wanted} on.",
        f"Open the {tab} tab and enable {wanted}.",
    )
    goal = {f"check:{wanted}": True, "tab:tabs": tab}
    return Scene(World([window], look), wordings, goal, oracle, 2)


def raise_window(rng: random.Random, look: Look) -> Scene:
    """Bring a covered window to the front and press a button in it."""
    titles = rng.sample(words.APPS, 2)
    labels = rng.sample(words.ACTIONS, 6)
    row = rng.randrange(2)
    back = Window(titles[0], 16 * rng.randrange(3), 8 + 16 * rng.randrange(2), 208, 3)
    front = Window(titles[1], back.x + 48 + 16 * rng.randrange(2), back.y + 48 + 16 * row, 208, 3)
    back.widgets = button_rows(rng, labels[:3], 208, 1)
    front.widgets = button_rows(rng, labels[3:], 208)
    wanted = rng.choice(labels[:3])

    def oracle(world: World) -> OracleStep:
        return click_on(world, wanted if world.front is back else titles[0])

    wordings = (
        f"Bring {titles[0]} to the front and click {wanted}.",
        f"Switch to the {titles[0]} window and press {wanted}.",
        f"In the {titles[0]} window click {wanted}.",
    )
    return Scene(World([back, front], look), wordings, {f"press:{wanted}": 1}, oracle, 2)


def close_window(rng: random.Random, look: Look) -> Scene:
    """Close one of two windows that stand beside each other."""
    titles = rng.sample(words.APPS, 2)
    labels = rng.sample(words.ACTIONS, 2)
    top = Window(titles[0], 16 * rng.randrange(8), 8, 16 * rng.randint(9, 11), 2)
    low = Window(
        titles[1], 16 * rng.randrange(8), 120 + 16 * rng.randrange(2), 16 * rng.randint(9, 11), 2
    )
    for window, label in zip((top, low), labels, strict=True):
        window.widgets = button_rows(rng, [label], window.width, rng.randrange(2))
    wanted = rng.choice((top, low))

    def oracle(world: World) -> OracleStep:
        point = InputPoint(wanted.x + wanted.width - 16, wanted.y + 16)
        return OracleStep(f"Close {wanted.title}.", Click(point))

    title = wanted.title
    wordings = (f"Close {title}.", f"Close the {title} window.", f"Shut the window {title}.")
    return Scene(World([top, low], look), wordings, {f"open:{title}": False}, oracle, 1)


def press_shortcut(rng: random.Random, look: Look) -> Scene:
    """Press a keyboard shortcut."""
    labels = rng.sample(words.ACTIONS, 4)
    window = place(rng, rng.choice(words.APPS), 240, 3)
    window.widgets = button_rows(rng, labels, 240)
    key = rng.choice("sopfnz")
    wordings = (f"Press ctrl {key}.", f"Use the shortcut ctrl {key}.", f"Hit the keys ctrl {key}.")

    def oracle(world: World) -> OracleStep:
        return press_keys("ctrl", key)

    return Scene(World([window], look), wordings, {"shortcuts": (f"ctrl+{key}",)}, oracle, 1)


TEMPLATES: dict[str, Template] = {
    template.__name__: template
    for template in (
        click_button, fill_form, change_setting, toggle_option, choose_radio, pick_dropdown,
        run_menu, switch_menu, set_slider, select_item, open_item, switch_tab, raise_window,
        close_window, replace_text, press_shortcut,
    )
}  # fmt: skip
"""Every template by name."""

DEMO: Mapping[str, str] = {
    "click_button": "one click",
    "fill_form": "a form, with typing",
    "change_setting": "a dialog and a setting in it",
}
"""The templates of the demo, and what each of them shows."""
