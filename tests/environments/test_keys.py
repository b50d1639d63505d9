from __future__ import annotations

import pytest

from environments.desktop.keys import KEY_NAMES, chord, key_name
from environments.errors import ToolError


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Control", "ctrl"),
        ("CMD", "win"),
        ("meta", "win"),
        ("Return", "enter"),
        ("Escape", "esc"),
        ("space", " "),
        (" ", " "),
        ("ArrowUp", "up"),
        ("Page_Down", "pagedown"),
        ("del", "delete"),
        ("F24", "f24"),
        ("PrintScreen", "printscreen"),
        ("A", "A"),
        ("?", "?"),
        ("+", "+"),
        ("é", "é"),
    ],
)
def test_every_usual_spelling_names_the_same_key(written: str, name: str) -> None:
    assert key_name(written) == name


@pytest.mark.parametrize(
    ("written", "near"), [("entr", "enter"), ("pagdown", "pagedown"), ("", "f5"), ("xyzzy", "f5")]
)
def test_an_unknown_name_is_refused_with_a_way_out(written: str, near: str) -> None:
    with pytest.raises(ToolError, match=near):
        key_name(written)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (("ctrl+shift+T",), ("ctrl", "shift", "t")),
        (("ctrl", "+"), ("ctrl", "+")),
        (("ctrl++",), ("ctrl", "+")),
        (("A",), ("A",)),
        (("Ctrl", "A"), ("ctrl", "a")),
    ],
)
def test_a_chord_may_be_written_as_a_list_or_with_plus_signs(
    written: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert chord(written) == names


def test_every_name_is_itself_an_accepted_spelling() -> None:
    assert {key_name(name) for name in KEY_NAMES.values()} == set(KEY_NAMES.values())
