"""A model behind a URL: any server that speaks OpenAI's chat completions.

Responsible for connecting: what a server is, which model it has, what it does with pictures and
schemas, and how the model is therefore spoken to. One conversation with it is in ``servers.model``.
Deskhand starts no server; docs/servers.md has the commands.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.models.base import Model
from agent.models.loaded import EMBEDDED_NAME, INSTRUCT, THINKING, Loaded
from agent.models.manner import AS_IT_IS, Manner
from agent.models.profiles.base import Profile
from agent.models.profiles.described import Described
from agent.models.profiles.finding import EMBEDDED, Suggested, load_profile, suggested
from agent.models.servers.address import Address, Key, Leaving, key_for, read_address
from agent.models.servers.asking import budget, holding
from agent.models.servers.calibration import Sizes, sizes, takes
from agent.models.servers.connecting import Found, look_up
from agent.models.servers.model import ServedModel
from agent.models.servers.replying import PROBE, Server
from agent.models.servers.wire import Line
from environments.base import Stop
from environments.errors import ConfigError


@dataclass(frozen=True, slots=True, eq=False)
class Connected:
    """A server, and how its model is to be spoken to.

    Attributes:
        server: the server.
        profile: already with what was asked for and what the server makes of pictures.
        sizes: what the server makes of pictures.
        notices: sentences for the person.
    """

    server: Server
    profile: Profile
    sizes: Sizes
    notices: tuple[str, ...]


def warned(sentence: str) -> None:
    """Say a sentence as a warning of Python's, for programs that do not ask for it themselves."""
    warnings.warn(sentence, Leaving, stacklevel=2)


def connect(
    url: str,
    manner: Manner = AS_IT_IS,
    stop: Stop | None = None,
    told: Callable[[str], None] = warned,
) -> Connected:
    """Ask a server what it is, which model it has, and what it does with pictures and schemas.

    ``told`` hears what leaves this computer, and how, before anything does.

    Raises:
        ConfigError: it does not answer, has no such model, or the model takes no pictures.
        Stopped: a stop was asked for.
    """
    address, stop = read_address(url), stop or Stop()
    stop.check()
    key = key_for(address, os.environ)
    for warning in _leaving(address, key):
        told(warning)
    line = Line(address, key)
    found = look_up(line, manner.served or address.served, stop)
    asked = _asked_for(found, manner)
    thinks = _thinks(found, manner)
    profile = manner.fitted(load_profile(asked.name), thinks)
    seen = sizes(line, found, profile, stop)
    server = Server(line, found, name=_name(found, address, profile), thinks=thinks)
    server.counts = seen.sure
    server.bounds = thinks and takes(line, found, budget(found.software, 16), stop)
    forms = holding(found.software, [PROBE], 1)
    server.form = next((n for n, form in enumerate(forms) if takes(line, found, form, stop)), 9)
    notices = filter(None, (asked.notice, seen.notice))
    return Connected(server, _within(profile, seen), seen, tuple(notices))


def load_served(
    url: str,
    manner: Manner = AS_IT_IS,
    context_tokens: int | None = None,
    stop: Stop | None = None,
    told: Callable[[str], None] = warned,
) -> Loaded:
    """Connect to a server and begin a conversation.

    Args:
        url: where it is.
        manner: how its model is to be spoken to.
        context_tokens: tokens of a prompt and its reply; None for what the server says.
        stop: ends the connecting.
        told: hears, before anything is sent, what leaves this computer and how; the default says
            it as a warning of Python's.

    Raises:
        ConfigError: as ``connect`` does.
        Stopped: a stop was asked for.
    """
    found = connect(url, manner, stop, told)

    def converse(profile: Profile) -> Model:
        return ServedModel(found.server, profile, context_tokens)

    def fitted(profile: Profile) -> Profile:
        return _within(manner.fitted(profile, found.server.thinks), found.sizes)

    return Loaded(
        converse(found.profile),
        found.profile,
        found.profile.name == EMBEDDED,
        found.notices,
        converse,
        None if manner.profile else fitted,
    )


def _asked_for(found: Found, manner: Manner) -> Suggested:
    if manner.profile or found.served == EMBEDDED:
        return Suggested(manner.profile or EMBEDDED)
    return suggested((found.served, *found.names), found.types)


def _thinks(found: Found, manner: Manner) -> bool:
    names = " ".join((found.served, *found.names)).lower()
    if manner.think is not None and (INSTRUCT.lower() in names or found.served == EMBEDDED):
        raise ConfigError(
            f"{found.served} is no Thinking edition, so there is nothing to think with; leave "
            "--think out, or serve one such as Qwen/Qwen3-VL-8B-Thinking."
        )
    return manner.think is not None or THINKING.lower() in names


def _within(profile: Profile, seen: Sizes) -> Profile:
    """Return a profile whose pictures the server leaves as they are."""
    if not isinstance(profile, Described) or not seen.sure:
        return profile
    most = min(profile.image_tokens[1], seen.tokens[1])
    tokens = (min(max(profile.image_tokens[0], seen.tokens[0]), most), most)
    if tokens == profile.image_tokens:
        return profile
    return replace(
        profile, description=profile.description.model_copy(update={"image_tokens": tokens})
    )


def _name(found: Found, address: Address, profile: Profile) -> str:
    served = EMBEDDED_NAME if profile.name == EMBEDDED else found.served
    return f"{served} at {address.base}"


def leaving(url: str) -> tuple[str, ...]:
    """Return what leaves this computer if that server is asked, and how; asks nobody.

    Raises:
        ConfigError: the address is none, or its key cannot be used.
    """
    address = read_address(url)
    return _leaving(address, key_for(address, os.environ))


def _leaving(address: Address, key: Key) -> tuple[str, ...]:
    if address.is_here:
        return ()
    leaves = f"Screenshots leave this computer: they are sent to {address.host}."
    if address.is_sealed:
        return (leaves,)
    what = "They and the key" if key.text else "They"
    return (leaves, f"{what} go unencrypted, for the address begins with http and not https.")
