"""How the views of the practice phone look.

Responsible for one view at a time, on the canvas and in the colours of the practice desktop.
Decides nothing about where a view stands.
"""

from __future__ import annotations

from collections.abc import Callable

from environments.practice.canvas import LATTICE_PX, Canvas, Colour, Look, text_width
from environments.practice.phone.text import Field, broken, drawable, glyph_width
from environments.practice.phone.views import Kind, View, point_of_level
from environments.practice.widgets import MARK_PX, SLIDER_MAX

INSET_PX = 8
"""From the left edge of a button or field to its text."""

ROW_INSET_PX = LATTICE_PX
"""From the left edge of a row to its text."""

PAINTS: tuple[Colour, ...] = (
    (205, 92, 92), (70, 130, 180), (90, 160, 90), (218, 165, 32),
    (147, 112, 219), (95, 158, 160), (210, 105, 30), (119, 136, 153),
)  # fmt: skip
"""Colours of icons and photos."""

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

DARK = Look((24, 26, 30), (34, 36, 40), (58, 66, 82), (48, 50, 54), (22, 22, 24), (66, 68, 74),
            (110, 160, 250), (130, 130, 130), (238, 238, 238))  # fmt: skip
"""The look when the dark theme is on, whatever the seed drew."""


def paint_for(text: str) -> Colour:
    """Return the colour that always goes with a name."""
    return PAINTS[sum(map(ord, text)) % len(PAINTS)]


