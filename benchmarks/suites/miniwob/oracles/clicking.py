"""Oracles for tasks in which the right thing has to be clicked.

Responsible for which thing that is; how it is reached stands in ``moves``.
"""

from __future__ import annotations

import cmath
import json
from collections.abc import Callable

from benchmarks.suites.miniwob.oracles.moves import Step, at, hover, press, tick
from benchmarks.suites.miniwob.oracles.truth import QUIET, Element, Truth

SUBMIT = "#subbtn"
_SPREAD = (
    "[...document.querySelectorAll('[id^=wheelnav-divWheel-title]')].every("
    "e => e.getBoundingClientRect().height > 8)"
)
"""The slices of the wheel have come out, as far as they can be read."""
_ASIDE = 0.2
"""Radians beside a slice's letter; it is at least 0.7 wide."""
ORDER = {"1st": 0, "2nd": 1, "3rd": 2}


def button(truth: Truth) -> Step:
    """click-test: the only button."""
    return press(truth, SUBMIT)


def numbered_button(truth: Truth) -> Step:
    """click-test-2: the button that the question names."""
    return press(truth, "#area button", truth.found(r"button (ONE|TWO)")[0])


def quoted_button(truth: Truth) -> Step:
    """click-button: the button with the text in quotation marks."""
    return press(truth, "#area button", truth.quoted()[0])


def button_sequence(truth: Truth) -> Step:
    """click-button-sequence: one, then two."""
    return press(truth, (SUBMIT, "#subbtn2")[truth.value("buttonsPushed.length") % 2])


def link(truth: Truth) -> Step:
    """click-link: the link with the text in quotation marks."""
    return press(truth, ".alink", truth.quoted()[0])


def dialog(truth: Truth) -> Step:
    """click-dialog, click-dialog-2: the cross, or a button of the dialog."""
    wanted = truth.quoted()[0]
    if wanted == "x":
        return press(truth, ".ui-dialog-titlebar button")
    return press(truth, ".ui-dialog-buttonset button", wanted)


def colour(truth: Truth) -> Step:
    """click-color: the box of a colour."""
    (wanted,) = truth.found(r"the (.*) colored")
    return press(truth, f'#area [data-color="{wanted}"]', what=wanted)


def widget(truth: Truth) -> Step:
    """click-widget: any widget of a kind."""
    (wanted,) = truth.quoted()[:1]
    return press(truth, f'[data-type="{wanted}"]', what=f"the {wanted}")


def first_field(truth: Truth) -> Step:
    """focus-text: the only field."""
    return press(truth, "#tt")


def numbered_field(truth: Truth) -> Step:
    """focus-text-2: the field in a place."""
    (place,) = truth.found(r"(1st|2nd|3rd)")
    return press(truth, truth.all("#area input")[ORDER[place]], what=f"the {place} field")


def coordinate(truth: Truth) -> Step:
    """grid-coordinate: the dot of a coordinate."""
    (named,) = truth.found(r"(\(-?\d,-?\d\))")
    return press(truth, f'[id="{named}"]', what=named)


def tab(truth: Truth) -> Step:
    """click-tab: a tab by its number."""
    (number,) = truth.found(r"#(\d)")
    return press(truth, f'#area a[href="#tabs-{number}"]')


def link_in_tabs(truth: Truth) -> Step:
    """click-tab-2 and its kin: the tab that holds a link, then the link."""
    wanted = truth.quoted()[0]
    links = truth.all(".alink", wanted)
    for each in links:
        if each.shown:
            return press(truth, each)
    panels = truth.value(
        "[...document.querySelectorAll('.alink')].map(e => [e.textContent.trim(),"
        " e.closest('[id^=tabs-]').id])"
    )
    # click-tab-2-medium takes a link away with its tab and then wants that tab.
    panel = next((panel for text, panel in panels if text == wanted), "tabs-2")
    return press(truth, f'#area a[href="#{panel}"]')


