"""The report: everything of a run is on the page, and nothing of it can do anything there."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from agent.archive import ResumptionRecord
from agent.limits import Limits
from agent.outcome import Evidence, StateCheck
from agent.reports.page import render, write_report
from benchmarks.suites.report_runs import HOSTILE
from environments.errors import ConfigError
from tests.agent.replies import DONE, click, reply
from tests.agent.runs import made

HOLDS = StateCheck("board", lambda _: Evidence(True, "the mark is there"))


class Reader(HTMLParser):
    """Collects what a page holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_step_stands_there_with_its_picture_its_call_and_what_came_of_it(
    tmp_path: Path,
) -> None:
    run = made(tmp_path, click(500), "Hm.", click(900, 100), DONE, check=HOLDS)
    page = Reader(render([run]))
    assert [each["id"] for each in page.all("article")] == [f"step-{n}" for n in range(1, 5)]
    assert len(page.all("img")) == 4
    for words in (
        "Click at 500.",
        "left_click",
        "(coordinate=[900, 100])",
        "confirmed",
        "Not readable:",
        "success: The model says that the task is done, and the check confirms it.",
        "board: the mark is there",
        "2 confirmed",
        " | settle ",
        run.summary.id,
    ):
        assert words in page.text, words


def test_the_ring_is_drawn_around_the_pixel_that_was_chosen(tmp_path: Path) -> None:
    page = render([made(tmp_path, click(500), DONE)])
    # Pixel 50 of 100 and 25 of 50: the ring stands in the middle of the pixel.
    assert '<svg x="50.50%" y="51.00%" overflow="visible">' in page
    assert page.count('overflow="visible"') == 1


def test_the_pictures_are_part_of_the_page_and_show_the_screen(tmp_path: Path) -> None:
    page = Reader(render([made(tmp_path, click(500), DONE)]))
    for image in page.all("img"):
        kind, _, body = str(image["src"]).partition(",")
        assert kind == "data:image/webp;base64"
        assert Image.open(io.BytesIO(base64.b64decode(body))).size == (100, 50)
        assert image["alt"]


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_a_run_says_it_becomes_text_and_never_markup(tmp_path: Path, words: str) -> None:
    quiet = made(tmp_path / "a", reply("x", action="type", text="x"), "x", DONE, task="x")
    answer = reply(words, action="answer", text=words)
    loud = made(
        tmp_path / "b", reply(words, action="type", text=words), words, answer, DONE, task=words
    )
    known = {tag for tag, _ in Reader(render([quiet])).tags}
    page = Reader(render([loud]))
    assert {tag for tag, _ in page.tags} <= known | {"tr", "th", "td"}
    assert not [
        a for _, a in page.tags if any(name.startswith("on") or name == "style" for name in a)
    ]
    leading = [a.get("href") or a.get("src") for _, a in page.tags if "href" in a or "src" in a]
    assert all(str(each).startswith(("#", "data:image/webp;")) for each in leading)


def test_nothing_invisible_of_a_run_reaches_the_page(tmp_path: Path) -> None:
    page = render([made(tmp_path, reply(HOSTILE[7], action="type", text="\u202e\x1b[2J"), DONE)])
    assert not re.search("[\u202a-\u202e\u2066-\u2069\ufeff\x00-\x09\x0b-\x1f\x7f-\x9f]", page)
    page.encode("utf-8")


def test_the_policy_allows_the_page_its_own_style_and_pictures_and_nothing_else(
    tmp_path: Path,
) -> None:
    text = render([made(tmp_path, DONE)])
    (policy,) = [a for a in Reader(text).all("meta") if "http-equiv" in a]
    style = text.partition("<style>")[2].partition("</style>")[0]
    fingerprint = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy["content"] == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{fingerprint}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")
    assert "url(" not in style
    assert "@import" not in style


