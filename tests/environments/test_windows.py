"""Windows whose titles are no good company: told as data, and still found."""

from __future__ import annotations

import pytest

from environments.desktop.windows import Window, window_named
from environments.errors import ToolError
from environments.geometry import ImagePoint

LONG = "T" * 10_000
NASTY = "one\ntwo\x1b[31m\u202ered\x00"


def window(title: str, application: str = "Editor") -> Window:
    return Window(1, title, application, ImagePoint(0, 0), 300, 200)


def test_a_window_is_told_on_one_short_line_whatever_its_title() -> None:
    assert window("Letter").words() == "'Letter' of Editor"
    assert window("it's", "").words() == "'it's' of an unnamed program"
    assert window(LONG, LONG).words() == f"'{'T' * 60}...' of {'T' * 60}..."
    assert window(NASTY).words() == "'one two [31m red' of Editor"
    assert window("\n").words() == "a window without a title of Editor"


def test_a_window_is_found_by_the_title_that_was_told() -> None:
    for title in (LONG, NASTY, "Letter"):
        others = [window("Sums"), window(title)]
        told = others[1].words().removesuffix(" of Editor").strip("'")
        assert window_named(others, told).title == title


def test_a_refusal_lists_no_more_windows_than_a_model_can_read() -> None:
    with pytest.raises(ToolError) as refused:
        window_named([window(f"{number} {LONG}") for number in range(200)], "Letter")
    assert len(str(refused.value)) < 4_000
