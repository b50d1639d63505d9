"""The files of our own tasks: small, plain, and made by code.

Responsible for their content. Where they are put stands in the task files.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Callable, Mapping, Sequence
from typing import Any

FRUIT = (("Fruit", "Price", "Sold"), ("Apple", 3, 14), ("Pear", 4, 9), ("Plum", 2, 31))
CAPITALS = (("Country", "Capital"), ("France", "Paris"), ("Norway", "Oslo"), ("Peru", None))
LETTER = (
    "Invitation",
    "Dear neighbours,",
    "the garden party is on Fryday afternoon. Bring a cake on Fryday, please.",
    "See you then.",
)
NOTES = "Call the plumber\nWater the plants\n"
LOG = "".join(
    f"{hour:02}:15 backup {'failed' if hour in (3, 7, 8) else 'done'}\n" for hour in range(12)
)
_RATE = 8000
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:22px sans-serif;margin:60px}}
a,button{{font-size:26px}}input{{font-size:24px}}</style>
<h1>{title}</h1>{body}</html>
"""


def workbook(rows: Sequence[Sequence[Any]], bold_head: bool = False) -> bytes:
    """Return an xlsx file with one sheet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.active.title = "Sheet1"
    for row in rows:
        book.active.append(list(row))
    for cell in book.active[1] if bold_head else ():
        cell.font = Font(name=cell.font.name, size=cell.font.size, bold=True)
    return _saved(book)


def letter(texts: Sequence[str], dress: Callable[[Any], None] | None = None) -> bytes:
    """Return a docx file with these paragraphs; ``dress`` may change how they look."""
    from docx import Document

    document = Document()
    for text in texts:
        document.add_paragraph(text)
    if dress:
        dress(document.paragraphs)
    return _saved(document)


def _centred_head(paragraphs: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER


def _last_on_its_own(paragraphs: Any) -> None:
    paragraphs[-1].paragraph_format.page_break_before = True


def talk(titles: Sequence[str]) -> bytes:
    """Return a pptx file with one slide for each title.

    How it looks is written out: programs write it out too when they save, and it is compared.
    """
    from pptx import Presentation
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    black, white = (RGBColor(n, n, n) for n in (0, 255))  # type: ignore[no-untyped-call]
    presentation = Presentation()
    for title in titles:
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = white
        slide.shapes.title.text = title
        paragraph = slide.shapes.title.text_frame.paragraphs[0]
        font = paragraph.runs[0].font
        paragraph.alignment = PP_ALIGN.CENTER
        font.name, font.size, font.color.rgb = "Calibri", Pt(44), black
    return _saved(presentation)


def picture(width: int, height: int, turned: bool = False) -> bytes:
    """Return a png file: a sky, a meadow and a sun on the left; or that turned clockwise."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (width, height), "#8fc7f2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 2 // 3, width, height), fill="#4c9a4c")
    draw.ellipse((20, 20, 80, 80), fill="#f7d354")
    image = image.transpose(Image.Transpose.ROTATE_270) if turned else image
    return _saved(image, format="PNG")


def tone(seconds: int) -> bytes:
    """Return a wav file with a quiet 440 Hz tone."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        turn = 2 * math.pi * 440 / _RATE
        levels = (int(3000 * math.sin(turn * at)) for at in range(seconds * _RATE))
        file.writeframes(b"".join(struct.pack("<h", level) for level in levels))
    return made.getvalue()


def page(title: str, body: str) -> bytes:
    """Return a web page that needs nothing but itself."""
    return _PAGE.format(title=title, body=body).encode()


def _saved(document: Any, **how: Any) -> bytes:
    made = io.BytesIO()
    document.save(made, **how)
    return made.getvalue()


_HOME_PAGE = (
    '<p>A small library.</p><p><a href="hours.html">Opening hours</a></p>'
    '<p><a href="join.html">Become a member</a></p>'
)
_JOIN_PAGE = (
    '<form action="welcome.html"><p>Name <input name="name" autofocus></p>'
    '<p>Town <input name="town"></p><p><button>Join</button></p></form>'
)

MAKERS: Mapping[str, Callable[[], bytes]] = {
    "fruit.xlsx": lambda: workbook(FRUIT),
    "fruit-bold.xlsx": lambda: workbook(FRUIT, bold_head=True),
    "fruit-sum.xlsx": lambda: workbook((*FRUIT, (None, None, 54))),
    "capitals.xlsx": lambda: workbook(CAPITALS),
    "capitals-done.xlsx": lambda: workbook((*CAPITALS[:3], ("Peru", "Lima"))),
    "letter.docx": lambda: letter(LETTER),
    "letter-friday.docx": lambda: letter([text.replace("Fryday", "Friday") for text in LETTER]),
    "letter-centred.docx": lambda: letter(LETTER, _centred_head),
    "letter-break.docx": lambda: letter(LETTER, _last_on_its_own),
    "talk.pptx": lambda: talk(("Draft", "What we found", "Thank you")),
    "talk-titled.pptx": lambda: talk(("Spring report", "What we found", "Thank you")),
    "meadow.png": lambda: picture(300, 200),
    "meadow-turned.png": lambda: picture(300, 200, turned=True),
    "tone.wav": lambda: tone(60),
    "notes.txt": NOTES.encode,
    "notes-cat.txt": f"{NOTES}Feed the cat\n".encode,
    "notes-flowers.txt": NOTES.replace("plants", "flowers").encode,
    "poem.txt": b"Roses are red\nViolets are blue\n".__bytes__,
    "done.txt": b"done\n".__bytes__,
    "chapter.txt": b"text\n".__bytes__,
    "clean.sh": b"echo clean\n".__bytes__,
    "failed.txt": b"3\n".__bytes__,
    "backup.log": LOG.encode,
    "index.html": lambda: page("Village library", _HOME_PAGE),
    "hours.html": lambda: page("Opening hours", "<p>Monday to Friday, 10 to 18.</p>"),
    "join.html": lambda: page("Become a member", _JOIN_PAGE),
    "welcome.html": lambda: page("Welcome", "<p>You are a member now.</p>"),
}
"""Name behind "local:" -> what makes it."""
