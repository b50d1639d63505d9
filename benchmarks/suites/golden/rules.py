"""Golden cases of the rule presets: where they agree, where they differ, and their bugs.

Responsible for one case at least for every rule and every threshold, on both sides of it. They are
rows of a table: what it shows, the recorded step, what was said, the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.suites.golden.case import Case
from benchmarks.suites.trajectories.metrics import Scored, Share, by_subset, figures, mean_of
from benchmarks.suites.trajectories.moves import Box, Move, Recorded, gesture
from benchmarks.suites.trajectories.rules import PRESETS, Verdict

RIGHT, WRONG, OTHER = Verdict(True, True), Verdict(True, False), Verdict(False, False)
"""Type and all of it; only the type; not even the type."""

BUTTON: Box = (0.4, 0.4, 0.6, 0.5)
SCREEN = (1080, 2400)
Row = tuple[str, Recorded, Move | None, Verdict]


def _step(move: Move, *boxes: Box, target: Box | None = None, **more: Any) -> Recorded:
    told: dict[str, Any] = {"episode": "1", "number": 0, "length": 1, "subset": "s"} | more
    return Recorded(
        **told, goal="g", instruction="", picture="p", size=SCREEN, move=move, boxes=boxes,
        target=target,
    )  # fmt: skip


def tap(x: float, y: float) -> Move:
    """Return a tap."""
    return Move("tap", at=(x, y))


def finger(way: Any) -> Move:
    """Return a swipe of which only the finger's direction is known."""
    return Move("swipe", way=way)


def _text(text: str) -> Move:
    return Move("type", text=text)


def _boxed(*box: float) -> Move:
    left, top, right, bottom = box
    return Move("tap", at=((left + right) / 2, (top + bottom) / 2), box=(left, top, right, bottom))


_MIDDLE = tap(0.5, 0.45)
_ON_BUTTON = _step(_MIDDLE, BUTTON)
_ALONE = _step(_MIDDLE)
_TYPED = _step(_text("hello big world"))
_OPENED = _step(Move("open", text="Google Chrome"))
_CONTENT_DOWN = _step(finger("up"))
"""What AndroidControl calls "scroll down": the finger goes up."""
_BACK = _step(Move("press", button="back"))
_END = _step(Move("stop"))
_IMPOSSIBLE = _step(Move("stop", done=False))
_LONG = _step(Move("long_press", at=(0.5, 0.45)), BUTTON)
_FIVE = tuple((0.1 * n, 0.0, 0.1 * n + 0.04, 0.04) for n in range(5))
_NEAR_GOLD = _step(tap(0.02, 0.02), *_FIVE, (0.9, 0.9, 1.0, 1.0))
_SMALL: Box = (0.5, 0.5, 0.6, 0.6)
_FAR = _step(tap(0.1, 0.1), (0.08, 0.08, 0.3, 0.3))
_MARKED = _step(tap(0.1, 0.1), target=(0.05, 0.05, 0.9, 0.2))

