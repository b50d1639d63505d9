"""``deskhand run --tasks FILE``: many tasks, on one screen or on several phones at once.

Responsible for the places behind ``--on``, for printing and for the exit code. Who does which task
is ``agent.pool``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.commands.options import load_aloud, print_json

if TYPE_CHECKING:
    from agent.models.loaded import Loaded
    from agent.pool import Finished, Perform

ANY_PHONE = "android:any"


def run_many(path: Path, shared: dict[str, object], as_json: bool) -> int:
    """Do the tasks of a file and return the exit code; every run has a journal of its own.

    Raises:
        ConfigError: the file, a line or a setting makes no sense, or no phone is ready.
        ModelError: the model cannot be loaded.
    """
    from agent.choosing import model_for
    from agent.pool import Pool, SharedStop, exit_code
    from agent.signals import StopSignals
    from agent.tasks import read_jobs

    jobs = read_jobs(path, shared)
    first = jobs[0].settings
    stop = SharedStop()
    with StopSignals(stop).listening() as signals:
        with signals.at_once():
            model_for(first)
            places = places_for(first.on)
            loaded = load_aloud(first, stop)
        conversation = conversations(loaded, len(places))
        tell = _tell_nothing if as_json else _tell
        pool = Pool(places, _performing(conversation), stop, tell)
        if not as_json:
            typer.echo(f"{len(jobs)} tasks on {', '.join(places)}, model: {loaded.model.name}")
        finished = pool.work_off(jobs)
    code = exit_code(finished)
    _print_summary(finished, pool.lost, code, as_json)
    return code


def places_for(on: str) -> list[str]:
    """Return where tasks can be done at the same time: every ready phone, or the one screen.

    Raises:
        ConfigError: no phone is ready; the text lists those that there are.
    """
    if on != ANY_PHONE:
        return [on]
    from environments.android.adb import Adb
    from environments.android.devices import listed
    from environments.base import Stop
    from environments.errors import ConfigError

    known = Adb(Stop()).devices()
    ready = [f"android:{device.serial}" for device in known if device.is_ready]
    if not ready:
        raise ConfigError(f"No phone is ready; there are: {listed(known)}. See: deskhand devices")
    return ready


def conversations(loaded: Loaded, places: int) -> Callable[[], Loaded]:
    """Return what begins a conversation for a task.

    Raises:
        ConfigError: the model has only one conversation, and there are several places.
    """
    if loaded.converse is None and places == 1:
        return lambda: loaded
    loaded.another()  # Refuses here, before anything starts, where there can be only one.
    return loaded.another


def _performing(conversation: Callable[[], Loaded]) -> Perform:
    def perform(job: Any, place: str, stop: Any) -> Any:
        from agent.assembly import run_on, staged

        settings = job.settings.model_copy(update={"on": place})
        with staged(settings, stop) as stage:
            return run_on(stage, conversation(), settings, stop, [])

    return perform


def _tell(one: Finished) -> None:
    run = one.report.run_id if one.report else "-"
    where = f" on {one.place}" if one.place else ""
    typer.echo(f"{one.status:10} {one.job.name}{where} ({run}): {one.reason}")


def _tell_nothing(one: Finished) -> None:
    """Leave everything to the summary."""


def _print_summary(
    finished: Sequence[Finished], lost: dict[str, str], code: int, as_json: bool
) -> None:
    from agent.pool import tally

    if as_json:
        print_json({"exit_code": code, "lost": lost, "tasks": [_row(one) for one in finished]})
        return
    typer.echo(f"\n{tally(finished)}")
    for place, reason in lost.items():
        typer.echo(f"{place} was left out: {reason}")


def _row(one: Finished) -> dict[str, Any]:
    row = {"name": one.job.name, "place": one.place, "status": one.status, "exit_code": one.code}
    if one.report is None:
        return row | {"run": None, "reason": one.reason}
    return row | {"run": one.report.run_id, **asdict(one.report.outcome)}
