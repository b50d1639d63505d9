"""``deskhand watch``: look on while a run works.

Responsible for options and words; the page itself is ``agent.watching``'s.
"""

from __future__ import annotations

from typing import Annotated

import typer

from agent.commands.options import AsJson, example, print_json


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=example("deskhand watch", "deskhand watch 20260131-101500-a1b2c3"))(watch)


def watch(
    run: Annotated[
        str, typer.Argument(help="Id of the run; without it, the one that is going on.")
    ] = "last",
    as_json: AsJson = False,
) -> None:
    """Show the screen of a run live, on a page of this machine that only shows.

    Prints the page's address and goes on until the run has ended, or until Ctrl-C.
    """
    from functools import partial

    from agent.assembly import runs_folder
    from agent.commands.stop import going_on
    from agent.signals import StopSignals
    from agent.watching import LivePage, goes_on, screen_of
    from environments.base import Stop
    from environments.errors import Stopped

    name = going_on() if run == "last" else run
    runs, stop = runs_folder(), Stop()
    with StopSignals(stop).listening(), LivePage(screen_of(runs, name)) as page:
        if as_json:
            print_json({"run": name, "url": page.url})
        else:
            typer.echo(f"Look at {page.url}\nIt only shows, and ends with the run or with Ctrl-C.")
        try:
            page.wait(stop, partial(goes_on, runs, name))
        except Stopped:
            return
    if not as_json:
        typer.echo(f"The run has ended: deskhand runs show {name}")
