"""For each of our own tasks the right end, and ends that must not pass for it.

The cheapest cheat is mostly: destroy all the rest and leave only what an evaluator looks for. The
others are what a clumsy hand does: the right thing to the wrong line, or a little too much.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from docx.enum.text import WD_BREAK
from openpyxl import load_workbook
from openpyxl.styles import Font
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor

from benchmarks.suites.osworld.own.assets import FRUIT, LETTER, MAKERS, letter, talk, workbook

DOCUMENTS, SITE = "/home/user/Documents", "file:///home/user/site"
Maker = Callable[[], bytes]
State = Mapping[str, bytes | str | Maker]
"""What is put into the home: path -> content; of the key "run" a shell command, of "tabs" the
addresses of the open pages, the one in front first, of "vlc" a state and a name."""

CAPITALS = f"{DOCUMENTS}/capitals.xlsx"


def asset(name: str) -> Maker:
    return MAKERS[name]


def book(
    change: Callable[[Any], object], of: str = "fruit.xlsx", at: str = f"{DOCUMENTS}/fruit.xlsx"
) -> State:
    def make() -> bytes:
        made = load_workbook(io.BytesIO(asset(of)()))
        change(made)
        return saved(made)

    return {at: make}


def text(texts: Sequence[str], dress: Callable[[Any], None] | None = None) -> State:
    return {f"{DOCUMENTS}/letter.docx": lambda: letter(texts, dress)}


def show(change: Callable[[Any], None], *titles: str) -> State:
    def make() -> bytes:
        made = Presentation(io.BytesIO(talk(titles)))
        change(made)
        return saved(made)

    return {f"{DOCUMENTS}/talk.pptx": make}


def picture(change: Callable[[Any], Any], **how: Any) -> State:
    def make() -> bytes:
        return saved(
            change(Image.open(io.BytesIO(asset("meadow.png")()))), **{"format": "PNG", **how}
        )

    return {"/home/user/Pictures/meadow.png": make}


def saved(document: Any, **how: Any) -> bytes:
    made = io.BytesIO()
    document.save(made, **how)
    return made.getvalue()


def run(command: str) -> State:
    return {"run": command}


def notes(content: str) -> State:
    return {f"{DOCUMENTS}/notes.txt": content}


def poem(content: str) -> State:
    return {f"{DOCUMENTS}/poem.txt": content}


def bar(*urls: str, elsewhere: bool = False) -> State:
    children = [{"type": "url", "name": "Village library", "url": url} for url in urls]
    roots = {"bookmark_bar": {"children": []}, "other": {"children": []}}
    roots["other" if elsewhere else "bookmark_bar"]["children"] = children  # type: ignore[assignment]
    path = "/home/user/.config/google-chrome/Default/Bookmarks"
    return {path: json.dumps({"roots": roots})}


def tabs(*urls: str) -> State:
    return {"tabs": " ".join(urls)}


def bold(*places: str) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        for place in places:
            made.active[place].font = Font(name="Calibri", size=11, bold=True)

    return change


def cells(**values: Any) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        for place, value in values.items():
            made.active[place] = value

    return change


def also(*changes: Callable[[Any], object]) -> Callable[[Any], None]:
    def change(made: Any) -> None:
        for each in changes:
            each(made)

    return change


def second_sheet(made: Any) -> None:
    made.create_sheet("Sheet2")


def centred(*lines: int) -> Callable[[Any], None]:
    def dress(paragraphs: Any) -> None:
        for line in lines:
            paragraphs[line].alignment = 1

    return dress


def break_before(line: int) -> Callable[[Any], None]:
    def dress(paragraphs: Any) -> None:
        paragraphs[line].paragraph_format.page_break_before = True

    return dress


def break_after(line: int) -> Callable[[Any], None]:
    def dress(paragraphs: Any) -> None:
        paragraphs[line].add_run().add_break(WD_BREAK.PAGE)

    return dress


def made_bold(paragraphs: Any) -> None:
    for paragraph in paragraphs:
        paragraph.runs[0].bold = True


def headed(paragraphs: Any) -> None:
    paragraphs[0].style = "Heading 1"


def in_blue(made: Any) -> None:
    run = made.slides[1].shapes.title.text_frame.paragraphs[0].runs[0]
    run.font.color.rgb = RGBColor(0, 0, 255)


def moved(made: Any) -> None:
    made.slides[0].shapes.title.left += 500_000


def unchanged(made: Any) -> None:
    pass


def sum_of(formula: str) -> State:
    return computed((*FRUIT, (None, None, 54)), formula)


def computed(rows: Sequence[Sequence[Any]], formula: str) -> State:
    """A table with a formula and with what a program computed of it."""
    return {f"{DOCUMENTS}/fruit.xlsx": lambda: with_formula(rows, formula)}


def with_formula(rows: Sequence[Sequence[Any]], formula: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(rows))) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                written = f'<c r="C5"><f>{formula}</f><v>54</v></c>'.encode()
                part = part.replace(b'<c r="C5" t="n"><v>54</v></c>', written)
                assert written in part
            new.writestr(name, part)
    return made.getvalue()


TITLES = ("Spring report", "What we found", "Thank you")
FRIDAY = [line.replace("Fryday", "Friday") for line in LETTER]

RIGHT: Mapping[str, State] = {
    "terminal-report": run("mkdir reports; printf done > reports/summary.txt"),
    "terminal-rename": run("mv Documents/draft Documents/final"),
    "terminal-count": {f"{DOCUMENTS}/failed.txt": "3"},
    "terminal-permissions": run("chmod 700 clean.sh"),
    "append-line": notes("Call the plumber\nWater the plants\nFeed the cat"),
    "new-file": poem("Roses are red\nViolets are blue"),
    "replace-word": notes("Call the plumber\nWater the flowers\n"),
    "new-folder": run("mkdir Documents/Archive"),
    "rename-file": run("cd Documents; mv untitled.txt shopping.txt"),
    "copy-file": run("cp Pictures/meadow.png Documents"),
    "follow-link": tabs(f"{SITE}/hours.html"),
    "fill-form": tabs(f"{SITE}/welcome.html?name=Ada&town=Turin"),
    "second-tab": tabs(f"{SITE}/hours.html", f"{SITE}/index.html"),
    "bookmark-page": bar(f"{SITE}/index.html"),
    "sum-column": sum_of("SUM(C2:C4)"),
    "fill-capital": {CAPITALS: asset("capitals-done.xlsx")},
    "bold-head": book(bold("A1", "B1", "C1")),
    "centre-title": text(LETTER, centred(0)),
    "correct-spelling": text(FRIDAY),
    "page-break": text(LETTER, break_after(2)),
    "retitle": show(unchanged, *TITLES),
    "rotate": picture(lambda image: image.transpose(4)),
    "play-file": {"vlc": "playing tone.wav"},
}
"""The right end of each task that is not to be given up."""

WRONG: Mapping[str, Mapping[str, State]] = {
    "terminal-report": {
        "another word": run("mkdir reports; echo Done > reports/summary.txt"),
        "more than the word": run("mkdir reports; echo done done > reports/summary.txt"),
        "another place": run("mkdir Documents/reports; echo done > Documents/reports/summary.txt"),
        "one file more": run("mkdir reports; cd reports; echo done | tee summary.txt > b"),
        "a folder of that name": run("mkdir -p reports/summary.txt"),
        "a pipe that nobody serves": run("mkdir reports; mkfifo reports/summary.txt"),
        "zeros without end": run("mkdir reports; ln -s /dev/zero reports/summary.txt"),
    },
    "terminal-rename": {
        "an empty file in its place": run(
            "rm -r Documents/draft; mkdir Documents/final; touch Documents/final/chapter.txt"
        ),
        "a copy": run("cp -r Documents/draft Documents/final"),
        "another name": run("mv Documents/draft Documents/Final"),
        "only a link": run("ln -s draft Documents/final"),
    },
    "terminal-count": {
        "what it counted": {f"{DOCUMENTS}/failed.txt": "3 failed\n"},
        "one less": {f"{DOCUMENTS}/failed.txt": "2\n"},
        "the log cut to fit": run(
            "cd Documents; grep failed backup.log > b; mv b backup.log; echo 3 > failed.txt"
        ),
        "the number in two lines": {f"{DOCUMENTS}/failed.txt": "3\n3\n"},
    },
    "terminal-permissions": {
        "for all": run("chmod 755 clean.sh"),
        "emptied": run(": > clean.sh; chmod 700 clean.sh"),
        "an empty folder of that name": run("rm clean.sh; mkdir -m 700 clean.sh"),
        "others may read": run("chmod 744 clean.sh"),
    },
    "append-line": {
        "all the rest is gone": notes("Feed the cat\n"),
        "at the beginning": notes("Feed the cat\nCall the plumber\nWater the plants\n"),
        "on the same line": notes("Call the plumber\nWater the plantsFeed the cat\n"),
        "more behind it": notes("Call the plumber\nWater the plants\nFeed the cat\nFeed the cat\n"),
        "the notes twice": notes("Call the plumber\nWater the plants\n" * 2 + "Feed the cat\n"),
        "something before": notes("x\nCall the plumber\nWater the plants\nFeed the cat\n"),
    },
    "new-file": {
        "one line": poem("Roses are red Violets are blue\n"),
        "something before": poem("Poem\nRoses are red\nViolets are blue\n"),
        "something behind": poem("Roses are red\nViolets are blue\nand so on\n"),
        "another spelling": poem("roses are red\nviolets are blue\n"),
        "saved twice": {
            **poem("Roses are red\nViolets are blue\n"),
            f"{DOCUMENTS}/poem": "Roses are red\nViolets are blue\n",
        },
    },
    "replace-word": {
        "all the rest is gone": notes("Water the flowers\n"),
        "both words": notes("Call the plumber\nWater the plants flowers\n"),
        "the word twice": notes("Call the plumber\nWater the flowers\nWater the flowers\n"),
        "something else too": notes("Call the flowers\nWater the flowers\n"),
    },
    "new-folder": {
        "another spelling": run("mkdir Documents/archive"),
        "a file": run("touch Documents/Archive"),
        "one folder more": run("mkdir Documents/Archive Documents/New"),
        "inside another": run("mkdir -p Documents/a/Archive"),
        "another place": run("mkdir Archive"),
    },
    "rename-file": {
        "only its first line": run(
            "cd Documents; head -1 untitled.txt > shopping.txt; rm untitled.txt"
        ),
        "a copy": run("cd Documents; cp untitled.txt shopping.txt"),
        "an ending more": run("cd Documents; mv untitled.txt shopping.txt.txt"),
        "a folder around it": run("cd Documents; mkdir shopping.txt; mv untitled.txt shopping.txt"),
    },
    "copy-file": {
        "moved": run("mv Pictures/meadow.png Documents"),
        "only a link": run("ln -s ../Pictures/meadow.png Documents"),
        "two empty files": run(": > Pictures/meadow.png; : > Documents/meadow.png"),
        "both are another picture": run(
            "cp /tmp/other.png Pictures/meadow.png; cp /tmp/other.png Documents/meadow.png"
        ),
        "another name": run("cp Pictures/meadow.png Documents/meadow2.png"),
    },
    "follow-link": {
        "the wrong link": tabs(f"{SITE}/join.html"),
        "behind another page": tabs(f"{SITE}/index.html", f"{SITE}/hours.html"),
        "no page at all": {},
        "an address that is none": tabs("http://["),
    },
    "fill-form": {
        "the form sent empty": tabs(f"{SITE}/welcome.html?name=&town="),
        "name and town exchanged": tabs(f"{SITE}/welcome.html?name=Turin&town=Ada"),
        "not sent": tabs(f"{SITE}/join.html"),
        "another spelling": tabs(f"{SITE}/welcome.html?name=ada&town=turin"),
        "a page of its own making": tabs("file:///tmp/welcome.html?name=Ada&town=Turin"),
        "more than the town": tabs(f"{SITE}/welcome.html?name=Ada&town=Turin%20Italy"),
    },
    "second-tab": {
        "in the first tab": tabs(f"{SITE}/hours.html"),
        "a third tab": tabs(f"{SITE}/hours.html", f"{SITE}/index.html", "chrome://newtab/"),
        "the same page twice": tabs(f"{SITE}/hours.html", f"{SITE}/hours.html"),
        "another page": tabs(f"{SITE}/join.html", f"{SITE}/index.html"),
    },
    "bookmark-page": {
        "another page": bar(f"{SITE}/hours.html"),
        "not on the bar": bar(f"{SITE}/index.html", elsewhere=True),
        "one page more": bar(f"{SITE}/index.html", f"{SITE}/hours.html"),
        "no bookmarks": bar(),
        "something unreadable": {"/home/user/.config/google-chrome/Default/Bookmarks": "[" * 9},
    },
    "sum-column": {
        "a number": book(cells(C5=54)),
        "all the rest is gone": computed([()] * 4 + [(None, None, 54)], "SUM(C2:C4)"),
        "a number as a formula": sum_of("54"),
        "another column": book(cells(C5="=SUM(B2:B4)")),
        "another cell": book(cells(C6="=SUM(C2:C4)")),
        "a row lost": computed((*FRUIT[:3], (), (None, None, 54)), "SUM(C2:C4)"),
    },
    "fill-capital": {
        "all the rest is gone": book(
            also(cells(B4="Lima"), lambda made: made.active.delete_rows(1, 3)),
            "capitals.xlsx",
            CAPITALS,
        ),
        "a country more": book(cells(A5="Chile", B5="Santiago"), "capitals-done.xlsx", CAPITALS),
        "another spelling": book(cells(B4="lima"), "capitals.xlsx", CAPITALS),
        "another cell": book(cells(C4="Lima"), "capitals.xlsx", CAPITALS),
        "bold as well": book(also(cells(B4="Lima"), bold("B4")), "capitals.xlsx", CAPITALS),
        "a sheet more": book(second_sheet, "capitals-done.xlsx", CAPITALS),
    },
    "bold-head": {
        "one word missing": book(bold("A1", "B1")),
        "the first column too": book(bold("A1", "B1", "C1", "A2")),
        "all the rest is gone": book(
            also(bold("A1", "B1", "C1"), lambda made: made.active.delete_rows(3, 9))
        ),
        "a price changed": book(also(bold("A1", "B1", "C1"), cells(B3=9))),
        "the words changed": book(also(bold("A1", "B1", "C1"), cells(A1="x"))),
        "a sheet more": book(also(bold("A1", "B1", "C1"), second_sheet)),
    },
    "centre-title": {
        "every line": text(LETTER, centred(0, 1, 2, 3)),
        "the second line": text(LETTER, centred(1)),
        "by blanks": text([f"          {LETTER[0]}", *LETTER[1:]]),
        "all the rest is gone": text(LETTER[:1], centred(0)),
        "bold as well": text(LETTER, also(made_bold, centred(0))),
        "lines joined": text([LETTER[0], " ".join(LETTER[1:])], centred(0)),
    },
    "correct-spelling": {
        "only once": text(
            [LETTER[0], LETTER[1], LETTER[2].replace("Fryday", "Friday", 1), LETTER[3]]
        ),
        "another word": text([line.replace("Fryday", "friday") for line in LETTER]),
        "lines joined": text([FRIDAY[0], " ".join(FRIDAY[1:])]),
        "all the rest is gone": text(["Friday Friday"]),
        "bold as well": text(FRIDAY, made_bold),
        "an empty line more": text([*FRIDAY[:2], "", *FRIDAY[2:]]),
    },
    "page-break": {
        "all the rest is gone": text(["", "."], break_after(0)),
        "before another line": text(LETTER, break_before(2)),
        "at the end": text(LETTER, break_after(3)),
        "two of them": text(LETTER, also(break_before(1), break_before(3))),
        "empty lines instead": text([*LETTER[:3], *[""] * 40, LETTER[3]]),
        "the last line lost": text([*LETTER[:3], ""], break_before(3)),
        "a heading made of it": text(LETTER, also(headed, break_before(3))),
    },
    "retitle": {
        "every slide": show(unchanged, *["Spring report"] * 3),
        "all the rest is gone": show(unchanged, "Spring report"),
        "another spelling": show(unchanged, "Spring Report", *TITLES[1:]),
        "appended": show(unchanged, "DraftSpring report", *TITLES[1:]),
        "a slide more": show(unchanged, *TITLES, "Thank you"),
        "the next slide in blue": show(in_blue, *TITLES),
        "the title moved": show(moved, *TITLES),
    },
    "rotate": {
        "the other way": picture(lambda image: image.transpose(2)),
        "only that size": picture(lambda image: image.resize((200, 300))),
        "an empty picture of that size": picture(lambda image: image.crop((0, 0, 200, 300))),
        "turned and flipped": picture(lambda image: image.transpose(5)),
        "by half a turn": picture(lambda image: image.transpose(3)),
        "in another format": picture(lambda image: image.transpose(4), format="JPEG"),
        "cut off": {"/home/user/Pictures/meadow.png": lambda: asset("meadow-turned.png")()[:200]},
    },
    "play-file": {
        "paused": {"vlc": "paused tone.wav"},
        "another file": {"vlc": "playing ringtone.wav"},
        "stopped": {"vlc": "stopped"},
        "no player": {},
    },
}
"""Of each such task ends that must score 0; that nothing was done is tried of all."""
