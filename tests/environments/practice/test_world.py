from __future__ import annotations

import pytest

from environments.actions import Action, Click, Drag, MoveTo, PressKeys, Scroll, TypeText, Wait
from environments.base import Stop
from environments.errors import Stopped, ToolError
from environments.geometry import InputPoint
from environments.practice.environment import InProcessPractice, PracticeEnvironment
from environments.practice.fields import DropDown, MenuBar, Tabs, TextField
from environments.practice.tasks import has_target
from environments.practice.widgets import Button, CheckBox, ListBox, RadioGroup, Slider
from environments.practice.world import Window
from tests.environments.practice.scenes import middle_of, shown, with_dialog

NOWHERE = InputPoint(310, 250)


def click(environment: PracticeEnvironment, label: str, count: int = 1) -> None:
    environment.execute(Click(middle_of(environment, label), count=count))


def items() -> ListBox:
    return ListBox("list", 32, 40, items=("Anna", "Boris", "Clara", "David", "Emma"), rows=3)


def test_a_button_counts_its_presses() -> None:
    world = shown(Button("Save", 16, 40))
    click(world, "Save")
    click(world, "Save")
    assert world.world.values()["press:Save"] == 2


@pytest.mark.parametrize("button", ["right", "middle"])
def test_only_the_left_button_presses(button: str) -> None:
    world = shown(CheckBox("Grid", 16, 40))
    world.execute(Click(middle_of(world, "Grid"), button))  # type: ignore[arg-type]
    assert world.world.values()["check:Grid"] is False


def test_a_click_without_a_point_lands_where_the_pointer_is() -> None:
    world = shown(CheckBox("Grid", 16, 40))
    world.execute(MoveTo(middle_of(world, "Grid")))
    world.execute(Click(None))
    assert world.world.values()["check:Grid"] is True


def test_a_click_off_the_screen_is_refused() -> None:
    with pytest.raises(ToolError, match="320x256"):
        shown().execute(Click(InputPoint(320, 0)))


def test_a_click_beside_everything_changes_no_value() -> None:
    world = shown(CheckBox("Grid", 16, 40))
    before = world.world.values()
    world.execute(Click(NOWHERE))
    assert world.world.values() == before


def test_one_option_of_a_group_is_chosen_at_a_time() -> None:
    group = RadioGroup("Size", 16, 40, ("Small", "Large"), "Small")
    click(shown(group), "Large")
    assert group.chosen == "Large"


def test_a_double_click_opens_an_item_once() -> None:
    world, box = shown(items()), None
    click(world, "Boris", count=2)
    box = world.world.values()
    assert (box["list:list"], box["opened:list"]) == ("Boris", ("Boris",))


def test_two_clicks_with_time_between_select_and_open_nothing() -> None:
    world = shown(items())
    click(world, "Boris")
    click(world, "Boris")
    assert world.world.values()["opened:list"] == ()


def test_two_quick_clicks_at_different_places_are_no_double_click() -> None:
    world = shown(items()).world
    for x, y in ((40, 48), (100, 48)):
        world.press(x, y, "left", 0.0)
        world.release()
    assert world.values()["opened:list"] == ()


def test_scrolling_shows_what_is_below_and_stops_at_the_end() -> None:
    box = items()
    world = shown(box)
    world.execute(Scroll(dy_px=-100, at=middle_of(world, "Boris")))
    assert box.visible() == ("Boris", "Clara", "David")
    world.execute(Scroll(dy_px=-900, at=middle_of(world, "Clara")))
    assert box.visible() == ("Clara", "David", "Emma")
    world.execute(Scroll(dy_px=900, at=middle_of(world, "David")))
    assert box.top == 0


def test_scrolling_beside_a_list_does_nothing() -> None:
    box = items()
    shown(box).execute(Scroll(dy_px=-100, at=NOWHERE))
    assert box.top == 0


def test_dragging_a_slider_sets_it_even_when_the_pointer_leaves_its_row() -> None:
    slider = Slider("Volume", 16, 40, value=2)
    shown(slider).execute(
        Drag(start=InputPoint(*slider.point_of(2)), to=InputPoint(slider.point_of(9)[0], 200))
    )
    assert slider.value == 9


def test_after_a_drag_the_pointer_moves_freely() -> None:
    slider = Slider("Volume", 16, 40)
    world = shown(slider)
    at = [InputPoint(*slider.point_of(value)) for value in (0, 4, 8)]
    world.execute(Drag(start=at[0], to=at[1]))
    world.execute(MoveTo(at[2]))
    assert slider.value == 4


@pytest.mark.parametrize(("key", "value"), [("right", 6), ("left", 4), ("up", 5)])
def test_arrow_keys_move_a_slider_that_has_the_focus(key: str, value: int) -> None:
    slider = Slider("Volume", 16, 40)
    world = shown(slider)
    world.execute(Click(InputPoint(*slider.point_of(5))))
    world.execute(PressKeys((key,)))
    assert slider.value == value