def draw(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    """Draw a view; ``focus`` is the field that has the caret."""
    PAINTERS[view.kind](canvas, look, view, focus)


def fitting(text: str, width: int) -> str:
    """Return as much of a text's first line as a width in pixels holds."""
    line = drawable(text.split("\n", 1)[0])
    start, end = broken(line, max(width, 1))[0]
    return line[start:end]


def _panel(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    canvas.box(view.box, look.window, look.border)


def _nothing(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    """A list only holds others."""


def _label(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    y = (top + bottom) // 2 - LATTICE_PX // 2
    canvas.text(left + INSET_PX, y, fitting(view.text, right - left - INSET_PX), look.text)


def _status(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, _ = view.box
    canvas.box(view.box, BLACK)
    canvas.text(left + INSET_PX, top + 8, view.text, WHITE)
    news, *signs = view.detail.split()
    for number in range(min(int(news), 4)):
        x = left + 64 + number * LATTICE_PX
        canvas.box((x, top + 12, x + 8, top + 20), WHITE)
    for number, sign in enumerate(signs):
        canvas.text(right - LATTICE_PX * (number + 1), top + 8, sign, WHITE)


def _clock(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    x = (left + right - text_width(view.text)) // 2
    canvas.text(x, (top + bottom) // 2 - LATTICE_PX // 2, view.text, WHITE)


def _bar(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    canvas.box(view.box, look.desktop)


def _title(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    canvas.box(view.box, look.title)
    left, top, _, _ = view.box
    canvas.text(left + ROW_INSET_PX, top + 8, view.text, look.text)


def _button(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    canvas.box(view.box, look.button, look.accent if view.mine else look.border)
    _label(canvas, look, view, focus)


def _icon(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    middle = (left + right) // 2
    picture = (middle - 14, top + 4, middle + 14, bottom - 32)
    canvas.box(picture, paint_for(view.text), look.border)
    canvas.disc((middle - 6, top + 12, middle + 6, top + 24), look.window)
    width = min(text_width(view.text), right - left)
    canvas.text(middle - width // 2, bottom - 24, view.text, WHITE)


def _row(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    canvas.box((left, bottom - 1, right, bottom), look.title_idle)
    y = (top + bottom) // 2 - LATTICE_PX // 2
    name = fitting(view.text, right - left - 2 * ROW_INSET_PX)
    canvas.text(left + ROW_INSET_PX, y, name, look.text)
    used = left + 2 * ROW_INSET_PX + text_width(name)
    if view.mine:
        canvas.disc((left + 4, y + 4, left + 12, y + 12), look.accent)
    detail = fitting(view.detail, right - INSET_PX - used) if view.detail else ""
    canvas.text(right - INSET_PX - text_width(detail), y, detail, look.border)


def _switch(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    _row(canvas, look, view, focus)
    right, middle = view.box[2] - INSET_PX, (view.box[1] + view.box[3]) // 2
    track = (right - 28, middle - 7, right, middle + 7)
    canvas.box(track, look.accent if view.state else look.title_idle, look.border)
    x = right - 14 if view.state else right - 28
    canvas.box((x, middle - 7, x + 14, middle + 7), look.field, look.border)


def _choice(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    _row(canvas, look, view, focus)
    left, top = view.box[2] - INSET_PX - MARK_PX, (view.box[1] + view.box[3] - MARK_PX) // 2
    canvas.disc((left, top, left + MARK_PX, top + MARK_PX), look.field, look.border)
    if view.state:
        canvas.disc((left + 3, top + 3, left + 9, top + 9), look.accent)


def _slider(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    (left, y), (right, _) = point_of_level(view, 0), point_of_level(view, SLIDER_MAX)
    canvas.box((left, y - 2, right, y + 2), look.border)
    x, _ = point_of_level(view, view.level)
    canvas.box((x - 4, y - 9, x + 5, y + 9), look.accent, look.border)


def _field(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    focused = view.field is focus
    canvas.box(view.box, look.field, look.accent if focused else look.border, 1 + focused)
    left, top, _, bottom = view.box
    if view.field is None:
        return
    if not view.field.text and view.detail:
        y = top + 4 if view.kind == "page" else (top + bottom) // 2 - LATTICE_PX // 2
        canvas.text(left + INSET_PX, y, view.detail, look.border)
    for number, (start, end) in enumerate(lines_of(view)):
        _line(canvas, look, view, number, start, end)
        if focused and start <= view.field.caret <= end:
            x, y = point_of_index(view, view.field.caret)
            canvas.box((x, y, x + 1, y + LATTICE_PX), look.text)


def _line(canvas: Canvas, look: Look, view: View, number: int, start: int, end: int) -> None:
    field, (x, y) = view.field, line_origin(view, number)
    if field is None or y + LATTICE_PX > view.box[3] or y < view.box[1]:
        return
    first, last = max(start, field.selection[0]), min(end, field.selection[1])
    if first < last:
        left = x + _advance(field, start, first)
        canvas.box((left, y, left + _advance(field, first, last), y + LATTICE_PX), look.title)
    shown = drawable(field.text[start:end])
    canvas.text(x, y, "*" * len(shown) if field.password else shown, look.text)


def _advance(field: Field, start: int, end: int) -> int:
    return round(sum(map(glyph_width, field.text[start:end])))


def lines_of(view: View) -> list[tuple[int, int]]:
    """Return where each line of a field's text begins and ends."""
    if view.field is None:
        return []
    width = view.box[2] - view.box[0] - 2 * INSET_PX
    if view.kind == "page":
        return broken(view.field.text, width)
    text = view.field.text  # A field of one line shows what stands around the caret.
    start, end = 0, view.field.caret
    while start < end and _advance(view.field, start, end) > width:
        start += 1
    used = 0.0
    for end in range(start, len(text)):
        used += glyph_width(text[end])
        if used > width:
            return [(start, end)]
    return [(start, len(text))]


def line_origin(view: View, number: int) -> tuple[int, int]:
    """Return where a line of a field begins."""
    left, top, _, bottom = view.box
    if view.kind == "page":
        return left + INSET_PX, top + 4 + number * LATTICE_PX
    return left + INSET_PX, (top + bottom) // 2 - LATTICE_PX // 2


def point_of_index(view: View, index: int) -> tuple[int, int]:
    """Return the top of the caret before a character."""
    lines = lines_of(view)
    number = next((n for n, (start, end) in enumerate(lines) if start <= index <= end), 0)
    x, y = line_origin(view, number)
    field = view.field
    return (x + _advance(field, lines[number][0], index), y) if field else (x, y)


def index_at(view: View, x: int, y: int) -> int:
    """Return the place between two characters of a field that is nearest to a point."""
    lines, field = lines_of(view), view.field
    if field is None:
        return 0
    left, top = line_origin(view, 0)
    start, end = lines[min(max((y - top) // LATTICE_PX, 0), len(lines) - 1)]
    places = range(start, end + 1)
    return min(places, key=lambda at: abs(left + _advance(field, start, at) - x))


def _bubble(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    box = (left, top + 3, right, bottom - 3)
    canvas.box(box, look.title if view.mine else look.field, look.border)
    for number, (start, end) in enumerate(broken(view.text, right - left - 2 * INSET_PX)):
        y = top + 8 + number * LATTICE_PX
        canvas.text(left + INSET_PX, y, drawable(view.text[start:end]), look.text)


def _link(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, _, bottom = view.box
    y = (top + bottom) // 2 - LATTICE_PX // 2
    canvas.text(left + INSET_PX, y, view.text, look.accent)
    x = left + INSET_PX
    canvas.box((x, y + 15, x + text_width(view.text), y + 16), look.accent)


def _photo(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    paint = paint_for(view.text)
    canvas.box((left + 2, top + 2, right - 2, bottom - 24), paint, look.border)
    x, y = (left + right) // 2, top + (bottom - top - 24) * 2 // 3
    canvas.lines([(left + 8, bottom - 28), (x, y - 8), (right - 8, bottom - 28)], look.window)
    canvas.text(left + INSET_PX, bottom - 20, view.text, look.text)


def _card(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    canvas.box((left + 4, top + 2, right - 4, bottom - 2), look.field, look.border)
    inner = (left + 8, top, right - 4, bottom - 1)
    name = fitting(view.text, inner[2] - inner[0])
    y = (top + bottom) // 2 - LATTICE_PX // 2
    canvas.text(inner[0] + INSET_PX, y, name, look.text)
    used = inner[0] + 2 * INSET_PX + text_width(name)
    canvas.text(used, y, fitting(view.detail, inner[2] - used), look.border)


def _tile(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    box = (left + 2, top + 2, right - 2, bottom - 2)
    canvas.box(box, look.title if view.state else look.button, look.border)
    _label(canvas, look, view, focus)


def _key(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    box = (left + 1, top + 2, right - 1, bottom - 2)
    canvas.box(box, look.title if view.state else look.field, look.border)
    face = KEY_FACES.get(view.text, view.text)
    x = (left + right - text_width(face)) // 2
    canvas.text(x, (top + bottom) // 2 - LATTICE_PX // 2, face, look.text)


KEY_FACES = {"shift": "^", "backspace": "<x", "enter": "go", "space": "", "symbols": "?1",
             "letters": "ab"}  # fmt: skip


def _navigation(canvas: Canvas, look: Look, view: View, focus: Field | None) -> None:
    left, top, right, bottom = view.box
    x, y = (left + right) // 2, (top + bottom) // 2
    if view.text == "Home":
        canvas.disc((x - 8, y - 8, x + 8, y + 8), look.text)
        canvas.disc((x - 6, y - 6, x + 6, y + 6), look.desktop)
    elif view.text == "Recents":
        canvas.box((x - 7, y - 7, x + 7, y + 7), None, look.text, 2)
    else:
        canvas.lines([(x + 6, y - 8), (x - 8, y), (x + 6, y + 8), (x + 6, y - 8)], look.text)


Painter = Callable[[Canvas, Look, View, Field | None], None]
PAINTERS: dict[Kind, Painter] = {
    "panel": _panel, "list": _nothing, "title": _title, "label": _label, "button": _button,
    "icon": _icon, "row": _row, "switch": _switch, "choice": _choice, "slider": _slider,
    "field": _field, "page": _field, "bubble": _bubble, "link": _link, "photo": _photo,
    "status": _status, "bar": _bar, "clock": _clock, "card": _card,
    "tile": _tile, "key": _key, "navigation": _navigation,
}  # fmt: skip
