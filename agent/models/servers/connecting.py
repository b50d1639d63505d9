"""Getting to know a server: which program it is, which model it has, and what that one is called.

Responsible for the questions at the beginning. What the server makes of pictures is found out in
``calibration``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.models.servers.address import Address, is_dashscope
from agent.models.servers.patience import Patience
from agent.models.servers.wire import Fault, Line
from environments.base import Stop
from environments.errors import ConfigError

Software = Literal["vllm", "sglang", "ollama", "llamacpp", "lmstudio", "dashscope", "unknown"]
SHOW = "/api/show"
"""The one of these questions that takes a body (Ollama's)."""

OWNERS: Mapping[str, Software] = {
    "vllm": "vllm",
    "sglang": "sglang",
    "library": "ollama",
    "llamacpp": "llamacpp",
    "organization_owner": "lmstudio",
}
"""What ``owned_by`` of a model says, by server (each one's answer to GET /v1/models)."""

TOLD_AT: Mapping[str, tuple[str, ...]] = {
    "vllm": ("/version",),
    "sglang": ("/get_server_info", "/get_model_info"),
    "ollama": ("/api/version", SHOW),
    "llamacpp": ("/props",),
    "lmstudio": ("/api/v0/models/{served}",),
}
"""Where each program tells about itself and its model, by its own documentation."""

VERSIONS = ("version", "build_info")
NAMES = ("model_path", "details.parent_model", "model_info.general.basename")
TYPES = ("model_type", "arch", "details.family", "model_info.general.architecture")
"""Under which keys the answers have the program's version, the model's names and its network."""

MOST_LETTERS = 200
"""Of a name that a server gives."""

MOST_NAMES = 20
CONNECTING = Patience(tries=3)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Card(_Answer):
    """One of the models that a server has."""

    id: str
    owned_by: str | None = None
    max_model_len: int | None = None
    root: str | None = None


class Cards(_Answer):
    """The models that a server has."""

    data: tuple[Card, ...] = Field(default=())


@dataclass(frozen=True, slots=True)
class Found:
    """What a server turned out to be.

    Attributes:
        software: which program it is.
        version: of the program, empty where it does not say.
        served: name of the model.
        most_tokens: of a prompt and its reply, None where it does not say.
        names: what else the model is called: the folder or hub id that it was loaded from.
        types: what its network is called.
    """

    software: Software
    version: str
    served: str
    most_tokens: int | None = None
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


def look_up(line: Line, served: str | None, stop: Stop) -> Found:
    """Ask a server what it is and which of its models is meant.

    Raises:
        ConfigError: nobody answers, the key is wrong, or there is no such model.
    """
    cards = _cards(line, stop, is_named=served is not None)
    card = chosen(cards, served, line.address)
    software = software_of(line.address, card)
    answers = list(_own_words(line, software, card.id, stop))
    return Found(
        software,
        next(_texts(answers, VERSIONS), ""),
        card.id,
        card.max_model_len,
        tuple(filter(None, (card.root, *_texts(answers, NAMES)))),
        tuple(_texts(answers, TYPES)),
    )


def _cards(line: Line, stop: Stop, is_named: bool) -> tuple[Card, ...]:
    try:
        answer = CONNECTING.insist(lambda: line.ask("/models", stop), stop)
        return Cards.model_validate(answer).data
    except Fault as fault:
        if fault.status == 404 and is_named:  # noqa: PLR2004 - some have no list of models
            return ()
        raise ConfigError(unheard(line.address, fault)) from None
    except ValidationError:
        raise ConfigError(
            f"{line.address.base} answers, but lists no models; is it an OpenAI-compatible server, "
            "and does its address end with /v1?"
        ) from None


def unheard(address: Address, fault: Fault) -> str:
    """Return what a person is told of a server that did not answer, and what to do."""
    if fault.status in (401, 403):
        return (
            f"The server at {address.base} {fault.text}: it wants another key; put it into "
            "DESKHAND_API_KEY, or see docs/servers.md for the keyring."
        )
    return (
        f"The server at {address.base} {fault.text}; see that it runs and that this is its "
        "address. The commands that start one are in docs/servers.md."
    )


def chosen(cards: tuple[Card, ...], served: str | None, address: Address) -> Card:
    """Return the model that is meant.

    Raises:
        ConfigError: there is none of that name, or none was named and there are several.
    """
    names = [card.id for card in cards]
    if served is None and len(cards) != 1:
        has = f"has {_some(names)}" if names else "names no model"
        raise ConfigError(
            f"The server at {address.base} {has}; name one: --model {address.base}#NAME."
        )
    if served is None or served in names:
        return cards[names.index(served) if served else 0]
    if names and software_of(address, cards[0]) in ("vllm", "sglang"):
        raise ConfigError(f"The server at {address.base} has {_some(names)}, not {served!r}.")
    return Card(id=served, owned_by=cards[0].owned_by if cards else None)  # It may load on demand.


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(ascii(name)[1:-1][:MOST_LETTERS] for name in names[:MOST_NAMES]) + more


def software_of(address: Address, card: Card) -> Software:
    """Return which program answers, by what it calls the owner of its models."""
    if is_dashscope(address):
        return "dashscope"
    return OWNERS.get(card.owned_by or "", "unknown")


def _own_words(line: Line, software: Software, served: str, stop: Stop) -> Iterator[Any]:
    """Yield what the program tells; one that does not tell is none the worse for it."""
    for path in TOLD_AT.get(software, ()):
        at = line.address.root + path.replace("{served}", quote(served))
        try:
            yield line.ask(at, stop, {"model": served} if path == SHOW else None)
        except Fault:
            continue


def _texts(answers: Sequence[Any], keys: Sequence[str]) -> Iterator[str]:
    """Yield the texts that stand in answers under keys such as "details.family"."""
    for answer in answers:
        for key in keys:
            outer, _, inner = key.partition(".")
            found = answer.get(outer) if isinstance(answer, dict) else None
            if inner:
                found = found.get(inner) if isinstance(found, dict) else None
            if isinstance(found, str) and found:
                yield found[:MOST_LETTERS]