def test_typing_without_a_focus_writes_nowhere() -> None:
    field = TextField("Name", 16, 40)
    shown(field).execute(TypeText("Anna"))
    assert field.text == ""


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        ([TypeText("x")], "Annax"),
        ([PressKeys(("home",)), TypeText("x")], "xAnna"),
        ([PressKeys(("left",)), PressKeys(("backspace",))], "Ana"),
        ([PressKeys(("home",)), PressKeys(("delete",))], "nna"),
        ([PressKeys(("home",)), PressKeys(("backspace",))], "Anna"),
        ([PressKeys(("ctrl", "a")), TypeText("Bo")], "Bo"),
        ([PressKeys(("ctrl", "a")), PressKeys(("backspace",))], ""),
        ([PressKeys(("ctrl", "a")), PressKeys(("right",)), TypeText("x")], "Annax"),
        ([PressKeys(("ctrl", "a")), PressKeys(("shift",)), TypeText("Bo")], "Bo"),
        ([PressKeys(("space",)), TypeText("B\n")], "Anna B"),
    ],
)
def test_a_text_field_is_edited_as_anywhere(actions: list[Action], text: str) -> None:
    field = TextField("Name", 16, 40, text="Anna")
    world = shown(field)
    click(world, "Name")
    for action in actions:
        world.execute(action)
    assert field.text == text


def test_a_double_click_on_a_field_selects_its_text() -> None:
    field = TextField("Name", 16, 40, text="Anna")
    world = shown(field)
    click(world, "Name", count=2)
    world.execute(TypeText("Bo"))
    assert field.text == "Bo"


def test_a_shortcut_is_the_desktops_when_nothing_has_the_focus() -> None:
    world = shown(TextField("Name", 16, 40))
    world.execute(PressKeys(("ctrl", "s")))
    click(world, "Name")
    world.execute(PressKeys(("ctrl", "s")))
    assert world.world.values()["shortcuts"] == ("ctrl+s",)


def test_a_drop_down_unfolds_and_takes_a_choice() -> None:
    drop = DropDown("Color", 16, 40, options=("Red", "Green"), chosen="Red")
    world = shown(drop)
    click(world, "Color")
    click(world, "Green")
    assert (drop.chosen, drop.opened) == ("Green", False)


def test_a_click_beside_a_popup_folds_it_and_reaches_nothing_else() -> None:
    drop = DropDown("Color", 16, 40, options=("Red", "Green"), chosen="Red")
    world = shown(drop, Button("Save", 16, 200))
    save = middle_of(world, "Save")
    click(world, "Color")
    assert not has_target(world.world, "Save")
    world.execute(Click(save))
    assert (drop.chosen, drop.opened) == ("Red", False)
    assert world.world.values()["press:Save"] == 0


def test_a_menu_runs_its_entries_and_switches_its_switches() -> None:
    bar = MenuBar("menu", 16, 40, menus={"Layout": ("Copy", "Grid")}, switches={"Grid": False})
    world = shown(bar)
    for entry in ("Copy", "Grid"):
        click(world, "Layout")
        click(world, entry)
    assert (bar.chosen, bar.switches) == (("Copy",), {"Grid": True})


def test_only_the_page_of_the_front_tab_can_be_reached() -> None:
    tabs = Tabs("tabs", 16, 40, ("Layout", "Extras"), "Layout")
    world = shown(tabs)
    front = world.world.front
    assert front
    front.pages = {"Layout": [CheckBox("Grid", 16, 72)], "Extras": [CheckBox("Ruler", 16, 72)]}
    assert has_target(world.world, "Grid")
    click(world, "Extras")
    assert has_target(world.world, "Ruler")
    assert not has_target(world.world, "Grid")


def test_a_modal_dialog_swallows_clicks_on_what_lies_behind_it() -> None:
    check = CheckBox("Ruler", 16, 40)
    world = with_dialog(check)
    behind = middle_of(world, "Grid")
    click(world, "Options")
    world.execute(Click(behind))
    assert world.world.values()["check:Grid"] is False
    assert world.world.front
    assert world.world.front.modal


@pytest.mark.parametrize(("way_out", "on"), [("OK", True), ("Cancel", False), ("Close", False)])
def test_a_dialog_keeps_its_values_only_when_it_is_accepted(way_out: str, on: bool) -> None:
    check = CheckBox("Ruler", 16, 40)
    world = with_dialog(check)
    click(world, "Options")
    click(world, "Ruler")
    assert world.world.values()["check:Ruler"] is False, "an open dialog counts as before"
    click(world, way_out)
    assert (world.world.values()["check:Ruler"], check.on) == (on, on)


def test_a_click_brings_a_window_to_the_front_and_a_close_button_takes_it_away() -> None:
    world = shown(Button("Save", 16, 40))
    world.world.windows.append(Window("Mail", 100, 100, 160, 2))
    click(world, "Notes", count=1)
    assert [w.title for w in world.world.windows] == ["Mail", "Notes"]
    click(world, "Close")
    assert [w.title for w in world.world.windows] == ["Mail"]
    assert world.observe().foreground == "Mail"


def test_a_covered_target_is_not_offered() -> None:
    world = shown(Button("Save", 16, 40))
    world.world.windows.append(Window("Mail", 0, 0, 288, 3))
    assert not has_target(world.world, "Save")


def test_a_frame_is_drawn_only_after_a_change(in_process: InProcessPractice) -> None:
    first = in_process.observe().frame
    in_process.execute(MoveTo(NOWHERE))
    assert in_process.observe().frame is first
    assert not first.flags.writeable


def test_a_stop_ends_what_is_being_done() -> None:
    stop = Stop()
    environment = InProcessPractice("click_button", 1, stop)
    stop.set("enough")
    for action in (Click(NOWHERE), TypeText("a"), Wait(60)):
        with pytest.raises(Stopped):
            environment.execute(action)
    with pytest.raises(Stopped):
        environment.observe()


def test_an_unknown_key_is_refused_and_nothing_is_pressed() -> None:
    world = shown()
    with pytest.raises(ToolError, match="pagedown"):
        world.execute(PressKeys(("ctrl", "pagedwn")))
    world.execute(PressKeys(("s",)))
    assert world.world.values()["shortcuts"] == ()