_VERDICTS: Mapping[str, tuple[Row, ...]] = {
    "paper": (
        ("in the element", _ON_BUTTON, tap(0.41, 0.41), RIGHT),
        ("on its edge", _ON_BUTTON, tap(0.6, 0.5), RIGHT),
        ("beside it, however near", _ON_BUTTON, tap(0.601, 0.5), WRONG),
        ("the smallest element at the gold point is the target",
         _step(_MIDDLE, (0, 0, 1, 1), BUTTON), tap(0.2, 0.2), WRONG),
        ("no element at the gold point", _ALONE, _MIDDLE, WRONG),
        ("text must be equal", _TYPED, _text("hello big"), WRONG),
        ("the same text", _TYPED, _text("hello big world"), RIGHT),
        ("the same app", _OPENED, Move("open", text="Google Chrome"), RIGHT),
        ("another case of letters", _OPENED, Move("open", text="google chrome"), WRONG),
        ("the same direction", _CONTENT_DOWN, finger("up"), RIGHT),
        ("a finger that goes down shows what is above", _CONTENT_DOWN, finger("down"), WRONG),
        ("a long press is no tap", _LONG, _MIDDLE, OTHER),
        ("unreadable", _ON_BUTTON, None, OTHER),
    ),
    "os-atlas": (
        ("0.14 away", _ALONE, tap(0.5, 0.59), RIGHT),
        ("a little more than 0.14 away", _ALONE, tap(0.5, 0.592), WRONG),
        ("elements do not count", _step(tap(0.1, 0.1), (0, 0, 1, 1)), tap(0.9, 0.9), WRONG),
        ("both axes count alike, whatever the screen", _ALONE, tap(0.64, 0.45), RIGHT),
        ("F1 looks at the first word only", _TYPED, _text("hello nobody"), RIGHT),
        ("and is lost with the first word", _TYPED, _text("oh hello big world"), WRONG),
        ("the bracket is part of a first word that is the only one", _TYPED, _text("hello"), WRONG),
        ("an app by its first word", _OPENED, Move("open", text="google maps"), RIGHT),
        ("the exact direction", _CONTENT_DOWN, finger("up"), RIGHT),
        ("the other direction", _CONTENT_DOWN, finger("down"), WRONG),
        ("back and home are two types", _BACK, Move("press", button="home"), OTHER),
        ("complete and impossible are two types", _IMPOSSIBLE, Move("stop"), OTHER),
        ("the same end", _END, Move("stop"), RIGHT),
    ),
    "qwen-agentcpm": (
        ("0.04 away without any element", _ALONE, tap(0.5, 0.4899), RIGHT),
        ("a little more than 0.04 away", _ALONE, tap(0.5, 0.4901), WRONG),
        ("boxes are 1.2 times as large", _ON_BUTTON, tap(0.619, 0.45), RIGHT),
        ("and no larger", _ON_BUTTON, tap(0.621, 0.45), WRONG),
        ("an element near the gold point is enough", _NEAR_GOLD, tap(0.42, 0.02), RIGHT),
        ("the sixth nearest to it is not", _NEAR_GOLD, tap(0.95, 0.95), WRONG),
        ("a text within the gold one", _TYPED, _text(" BIG "), RIGHT),
        ("the gold one within a text", _TYPED, _text("say hello big world!"), RIGHT),
        ("neither in the other", _TYPED, _text("hello world"), WRONG),
        ("apps match as texts do", _OPENED, Move("open", text="chrome"), RIGHT),
        ("main direction", _CONTENT_DOWN, gesture((0.5, 0.8), (0.6, 0.3)), RIGHT),
        ("the other direction", _CONTENT_DOWN, finger("down"), WRONG),
        ("a sideways one", _CONTENT_DOWN, gesture((0.2, 0.5), (0.9, 0.3)), WRONG),
        ("waiting is a stop", _END, Move("wait"), RIGHT),
        ("a stop always matches", _IMPOSSIBLE, Move("stop"), RIGHT),
        ("another button is of the same type", _BACK, Move("press", button="home"), WRONG),
    ),
    "agentcpm": (
        ("0.14 away", _ALONE, tap(0.5, 0.5899), RIGHT),
        ("the other direction", _CONTENT_DOWN, finger("down"), WRONG),
        ("a little more than 0.14 away", _ALONE, tap(0.5, 0.5901), WRONG),
        ("only elements at the gold point", _NEAR_GOLD, tap(0.42, 0.02), WRONG),
        ("far off in the same large element",
         _step(tap(0.1, 0.1), (0, 0, 1, 0.5)), tap(0.9, 0.49), RIGHT),
        ("an empty text is part of every text", _TYPED, _text(""), RIGHT),
        ("recent applications are home",
         _step(Move("press", button="recents")), Move("press", button="home"), RIGHT),
    ),
    "clawgui": (
        ("any element near the prediction matches", _NEAR_GOLD, tap(0.95, 0.95), RIGHT),
        ("368 px on a screen of 1080x2400",
         _step(tap(0.5, 0.5)), tap(0.5 + 367 / 1080, 0.5), RIGHT),
        ("369 px", _step(tap(0.5, 0.5)), tap(0.5 + 370 / 1080, 0.5), WRONG),
        ("a third of the width is near enough", _step(tap(0.2, 0.5)), tap(0.53, 0.5), RIGHT),
        ("boxes are not made larger",
         _step(tap(0.1, 0.1), (0.9, 0.9, 0.95, 0.95)), tap(0.955, 0.95), WRONG),
        ("F1 over all words", _TYPED, _text("hello world"), RIGHT),
        ("F1 of one half is not enough", _TYPED, _text("hello"), WRONG),
        ("an app by F1 over all words", _OPENED, Move("open", text="chrome"), RIGHT),
        ("a wait is no tap", _ALONE, Move("wait"), OTHER),
        ("an empty text does not match", _TYPED, _text(""), WRONG),
        ("the gold direction is turned to the finger's", _CONTENT_DOWN, finger("up"), RIGHT),
        ("the words' own direction is wrong", _CONTENT_DOWN, finger("down"), WRONG),
        ("waiting always matches", _step(Move("wait")), Move("wait"), RIGHT),
        ("an end is unreadable", _step(Move("wait")), Move("stop"), OTHER),
        ("a key that is neither back nor home is unreadable",
         _BACK, Move("press", button="enter"), OTHER),
    ),
    "aitw": (
        ("both in a box 2.4 times as large",
         _step(tap(0.435, 0.435), _SMALL), tap(0.66, 0.66), RIGHT),
        ("one beyond it", _step(tap(0.435, 0.435), _SMALL), tap(0.68, 0.66), WRONG),
        ("0.14 away", _ALONE, tap(0.5, 0.5899), RIGHT),
        ("at the edge a box grows to one side only",
         _step(tap(0.05, 0.5), (0.0, 0.45, 0.1, 0.55)), tap(0.235, 0.5), RIGHT),
        ("a movement of 0.04 is a tap", _step(gesture((0.5, 0.45), (0.5, 0.489))), _MIDDLE, RIGHT),
        ("a longer one is a swipe, of the same type",
         _step(gesture((0.5, 0.45), (0.5, 0.52))), _MIDDLE, WRONG),
        ("of swipes the axis counts, not the direction", _CONTENT_DOWN, finger("down"), RIGHT),
        ("the other axis", _CONTENT_DOWN, finger("left"), WRONG),
        ("texts are not compared", _TYPED, _text("anything"), RIGHT),
        ("complete is not impossible", _IMPOSSIBLE, Move("stop"), OTHER),
        ("back is not home", _BACK, Move("press", button="home"), OTHER),
        ("a tap is no text", _TYPED, _MIDDLE, OTHER),
    ),
    "coat": (
        ("the gold point in the predicted box", _ALONE, _boxed(0.4, 0.4, 0.6, 0.5), RIGHT),
        ("which is 1.2 times as large", _ALONE, _boxed(0.51, 0.4, 0.71, 0.5), RIGHT),
        ("but no larger", _ALONE, _boxed(0.53, 0.4, 0.73, 0.5), WRONG),
        ("over half the same as the gold element", _FAR, _boxed(0.12, 0.12, 0.3, 0.3), RIGHT),
        ("less than half the same", _FAR, _boxed(0.2, 0.2, 0.3, 0.3), WRONG),
        ("a point beside the gold one is a box of no size", _ON_BUTTON, tap(0.51, 0.45), WRONG),
        ("a ratio over 0.8", _step(_text("restaurants")), _text("restaurant s"), RIGHT),
        ("a ratio of 0.8 is not enough", _step(_text("abcde")), _text("abcdX"), WRONG),
        ("a part of the text", _TYPED, _text("big"), RIGHT),
        ("a direction", _CONTENT_DOWN, finger("up"), RIGHT),
        ("the other direction", _CONTENT_DOWN, finger("down"), WRONG),
        ("the same key", _BACK, Move("press", button="back"), RIGHT),
        ("another key", _BACK, Move("press", button="home"), WRONG),
        ("a stop matches any stop", _IMPOSSIBLE, Move("stop"), RIGHT),
    ),
    "coat-released": (
        ("as released, the gold point is (0, 0)", _ALONE, _boxed(0.4, 0.4, 0.6, 0.5), WRONG),
        ("so that a box at the origin is right", _ALONE, _boxed(0, 0, 0.1, 0.1), RIGHT),
    ),
    "odyssey": (
        ("in the marked element", _MARKED, tap(0.9, 0.2), RIGHT),
        ("0.14 away without one", _ALONE, tap(0.5, 0.5899), RIGHT),
        ("a little more than 0.14 away", _ALONE, tap(0.5, 0.5901), WRONG),
        ("other elements do not count", _step(tap(0.1, 0.1), (0, 0, 1, 1)), tap(0.9, 0.9), WRONG),
        ("ANLS of one half", _step(_text("abcd")), _text("abXY"), RIGHT),
        ("ANLS below one half", _step(_text("abcd")), _text("aXYZ"), WRONG),
        ("the same direction", _CONTENT_DOWN, finger("up"), RIGHT),
        ("the other direction", _CONTENT_DOWN, finger("down"), WRONG),
        ("a tap is no long press", _LONG, _MIDDLE, OTHER),
        ("keys are types", _BACK, Move("press", button="home"), OTHER),
        ("recent applications are a key of their own",
         _step(Move("press", button="recents")), Move("press", button="recents"), RIGHT),
        ("impossible is not complete", _IMPOSSIBLE, Move("stop"), OTHER),
    ),
}  # fmt: skip


