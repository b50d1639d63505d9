"""Oracles for widgets that are set: sliders, spinners, calendars, lists, sizes, selections.

Responsible for what they are set to and for how far they are from it.
"""

from __future__ import annotations

import json

from benchmarks.suites.miniwob.oracles.clicking import ORDER, SUBMIT
from benchmarks.suites.miniwob.oracles.moves import (
    Step,
    at,
    drag,
    fill,
    press,
    tick,
    wheel,
)
from benchmarks.suites.miniwob.oracles.truth import QUIET, Truth
from environments.actions import PressKeys

_BLANK = (80, 205)
"""A point of the page where nothing is."""
_FINE = 2
"""So many values from the wanted one arrow keys are surer than a drag."""


def slider(truth: Truth) -> Step:
    """use-slider: the value in the question, then submit."""
    wanted = int(truth.found(r"Select (-?\d+) with")[0])
    return _slide(truth, "#slider", wanted) or press(truth, SUBMIT)


def sliders(truth: Truth) -> Step:
    """use-slider-2: three values, then submit."""
    wanted = json.loads(truth.found(r"(\[.*\])")[0])
    for number, value in enumerate(wanted, 1):
        step = _slide(truth, f"#slider-{number}", value)
        if step:
            return step
    return press(truth, SUBMIT)


def slider_and_box(truth: Truth) -> Step:
    """form-sequence: a slider, one of three boxes, submit."""
    value, box = truth.found(r"Select (-?\d+) with the slider, click the (\w+) checkbox")
    return (
        _slide(truth, "#slider", int(value))
        or tick(truth, f"#checkbox-{ORDER[box] + 1}")
        or press(truth, SUBMIT)
    )


def spinner(truth: Truth) -> Step:
    """use-spinner: up or down by its arrows, then submit."""
    wanted = int(truth.found(r"Select (-?\d+) with")[0])
    now = int(truth.one("#spinner").value or 0)
    if now == wanted:
        return press(truth, SUBMIT)
    way = "up" if now < wanted else "down"
    return press(truth, f".ui-spinner-{way}", what=way)


def calendar(truth: Truth) -> Step:
    """choose-date: open the calendar, turn to the month, click the day, submit."""
    truth.until(QUIET)
    month, day, year = map(int, truth.found(r"(\d\d)/(\d\d)/(\d{4})"))
    if truth.one("#datepicker").value == f"{month:02d}/{day:02d}/{year}":
        return press(truth, SUBMIT)
    if not any(each.shown for each in truth.all(".ui-datepicker-title")):
        return press(truth, "#datepicker")
    shown = truth.value(
        "[+jQuery.datepicker._curInst.drawYear, +jQuery.datepicker._curInst.drawMonth + 1]"
    )
    if tuple(shown) != (year, month):
        way = "next" if tuple(shown) < (year, month) else "prev"
        return press(truth, f".ui-datepicker-{way}")
    return press(truth, "[data-handler=selectDay] a", str(day))


def dropdown(truth: Truth) -> Step:
    """form-sequence-3: an entry of a styled list, then a button."""
    truth.until(QUIET)
    entry = truth.found(r"Choose (.*) from the dropdown")[0]
    if truth.one("#dropdown").value != entry:
        offered = truth.one(".selectric-items li", entry)
        if offered.shown:
            return press(truth, offered)
        return press(truth, ".selectric", what="the list")
    return press(truth, "#buttons button", truth.quoted()[0])


def colour_field(truth: Truth) -> Step:
    """use-colorwheel: the colour typed into the picker's field, then submit."""
    wanted = truth.value(
        "(n => n ? ui_utils.colorNameToHex(n) : null)"
        f"(({json.dumps(truth.asked)}.match(/Select (.*) with the color/) || [])[1])"
    ) or truth.value(
        "(c => '#' + c.match(/\\d+/g).map(n => (+n).toString(16).padStart(2, '0')).join(''))"
        "(getComputedStyle(document.querySelector('#query .cc')).backgroundColor)"
    )
    digits = str(wanted).lstrip("#").upper()
    if truth.one("#col").value.upper() != digits:
        step = fill(truth, "#col", digits)
        assert step
        return step
    button = truth.one(SUBMIT)
    return press(truth, button) if button.point else at(truth, _BLANK, "beside the picker")


def size(truth: Truth) -> Step:
    """resize-textarea: drag the corner, then submit."""
    what, way = truth.found(r"the (width|height) is (smaller|larger)")
    now = truth.value(f"jQuery('#tt').{what}()")
    first = truth.memory.setdefault("size", now)
    if (now > first) if way == "larger" else (now < first):
        return press(truth, "#submit")
    grip = truth.one(".ui-resizable-se").point
    if grip is None:
        raise LookupError("The corner to drag is covered.")
    x, y = grip
    by = 15 if way == "larger" else -15
    to = (x + by, y) if what == "width" else (x, y + by)
    return drag(truth, (x, y), to, "the corner")


def scrolled(truth: Truth) -> Step:
    """scroll-text-2: the text to its top or bottom, then submit."""
    area = truth.one("#text-area")
    above, below = area.scrolled
    left = below if "bottom" in truth.asked else -above
    return wheel(truth, area.box, left) if abs(left) > 1 else press(truth, SUBMIT)


def highlighted(truth: Truth) -> Step:
    """highlight-text: select a whole paragraph, then submit."""
    place = next((ORDER[key] for key in ORDER if key in truth.asked), None)
    css = "#randomText" if place is None else f"#randomText p:nth-child({place + 1})"
    wanted = truth.one(css)
    selected = "".join(truth.value("getSelection().toString()").split())
    if selected == "".join(wanted.text.split()):
        return press(truth, SUBMIT)
    return press(truth, wanted, count=3)


def _slide(truth: Truth, css: str, wanted: int) -> Step | None:
    now, least, most, upright = truth.value(
        f"(s => [s('value'), s('option', 'min'), s('option', 'max'),"
        f" s('option', 'orientation') === 'vertical'])"
        f"((...a) => jQuery('{css}').slider(...a))"
    )
    if now == wanted:
        return None
    handle = truth.one(f"{css} .ui-slider-handle")
    if abs(wanted - now) <= _FINE and handle.focused:
        return Step(f"To {wanted}.", PressKeys(("right" if wanted > now else "left",)))
    left, top, right, bottom = truth.one(css).box
    part = (wanted - now) / (most - least)
    x, y = handle.centre
    to = (x, y - part * (bottom - top)) if upright else (x + part * (right - left), y)
    return drag(truth, (x, y), to, "the slider")
