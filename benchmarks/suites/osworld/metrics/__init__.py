"""The metrics that can be judged here, by the names that task files use.

Responsible for the list. The metrics were written for this project from the format's description;
what each looks at stands in its own words.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.suites.osworld.metrics import (
    documents,
    ours,
    papers,
    pictures,
    plain,
    settings,
    slides,
    tables,
)
from benchmarks.suites.osworld.metrics.reading import Metric, judged


def _named(module: object, *names: str) -> dict[str, Metric]:
    return {name: getattr(module, name) for name in names}


_WRITTEN: Mapping[str, Metric] = {
    **_named(
        plain,
        "exact_match",
        "match_in_list",
        "is_in_list",
        "literal_match",
        "check_include_exclude",
        "check_list",
        "file_contains",
        "check_line_number",
        "compare_text_file",
        "diff_text_file",
        "check_csv",
        "compare_csv",
        "check_json",
        "check_direct_json_object",
        "check_json_settings",
        "check_json_keybindings",
        "is_utc_0",
        "check_moved_jpgs",
        "is_in_vm_clickboard",
    ),
    **_named(
        settings,
        "is_expected_active_tab",
        "is_expected_active_tab_approximate",
        "is_expected_url_pattern_match",
        "is_expected_search_query",
        "is_expected_tabs",
        "is_expected_bookmarks",
        "is_cookie_deleted",
        "check_history_deleted",
        "check_font_size",
        "check_config_status",
        "check_image_size",
        "check_image_file_size",
        "is_vlc_playing",
        "is_vlc_fullscreen",
        "is_vlc_recordings_folder",
        "check_qt_slider_colours",
        "check_global_key_play_pause",
        "check_auto_saving_time",
        "check_presenter_console_disable",
        "find_default_font",
    ),
    "check_play_and_exit": settings.vlc_setting("play-and-exit", "0"),
    "check_qt_bgcone": settings.vlc_setting("qt-bgcone", "1"),
    "check_qt_max_volume": settings.vlc_setting("qt-max-volume", "125"),
    "check_qt_minimal_view": settings.vlc_setting("qt-minimal-view", "0"),
    "check_one_instance_when_started_from_file": settings.vlc_setting(
        "one-instance-when-started-from-file", "1"
    ),
    "compare_table": tables.compare_table,
    **_named(
        documents,
        "compare_docx_files",
        "compare_docx_tables",
        "compare_line_spacing",
        "compare_font_names",
        "is_first_line_centered",
        "contains_page_break",
        "has_page_numbers_in_footers",
        "check_italic_font_size_14",
        "evaluate_strike_through_last_paragraph",
    ),
    "compare_pptx_files": slides.compare_pptx_files,
    "check_slide_orientation_Portrait": slides.check_slide_orientation_portrait,
    "check_transition": slides.check_transition,
    **_named(
        pictures,
        "compare_image_list",
        "compare_images",
        "check_structure_sim",
        "check_structure_sim_resized",
        "check_palette_and_structure_sim",
        "check_image_mirror",
        "check_contrast_increase_and_structure_sim",
        "check_saturation_increase_and_structure_sim",
        "check_brightness_decrease_and_structure_sim",
        "check_textbox_on_leftside",
    ),
    "check_file_exists_and_structure_sim": pictures.check_structure_sim,
    **_named(papers, "check_pdf_pages", "compare_pdfs"),
    "deskhand_same_document": ours.deskhand_same_document,
}
METRICS: Mapping[str, Metric] = {name: judged(metric) for name, metric in _WRITTEN.items()}
"""Name in a task file -> metric."""
