"""``deskhand doctor``: what is missing here, and its cure.

Responsible for printing; the checks stand in ``agent.doctor``.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from agent.commands.options import AsJson, example, print_json

if TYPE_CHECKING:
    from agent.doctor import Finding

MARKS = {
    "ok": ("ok", typer.colors.GREEN),
    "note": ("note", typer.colors.YELLOW),
    "problem": ("problem", typer.colors.RED),
}


def register(app: typer.Typer) -> None:
    """Put the command on the app."""
    app.command(epilog=example("deskhand doctor", "deskhand doctor --json"))(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Look for what is missing here; each problem comes with its cure.

    Leaves with 1 if there is a problem, with 0 if not.
    """
    from agent.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            _print(finding)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    raise typer.Exit(int(any(finding.level == "problem" for finding in findings)))


def _print(finding: Finding) -> None:
    word, colour = MARKS[finding.level]
    typer.secho(f"{word:8}", fg=colour, nl=False)
    typer.echo(f"{finding.about}: {finding.text}")
    if finding.cure:
        typer.echo(f"{'':8}-> {finding.cure}")
