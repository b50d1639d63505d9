"""Old runs: which go, which stay, and that one that goes on is never touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.archive import list_runs
from agent.journal import Journal, ReopenedJournal
from agent.outcome import Outcome
from agent.pruning import DAY_S, Keeping, Pruned, prune, read_keeping
from environments.errors import ConfigError

NOW_S = 2_000_000_000.0
ALL = Keeping(keep_days=0, keep_megabytes=0)


def make(runs: Path, days: float, kilobytes: int = 1, ended: bool = True) -> str:
    """Make a run that was last written so many days ago."""
    with Journal(runs, task="x", model="m", environment="e") as journal:
        (journal.folder / "images" / "picture.png").write_bytes(bytes(1000 * kilobytes))
        if ended:
            journal.on_outcome(Outcome("success", "done"))
    age(journal.folder, days)
    return journal.id


def age(folder: Path, days: float) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (NOW_S - days * DAY_S,) * 2)


def pruned(runs: Path, keeping: Keeping, dry: bool = False) -> Pruned:
    return prune(runs, keeping, clock=lambda: NOW_S, dry=dry)


def left(runs: Path) -> set[str]:
    return {summary.id for summary in list_runs(runs)}


def test_runs_older_than_the_days_go_and_the_others_stay(tmp_path: Path) -> None:
    old, young, new = (make(tmp_path, days) for days in (91, 89, 0))
    found = pruned(tmp_path, Keeping(keep_days=90))
    assert (found.runs, found.faults) == ((old,), ())
    assert found.bytes > 1000
    assert left(tmp_path) == {young, new}


def test_the_oldest_go_first_until_the_rest_is_small_enough(tmp_path: Path) -> None:
    sizes = {make(tmp_path, days, 3000): days for days in (4, 1, 3, 2)}
    found = pruned(tmp_path, Keeping(keep_days=0, keep_megabytes=7))
    assert [sizes[run] for run in found.runs] == [4, 3]


def test_with_nothing_to_keep_less_everything_stays(tmp_path: Path) -> None:
    runs = {make(tmp_path, days, 3000) for days in (4000, 1)}
    assert pruned(tmp_path, ALL) == Pruned()
    assert left(tmp_path) == runs


def test_the_newest_run_stays_whatever_its_size_and_age(tmp_path: Path) -> None:
    run = make(tmp_path, 4000, 3000)
    assert pruned(tmp_path, Keeping(keep_days=1, keep_megabytes=1)).runs == ()
    assert left(tmp_path) == {run}


def test_a_run_that_goes_on_is_never_touched(tmp_path: Path) -> None:
    with Journal(tmp_path, task="x", model="m", environment="e") as journal:
        (journal.folder / "images" / "picture.png").write_bytes(bytes(3_000_000))
        age(journal.folder, 4000)
        make(tmp_path, 0)
        assert pruned(tmp_path, Keeping(keep_days=1, keep_megabytes=1)).runs == ()
        assert journal.id in left(tmp_path)


def test_an_old_run_that_is_taken_up_just_then_stays(tmp_path: Path) -> None:
    old = make(tmp_path, 4000, ended=False)
    make(tmp_path, 0)
    taken = list[ReopenedJournal]()

    def now() -> float:
        taken.append(ReopenedJournal(tmp_path / old))
        age(tmp_path / old, 4000)
        return NOW_S

    found = prune(tmp_path, Keeping(keep_days=1), clock=now)
    assert found.runs == ()
    assert old in left(tmp_path)
    taken[0].close()


def test_an_interrupted_run_goes_by_its_age_and_not_to_make_room(tmp_path: Path) -> None:
    young = make(tmp_path, 10, 3000, ended=False)
    ended = make(tmp_path, 5, 3000)
    make(tmp_path, 0)
    assert pruned(tmp_path, Keeping(keep_megabytes=1)).runs == (ended,)
    assert pruned(tmp_path, Keeping(keep_days=9)).runs == (young,)


def test_what_is_only_asked_about_is_not_deleted(tmp_path: Path) -> None:
    old, new = make(tmp_path, 91), make(tmp_path, 0)
    found = pruned(tmp_path, Keeping(keep_days=90), dry=True)
    assert found.runs == (old,)
    assert found.bytes > 0
    assert left(tmp_path) == {old, new}


def test_where_there_are_no_runs_nothing_goes(tmp_path: Path) -> None:
    assert pruned(tmp_path / "nothing here", Keeping(keep_days=1)) == Pruned()


def test_a_person_says_in_their_configuration_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert read_keeping(path) == Keeping(keep_days=90, keep_megabytes=10_000)
    path.write_text("[runs]\nkeep_days = 7\n", encoding="utf-8")
    assert read_keeping(path) == Keeping(keep_days=7)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[runs]\nkeep_days = -1", "runs.keep_days"),
        ("[runs]\nkeep_weeks = 1", "runs.keep_weeks"),
        ("[runs]\nkeep_days = 'long'", "runs.keep_days"),
        ("[runs", "cannot be read"),
    ],
)
def test_nonsense_in_the_configuration_is_named(tmp_path: Path, text: str, names: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=names):
        read_keeping(path)