def test_two_runs_stand_side_by_side_and_the_first_difference_is_named(tmp_path: Path) -> None:
    first = made(tmp_path, click(500), click(700), DONE)
    other = made(tmp_path, click(500), click(300), click(700), DONE)
    page = Reader(render([first, other]))
    assert len(page.all("article")) == 4
    assert "The two first ask for something different in step 2" in page.text
    assert "This run had ended before." in page.text
    assert page.text.count("Run A") == page.text.count("Run B")
    assert len(page.all("img")) == 7


def test_two_runs_that_do_the_same_are_said_to(tmp_path: Path) -> None:
    runs = [made(tmp_path, click(500), DONE) for _ in range(2)]
    assert "Both ask for the same in every step." in render(runs)


def test_the_look_after_the_last_call_is_there_when_no_step_shows_it(tmp_path: Path) -> None:
    page = render([made(tmp_path, click(500), limits=Limits(max_steps=1))])
    assert "The screen after the last call" in page
    assert "The screen after the last call" not in render([made(tmp_path, click(500), DONE)])


def test_a_picture_that_is_gone_or_damaged_leaves_a_sentence(tmp_path: Path) -> None:
    run = made(tmp_path, click(500), click(900), DONE)
    run.picture(run.steps[0].image).unlink()
    run.picture(run.steps[1].image).write_bytes(b"no picture")
    page = Reader(render([run]))
    assert page.text.count("The picture of this step is gone or damaged.") == 2
    assert len(page.all("img")) == 1


def test_a_picture_outside_of_the_run_is_never_shown(tmp_path: Path) -> None:
    run = made(tmp_path, DONE)
    Image.new("RGB", (9, 9)).save(tmp_path / "own.png")
    (step,) = run.steps
    for name in ("../../own.png", str(tmp_path / "own.png"), "", "."):
        stranger = run.model_copy(update={"steps": (step.model_copy(update={"image": name}),)})
        assert "<img" not in render([stranger])


def test_a_run_that_was_interrupted_is_reported_as_far_as_it_got(tmp_path: Path) -> None:
    run = made(tmp_path, click(500), DONE)
    call = run.steps[0].calls[0].model_copy(update={"ended_at": None, "content": None})
    step = run.steps[0].model_copy(update={"calls": (call,), "thought": None, "timings_ms": None})
    summary = run.summary.model_copy(update={"ended_at": None, "status": "interrupted"})
    cut = run.model_copy(update={"steps": (step,), "outcome": None, "summary": summary})
    page = Reader(render([cut]))
    assert "Nothing is on record of what came of it." in page.text
    assert "1 not on record" in page.text
    assert "interrupted" in page.text


def test_what_the_rules_decided_and_where_the_run_was_taken_up_again_stands_at_the_step(
    tmp_path: Path,
) -> None:
    run = made(tmp_path, click(500), DONE)
    said = "consequential: send; balanced: asked, no"
    call = run.steps[0].calls[0].model_copy(update={"decision": said})
    step = run.steps[0].model_copy(update={"calls": (call,)})
    again = ResumptionRecord(at="2026-01-31T10:15:00.000+00:00", step=1, note="It looked first.")
    told = run.model_copy(update={"steps": (step, run.steps[1]), "resumptions": (again,)})
    first, second = render([told]).split('<article id="step-2"')
    assert f"<strong>Rules:</strong> {said}" in first
    assert "The run was taken up again here.</strong> It looked first." in second
    assert "taken up again" not in first


def test_a_run_without_steps_has_a_report_too(tmp_path: Path) -> None:
    run = made(tmp_path, DONE).model_copy(update={"steps": ()})
    assert "No step was begun." in html.unescape(render([run]))


def test_a_very_long_reply_does_not_fill_the_page(tmp_path: Path) -> None:
    page = render([made(tmp_path, "x" * 1_000_000, DONE)])
    assert "more characters are left out" in page
    assert len(page) < 100_000


def test_a_place_that_cannot_hold_a_report_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written"):
        write_report(tmp_path / "file" / "report.html", [made(tmp_path / "runs", DONE)])
