"""A recorded run as the conversations that its model had: what stood in each prompt, what was said.

Responsible for bringing the rows and pictures of a run back through the very code that makes a live
prompt (``Context`` and a Profile), so that whoever learns from it sees what a model will see. Where
the profile is another one than that of the run, what was said is put in its words and its grid
(``rewording``). Judges no step (``judging``), writes no file and knows no weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from agent.archive import RunRecord, SpokenRecord
from agent.context import Context, Room
from agent.judging import Verdict, verdicts
from agent.models.base import Image, Message
from agent.models.profiles.described import Described
from agent.models.profiles.finding import load_profile, suited
from agent.recall import steps_of
from agent.reports.redaction import Redaction
from agent.reports.shots import covered_picture
from agent.rewording import Wording, reworded
from agent.step import Step
from agent.toolset import MAIN
from environments.base import Kind, Observation
from environments.errors import ConfigError
from environments.geometry import Grid, ResizedPixels, Screen
from tools.schema import ToolSpec

if TYPE_CHECKING:
    from agent.models.profiles.base import Profile

PHONE_TOOL = MAIN["phone"]


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """One step of a run: what the model was asked, and what it said.

    Attributes:
        step: the step; ``step.reply`` is in the words of the profile.
        messages: the conversation that asked for it.
        verdict: what came of it.
    """

    step: Step
    messages: tuple[Message, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Retelling:
    """How runs are told again.

    Attributes:
        profile: in whose words; None for each run's own.
        room: who knows how much fits, and makes older pictures go; None where everything fits.
    """

    profile: Profile | None = None
    room: Room | None = None

    def exchanges(self, record: RunRecord, redaction: Redaction) -> Iterator[Exchange]:
        """Yield the steps of a run whose picture can be shown; oldest first.

        Pictures that the redaction covers whole are as good as gone. Texts are taken as they stand
        in the record.

        Raises:
            ConfigError: the run does not say how its model was spoken to, or that cannot be said in
                the words of the profile.
        """
        spoken = _spoken(record)
        profile = self.profile_for(record)
        steps = [_in_words_of(step, profile, record, spoken) for step in steps_of(record)]
        judged = verdicts(steps)
        context = Context(profile, room=self.room)
        past: list[Step] = []
        for step, verdict in zip(steps, judged, strict=True):
            look = _look(record, f"{step.screen}.png", redaction) if step.screen else None
            if look is not None:
                tools = _tools(_at(spoken, step.index), profile)
                messages = context.messages(record.summary.task, past, look, tools)
                yield Exchange(step, tuple(messages), verdict)
            past.append(replace(step, observation=look))
            context.prune(past)

    def profile_for(self, record: RunRecord) -> Profile:
        """Return the profile in whose words a run is told, on the day of the run.

        Raises:
            ConfigError: the run does not name one that is here.
        """
        spoken = _spoken(record)
        profile = self.profile or _named(spoken[0].profile)
        kind: Kind = "phone" if spoken[0].tools[:1] and _is_phone(spoken[0]) else "desktop"
        profile = suited(profile, kind)
        if not isinstance(profile, Described):
            return profile
        day = datetime.fromisoformat(record.summary.started_at).date()
        return replace(profile, today=lambda: day)


def _spoken(record: RunRecord) -> tuple[SpokenRecord, ...]:
    if not record.spoken:
        raise ConfigError(
            f"The run {record.summary.id} does not say what its model was told (it was recorded by "
            "an older version of Deskhand), so it cannot be told again; record it anew."
        )
    return record.spoken


def _named(profile: str) -> Profile:
    try:
        return load_profile(profile)
    except ConfigError as error:
        raise ConfigError(
            f"The run was spoken to by the profile {profile}, which is not here ({error}) Name one "
            "with --profile."
        ) from error


def _is_phone(spoken: SpokenRecord) -> bool:
    return spoken.tools[0].name == PHONE_TOOL


def _at(spoken: Sequence[SpokenRecord], step: int) -> SpokenRecord:
    """Return how the model was spoken to at a step; a run that was resumed may have changed it."""
    return [row for row in spoken if row.step <= step][-1] if step >= spoken[0].step else spoken[0]


def _grid(spoken: SpokenRecord) -> Grid:
    if isinstance(spoken.grid, int):
        return spoken.grid
    exact = spoken.grid.get("exact")
    return ResizedPixels(**{**spoken.grid, "exact": tuple(exact) if exact else None})


def _tools(spoken: SpokenRecord, profile: Profile) -> list[ToolSpec]:
    """Return what was offered; the phone's tool tells its grid, so it is worded for the profile."""
    from tools.mobile_use import mobile_use

    tools = [ToolSpec(**tool.model_dump()) for tool in spoken.tools]
    if _grid(spoken) == profile.grid:
        return tools
    return [mobile_use(profile.grid).spec if t.name == PHONE_TOOL else t for t in tools]


