"""Text on the phone: keys on the screen, keys of a keyboard, selection, clipboard."""

from __future__ import annotations

import pytest

from environments.practice.phone.keyboard import BY_BROADCAST
from environments.practice.phone.text import Field, broken
from environments.practice.phone.world import PhoneWorld
from tests.environments.practice.phone.hands import Hand


@pytest.fixture
def phone() -> PhoneWorld:
    return PhoneWorld(5)


@pytest.fixture
def hand(phone: PhoneWorld) -> Hand:
    hand = Hand(phone)
    hand.tap("Notes")
    hand.tap("New")
    return hand


def written(phone: PhoneWorld) -> str:
    field = phone.focus
    assert field is not None
    return field.text


def test_keys_on_the_screen_write(phone: PhoneWorld, hand: Hand) -> None:
    for key in ("shift", "H", "i", "space", "symbols", "7", "letters", "o", "backspace", "enter"):
        hand.tap(key, "key")
    assert written(phone) == "Hi 7\n"


def test_the_keyboard_shows_only_while_something_is_written(phone: PhoneWorld, hand: Hand) -> None:
    assert hand.sees("q")
    hand.key("BACK")
    assert not hand.sees("q")
    assert phone.page.title == "Note"
    hand.tap("Note", "text field")
    assert hand.sees("q")


def test_another_keyboard_shows_no_keys_and_takes_text(phone: PhoneWorld, hand: Hand) -> None:
    assert phone.choose_input_method(BY_BROADCAST.id)
    assert not hand.sees("q")
    assert phone.settings["secure"]["default_input_method"] == BY_BROADCAST.id
    phone.commit_text("你好")
    assert written(phone) == "你好"
    assert not phone.choose_input_method("org.nobody/.Ime")


def test_keys_of_a_keyboard_write_move_and_erase(phone: PhoneWorld, hand: Hand) -> None:
    for name in ("A", "B", "C", "DPAD_LEFT", "DEL", "SPACE", "MOVE_END", "1", "MOVE_HOME"):
        hand.key(name)
    hand.key("FORWARD_DEL")
    hand.key("1", "SHIFT_LEFT")
    assert written(phone) == "! c1"


def test_chords_select_copy_cut_and_paste(phone: PhoneWorld, hand: Hand) -> None:
    phone.commit_text("plum")
    hand.key("A", "CTRL_LEFT")
    hand.key("X", "CTRL_LEFT")
    assert (written(phone), phone.clipboard) == ("", "plum")
    hand.key("V", "CTRL_LEFT")
    hand.key("PASTE")
    hand.key("Q", "CTRL_LEFT")
    assert written(phone) == "plumplum"


def test_a_long_press_selects_a_word_and_offers_what_to_do(phone: PhoneWorld, hand: Hand) -> None:
    phone.commit_text("green plum")
    field = hand.target("Note", "text field")
    hand.tap_at(field.box[0] + 12, field.box[1] + 12, held_s=0.5)
    assert phone.focus is not None
    assert phone.focus.selected == "green"
    hand.tap("Copy")
    assert phone.clipboard == "green"
    assert not hand.sees("Paste")
    phone.commit_text("red")
    assert written(phone) == "red plum"


def test_a_double_tap_selects_as_well(phone: PhoneWorld, hand: Hand) -> None:
    phone.commit_text("green plum")
    x, y = hand.target("Note", "text field").box[:2]
    for time_s in (100.0, 100.2):
        phone.touch("down", x + 12, y + 12, time_s)
        phone.touch("up", x + 12, y + 12, time_s + 0.05)
    assert phone.focus is not None
    assert phone.focus.selected == "green"


def test_a_tap_puts_the_caret_where_it_falls(phone: PhoneWorld, hand: Hand) -> None:
    phone.commit_text("plum")
    field = hand.target("Note", "text field")
    hand.tap_at(field.box[0] + 9, field.box[1] + 12)
    phone.commit_text("a ")
    assert written(phone) == "a plum"


def test_a_long_text_scrolls_to_its_caret(phone: PhoneWorld, hand: Hand) -> None:
    phone.commit_text("\n".join(map(str, range(30))))
    assert phone.page.scroll_px > 0
    area = phone.screenful().area
    phone.put_setting("system", "user_rotation", "1")
    assert phone.screenful().area != area
    phone.frame()


def test_clearing_leaves_nothing_and_text_without_a_field_goes_nowhere(
    phone: PhoneWorld, hand: Hand
) -> None:
    phone.commit_text("plum")
    phone.clear_text()
    assert written(phone) == ""
    hand.key("HOME")
    before = phone.values()
    phone.commit_text("lost")
    phone.clear_text()
    assert phone.values() == before


def test_enter_in_a_field_of_one_line_goes_on() -> None:
    went = []
    field = Field("Name", on_action=lambda: went.append(field.text))
    field.write("Anna\n")
    assert (field.text, went) == ("Anna", ["Anna"])


@pytest.mark.parametrize("text", ["", "a", "one two three", "a" * 300, "x\n\ny", "ab " * 80])
@pytest.mark.parametrize("width", [1, 40, 200])
def test_broken_lines_hold_every_character_once(text: str, width: int) -> None:
    lines = broken(text, width)
    kept = "".join(text[start:end] for start, end in lines)
    assert kept == text.replace("\n", "")
    assert all(start <= end for start, end in lines)
