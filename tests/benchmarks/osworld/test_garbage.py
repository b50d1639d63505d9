"""What was made on a task's machine may be anything: every metric, with every kind of garbage."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.suites.osworld.evaluation import metric_score
from benchmarks.suites.osworld.files import Assets
from benchmarks.suites.osworld.getters import Scene
from benchmarks.suites.osworld.metrics import METRICS
from benchmarks.suites.osworld.metrics.reading import Ours
from benchmarks.suites.osworld.own import OwnFiles
from environments.errors import ConfigError
from tests.benchmarks.osworld.files import pdf, task

LETTER, TALK, FRUIT = "local:letter.docx", "local:talk.pptx", "local:fruit.xlsx"
MEADOW, NOTES, PAPER = "local:meadow.png", "local:notes.txt", "local:paper.pdf"
DATA = {"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}

BY_FILE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "compare_text_file": (NOTES, {}),
    "diff_text_file": (NOTES, {}),
    "compare_csv": (NOTES, {}),
    "compare_table": (FRUIT, {"rules": [DATA]}),
    "compare_docx_files": (LETTER, {}),
    "compare_docx_tables": (LETTER, {}),
    "compare_line_spacing": (LETTER, {}),
    "check_italic_font_size_14": (LETTER, {}),
    "evaluate_strike_through_last_paragraph": (LETTER, {}),
    "compare_pptx_files": (TALK, {}),
    "compare_image_list": (MEADOW, {}),
    "compare_images": (MEADOW, {}),
    "check_structure_sim": (MEADOW, {}),
    "check_structure_sim_resized": (MEADOW, {}),
    "check_palette_and_structure_sim": (MEADOW, {}),
    "check_file_exists_and_structure_sim": (MEADOW, {}),
    "check_image_mirror": (MEADOW, {}),
    "check_contrast_increase_and_structure_sim": (MEADOW, {}),
    "check_saturation_increase_and_structure_sim": (MEADOW, {}),
    "check_brightness_decrease_and_structure_sim": (MEADOW, {}),
    "compare_pdfs": (PAPER, {}),
    "deskhand_same_document": (LETTER, {}),
}
"""Metrics that compare with a file: which, and with what options."""

BY_RULES: Mapping[str, tuple[str, Any]] = {
    "check_list": ("a.txt", {"expect": ["plumber"]}),
    "file_contains": ("a.txt", {"expected": ["plumber"]}),
    "check_line_number": ("a.txt", {"expected": "3"}),
    "check_csv": ("a.csv", {"expect": [{"a": "1"}]}),
    "check_json": ("a.json", {"expect": [{"key": ["a"], "method": "eq", "ref": 1}]}),
    "check_json_settings": ("a.json", {"expected": {"a": 1}}),
    "check_json_keybindings": ("a.json", {"expected": {"key": "a"}}),
    "is_cookie_deleted": ("Cookies", {"domains": [".site.org"]}),
    "check_history_deleted": ("History", {"keywords": ["site"]}),
    "check_config_status": ("gimprc", {"key": "theme", "value": '"x"'}),
    "check_pdf_pages": ("a.pdf", {"relation": "ge", "ref_value": 0}),
    "check_textbox_on_leftside": ("a.png", None),
    "check_image_size": ("a.png", {"width": 3, "height": 2}),
    "check_image_file_size": ("a.png", {"max_size": 1 << 40}),
    "is_vlc_playing": ("status.xml", {"type": "file_name", "file_name": "a"}),
    "is_vlc_recordings_folder": ("vlcrc", {"recording_file_path": "/a"}),
    "check_qt_slider_colours": (
        "vlcrc",
        {"type": "match", "expected_qt_slider_colours": "1;2"},
    ),
    "check_global_key_play_pause": ("vlcrc", {"expected_global_key_play_pause": 1}),
    "check_play_and_exit": ("vlcrc", {"expected_play_and_exit": 1}),
    "check_qt_bgcone": ("vlcrc", {"expected_qt_bgcone": 0}),
    "check_qt_max_volume": ("vlcrc", {"expected_qt_max_volume": 200}),
    "check_qt_minimal_view": ("vlcrc", {"expected_qt_minimal_view": 1}),
    "check_one_instance_when_started_from_file": (
        "vlcrc",
        {"expected_one_instance_when_started_from_file": 0},
    ),
    "check_auto_saving_time": ("a.xcu", {"minutes": 3}),
    "check_presenter_console_disable": ("a.xcu", None),
    "find_default_font": ("a.xcu", {"font_name": "Arial"}),
    "compare_font_names": ("a.docx", {"font_name": "Arial"}),
    "is_first_line_centered": ("a.docx", None),
    "contains_page_break": ("a.docx", {}),
    "has_page_numbers_in_footers": ("a.docx", None),
    "check_slide_orientation_Portrait": ("a.pptx", None),
    "check_transition": ("a.pptx", {"slide_idx": 0, "transition_type": "fade"}),
}
"""Metrics that judge a file by rules: the file's name, and the rules if it has any."""

