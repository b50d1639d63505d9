"""The metric on spreadsheets: ``compare_table``, a list of rules that must all hold.

Responsible for the rules that can be judged by openpyxl alone; charts, pivot tables and the like
are named in ``needs`` as what cannot be judged here. Sheets are named as task files do: a number,
"RI0" and "EI0" for a place in the result or the expected file, "RNName" and "ENName" for a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.suites.osworld.metrics.matching import matches
from benchmarks.suites.osworld.metrics.reading import Ours, opened, package, text_of

Rule = Mapping[str, Any]
Grid = dict[tuple[int, int], Any]
_PRECISION = 4
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Book:
    """One file: its cells as they were saved, and the values that the program computed."""

    path: str
    cells: Any
    values: Any


@dataclass(frozen=True, slots=True)
class Books:
    """What is compared; the second is None where a task expects no file."""

    result: Book
    expected: Book | None

    def read(
        self, index: int | str, look: Callable[[Any], _T], *, values: bool = False
    ) -> _T | None:
        """Return what a look at a sheet finds, None where there is no such sheet.

        Raises:
            UnreadableError, ConfigError: as ``reading.opened``.
        """
        book, name = self.named(index)
        if book is None or name is None:
            return None
        sheet = (book.values if values else book.cells)[name]
        return opened(book.path, lambda path: look(sheet))

    def agree(self, rule: Rule, look: Callable[[Any], object], *, values: bool = False) -> bool:
        """Tell whether a look at the two sheets of a rule finds the same; no if one is missing."""
        own, wanted = (self.read(rule[f"sheet_idx{n}"], look, values=values) for n in (0, 1))
        return own is not None and own == wanted

    def named(self, index: int | str) -> tuple[Book | None, str | None]:
        """Return the file and the name of a sheet."""
        spec = f"RI{index}" if isinstance(index, int) else index
        book = self.expected if spec[0] == "E" else self.result
        if book is None:
            return None, None
        names = book.cells.sheetnames
        if spec[1] == "N":
            return book, spec[2:] if spec[2:] in names else None
        at = int(spec[2:])
        return book, names[at] if at < len(names) else None


def compare_table(result: str, expected: str | None = None, **options: Any) -> float:
    """1 if every rule holds, else 0."""
    wanted = None if expected is None else opened(expected, _book)
    books = Books(opened(result, _book), wanted)
    return float(all(RULES[rule["type"]](books, rule) for rule in options["rules"]))


def _book(path: str) -> Book:
    import openpyxl

    with open(package(path), "rb") as file:
        cells, values = (openpyxl.load_workbook(file, data_only=only) for only in (False, True))
    return Book(path, cells, values)


def _sheet_name(books: Books, rule: Rule) -> bool:
    names = books.result.cells.sheetnames
    return books.expected is not None and names == books.expected.cells.sheetnames


def _sheet_data(books: Books, rule: Rule) -> bool:
    precision = rule.get("precision", _PRECISION)
    return books.agree(rule, lambda sheet: grid(sheet, precision), values=True)


def grid(sheet: Any, precision: int = _PRECISION) -> Grid:
    """Return the values of a sheet by their places, numbers rounded."""
    values = {at: _rounded(cell.value, precision) for at, cell in _filled(sheet)}
    return {at: value for at, value in values.items() if value is not None}


def _filled(sheet: Any) -> Iterable[tuple[tuple[int, int], Any]]:
    # Only the cells that were saved: a walk over all of a sheet with something in its last row and
    # column would never end.
    return list(sheet._cells.items())


def _rounded(value: Any, precision: int) -> Any:
    if value == "":
        return None
    return round(value, precision) if isinstance(value, float) else value


def _sheet_print(books: Books, rule: Rule) -> bool:
    """Compare the sheets as a task had them exported: ``<file>-<sheet>.csv`` beside the file."""
    lines = [_printed(books, rule[f"sheet_idx{n}"]) for n in (0, 1)]
    if None in lines:
        return False
    if rule.get("ignore_case"):
        lines = [[line.lower() for line in each or []] for each in lines]
    return lines[0] == lines[1]


def _printed(books: Books, index: int | str) -> list[str] | None:
    book, name = books.named(index)
    if book is None or name is None:
        return None
    path = f"{Path(book.path).with_suffix('')}-{name}.csv"
    if isinstance(book.path, Ours):
        path = Ours(path)
    elif not Path(path).exists():
        return None
    text = opened(path, text_of)
    return [line.strip() for line in text.strip().splitlines()]


def _sheet_fuzzy(books: Books, rule: Rule) -> bool:
    return all(_alike(books, rule, each) for each in rule["rules"])


def _alike(books: Books, rule: Rule, how: Rule) -> bool:
    from openpyxl.worksheet.cell_range import MultiCellRange

    areas = MultiCellRange(" ".join(how["range"])).ranges
    places = [place for area in areas for place in area.cells]

    def look(sheet: Any) -> list[str]:
        return [_cleaned(sheet.cell(*place).value, how) for place in places]

    own, wanted = (books.read(rule[f"sheet_idx{n}"], look, values=True) for n in (0, 1))
    if own is None or wanted is None:
        return False
    return all(_fits(a, b, how) for a, b in zip(own, wanted, strict=True))


def _cleaned(value: Any, rule: Rule) -> str:
    text = str(value)
    for old, new in rule.get("normalization", []):
        text = text.replace(old, new)
    text = text.lstrip(rule["trim_leadings"]) if "trim_leadings" in rule else text
    text = text.rstrip(rule["trim_trailings"]) if "trim_trailings" in rule else text
    text = "".join(each for each in text if each not in rule.get("ignore_chars", ""))
    return text.lower() if rule.get("ignore_case") else text


def _fits(own: str, wanted: str, rule: Rule) -> bool:
    if rule["type"] == "includes":
        return wanted in own
    if rule["type"] == "included_by":
        return own in wanted
    if rule["type"] == "fuzzy_match":
        from rapidfuzz import fuzz

        return bool(fuzz.ratio(own, wanted) >= rule.get("threshold", 85.0))
    return own == wanted


def _check_cell(books: Books, rule: Rule) -> bool:
    at, props = rule["coordinate"], rule["props"]
    styles = {name: STYLES[name] for name in props if name != "value"}
    own = books.read(rule["sheet_idx"], lambda s: {n: look(s[at]) for n, look in styles.items()})
    if own is None:
        return False
    own["value"] = books.read(rule["sheet_idx"], lambda sheet: sheet[at].value, values=True)
    return all(matches(own[name], wanted) for name, wanted in props.items())


def _freeze(books: Books, rule: Rule) -> bool:
    return books.agree(rule, _frozen)


def _frozen(sheet: Any) -> tuple[Any, ...]:
    # How many rows and columns stand still; ``topLeftCell`` moves when a person scrolls.
    pane = sheet.sheet_view.pane
    if pane is None:
        return ()
    return (pane.state or "").lower(), int(pane.xSplit or 0), int(pane.ySplit or 0)


def _zoom(books: Books, rule: Rule) -> bool:
    zoom = books.read(rule["sheet_idx"], lambda sheet: sheet.sheet_view.zoomScale or 100.0)
    return zoom is not None and matches(zoom, rule)


def _style(books: Books, rule: Rule) -> bool:
    return books.agree(rule, lambda sheet: _styles(sheet, rule["props"]))


def _styles(sheet: Any, names: list[str]) -> dict[str, list[Any]]:
    found = {}
    for _, cell in _filled(sheet):
        values = [STYLES[name](cell) for name in names]
        if any(value is not None for value in values):
            found[cell.coordinate] = values
    return found


def _of_text(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read a cell's look only where something stands in it."""
    return lambda cell: None if cell.value is None else read(cell)