def _in_words_of(
    step: Step, profile: Profile, record: RunRecord, spoken: Sequence[SpokenRecord]
) -> Step:
    """Return a step whose reply is in the words of the profile."""
    then = _at(spoken, step.index)
    is_same = then.profile == profile.name and _grid(then) == profile.grid
    if is_same or step.plan.error is not None:
        return step
    size = _size(record, step)
    wording = Wording(_grid(then), profile.grid, Screen(*size) if size else None)
    reply = replace(step.reply, text=reworded(step.plan, wording, profile))
    return replace(step, reply=reply)


def _size(record: RunRecord, step: Step) -> tuple[int, int] | None:
    """Return the size of a step's picture; None where it is gone."""
    from PIL import Image as Pictures

    try:
        with Pictures.open(record.picture(f"{step.screen}.png")) as picture:
            return picture.size
    except OSError:
        return None


def _look(record: RunRecord, image: str, redaction: Redaction) -> Observation | None:
    """Return a picture of the run as somebody looked at it; None where it cannot be shown."""
    import numpy as np

    if redaction.boxes(image) is None:
        return None
    try:
        frame = np.asarray(covered_picture(record, image, redaction))
    except ConfigError:
        return None
    return Observation(frame, Screen(frame.shape[1], frame.shape[0]), time_s=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Conversation:
    """Exchanges of one run that go on from each other, as one conversation.

    Attributes:
        messages: from the first message to the last reply.
        learnt: indices of the replies that are worth learning.
        first, last: numbers of the steps.
    """

    messages: tuple[Message, ...]
    learnt: tuple[int, ...]
    first: int
    last: int


def conversations(
    exchanges: Sequence[Exchange], worth: Callable[[Exchange], bool], join: bool = True
) -> Iterator[Conversation]:
    """Yield exchanges as conversations, each with at least one reply that is ``worth`` learning.

    An exchange whose prompt only goes on from the one before it becomes part of its conversation,
    for a model that reads the later one has read the earlier one too.
    """
    found: list[Exchange] = []
    for exchange in exchanges:
        if found and not (join and _goes_on(found[-1], exchange)):
            yield from _conversation(found, worth)
            found = []
        found.append(exchange)
    yield from _conversation(found, worth)


def said(exchange: Exchange) -> Message:
    """Return the reply as a message."""
    return Message("assistant", (exchange.step.reply.text,))


def _conversation(
    found: list[Exchange], worth: Callable[[Exchange], bool]
) -> Iterator[Conversation]:
    while found and not worth(found[-1]):
        found = found[:-1]
    if found:
        last = found[-1]
        learnt = tuple(len(exchange.messages) for exchange in found if worth(exchange))
        messages = (*last.messages, said(last))
        yield Conversation(messages, learnt, found[0].step.index, last.step.index)


def _goes_on(before: Exchange, after: Exchange) -> bool:
    start = [*before.messages, said(before)]
    same = [_key(message) for message in after.messages[: len(start)]]
    return same == [_key(message) for message in start]


def _key(message: Message) -> tuple[object, ...]:
    parts = (part.frame_hash if isinstance(part, Image) else part for part in message.parts)
    return message.role, *parts
