"""One model for many workers: what stands beside the weights, and what stands in the workers.

Responsible for questions and answers between them, whatever carries these. Each worker has a
conversation of its own; the engine puts those that wait into one pass. A picture travels once: the
other side keeps those of the last question, by their hashes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from agent.context import Room
from agent.models.base import Image, Message, Model, Reply
from agent.models.profiles.finding import load_profile
from environments.base import Frame, Stop
from environments.errors import DeskhandError, ModelError, Stopped
from tools.schema import ToolSpec

if TYPE_CHECKING:
    from agent.models.loaded import Loaded


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture that stands in a message by its hash."""

    frame_hash: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its pictures by their hashes."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[str | Seen, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a worker asks.

    Attributes:
        what: for a reply, for the tokens that a conversation takes, or for those it may have.
        profile: by which the conversation is spoken to.
        messages, tools: as for ``Model.generate``.
        frames: pictures that the other side may not have yet, by their hashes.
    """

    what: Literal["reply", "tokens", "room"]
    profile: str
    messages: tuple[Said, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    frames: Mapping[str, Frame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A picture was named that this side does not have, for instance since it began anew."""


Answer = Reply | int | Unseen | DeskhandError
"""An error comes as a value: it is raised again where the question was asked."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a worker must know of the model beforehand."""

    name: str
    profile: str
    is_embedded: bool
    has_room: bool


class Conversations:
    """The model and the conversations of all workers with it. Safe for several threads."""

    def __init__(self, loaded: Loaded) -> None:
        """Share a loaded model, which must be able to converse with several."""
        self._loaded = loaded
        self._models: dict[tuple[str, str], Model] = {}
        self._frames: dict[tuple[str, str], dict[str, Frame]] = {}
        self._lock = threading.Lock()

    @property
    def description(self) -> Description:
        """What workers are told of the model."""
        model, is_embedded = self._loaded.model, self._loaded.is_embedded
        return Description(model.name, model.profile, is_embedded, isinstance(model, Room))

    def answer(self, who: str, question: Question, stop: Stop) -> Answer:
        """Answer one worker; one question of each at a time."""
        try:
            return self._answered(who, question, stop)
        except DeskhandError as error:
            return error

    def forget(self, who: str) -> None:
        """End the conversations of a worker that has gone."""
        with self._lock:
            for key in [key for key in self._models if key[0] == who]:
                del self._models[key]
                self._frames.pop(key, None)

    def _answered(self, who: str, question: Question, stop: Stop) -> Answer:
        model = self._model(who, question.profile)
        if question.what == "room":
            return model.context_tokens if isinstance(model, Room) else 0
        messages = self._messages(who, question)
        if messages is None:
            return Unseen()
        if question.what == "tokens":
            return model.prompt_tokens(messages) if isinstance(model, Room) else 0
        return model.generate(messages, question.tools, stop=stop)

    def _model(self, who: str, profile: str) -> Model:
        with self._lock:
            key = (who, profile)
            if key not in self._models:
                spoken = replace(self._loaded, profile=load_profile(profile))
                self._models[key] = spoken.another().model
            return self._models[key]

    def _messages(self, who: str, question: Question) -> list[Message] | None:
        """Return the messages with their pictures, and keep just these; None if one is missing."""
        key = (who, question.profile)
        known = {**self._frames.get(key, {}), **question.frames}
        needed = _hashes(question.messages)
        if any(name not in known for name in needed):
            return None
        self._frames[key] = {name: known[name] for name in needed}
        return [
            Message(said.role, tuple(_shown(part, known) for part in said.parts))
            for said in question.messages
        ]


class Ask(Protocol):
    """Carries a question to the model and its answer back."""

    def __call__(self, question: Question, stop: Stop) -> Answer:
        """Return the answer.

        Raises:
            ModelError: the other side has gone.
            Stopped: a stop was asked for.
        """
        ...


class RemoteModel:
    """A conversation with a model that stands elsewhere. For one caller at a time."""

    def __init__(self, name: str, profile: str, ask: Ask) -> None:
        """Take what carries questions there."""
        self._name, self._profile, self._ask = name, profile, ask
        self._sent: set[str] = set()

    @property
    def name(self) -> str:
        """Name of the model there."""
        return self._name

    @property
    def profile(self) -> str:
        """Profile that it is spoken to with."""
        return self._profile

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Continue the conversation; the text comes in one piece."""
        stop.check()
        reply = self._answer("reply", messages, tuple(tools), stop)
        if not isinstance(reply, Reply):
            raise ModelError(f"The shared model answered with {type(reply).__name__}.")
        if on_text is not None:
            on_text(reply.text)
        return reply

    def _answer(
        self,
        what: Literal["reply", "tokens"],
        messages: Sequence[Message],
        tools: tuple[ToolSpec, ...],
        stop: Stop,
    ) -> Reply | int:
        frames = _frames(messages)
        said = tuple(_by_hash(message) for message in messages)
        new = {name: frame for name, frame in frames.items() if name not in self._sent}
        answer = self._ask(Question(what, self._profile, said, tools, new), stop)
        if isinstance(answer, Unseen):
            answer = self._ask(Question(what, self._profile, said, tools, frames), stop)
        self._sent = set(frames)
        return _raised(answer)


class RoomyRemoteModel(RemoteModel):
    """The same for a model that knows how long a conversation may be."""

    @property
    def context_tokens(self) -> int:
        """Tokens that a prompt may have."""
        room = _raised(self._ask(Question("room", self._profile), Stop()))
        return room if isinstance(room, int) else 0

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Return how many a conversation takes."""
        tokens = self._answer("tokens", messages, (), Stop())
        return tokens if isinstance(tokens, int) else 0


def loaded_from(description: Description, ask: Ask) -> Loaded:
    """Return a shared model as if it had been loaded here."""
    from agent.models.loaded import Loaded

    kind = RoomyRemoteModel if description.has_room else RemoteModel
    return Loaded(
        kind(description.name, description.profile, ask),
        load_profile(description.profile),
        description.is_embedded,
        converse=lambda profile: kind(description.name, profile.name, ask),
    )


def _raised(answer: Answer) -> Reply | int:
    if isinstance(answer, Stopped):
        raise Stopped(str(answer))
    if isinstance(answer, DeskhandError):
        raise answer
    if isinstance(answer, Unseen):
        raise ModelError("The shared model has lost its pictures twice.")
    return answer


def _hashes(messages: Sequence[Said]) -> list[str]:
    parts = (part for said in messages for part in said.parts)
    return [part.frame_hash for part in parts if isinstance(part, Seen)]


def _frames(messages: Sequence[Message]) -> dict[str, Frame]:
    parts = (part for message in messages for part in message.parts)
    return {part.frame_hash: part.frame for part in parts if isinstance(part, Image)}


def _by_hash(message: Message) -> Said:
    parts = (Seen(p.frame_hash) if isinstance(p, Image) else p for p in message.parts)
    return Said(message.role, tuple(parts))


def _shown(part: str | Seen, frames: Mapping[str, Frame]) -> str | Image:
    return Image(frames[part.frame_hash], part.frame_hash) if isinstance(part, Seen) else part