def _cases(rules: str, rows: tuple[Row, ...]) -> list[Case]:
    judge = PRESETS[rules].verdict
    return [
        Case(f"{rules}: {name}", lambda _, step=step, said=said: judge(step, said), want)  # type: ignore[misc]
        for name, step, said, want in rows
    ]


def _disagree(_: Any) -> Any:
    """Return which presets call one tap 0.12 beside the gold point right."""
    said = tap(0.5, 0.57)
    return [name for name in PRESETS if PRESETS[name].verdict(_ALONE, said).exact]


_EPISODES: Mapping[str, tuple[Verdict | None, ...]] = {
    "a": (RIGHT, WRONG, RIGHT),
    "b": (RIGHT, RIGHT),
    "broke": (RIGHT, None, RIGHT),
    "all broke": (None,),
    "cut": (RIGHT,),
}
_LENGTHS = {"cut": 2}
"""How long an episode is, where not all of it was asked about."""


def _scored(*names: str) -> list[Scored]:
    """Return episodes in reverse: the third step of each is a text, the others are taps."""
    return [
        Scored(
            _step(_MIDDLE if number < 2 else _text("x"), episode=name, number=number, subset=name,  # noqa: PLR2004
                  length=_LENGTHS.get(name, len(_EPISODES[name]))),
            verdict,
        )
        for name in names
        for number, verdict in enumerate(_EPISODES[name])
    ][::-1]  # fmt: skip