STYLES: Mapping[str, Callable[[Any], Any]] = {
    "number_format": lambda cell: (
        cell.number_format if cell.value is not None and cell.data_type == "n" else None
    ),
    "font_name": _of_text(lambda cell: cell.font.name),
    "font_family": _of_text(lambda cell: cell.font.family),
    "font_color": _of_text(lambda cell: cell.font.color.rgb if cell.font.color else None),
    "font_bold": _of_text(lambda cell: cell.font.bold),
    "font_italic": _of_text(lambda cell: cell.font.italic),
    "font_underline": _of_text(lambda cell: cell.font.underline),
    "font_size": _of_text(lambda cell: cell.font.size),
    "bgcolor": lambda cell: cell.fill.fgColor.rgb,
    "fgcolor": lambda cell: cell.fill.fgColor.rgb,
    "hyperlink": _of_text(lambda cell: cell.hyperlink or ""),
    "merge": lambda cell: type(cell).__name__ == "MergedCell",
    "formula": lambda cell: cell.value if cell.data_type == "f" else None,
}
"""What of a cell's look can be asked for; "formula" is ours and not OSWorld's."""

RULES: Mapping[str, Callable[[Books, Rule], bool]] = {
    "sheet_name": _sheet_name,
    "sheet_data": _sheet_data,
    "sheet_print": _sheet_print,
    "sheet_fuzzy": _sheet_fuzzy,
    "check_cell": _check_cell,
    "freeze": _freeze,
    "zoom": _zoom,
    "style": _style,
}
