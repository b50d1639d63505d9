"""Oracles for tasks in which something has to be typed.

Responsible for what is typed where. The answers come from the question and from what the page
shows, or holds where it shows it as a picture.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping

from benchmarks.suites.miniwob.oracles.clicking import ORDER, SUBMIT
from benchmarks.suites.miniwob.oracles.moves import Step, at, choose, fill, press, tick, wheel
from benchmarks.suites.miniwob.oracles.truth import QUIET, Truth
from environments.actions import PressKeys, TypeText

ANSWER = "#answer-input"
_LABELLED = (
    "[...document.querySelectorAll('#area input')].map(e =>"
    " e.closest('p, .row, tr, .field, .ui-entry').textContent)"
)
_SIGNS = {"+": operator.add, "-": operator.sub, "x": operator.mul}


def text(truth: Truth) -> Step:
    """enter-text: what stands in quotation marks."""
    return _answer(truth, "#tt", truth.quoted()[0])


def cased_text(truth: Truth) -> Step:
    """enter-text-2: the same in upper or lower case."""
    word = truth.quoted()[0]
    return _answer(truth, "#tt", word.upper() if "upper" in truth.asked else word.lower())


def password(truth: Truth) -> Step:
    """enter-password: twice the same."""
    word = truth.quoted()[0]
    return fill(truth, "#password", word) or _answer(truth, "#verify", word)


def login(truth: Truth) -> Step:
    """login-user: name and password."""
    user, word = truth.quoted()
    return fill(truth, "#username", user) or _answer(truth, "#password", word)


def login_with_popup(truth: Truth) -> Step:
    """login-user-popup: the same, and what comes between is cancelled."""
    if truth.all("#popup"):
        return press(truth, "#popup-cancel")
    return login(truth)


def date(truth: Truth) -> Step:
    """enter-date: month, day and year typed into the parts of a date field."""
    month, day, year = truth.found(r"(\d\d)/(\d\d)/(\d{4})")
    return _parts(truth, f"{year}-{month}-{day}", f"{month}{day}{year}")


def time(truth: Truth) -> Step:
    """enter-time: hour, minute and half of the day typed into the parts of a time field."""
    hour, minute, half = truth.found(r"(\d+):(\d\d)\s(AM|PM)")
    hours = int(hour) % 12 + 12 * (half == "PM")
    return _parts(truth, f"{hours:02d}:{minute}", f"{int(hour):02d}{minute}{half}")


def word(truth: Truth) -> Step:
    """find-word: the word in a place of the paragraph."""
    number = int(truth.found(r"the (\d+)\w\w word")[0])
    found = truth.one("#area p").text.split()[number - 1]
    return _answer(truth, ANSWER, re.sub("[^a-zA-Z]", "", found))


def last_word(truth: Truth) -> Step:
    """scroll-text: the last word of a text that has to be scrolled to be seen."""
    area = truth.one("#text-area")
    if area.scrolled[1] > 1:
        return wheel(truth, area.box, area.scrolled[1])
    return _answer(truth, ANSWER, re.sub("[^a-zA-Z0-9]", "", area.value.split()[-1]))


def table(truth: Truth) -> Step:
    """read-table: the value beside a key."""
    return _answer(truth, "#tt", _rows(truth)[truth.found(r"value of (.*) into")[0]])


def table_twice(truth: Truth) -> Step:
    """read-table-2: the values beside two keys."""
    rows = _rows(truth)
    for number in (1, 2):
        step = fill(truth, f"#tt{number}", rows[truth.one(f"#ll{number}").text.rstrip(":")])
        if step:
            return step
    return press(truth, SUBMIT)


def arithmetic(truth: Truth) -> Step:
    """simple-arithmetic: the result of two digits."""
    one, sign, two = truth.one("#math-problem").text.split()[:3]
    return _answer(truth, "#math-answer", str(_SIGNS[sign](int(one), int(two))))


def algebra(truth: Truth) -> Step:
    """simple-algebra: what x is."""
    left, sign, right, _, result = truth.one("#math-problem").text.split()
    known = int(right if left == "x" else left)
    if sign == "+":
        x = int(result) - known
    else:
        x = int(result) + known if left == "x" else known - int(result)
    return _answer(truth, "#math-answer", str(x))


def blocks(truth: Truth) -> Step:
    """visual-addition: how many blocks there are."""
    return _answer(truth, "#math-answer", str(len(truth.all(".addition-block"))))


def captcha(truth: Truth) -> Step:
    """text-transform: the letters, whichever way they lean."""
    return _answer(truth, "#tt", "".join(each.text for each in truth.all("#captcha span")))


def movie(truth: Truth) -> Step:
    """multi-layouts, multi-orderings: three fields by their labels, wherever those stand."""
    genre, director, year = truth.found(r"for (.*) movies directed by (.*) from year (\d+)")
    wanted = {"Genre": genre, "Director": director, "Year": year, "Released": year}
    labels = truth.value(_LABELLED)
    for field, label in zip(truth.all("#area input"), labels, strict=True):
        meant = next(key for key in wanted if key in label)
        step = fill(truth, field, wanted[meant], f"the {meant} field")
        if step:
            return step
    return press(truth, "#area button, #area .final, #area .ui-submit")


def copied(truth: Truth) -> Step:
    """copy-paste: the text of the area that is meant, by the clipboard."""
    place = {"1st": "#text-1", "2nd": "#text-2", "3rd": "#text-3"}
    meant = next((place[key] for key in place if key in truth.asked), "#to-copy")
    source, answer = truth.one(meant), truth.one(ANSWER)
    if answer.value == source.value:
        return press(truth, SUBMIT)
    if answer.focused and truth.memory.get("copied"):
        return Step("Paste it.", PressKeys(("ctrl", "v")))
    if truth.memory.get("copied"):
        return press(truth, answer, what="the answer field")
    if not source.focused:
        return press(truth, source, what="the text")
    if not source.all_selected:
        return Step("Select the text.", PressKeys(("ctrl", "a")))
    truth.memory["copied"] = True
    return Step("Copy it.", PressKeys(("ctrl", "c")))


def radio_and_field(truth: Truth) -> Step:
    """form-sequence-2: a radio button, a number into one of three fields, submit."""
    radio, number, field = truth.found(r'the (\w+) radio .*"(-?\d+)" into the (\w+) textbox')
    return (
        tick(truth, truth.all("#area input[type=radio]")[ORDER[radio]])
        or fill(truth, f"#input-{ORDER[field] + 1}", number)
        or press(truth, SUBMIT)
    )


def country(truth: Truth) -> Step:
    """use-autocomplete: an item with this beginning and this end."""
    begin, *end = truth.quoted()
    known = truth.value("ui_utils.COUNTRIES")
    item = next(each for each in known if each.startswith(begin) and each.endswith("".join(end)))
    step = fill(truth, "#tags", item)
    if step is None and any(each.shown for each in truth.all(".ui-autocomplete li")):
        return Step("Close the list.", PressKeys(("escape",)))
    return step or press(truth, SUBMIT)


def listed(truth: Truth) -> Step:
    """choose-list: an option of a native list."""
    wanted = truth.found(r"Select (.*) from the list")[0]
    return choose(truth, "#options", wanted) or press(truth, "#area button")


def guess(truth: Truth) -> Step:
    """guess-number: higher or lower until it is right."""
    low, high = truth.one("#higher span"), truth.one("#lower span")
    bounds = truth.memory.setdefault("bounds", [-1, 10])
    if low.shown:
        bounds[0] = max(bounds[0], int(low.text))
    if high.shown:
        bounds[1] = min(bounds[1], int(high.text))
    number = str((bounds[0] + bounds[1]) // 2)
    return fill(truth, "#tt", number) or press(truth, SUBMIT)


def search(truth: Truth) -> Step:
    """search-engine: search, turn to the page, click the result."""
    wanted = truth.quoted()[0]
    place = int(truth.found(r"the (\d+)\w\w search result")[0]) - 1
    step = fill(truth, "#search-text", wanted)
    if step:
        return step
    results = {each.data.get("data-result"): each for each in truth.all("#page-content a")}
    if str(place) in results:
        return press(truth, results[str(place)])
    if not results or "-1" in results:
        return press(truth, "#search")
    return press(truth, "#pagination a", str(place // 3 + 1))


def terminal(truth: Truth) -> Step:
    """terminal: remove a file with an ending, or one without any."""
    ending = re.search(r"extension (\.\S+)", truth.asked)
    files = truth.value("currentFiles")
    meant = next(
        each for each in files if (each.endswith(ending[1]) if ending else "." not in each)
    )
    if not truth.one("#terminal-target").focused:
        return press(truth, "#terminal")
    return Step(f"Remove {meant}.", TypeText(f"rm {meant}\n"))


def agreement(truth: Truth) -> Step:
    """sign-agreement: scroll to its end, sign, agree or cancel; or cancel at once."""
    wanted = truth.quoted()
    if len(wanted) < 2:  # noqa: PLR2004 - a name and a button
        return press(truth, "#cancel")
    area, name = truth.one("#text-area"), truth.one("#name")
    if name.disabled:
        return wheel(truth, area.box, area.scrolled[1])
    return fill(truth, name, wanted[0]) or press(truth, f"#{wanted[1].lower()}")


def phone_book(truth: Truth) -> Step:
    """phone-book: turn to a person, click what is asked for."""
    person, what = truth.found(r"Find (.*) in the contact book and click on their (\w+)")
    if truth.one("#contact .name").text == person:
        return press(truth, f"#contact .{what}")
    return press(truth, "#pagination a", ">")


def editor(truth: Truth) -> Step:
    """text-editor: select what is meant, give it its style or colour, submit."""
    truth.until(QUIET)
    if truth.value("editor.getContents().ops.some(o => o.attributes)"):
        return press(truth, SUBMIT)
    meant, style = _style(truth)
    if style in _BUTTONS:
        return _select(truth, meant) or press(truth, _BUTTONS[style])
    value = truth.value("COLOR_MAP")[style][0]
    offered = truth.one(f'.ql-color [data-value="{value}"]')
    if offered.shown:  # What was selected before the colours came still is.
        return press(truth, offered)
    return _select(truth, meant) or press(truth, ".ql-color .ql-picker-label")


_BUTTONS: Mapping[str, str] = {
    "bold": ".ql-bold", "italics": ".ql-italic", "underlined": ".ql-underline"
}  # fmt: skip


def _style(truth: Truth) -> tuple[str, str]:
    """Return what is meant, empty for everything, and its style or colour."""
    meant = re.search(r"give the text (\S+) the", truth.asked)
    (style,) = truth.found(r"(?:style|color) (\w+)")
    return (meant[1] if meant else ""), style


def _select(truth: Truth, meant: str) -> Step | None:
    """Select a word with all that clings to it, or everything if none is named."""
    whole = truth.value("editor.getText()").rstrip("\n")
    begin = re.search(rf"(?<!\S){re.escape(meant)}(?!\S)", whole) if meant else None
    first, length = (begin.start(), len(meant)) if begin else (0, len(whole))
    selected = truth.value("editor.getSelection()") or {"index": -1, "length": 0}
    if (selected["index"], selected["length"]) == (first, length):
        return None
    if not meant and truth.one(".ql-editor").focused:
        return Step("Select everything.", PressKeys(("ctrl", "a")))
    if not meant:
        return press(truth, ".ql-editor")
    if selected["index"] == first and 0 < selected["length"] < length:
        return Step("Select one more character.", PressKeys(("shift", "right")))
    left, top, right, bottom = truth.span(".ql-editor", first, first + length)
    return at(truth, ((left + right) / 2, (top + bottom) / 2), meant, count=2)


def _answer(truth: Truth, field: str, wanted: str) -> Step:
    return fill(truth, field, wanted) or press(truth, SUBMIT)


def _rows(truth: Truth) -> dict[str, str]:
    cells = [each.text for each in truth.all("#tab td")]
    return dict(zip(cells[::2], cells[1::2], strict=True))


def _parts(truth: Truth, value: str, keys: str) -> Step:
    field = truth.one("#tt")
    if field.value == value:
        return press(truth, SUBMIT)
    if field.focused:
        return Step(f"Type {keys}.", TypeText(keys))
    left, top, _, bottom = field.box
    return at(truth, (left + 8, (top + bottom) / 2), "the field")
