"""What ``deskhand mcp`` serves: one screen with its tools, under the person's rules, and the runs.

Responsible for putting together what calls from outside go through: the same registry, guard,
secrets and journal as our own model's. How clients reach it stands in ``tools.mcp``; a run as a
tool, in ``agent.run_task``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from agent.assembly import Stage, runs_folder, staged
from agent.choosing import load_for
from agent.config import RunSettings
from agent.door import guarded_screen
from agent.guarding import rules_for
from agent.outcome import Outcome
from agent.run_task import Hosting, run_task_tool
from agent.runs_shelf import RunsShelf
from environments.base import Environment, Holder, Observation, Stop
from environments.elements import Elements
from environments.several import each_screen
from tools.computer_use import GRID
from tools.mcp.asking import AtTheClient
from tools.mcp.calling import Service
from tools.mcp.door import Door, TurnStop
from tools.mcp.last_look import LastLook
from tools.mcp.looking import HasElements, Nothing, looking_tools
from tools.mcp.served import (
    Answer,
    Output,
    Progress,
    ServedTool,
    output_schema,
    through_the_registry,
)
from tools.schema import Annotations, Tool, ToolCall, ToolResult
from tools.windows import checked, described

if TYPE_CHECKING:
    from agent.journal import Journal
    from agent.models.loaded import Loaded

TASK = "Calls of MCP clients."
"""What stands as the task of the run in which single calls are kept."""


@contextmanager
def service_for(
    settings: RunSettings, secrets: frozenset[str], stop: TurnStop
) -> Iterator[Service]:
    """Open a screen and return what can be done with it, until the block is left.

    Args:
        settings: of the screen and of the runs; the task in them is empty.
        secrets: names of the secrets that clients may refer to.
        stop: ends a call, or for a person everything.

    Raises:
        ConfigError, DeviceError: the screen cannot be opened, or the rules cannot be read.
    """
    from agent.toolset import tools_for

    with staged(settings, stop) as stage, SessionRecord(stage, stop, bool(secrets)) as record:
        rules = rules_for(settings, " ".join(f"{{{{secret:{name}}}}}" for name in sorted(secrets)))
        person = AtTheClient()
        # A run_task may type the secrets too, so they are looked for on every picture.
        screen = guarded_screen(rules, stage.environment, person, resumed=bool(secrets))
        discreet = screen.discreet
        record.hide = discreet.redactor.text
        eyes = LastLook(discreet.environment.observe)
        record.eyes = eyes.current
        offered = (*tools_for(stage.environment, GRID, is_small=False), *_menu(stage.environment))
        registry = screen.door(offered, stop, GRID, record)
        hosting = Hosting(
            replace(stage, person=person),
            settings,
            stop,
            _loading(settings, stop),
            secrets,
            eyes.forget,
        )
        tools = (
            *looking_tools(eyes, _tree_of(stage.environment), discreet.vault.text),
            *(through_the_registry(tool, registry, eyes) for tool in offered),
            devices_tool(stop),
            run_task_tool(hosting),
        )
        door = Door(stop, lambda: _let_go(stage.environment))
        yield Service(tools, RunsShelf(runs_folder()), door, person, eyes.turn_to)


def _let_go(environment: Environment) -> None:
    for screen in each_screen(environment):
        if isinstance(screen, Holder):
            screen.let_go()


def _loading(settings: RunSettings, stop: Stop) -> Callable[[], Loaded]:
    """Return what loads the model when it is first asked to."""

    @cache
    def load() -> Loaded:
        return load_for(settings, stop)

    return load


def _menu(environment: Environment) -> tuple[Tool, ...]:
    """Return the tool that lists a desktop's applications; a phone has it among its own."""
    from environments.desktop.apps import entry_folders, installed_apps
    from environments.desktop.desk import Windowed
    from tools.apps import list_apps

    class Menu:
        def apps(self) -> Sequence[str]:
            return [app.name for app in installed_apps(entry_folders())]

    return (list_apps(Menu()),) if isinstance(environment, Windowed) else ()


def _tree_of(environment: Environment) -> Callable[[Observation], Elements]:
    def tree(look: Observation) -> Elements:
        if look.elements is not None:
            return look.elements
        if isinstance(environment, HasElements):
            return environment.elements()
        return Elements("absent", "this screen has no element tree")

    return tree


class SessionRecord:
    """The journal of single calls: begun with the first that acts, a step for each.

    A ``Recorder`` for the registry, used by one thread at a time.
    """

    def __init__(self, stage: Stage, stop: TurnStop, secret: bool) -> None:
        """Write nothing yet; where there is something ``secret``, nobody can look on."""
        self._on, self._environment = stage.name, stage.environment
        self._stop, self._secret = stop, secret
        self._opened = ExitStack()
        self._journal: Journal | None = None
        self.hide: Callable[[str], str] = str
        """Takes out of every text what nobody may read."""
        self.eyes: Callable[[], Observation] | None = None
        """Returns what the caller sees."""

    def __enter__(self) -> SessionRecord:
        return self

    def __exit__(self, *error: object) -> None:
        if self._journal is not None:
            reason = "The clients' calls are over; nobody said what they were for."
            self._journal.on_outcome(Outcome("stopped", reason, ended_by="person"))
        self._opened.close()

    def intent(self, call: ToolCall) -> None:
        """Write what is about to be done, with what the caller saw."""
        journal = self._begun()
        if self.eyes is not None:
            journal.on_observation(self.eyes())
        journal.intent(call)

    def outcome(self, call: ToolCall, result: ToolResult) -> None:
        """Write what came of it."""
        self._begun().outcome(call, result)

    def _begun(self) -> Journal:
        if self._journal is None:
            from agent.assembly import attended
            from agent.journal import Journal

            self._journal = self._opened.enter_context(
                Journal(runs_folder(), task=TASK, model="an MCP client", environment=self._on)
            )
            self._journal.hide(self.hide)
            self._opened.enter_context(
                attended(
                    self._journal.folder, self._environment, self._on, self._stop, not self._secret
                )
            )
        return self._journal


class Phone(Output):
    """One phone as it stands."""

    serial: str
    state: str
    cure: str
    model: str
    android: str
    width_px: int
    height_px: int


class Phones(Output):
    """The phones that can be reached."""

    devices: tuple[Phone, ...]


def devices_tool(stop: TurnStop) -> ServedTool:
    """Return the tool that lists the phones."""
    adapter = TypeAdapter(Nothing)
    spec = described(
        "devices",
        "List the phones that this computer reaches over adb, how each stands, and what to do "
        "about one that is not ready. Which screen is served was chosen when Deskhand was started.",
        adapter,
        Annotations("List phones", read_only=True, destructive=False, idempotent=True),
    )

    def answer(arguments: Mapping[str, Any], progress: Progress) -> Answer:
        from agent.devices import survey
        from environments.android.adb import Adb

        checked(spec, adapter, arguments)
        found = []
        for device in survey(Adb(stop), stop):
            found.append(device)
            progress(float(len(found)), None, device.words())
        phones = Phones(devices=tuple(_phone(asdict(device)) for device in found))
        told = [" ".join(filter(None, (device.words(), device.cure))) for device in found]
        return Answer("\n".join(told) or "There is no phone.", phones.data())

    return ServedTool(spec, output_schema(Phones), answer)


def _phone(about: Mapping[str, Any]) -> Phone:
    width, height = about["size_px"]
    kept = {name: about[name] for name in ("serial", "state", "cure", "model", "android")}
    return Phone(**kept, width_px=width, height_px=height)