BY_VALUE: Mapping[str, Any] = {
    "exact_match": {"expected": None},
    "match_in_list": {"expected": [None]},
    "is_in_list": {"expected": "a"},
    "literal_match": "None",
    "check_include_exclude": {"include": ["plumber"]},
    "check_direct_json_object": {"expected": {"a": None}},
    "is_utc_0": None,
    "check_moved_jpgs": {"expected": []},
    "is_in_vm_clickboard": "a",
    "is_expected_active_tab": {"type": "url", "url": "http://a.org"},
    "is_expected_active_tab_approximate": {"type": "url", "url": "http://a.org"},
    "is_expected_url_pattern_match": {"expected": []},
    "is_expected_search_query": {"expect": {"pattern": ""}},
    "is_expected_tabs": {"type": "url", "urls": []},
    "is_expected_bookmarks": {"type": "bookmark_bar_websites_urls", "urls": []},
    "check_font_size": {"type": "range", "min": -1, "max": 99},
    "is_vlc_fullscreen": {"width": 1},
}
"""Metrics that judge values: what is expected, chosen so that nothing would be mistaken for it."""


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


def changed(url: str, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return one of our office files with all of its parts changed."""
    content = OwnFiles().find(url)
    assert content is not None
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def torn(name: str, content: bytes) -> bytes:
    return content[: len(content) // 2] if name.endswith(".xml") else content


def filled(name: str, content: bytes) -> bytes:
    # A gigabyte would be no other case than what is just too much.
    body = ("document.xml", "sheet1.xml", "slide1.xml")
    return content + b" " * (65 << 20) if name.endswith(body) else content


ODD = {b"<w:p>": b'<w:p><w:pPr><w:jc w:val="?"/></w:pPr>', b"<a:p>": b'<a:p><a:pPr lvl="x"/>'}
ODD[b'<c r="A1"'] = b'<c s="99" r="A1"'


def odd(name: str, content: bytes) -> bytes:
    # Values that no schema allows; some parsers complain of them only when they are asked for.
    for usual, strange in ODD.items():
        content = content.replace(usual, strange)
    return content


GARBAGE: Mapping[str, bytes] = {
    "nothing": b"",
    "a text": b"no such file\n",
    "zeros": bytes(3000),
    "no text": bytes(range(256)) * 20,
    "an archive of nothing": zipped(),
    "an archive of something else": zipped(a_dot_txt=b"a"),
    "a torn archive": zipped(a_dot_txt=b"a" * 1000)[:50],
    "deep brackets": b"[" * 200_000,
    "a number beyond all": b"1" + b"0" * 5000,
    "null": b"null",
    "a list": b"[1, [2]]",
    "torn XML": b'<?xml version="1.0"?><root><state>playing',
    "XML that grows": b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 9999 + b'">]><r>' + b"&a;" * 9999,
    "a header of SQLite": b"SQLite format 3\x00" + bytes(84),
    "a header of PNG": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x03\x00\x00\x00\x02",
    **{f"torn {url}": changed(url, torn) for url in (LETTER, TALK, FRUIT)},
    **{f"swollen {url}": changed(url, filled) for url in (LETTER, TALK, FRUIT)},
}


@pytest.fixture(scope="module")
def heap(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """Write a piece of garbage under a name and return its path."""

    def path(kind: str, name: str) -> str:
        place = tmp_path_factory.mktemp("heap") / name
        place.write_bytes(GARBAGE[kind])
        return str(place)

    return path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Write one of our files and return its path, as that of a file that a task brings along."""
    folder = tmp_path_factory.mktemp("good")

    def path(url: str) -> str:
        place = folder / url.removeprefix("local:")
        if url == PAPER:
            return Ours(pdf(place, "One", "Two"))
        place.write_bytes(OwnFiles().find(url) or b"")
        return Ours(place)

    return path


def test_every_metric_is_tried() -> None:
    assert {*BY_FILE, *BY_RULES, *BY_VALUE} == set(METRICS)


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_no_success(
    kind: str, heap: Callable[[str, str], str], good: Callable[[str], str]
) -> None:
    for name, (url, options) in BY_FILE.items():
        found = heap(kind, url.removeprefix("local:"))
        assert METRICS[name](found, good(url), **options) == 0, name
    for name, (file, rules) in BY_RULES.items():
        found = heap(kind, file)
        assert METRICS[name](found, *([] if rules is None else [rules])) == 0, name


def test_values_that_no_schema_allows_break_no_metric(
    tmp_path: Path, good: Callable[[str], str]
) -> None:
    scores = {}
    for name, (url, options) in BY_FILE.items():
        found = tmp_path / url.removeprefix("local:")
        if url not in (NOTES, MEADOW, PAPER):
            found.write_bytes(changed(url, odd))
            scores[name] = METRICS[name](str(found), good(url), **options)
    assert {name for name, score in scores.items() if score == 0} == {
        "compare_table",
        "compare_pptx_files",
        "deskhand_same_document",
        "evaluate_strike_through_last_paragraph",
    }
    assert METRICS["is_first_line_centered"](str(tmp_path / "letter.docx")) == 0


@pytest.mark.parametrize("name", BY_FILE)
def test_a_file_of_the_task_that_cannot_be_read_is_an_error(
    name: str, heap: Callable[[str, str], str], good: Callable[[str], str]
) -> None:
    url, options = BY_FILE[name]
    assert METRICS[name](good(url), good(url), **options) in (0, 1)
    if url == NOTES:  # Whatever there is, there is some text in it.
        return
    for kind in {"nothing", "no text", f"torn {url}", f"swollen {url}"} & GARBAGE.keys():
        broken = Ours(heap(kind, url.removeprefix("local:")))
        with pytest.raises(ConfigError, match="cannot be read"):
            METRICS[name](good(url), broken, **options)


@pytest.mark.parametrize("name", [*BY_FILE, *BY_RULES, *BY_VALUE])
def test_what_was_not_found_is_no_success(name: str, good: Callable[[str], str]) -> None:
    if name in BY_FILE:
        url, options = BY_FILE[name]
        assert METRICS[name](None, good(url), **options) == 0
        return
    expected = BY_VALUE[name] if name in BY_VALUE else BY_RULES[name][1]
    assert METRICS[name](None, *([] if expected is None else [expected])) == 0


@pytest.mark.parametrize("name", BY_VALUE)
def test_values_of_any_shape_break_no_metric(name: str) -> None:
    expected = BY_VALUE[name]
    for value in VALUES[name]:
        assert METRICS[name](value, *([] if expected is None else [expected])) == 0, value


TEXTS = ("", "x", "\n\n\n\n")
DICTS = ({}, {"url": None}, {"url": "http://["}, {"children": []})
VALUES: Mapping[str, tuple[Any, ...]] = {
    "exact_match": TEXTS,
    "match_in_list": TEXTS,
    "is_in_list": (*TEXTS, [], {}),
    "literal_match": TEXTS,
    "check_include_exclude": TEXTS,
    "check_direct_json_object": (*TEXTS, "[" * 200_000, "{'a'", "[1]", [], {}, {"b": None}, 5),
    "is_utc_0": TEXTS,
    "check_moved_jpgs": ({"children": [{"name": "a"}]},),
    "is_in_vm_clickboard": ({"expected": ["b"]},),
    "is_expected_active_tab": (*TEXTS, *DICTS, "http://["),
    "is_expected_active_tab_approximate": (*TEXTS, *DICTS, "http://["),
    "is_expected_url_pattern_match": ("", {}, {"url": None}),
    "is_expected_search_query": ("", {}, {"url": None}),
    "is_expected_tabs": ([], [{"url": "http://["}]),
    "is_expected_bookmarks": ([], {}, {"bookmark_bar": 5}, {"bookmark_bar": {"children": [{}]}}),
    "check_font_size": ({}, {"default_font_size": "x"}, {"default_font_size": None}),
    "is_vlc_fullscreen": ({}, {"width": 2}),
}


def test_a_sheet_with_something_in_its_last_corner_is_read_at_once(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "a.xlsx")
    both = [str(tmp_path / "a.xlsx")] * 2
    look = {"type": "style", "sheet_idx0": 0, "sheet_idx1": "EI0", "props": ["font_bold"]}
    assert METRICS["compare_table"](*both, rules=[DATA, look]) == 1


def test_a_database_with_a_query_that_never_ends_is_no_success(tmp_path: Path) -> None:
    import sqlite3

    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS url"
    with sqlite3.connect(tmp_path / "History") as database:
        database.execute(f"CREATE VIEW urls AS {endless} FROM n WHERE i < 0")
    found = str(tmp_path / "History")
    assert METRICS["check_history_deleted"](found, {"keywords": ["a"]}) == 0


def test_an_expected_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    evaluator = task(
        evaluator={
            "func": "compare_text_file",
            "result": {"type": "cache_file", "path": "a.txt"},
            "expected": {"type": "cloud_file", "path": "https://example.org/a.txt", "dest": "a"},
        }
    ).evaluator
    scene = Scene(None, Assets(None), {"a.txt": b"a"}, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="is not at hand"):
        metric_score(evaluator, scene)


def test_a_metric_that_is_given_nothing_to_judge_is_an_error(tmp_path: Path) -> None:
    evaluator = task(evaluator={"func": "is_first_line_centered"}).evaluator
    scene = Scene(None, Assets(None), {}, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="nothing to judge"):
        metric_score(evaluator, scene)
