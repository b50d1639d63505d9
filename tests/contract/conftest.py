from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from environments.base import Stop
from tests.contract.practice import PracticeSubject
from tests.contract.subjects import Subject, XSubject

# An environment joins the contract with one line here.
OPENERS: dict[str, Callable[[pytest.FixtureRequest, Stop], Subject]] = {
    "practice-in-process": lambda request, stop: PracticeSubject(stop),
    "x-display": lambda request, stop: XSubject(request.getfixturevalue("x_display"), stop),
}


class CountedStop(Stop):
    """A person who stops after so many checks; None: never."""

    def __init__(self) -> None:
        super().__init__()
        self.after: int | None = None

    def check(self) -> None:
        if self.after is not None:
            self.after -= 1
            if self.after < 0:
                self.set("enough")
        super().check()


@pytest.fixture
def stop() -> CountedStop:
    return CountedStop()


@pytest.fixture(params=sorted(OPENERS))
def subject(request: pytest.FixtureRequest, stop: CountedStop) -> Iterator[Subject]:
    opened = OPENERS[request.param](request, stop)
    try:
        yield opened
    finally:
        opened.close()