def _rates(_: Any) -> Any:
    whole = figures(_scored("a", "b"))
    shares = (whole.type_match, whole.step_success, whole.grounding, whole.episode_success)
    return [*(share.rate for share in shares), round(whole.progress.rate or 0, 4)]


def _counts(_: Any) -> Any:
    found = figures(_scored(*_EPISODES))
    return found.steps, found.episodes, found.left_out, found.episode_success.rate


def _uncounted(_: Any) -> Any:
    """Return the same of an episode whose end a preset does not score, and that broke there."""
    steps = [_step(_MIDDLE, number=0, length=2), _step(Move("stop"), number=1, length=2)]
    found = figures([Scored(steps[0], RIGHT), Scored(steps[1], None, counted=False)])
    return found.steps, found.episodes, found.left_out, found.episode_success.rate


_METRICS = (
    Case(
        "the same tap, right for some and wrong for others",
        _disagree,
        ["os-atlas", "clawgui", "agentcpm", "aitw", "odyssey"],
    ),
    Case("clawgui: ends are not scored", lambda _: PRESETS["clawgui"].counts(_END), False),
    Case("TM, step SR, grounding, episode SR and progress", _rates, [1.0, 0.8, 0.75, 0.5, 0.6667]),
    Case(
        "only whole episodes have a success; the others are told, their steps count",
        _counts,
        (8, 2, 3, 0.5),
    ),
    Case("an end that is not scored makes no episode incomplete", _uncounted, (1, 1, 0, 1.0)),
    Case(
        "the mean over subsets is of their rates",
        lambda _: round(
            mean_of(f.step_success for f in by_subset(_scored("a", "b")).values()).rate or 0, 4
        ),
        0.8333,
    ),
    Case(
        "a subset without a whole episode leaves no mean",
        lambda _: mean_of(f.episode_success for f in by_subset(_scored("a", "cut")).values()),
        Share(None),
    ),
    Case("of nothing there is no share", lambda _: figures([]).step_success, Share(None)),
)

CASES = (*(case for rules, rows in _VERDICTS.items() for case in _cases(rules, rows)), *_METRICS)
