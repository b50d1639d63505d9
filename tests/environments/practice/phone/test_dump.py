"""The window in front as ``uiautomator dump`` writes it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from environments.base import Stop
from environments.practice.phone.dump import escaped
from environments.practice.phone.environment import InProcessPhone
from environments.practice.phone.templates import TEMPLATES
from environments.practice.phone.world import PhoneWorld
from tests.environments.practice.phone.hands import Hand

ATTRIBUTES = [
    "index", "text", "resource-id", "class", "package", "content-desc", "checkable", "checked",
    "clickable", "enabled", "focusable", "focused", "scrollable", "long-clickable", "password",
    "selected", "bounds",
]  # fmt: skip
"""In the order of AOSP's AccessibilityNodeInfoDumper."""


def nodes(xml: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(xml).iter("node"))


def box_of(node: ElementTree.Element) -> tuple[int, ...]:
    found = re.fullmatch(r"\[(\d+),(\d+)\]\[(\d+),(\d+)\]", node.attrib["bounds"])
    assert found
    return tuple(map(int, found.groups()))


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_dump_on_the_way_has_the_form_of_uiautomators(template: str) -> None:
    phone = InProcessPhone(template, 9, Stop())
    while (step := phone.task.oracle()).action is not None:
        xml = phone.phone.ui_xml()
        assert xml.startswith("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy")
        assert "\n" not in xml
        width, height = phone.phone.turned_px
        for node in nodes(xml):
            assert list(node.attrib) == ATTRIBUTES
            left, top, right, bottom = box_of(node)
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
        phone.execute(step.action)


def test_what_can_be_tapped_in_the_window_stands_in_its_dump() -> None:
    phone = PhoneWorld(2)
    Hand(phone).tap("Settings")
    found = nodes(phone.ui_xml())
    texts = {node.attrib["text"]: node for node in found}
    for name, _, _ in phone.switches:
        assert texts[name].attrib["resource-id"] == "com.android.settings:id/title"
    switches = [n for n in found if n.attrib["class"] == "android.widget.Switch"]
    assert [n.attrib["checked"] for n in switches] == [
        str(phone.setting(space, key) not in ("", "0")).lower() for _, space, key in phone.switches
    ]
    assert all(n.attrib["package"] == "com.android.settings" for n in found)


def test_a_password_is_told_by_its_length_alone() -> None:
    phone = PhoneWorld(2)
    hand = Hand(phone)
    hand.tap("Bank")
    hand.tap("Code", "text field")
    phone.commit_text("4711")
    (field,) = [n for n in nodes(phone.ui_xml()) if n.attrib["password"] == "true"]
    assert (field.attrib["text"], field.attrib["focused"]) == ("••••", "true")


@pytest.mark.parametrize("text", ["a\nb\tc", "<&>\"'", "😀 שלום", "你好"])
def test_a_text_comes_back_from_the_dump_as_it_was(text: str) -> None:
    phone = PhoneWorld(2)
    hand = Hand(phone)
    hand.tap("Notes")
    hand.tap("New")
    phone.commit_text(text)
    (field,) = [n for n in nodes(phone.ui_xml()) if n.attrib["focused"] == "true"]
    assert field.attrib["text"] == text


def test_what_xml_cannot_hold_becomes_a_full_stop() -> None:
    assert escaped("a\x00b\ud800") == "a.b."
