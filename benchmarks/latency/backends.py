"""What is compared: the engine in its modes, plain ``generate()``, and a server.

Responsible for building each from a network's size, so that no two share what they would change in
one another. Measures nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from agent.models.base import Model
from benchmarks.latency.networks import TINY, network
from benchmarks.latency.replay import PROFILE, Player, Trace
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.models.qwen3_vl.engine import Engine, Options
    from agent.models.qwen3_vl.loading import Checkpoint
    from benchmarks.latency.server import Line

Name = Literal["engine", "engine-tokenwise", "transformers", "openai"]
ENGINE, TOKENWISE, PLAIN, SERVER = "engine", "engine-tokenwise", "transformers", "openai"
USUAL = (ENGINE, TOKENWISE, PLAIN)

ABOUT: dict[str, str] = {
    ENGINE: "the engine, append-only",
    TOKENWISE: "the engine, append-only, without fast-forward and drafts",
    PLAIN: "plain generate(): cache on, linear patch embedding, sdpa, nothing kept between replies",
    SERVER: "an OpenAI-compatible server: PNG data URLs, chat completions, greedy",
}

Join = Callable[[Trace, Player | None], Player]
"""From a trace, and the player whose history a server is asked about, to a new conversation."""


@dataclass(frozen=True)
class Stable:
    """All that can be compared on one network.

    Attributes:
        size: "tiny" or a published size.
        seed: of the weights.
        device: torch device.
        url, served: an OpenAI-compatible server and its model's name, where one is compared.
    """

    size: str = TINY
    seed: int = 0
    device: str = "cpu"
    url: str | None = None
    served: str | None = None
    _engines: dict[str, Engine] = field(default_factory=dict)
    _lines: list[Line] = field(default_factory=list)

    def joiner(self, name: str) -> Join:
        """Return what begins a conversation with a backend.

        Raises:
            ConfigError: there is no such backend, or no server was named.
        """
        makers: dict[str, Callable[[Player | None], Model]] = {
            ENGINE: lambda _: self.conversation(ENGINE),
            TOKENWISE: lambda _: self.conversation(TOKENWISE, fast_forward=False, drafts=False),
            PLAIN: lambda _: self._plain,
            SERVER: self._served_model,
        }
        if name not in makers:
            raise ConfigError(f"There is no backend {name!r}; use one of {', '.join(makers)}.")
        return lambda trace, leader: Player(trace, makers[name](leader))

    def conversation(self, name: str, **options: Any) -> Model:
        """Return a new conversation with the engine of these options; its weights are loaded once.

        What the vision tower has made of pictures stays with the engine, so every trace of a
        comparison must have screens of its own.
        """
        from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel

        if name not in self._engines:
            self._engines[name] = Engine(self.engine_weights, Options(**options))
        return Qwen3VLModel(self._engines[name], PROFILE, ABOUT.get(name, name))

    def engine(self, options: Options) -> Engine:
        """Return a new engine on the shared weights."""
        from agent.models.qwen3_vl.engine import Engine

        return Engine(self.engine_weights, options)

    def close(self) -> None:
        """Hang up, if a server was asked."""
        while self._lines:
            self._lines.pop().close()

    @cached_property
    def engine_weights(self) -> Checkpoint:
        """The network that all engines share."""
        return network(self.size, self.seed, self.device)

    @cached_property
    def plain_weights(self) -> Checkpoint:
        """The same weights again, for ``generate`` sets another attention."""
        return network(self.size, self.seed, self.device)

    @cached_property
    def _plain(self) -> Model:
        from agent.models.qwen3_vl.plain import PlainModel

        return PlainModel(self.plain_weights, PROFILE, ABOUT[PLAIN])

    def _served_model(self, leader: Player | None) -> Model:
        from benchmarks.latency.server import Line, ServerModel

        if self.url is None or leader is None:
            raise ConfigError("No server was named; give --server URL, and the engine beside it.")
        if not self._lines:
            self._lines.append(Line(self.url))
        return ServerModel(self._lines[0], self.served, leader)
