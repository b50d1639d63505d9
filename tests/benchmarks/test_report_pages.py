"""What judges a report sees every fault that it is there to see."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.reports.page import render
from benchmarks.bars.trust_report import expected
from benchmarks.suites.report_pages import Expected, look_at
from benchmarks.suites.report_runs import HOSTILE
from environments.base import Stop
from tests.agent.replies import DONE, click, reply
from tests.agent.runs import made

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="apt-get install chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Expected]:
    """Return the page of a run that says everything hostile, and what it must show."""
    said = [reply(f"{word} at {n}", action="type", text=word) for n, word in enumerate(HOSTILE)]
    run = made(tmp_path_factory.mktemp("runs"), click(500), *said, DONE, task=HOSTILE[1])
    return render([run]), expected([run])


def faults(folder: Path, text: str, wanted: Expected) -> str:
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return "\n".join(look_at(path, wanted, Stop()).faults)


def test_the_report_of_a_run_that_attacks_its_reader_has_no_fault(
    tmp_path: Path, page: tuple[str, Expected]
) -> None:
    assert faults(tmp_path, *page) == ""


SABOTAGE = {
    "overflow": ("<h2 ", '<p class="wide">W</p><h2 '),
    "text of 9 px": (".small { font-size: .875rem", ".small { font-size: 9px"),
    "torn words": ("h1, p, td,", "h1, th { width: 2rem; overflow-wrap: anywhere } h1, p, td,"),
    "contrast of": ("--faint: #5a5a62", "--faint: #cccccc"),
    "leading out": ('href="#steps"', 'href="https://example.com/"'),
    "1 broken": ("data:image/webp;base64,", "data:image/webp;base64,AAAA"),
    "active": ("</main>", "<script></script></main>"),
    "1 attacked": ("</main>", "<script>window.attacked = 1</script></main>"),
    "it asked for https://example.com": ("</main>", "<img alt=x src=https://example.com/a></main>"),
    "the console says": ("</main>", "<script>console.error('no')</script></main>"),
    "unnamed": ('alt="', 'data-alt="'),
    "dangling": ('id="steps"', 'id="elsewhere"'),
    "twice": ('id="time"', 'id="summary"'),
    "skipped levels": ("<h3 ", "<h4 "),
    "steps instead of": ('<article id="step-1"', '<article data-id="step-1"'),
    "the first stop of the keyboard": (".skip:focus {", ".skip:hover {"),
}


@pytest.mark.parametrize("fault", SABOTAGE)
def test_a_page_with_a_fault_is_found_out(
    fault: str, tmp_path: Path, page: tuple[str, Expected]
) -> None:
    text, wanted = page
    before, after = SABOTAGE[fault]
    assert before in text
    spoilt = without_policy(text.replace(before, after, 1))
    spoilt = spoilt.replace("</style>", ".wide { width: 3000px }</style>")
    assert fault in faults(tmp_path, spoilt, wanted)


def without_policy(text: str) -> str:
    """Take the policy out, so that what it would forbid can happen."""
    start = text.index("<meta http-equiv")
    return text[:start] + text[text.index(">", start) + 1 :]


def test_the_policy_holds_what_would_get_past_the_escaping(
    tmp_path: Path, page: tuple[str, Expected]
) -> None:
    text, wanted = page
    attack = "<script>window.attacked = 1</script><img src=x onerror=window.attacked=1></main>"
    told = faults(tmp_path, text.replace("</main>", attack), wanted)
    assert "Content Security Policy" in told
    assert "attacked" not in told.replace("window.attacked", "")
