"""Where a server is, and the key that opens it.

Responsible for reading ``http://HOST:PORT/v1#NAME`` and for finding the key. A key comes from the
environment or from the system's keyring, goes into a header and nowhere else: an address that holds
one is refused, for addresses stand in journals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from environments.errors import ConfigError
from tools.secrets import Keyring, Stored

KEY_VARIABLE = "DESKHAND_API_KEY"
DASHSCOPE, DASHSCOPE_VARIABLE = ("dashscope", ".aliyuncs.com"), "DASHSCOPE_API_KEY"
"""The variable that its own documentation names; read for its own hosts only."""

KEYRING_NAME = "server."
"""Before the host's name: how a key is called in the keyring."""

KEYRING_APP = "model-server"
"""What a key is bound to there, so that it can be typed into no window."""

USUAL_PATH = "/v1"
SHORTEST_SECRET = 12
"""Characters; shorter keys are those that servers want where they want none: "ollama", "EMPTY"."""

CHAT = "/chat/completions"


class Leaving(UserWarning):
    """What leaves this computer, and how."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is.

    Attributes:
        base: without a slash at the end, such as "http://localhost:8000/v1".
        served: the model that was named behind "#", None if none was.
    """

    base: str
    served: str | None = None

    @property
    def host(self) -> str:
        """The host's name."""
        return urlsplit(self.base).hostname or ""

    @property
    def root(self) -> str:
        """Where servers answer questions about themselves."""
        return self.base.removesuffix(USUAL_PATH)

    @property
    def is_here(self) -> bool:
        """Tell whether what is sent stays on this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_sealed(self) -> bool:
        """Tell whether nobody on the way can read along."""
        return self.is_here or self.base.startswith("https:")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that no ``repr`` shows; empty where the server wants none."""

    text: str = field(default="", repr=False)

    def hidden(self, text: str) -> str:
        """Return a text without the key, for servers that repeat it in what they complain about."""
        return text.replace(self.text, "***") if self.text else text

    def hidden_in_reply(self, text: str) -> str:
        """Return the same of a model's own words, in which "EMPTY" is a word and no key."""
        return self.hidden(text) if len(self.text) >= SHORTEST_SECRET else text


def read_address(url: str) -> Address:
    """Return the address that a URL gives; without a path it is the usual one.

    Raises:
        ConfigError: it is none, or holds what is secret.
    """
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # A port that is no number, half a bracket.
        is_address = False
    if not is_address:
        raise ConfigError(f"{_public(url)!r:.80} is no address; write http://HOST:PORT/v1#NAME.")
    if parts.username or parts.password or parts.query:
        raise ConfigError(
            f"The address of {parts.hostname} holds more than a place; leave out what stands "
            f"before @ or behind ?, and put a key into {KEY_VARIABLE}."
        )
    path = parts.path.rstrip("/").removesuffix(CHAT)
    base = f"{parts.scheme}://{parts.netloc}{path or USUAL_PATH}"
    return Address(base, unquote(parts.fragment) or None)


def _public(url: str) -> str:
    """Return an address as it may be shown: without what may be a key."""
    return url.partition("?")[0].rpartition("@")[2]


def is_dashscope(address: Address) -> bool:
    """Tell whether an address is DashScope's own, reached so that nobody else reads along."""
    begins, ends = DASHSCOPE
    own = address.host.startswith(begins) and address.host.endswith(ends)
    return own and address.base.startswith("https://")


def key_for(
    address: Address,
    variables: Mapping[str, str],
    stored: Callable[[str], Stored | None] | None = None,
) -> Key:
    """Return the key of a server: from the environment, else from the keyring, else none.

    Raises:
        ConfigError: it cannot stand in a header, or was stored for something else.
    """
    own = variables.get(DASHSCOPE_VARIABLE) if is_dashscope(address) else None
    text = variables.get(KEY_VARIABLE) or own or _from_keyring(address, stored or Keyring().get)
    if not text.isascii() or not text.isprintable():
        raise ConfigError(
            f"The key of {address.host} holds what cannot stand in a header; copy it again."
        )
    return Key(text.strip())


def _from_keyring(address: Address, stored: Callable[[str], Stored | None]) -> str:
    if address.is_here:
        return ""  # No keyring is opened for a server that anybody here could ask.
    found = stored(KEYRING_NAME + address.host)
    return found.value if found and KEYRING_APP in found.apps else ""