def section(truth: Truth) -> Step:
    """click-collapsible: open the section, then submit."""
    truth.until(QUIET)
    header = truth.one(".ui-accordion-header")
    if header.data.get("aria-expanded") == "false":
        return press(truth, header, what="the section")
    return press(truth, SUBMIT)


def link_in_sections(truth: Truth) -> Step:
    """click-collapsible-2: the section that holds a link, then the link."""
    truth.until(QUIET)
    wanted = truth.quoted()[0]
    for each in truth.all(".alink", wanted):
        if each.shown:
            return press(truth, each)
    panel = truth.value(
        "[...document.querySelectorAll('.alink')].find(e => e.textContent.trim() === "
        f"{json.dumps(wanted)}).closest('.ui-accordion-content').id"
    )
    return press(truth, f'[aria-controls="{panel}"]')


def menu(truth: Truth) -> Step:
    """click-menu: from level to level by hovering, for a click would choose what leads on."""
    *path, leaf = truth.found(r"Select (.*)")[0].split(">")
    return _through_menu(truth, path, leaf)


def icon_menu(truth: Truth) -> Step:
    """click-menu-2: open the menu, go on to the item with a name or an icon."""
    if not truth.one("#menu").shown:
        return press(truth, "#open-menu")
    icons = truth.value(
        "[...document.querySelectorAll('#query .ui-icon')].map(e => e.className.split(' ')[1])"
    )
    wanted = truth.value("PROBLEM_SET")
    leaf = next((name for name in wanted if wanted[name] in icons), truth.quoted()[-1])
    path = [] if leaf in ("Save", "Zoom In", "Zoom Out") else ["Playback"]
    return _through_menu(truth, path, leaf)


def option(truth: Truth) -> Step:
    """click-option: the radio button with a text, then submit."""
    wanted = truth.found(r"Select (.*) and click")[0]
    return tick(truth, truth.one("label", wanted)) or press(truth, SUBMIT)


def checkboxes(truth: Truth) -> Step:
    """click-checkboxes: the boxes with these texts, then submit."""
    names = truth.found(r"Select (.*) and click")[0].split(", ")
    return _boxes(truth, lambda label: label.text in names)


def similar_checkboxes(truth: Truth) -> Step:
    """click-checkboxes-soft: the boxes with words of the same meaning, then submit."""
    names = truth.found(r"similar to (.*) and click")[0].split(", ")
    groups = [group for group in truth.value("SYNONYMS") if set(group) & set(names)]
    return _boxes(truth, lambda label: any(label.text in group for group in groups))


def number_of_checkboxes(truth: Truth) -> Step:
    """number-checkboxes: the boxes that draw a digit, then submit."""
    rows = truth.value("PATTERNS")[int(truth.quoted()[0])]
    wanted = [bool(dot) for row in rows for dot in row]
    for box, dot in zip(truth.all("#checkboxes input"), wanted, strict=True):
        if box.checked != dot:
            return press(truth, box)
    return press(truth, SUBMIT)


def shades(truth: Truth) -> Step:
    """click-shades: every shade of a colour, then submit."""
    wanted = truth.found(r"shades of (\w+)")[0]
    for shade in truth.all("#area span"):
        if (shade.data["data-color"] == wanted) != ("selected" in shade.classes):
            return press(truth, shade, what=wanted)
    return press(truth, "#submit")


def ascending(truth: Truth) -> Step:
    """ascending-numbers: 1 is still to be read, the others stand in the order of the page."""
    shown = truth.all("svg text", "1")
    return press(truth, shown[0] if shown else truth.one("svg rect"))


def greatest(truth: Truth) -> Step:
    """find-greatest: the card with the greatest number, then submit."""
    cards = truth.all(".card")
    card = max(cards, key=lambda each: int(each.text))
    if "hidden" in card.classes:
        return press(truth, card, what="the card")
    return press(truth, "#submit")


