from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from environments.practice.tasks import PracticeTask
from environments.practice.templates import TEMPLATES
from environments.practice.world import SCREEN_PX, World

WIDTH, HEIGHT = SCREEN_PX
KEYS = ("a", "A", " ", "enter", "tab", "backspace", "delete", "left", "right", "home", "ctrl", "f5")

points = st.tuples(st.integers(-20, WIDTH + 20), st.integers(-20, HEIGHT + 20))
presses = st.tuples(st.just("press"), points, st.sampled_from(["left", "right", "middle"]))
aimed = st.tuples(st.just("aim"), st.integers(0, 40))
moves = st.tuples(st.just("move"), points)
releases = st.tuples(st.just("release"))
wheels = st.tuples(st.just("wheel"), st.integers(-9, 9), points)
keys = st.tuples(st.sampled_from(["key_down", "key_up"]), st.sampled_from(KEYS))
events = st.lists(presses | aimed | moves | releases | wheels | keys, max_size=40)
tasks = st.builds(PracticeTask, st.sampled_from(sorted(TEMPLATES)), st.integers(0, 10_000))


def feed(world: World, event: tuple[object, ...], time_s: float) -> None:
    match event:
        case ("press", (int(x), int(y)), str(button)):
            world.press(x, y, button, time_s)
        case ("aim", int(index)) if world.targets():
            targets = world.targets()
            world.press(*targets[index % len(targets)].centre, "left", time_s)
        case ("move", (int(x), int(y))):
            world.move(x, y)
        case ("release",):
            world.release()
        case ("wheel", int(notches), (int(x), int(y))):
            world.wheel(notches, x, y)
        case ("key_down", str(key)):
            world.key_down(key)
        case ("key_up", str(key)):
            world.key_up(key)


@settings(deadline=None, max_examples=60)
@given(tasks, events)
def test_no_sequence_of_events_breaks_the_world(
    task: PracticeTask, sequence: list[tuple[object, ...]]
) -> None:
    names = set(task.values())
    for number, event in enumerate(sequence):
        feed(task.world, event, number * 0.3)
    assert set(task.values()) == names
    assert task.score() in (0.0, 1.0)
    assert task.world.draw().size == SCREEN_PX


@settings(deadline=None, max_examples=60)
@given(tasks, events)
def test_every_target_can_be_pointed_at(
    task: PracticeTask, sequence: list[tuple[object, ...]]
) -> None:
    for number, event in enumerate(sequence):
        feed(task.world, event, number * 0.3)
    for target in task.targets():
        x, y = target.centre
        assert 0 <= x < WIDTH
        assert 0 <= y < HEIGHT


@settings(deadline=None, max_examples=40)
@given(tasks, events)
def test_what_can_be_seen_changes_only_with_the_version(
    task: PracticeTask, sequence: list[tuple[object, ...]]
) -> None:
    before, version = task.world.draw().tobytes(), task.world.version
    for number, event in enumerate(sequence):
        feed(task.world, event, number * 0.3)
        if task.world.version == version:
            assert task.world.draw().tobytes() == before
        before, version = task.world.draw().tobytes(), task.world.version


@settings(deadline=None, max_examples=40)
@given(tasks)
def test_every_target_lies_on_the_screen_at_the_start(task: PracticeTask) -> None:
    for target in task.targets():
        left, top, right, bottom = target.box
        assert 0 <= left < right <= WIDTH
        assert 0 <= top < bottom <= HEIGHT


@settings(deadline=None, max_examples=40)
@given(tasks)
def test_targets_of_one_window_do_not_overlap(task: PracticeTask) -> None:
    for window in task.world.windows:
        boxes = [target.box for target in window.targets()]
        for index, one in enumerate(boxes):
            for other in boxes[index + 1 :]:
                apart_x = one[2] <= other[0] or other[2] <= one[0]
                apart_y = one[3] <= other[1] or other[3] <= one[1]
                assert apart_x or apart_y, (window.title, one, other)
