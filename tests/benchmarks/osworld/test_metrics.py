"""Golden cases of the metrics: what each accepts, and what it must not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.suites.osworld.metrics import METRICS
from benchmarks.suites.osworld.metrics.matching import matches
from benchmarks.suites.osworld.metrics.pictures import similarity
from tests.benchmarks.osworld.files import book, document, pdf, slides, text


def score(name: str, *found: Any, **options: Any) -> float:
    return METRICS[name](*found, **options)


@pytest.mark.parametrize(
    ("value", "method", "ref", "fits"),
    [
        (3, "eq", 3, True),
        (3, "gt", 3, False),
        (None, "ge", 3, False),
        ("Total: 5", "re", "^Total", True),
        ("total", "re.IGNORECASE", "TOTAL", True),
        (3.14, "approx:0.01", 3.141, True),
        ("x", "approx:0.01", 3, False),
        (2, "range.te", [0, 2], True),
        (0, "range.te", [0, 2], False),
        ('"a,b"', "str_list_eq", ["a", "b"], True),
        ("b,a", "str_set_eq", ["a", "b"], True),
        ("b,a", "str_list_eq", ["a", "b"], False),
    ],
)
def test_a_value_is_matched_by_the_method_of_its_rule(
    value: object, method: str, ref: object, fits: bool
) -> None:
    assert matches(value, {"method": method, "ref": ref}) is fits


def test_an_unknown_method_is_an_error_and_no_zero() -> None:
    with pytest.raises(ValueError, match="smells like"):
        matches(1, {"method": "smells like", "ref": 1})


@pytest.mark.parametrize(
    ("name", "found", "rules", "expected"),
    [
        ("exact_match", "a\n", {"expected": "a\n"}, 1),
        ("exact_match", "a", {"expected": "a\n"}, 0),
        ("match_in_list", "b", {"expected": ["a", "b"]}, 1),
        ("is_in_list", ["a", "b"], {"expected": "c"}, 0),
        ("check_include_exclude", "on, off", {"include": ["on"], "exclude": ["of"]}, 0),
        ("check_include_exclude", "on", {"include": ["on"], "exclude": ["off"]}, 1),
        ("check_include_exclude", None, {"include": []}, 0),
        ("check_direct_json_object", "{'a': '1'}", {"expected": {"a": "1"}}, 1),
        ("check_direct_json_object", {"a": "1"}, {"expected": {"a": "2"}}, 0),
        (
            "check_direct_json_object",
            {"a": "1", "b": "x=1", "c": ["3", "4"]},
            {"expected": {"a": ["2", "1"], "b": "1", "c": ["4"]}, "expect_in_result": True},
            1,
        ),
        (
            "check_direct_json_object",
            {"a": "x=1"},
            {"expected": {"a": ["2", "1"]}, "expect_in_result": True},
            0,
        ),
        ("is_utc_0", "a\nb\nc\n Time zone: Etc/UTC (UTC, +0000)\n", None, 1),
        (
            "is_expected_active_tab",
            {"url": "https://www.site.org/"},
            {"type": "url", "url": "https://site.com"},
            1,
        ),
        (
            "is_expected_active_tab",
            {"url": "https://site.org/a"},
            {"type": "url", "url": "https://site.org/b"},
            0,
        ),
        ("is_expected_url_pattern_match", "file:///a?x=1", {"expected": ["x=1$", "a"]}, 1),
        ("is_expected_url_pattern_match", None, {"expected": []}, 0),
        (
            "is_expected_tabs",
            [{"url": "http://a.com"}],
            {"type": "url", "urls": ["http://a.com", "http://b.com"]},
            0,
        ),
        (
            "check_font_size",
            {"default_font_size": 20},
            {"type": "range", "min": 20, "max": 99},
            0,
        ),
    ],
)
def test_plain_values(name: str, found: object, rules: object, expected: float) -> None:
    assert score(name, *([found] if rules is None else [found, rules])) == expected


def test_text_files_are_compared_as_asked(tmp_path: Path) -> None:
    own, wanted = text(tmp_path / "a", "One\n two"), text(tmp_path / "b", "one two")
    assert score("compare_text_file", own, wanted) == 0
    assert score("compare_text_file", own, wanted, ignore_blanks=True, ignore_case=True) == 1
    assert score("compare_text_file", None, wanted) == 0
    assert score("diff_text_file", own, text(tmp_path / "c", "One\nthree")) == 0.5
    assert score("check_list", own, {"expect": ["^One"], "unexpect": ["two"]}) == 0
    assert score("file_contains", own, {"expected": ["One", "two"]}) == 1
    lines = text(tmp_path / "d", "at 10:00:01\nat 10:00:02\nend\n")
    assert score("check_line_number", lines, {"expected": "2"}) == 1


def test_csv_files_are_compared_by_lines_and_by_records(tmp_path: Path) -> None:
    own, wanted = text(tmp_path / "a", "A,B\n1,2 \n"), text(tmp_path / "b", "a,b\n1,2\n")
    assert score("compare_csv", own, wanted) == 0
    assert score("compare_csv", own, [wanted, own]) == 1
    assert score("compare_csv", own, wanted, strict=False, ignore_case=True) == 1
    assert score("check_csv", wanted, {"expect": [{"a": "1"}], "unexpect": [{"b": "3"}]}) == 1
    assert score("check_csv", wanted, {"expect": [{"a": "2"}]}) == 0


def test_json_is_judged_by_keys_and_rules(tmp_path: Path) -> None:
    own = text(tmp_path / "a", '{"a": {"b": [1, 2]}, "c": "x"}')
    good = {"key": ["a", "b", 1], "method": "eq", "ref": 2}
    assert score("check_json", own, {"expect": [good]}) == 1
    assert score("check_json", own, {"expect": [good | {"key": ["a", "z"]}]}) == 0
    assert score("check_json", own, {"expect": [], "unexpect": [good]}) == 0
    assert score("check_json", text(tmp_path / "y", "a: 1"), {"expect": []}, is_yaml=True) == 1
    assert score("check_json", text(tmp_path / "broken", "{"), {"expect": []}) == 0
    assert score("check_json_settings", own, {"expected": {"c": "x"}}) == 1
    keys = text(tmp_path / "k", '// mine\n[{"key": "ctrl+j"}]')
    assert score("check_json_keybindings", keys, {"expected": {"key": "ctrl+j"}}) == 1


def test_settings_of_programs_are_read(tmp_path: Path) -> None:
    gimp = text(tmp_path / "gimprc", '# (theme "x")\n(undo-levels 100)\n(theme "System")\n')
    assert score("check_config_status", gimp, {"key": "undo-levels", "value": "100"}) == 1
    assert score("check_config_status", gimp, {"key": "theme", "value": '"x"'}) == 0
    vlc = text(tmp_path / "vlcrc", "#qt-bgcone=0\nqt-max-volume=200\n")
    assert score("check_qt_max_volume", vlc, {"expected_qt_max_volume": 200}) == 1
    assert score("check_qt_bgcone", vlc, {"expected_qt_bgcone": 1}) == 1  # The usual value.
    assert score("check_qt_bgcone", None, {"expected_qt_bgcone": 1}) == 0
    office = text(
        tmp_path / "registry.xcu",
        '<a xmlns:oor="http://openoffice.org/2001/registry"><item '
        'oor:path="/org.openoffice.Office.Common/Save/Document"><prop '
        'oor:name="AutoSaveTimeIntervall"><value>3</value></prop></item></a>',
    )
    assert score("check_auto_saving_time", office, {"minutes": 3}) == 1
    assert score("check_auto_saving_time", office, {"minutes": 5}) == 0


def test_vlc_plays_only_what_its_state_says(tmp_path: Path) -> None:
    told = '<root><state>{}</state><information><category name="meta"><info name="filename">{}'
    told += "</info></category></information></root>"
    rules = {"type": "file_name", "file_name": "a.mp4"}
    cases = [("playing", "a.mp4", 1), ("paused", "a.mp4", 0), ("playing", "ba.mp4", 0)]
    for state, name, expected in cases:
        assert score("is_vlc_playing", text(tmp_path / "s", told.format(state, name)), rules) == (
            expected
        )


def test_tables_are_judged_rule_by_rule(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Name", "N"], ["a", 1.00001], ["b", None]]
    own = book(tmp_path / "own.xlsx", rows)
    wanted = book(tmp_path / "wanted.xlsx", [["Name", "N"], ["a", 1.00002], ["b", None], [None]])
    data = {"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}
    assert score("compare_table", own, wanted, rules=[data]) == 1
    assert score("compare_table", own, wanted, rules=[data | {"precision": 5}]) == 0
    assert score("compare_table", own, wanted, rules=[data | {"sheet_idx1": "EI3"}]) == 0
    assert score("compare_table", None, wanted, rules=[data]) == 0
    broken = text(tmp_path / "broken.xlsx", "no workbook")
    assert score("compare_table", broken, wanted, rules=[data]) == 0
    cell = {"type": "check_cell", "sheet_idx": "RNSheet", "coordinate": "A2"}
    value = {"value": {"method": "eq", "ref": "a"}}
    assert score("compare_table", own, rules=[cell | {"props": value}]) == 1
    bold = {"font_bold": {"method": "eq", "ref": True}}
    assert score("compare_table", own, rules=[cell | {"props": value | bold}]) == 0


def test_frozen_panes_zoom_styles_and_ranges_of_tables(tmp_path: Path) -> None:
    def dressed(sheet: Any) -> None:
        sheet.freeze_panes = "A2"
        sheet.sheet_view.zoomScale = 150
        sheet["A1"].number_format = "0.00"

    own = book(tmp_path / "own.xlsx", [[1], [" Rd 5 "]])
    other = book(tmp_path / "other.xlsx", [[1], ["road 5"]], dressed)
    both = {"sheet_idx0": 0, "sheet_idx1": "EI0"}
    for rule in ({"type": "freeze"}, {"type": "style", "props": ["number_format"]}):
        assert score("compare_table", own, other, rules=[rule | both]) == 0
        assert score("compare_table", other, other, rules=[rule | both]) == 1
    zoom = {"type": "zoom", "sheet_idx": 0, "method": "gt", "ref": 120}
    assert [score("compare_table", each, rules=[zoom]) for each in (own, other)] == [0, 1]
    alike = {"range": ["A2"], "type": "exact_match", "normalization": [["Rd", "road"]]}
    fuzzy = {"type": "sheet_fuzzy", "rules": [alike | {"ignore_chars": " "}]} | both
    assert score("compare_table", own, other, rules=[fuzzy]) == 1
    assert score("compare_table", own, other, rules=[fuzzy | {"rules": [alike]}]) == 0


def test_documents_are_compared_by_their_words(tmp_path: Path) -> None:
    own = document(tmp_path / "own.docx", "One  two", "Three", "")
    wanted = document(tmp_path / "wanted.docx", "one two", "three")
    strict = {"ignore_blanks": False, "ignore_case": True}
    assert score("compare_docx_files", own, wanted) == 0
    assert score("compare_docx_files", own, wanted, ignore_case=True) == 1
    assert score("compare_docx_files", own, wanted, **strict) == 0
    assert 0.5 < score("compare_docx_files", own, wanted, content_only=True) < 1
    assert score("compare_docx_files", own, None) == 0
    assert score("compare_docx_files", text(tmp_path / "no.docx", "x"), wanted) == 0


def test_the_look_of_documents(tmp_path: Path) -> None:
    def dressed(made: Any) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK

        made.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraphs[1].paragraph_format.line_spacing = 2.0
        run = made.paragraphs[1].runs[0]
        run.font.name, run.font.strike = "Arial", True
        run.add_break(WD_BREAK.PAGE)
        made.sections[0].footer.paragraphs[0].text = "page 1"
        made.add_table(1, 1).cell(0, 0).text = "x"

    plain = document(tmp_path / "plain.docx", "One", "Two")
    look = document(tmp_path / "look.docx", "One", "Two", change=dressed)
    for name, more in (
        ("is_first_line_centered", ()),
        ("contains_page_break", ({"page_break_count": 1},)),
        ("has_page_numbers_in_footers", ()),
        ("evaluate_strike_through_last_paragraph", (look,)),
        ("compare_line_spacing", (look,)),
        ("compare_docx_tables", (look,)),
    ):
        assert [score(name, each, *more) for each in (plain, look)] == [0, 1], name
    assert score("contains_page_break", look, {"page_break_count": 2}) == 0
    assert score("compare_font_names", look, {"font_name": "Arial"}) == 0  # Only one paragraph.


def test_presentations_are_compared_by_what_is_examined(tmp_path: Path) -> None:
    def bold(made: Any) -> None:
        made.slides[0].shapes.title.text_frame.paragraphs[0].runs[0].font.bold = True

    def moved(made: Any) -> None:
        made.slides[0].shapes.title.left += 500_000

    own = slides(tmp_path / "own.pptx", "One", "Two")
    assert score("compare_pptx_files", own, slides(tmp_path / "a.pptx", "One", "Two")) == 1
    assert score("compare_pptx_files", own, slides(tmp_path / "b.pptx", "One", "Three")) == 0
    assert score("compare_pptx_files", own, slides(tmp_path / "c.pptx", "One")) == 0
    heavy = slides(tmp_path / "d.pptx", "One", "Two", change=bold)
    assert score("compare_pptx_files", own, heavy) == 0
    assert score("compare_pptx_files", own, heavy, examine_font_bold=False) == 1
    elsewhere = slides(tmp_path / "e.pptx", "One", "Two", change=moved)
    assert score("compare_pptx_files", own, elsewhere) == 0
    assert score("compare_pptx_files", own, elsewhere, examine_shape=False) == 1
    assert score("check_slide_orientation_Portrait", own) == 0


def test_pictures_are_measured(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "a.png"
    image = Image.new("RGBA", (30, 20))
    image.paste("red", (5, 5, 15, 10))
    image.save(path)
    assert score("check_image_size", str(path), {"width": 30, "height": None}) == 1
    assert score("check_image_size", str(path), {"width": 20}) == 0
    inner = {"width": 10, "height": 5, "ignore_transparent": True}
    assert score("check_image_size", str(path), inner) == 1
    assert score("check_image_file_size", str(path), {"max_size": 10}) == 0


def image(path: Path, draw: Callable[[Any], Any] = lambda made: made) -> str:
    """Save a picture with some structure, changed by ``draw``."""
    from PIL import Image

    made = Image.new("RGB", (60, 40), (150, 175, 200))
    made.paste((200, 160, 60), (10, 5, 30, 25))
    made.paste((20, 60, 40), (35, 20, 55, 38))
    draw(made).save(path)
    return str(path)


def test_likeness_is_the_mean_over_all_windows_of_what_its_source_says() -> None:
    import numpy as np

    rng = np.random.default_rng(5)
    one, other = (rng.integers(0, 256, (12, 9)).astype(float) for _ in range(2))
    windows = []
    for top in range(12 - 6):
        for left in range(9 - 6):
            a, b = (g[top : top + 7, left : left + 7].ravel() for g in (one, other))
            (va, vab), (_, vb) = np.cov(a, b)
            c1, c2 = 2.55**2, 7.65**2
            top_part = (2 * a.mean() * b.mean() + c1) * (2 * vab + c2)
            windows.append(top_part / ((a.mean() ** 2 + b.mean() ** 2 + c1) * (va + vb + c2)))
    assert similarity(one, other) == pytest.approx(np.mean(windows))
    assert similarity(one, one) == pytest.approx(1)


def test_pictures_are_compared_by_their_structure(tmp_path: Path) -> None:
    from PIL import Image, ImageEnhance, ImageOps

    plain = image(tmp_path / "plain.png")
    dark = image(tmp_path / "dark.png", lambda made: ImageEnhance.Brightness(made).enhance(0.7))
    strong = image(tmp_path / "strong.png", lambda made: ImageEnhance.Contrast(made).enhance(1.3))
    vivid = image(tmp_path / "vivid.png", lambda made: ImageEnhance.Color(made).enhance(1.2))
    mirrored = image(tmp_path / "mirror.png", ImageOps.mirror)
    large = image(tmp_path / "large.png", lambda made: made.resize((120, 80)))
    few = image(tmp_path / "few.png", lambda made: made.quantize(16))
    blank = image(tmp_path / "blank.png", lambda made: Image.new("RGB", made.size, (10, 10, 10)))
    for name, right in (
        ("check_structure_sim", few),
        ("check_structure_sim_resized", large),
        ("check_palette_and_structure_sim", few),
        ("check_image_mirror", mirrored),
        ("check_contrast_increase_and_structure_sim", strong),
        ("check_saturation_increase_and_structure_sim", vivid),
        ("check_brightness_decrease_and_structure_sim", dark),
    ):
        assert score(name, right, plain) == 1, name
        assert score(name, blank, plain) == 0, name
    for name in ("brightness_decrease", "contrast_increase", "saturation_increase"):
        assert score(f"check_{name}_and_structure_sim", plain, plain) == 0, name
    assert score("check_structure_sim", large, plain) == 0
    assert score("compare_images", plain, large) > 0.9
    assert score("compare_images", plain, blank, reference_base_result=0.9) == 0
    assert score("compare_image_list", [plain, dark], [plain, dark]) == 1
    assert score("compare_image_list", [plain, None], [plain, dark]) == 0
    assert score("compare_image_list", [plain], [plain, dark]) == 0
    see_through = (image(tmp_path / f"{n}.png", lambda made: made.convert("RGBA")) for n in "ab")
    assert score("compare_image_list", *see_through) == 1
    other = image(tmp_path / "c.png", lambda made: ImageOps.mirror(made).convert("RGBA"))
    assert score("compare_image_list", other, str(tmp_path / "a.png")) == 0
    assert score("check_textbox_on_leftside", plain) == 0
    moved = image(tmp_path / "moved.png", lambda made: made.crop((35, 0, 60, 40)))
    assert score("check_textbox_on_leftside", moved) == 1


def test_pdf_files_are_compared_by_pages_and_words(tmp_path: Path) -> None:
    own, other = pdf(tmp_path / "a.pdf", "One", "Two"), pdf(tmp_path / "b.pdf", "One", "Six")
    assert score("check_pdf_pages", own, {"relation": "eq", "ref_value": 2}) == 1
    assert score("check_pdf_pages", own, {"relation": "gt", "ref_value": 2}) == 0
    assert score("compare_pdfs", own, own) == 1
    assert 0 < score("compare_pdfs", own, other) < 1
    assert score("compare_pdfs", [own, None], [own, own]) == 0.5