def generated_number(truth: Truth) -> Step:
    """generate-number: again and again until the number fits, then submit."""
    shown = truth.one("#display-number").text
    return press(truth, "#submit" if _fits(truth.asked, shown) else "#generate")


def odd_or_even(truth: Truth) -> Step:
    """odd-or-even: the right button of every row, then submit."""
    for row, number in enumerate(truth.all(".row .display-number"), 1):
        kind = "odd" if int(number.text) % 2 else "even"
        chosen = truth.one(f".row:nth-child({row}) .{kind}")
        if "selected" not in chosen.classes:
            return press(truth, chosen)
    return press(truth, "#submit")


def tree(truth: Truth) -> Step:
    """navigate-tree: open what is closed on the way, then click."""
    truth.until(QUIET)
    wanted = truth.quoted()[0]
    place = truth.value(
        "(() => { const all = [...document.querySelectorAll('#tree span')];"
        f" const it = all.find(e => e.textContent === {json.dumps(wanted)}); let first = it;"
        " for (let up = it; up = up.parentElement.closest('#tree ul'); )"
        "  if (getComputedStyle(up).display === 'none')"
        "   first = up.parentElement.querySelector('span');"
        " return all.indexOf(first); })()"
    )
    return press(truth, truth.all("#tree span")[place])


def ticket(truth: Truth) -> Step:
    """buy-ticket: the cheapest, dearest, shortest or longest flight."""
    prices = [int(each.data["data-price"]) for each in truth.all(".buy-ticket")]
    lengths = [int(each.data["data-duration"]) for each in truth.all(".time-duration")]
    of = {
        "cheapest": prices.index(min(prices)),
        "most expensive": prices.index(max(prices)),
        "shortest": lengths.index(min(lengths)),
        "longest": lengths.index(max(lengths)),
    }
    wanted = truth.found("(cheapest|most expensive|shortest|longest)")[0]
    return press(truth, truth.all(".buy-ticket")[of[wanted]])


def pie(truth: Truth) -> Step:
    """click-pie: open the wheel, then click a slice, beside its letter."""
    plus = truth.one("#wheelnav-divWheel-spreader")
    if plus.box[1] < 0 or plus.box[3] > truth.page_px[1]:
        return press(truth, plus)
    if truth.one("#wheelnav-divWheel-spreadertitle").text == "+":
        return at(truth, plus.centre, "the plus")
    truth.until(_SPREAD)
    letter = truth.one("#divWheel text", truth.quoted()[0])
    x, y = (a - b for a, b in zip(letter.centre, plus.centre, strict=True))
    turned = complex(x, y) * cmath.rect(1, _ASIDE)
    point = plus.centre[0] + turned.real, plus.centre[1] + turned.imag
    return at(truth, point, f"the slice of {letter.text}")


def _boxes(truth: Truth, wanted: Callable[[Element], bool]) -> Step:
    for label in truth.all("label"):
        step = tick(truth, label, wanted(label))
        if step:
            return step
    return press(truth, SUBMIT)


def _through_menu(truth: Truth, path: list[str], leaf: str) -> Step:
    for name in path:
        entry = truth.one("#menu div", name)
        step = hover(truth, entry)
        is_open = (
            "getComputedStyle([...document.querySelectorAll('#menu div')].find(e =>"
            f" e.textContent.trim() === {json.dumps(name)}).nextElementSibling).display !== 'none'"
        )
        if not truth.value(is_open):
            if step:
                return step
            truth.until(is_open)
    return press(truth, "#menu div", leaf)


def _fits(asked: str, shown: str) -> bool:
    if not shown.isdecimal():
        return False
    number = int(shown)
    words = asked.replace(",", "").split()
    if "less" in words:
        return number < int(words[words.index("than") + 1])
    if "greater" in words:
        return number > int(words[words.index("than") + 1])
    return number % 2 == ("odd" in words)
