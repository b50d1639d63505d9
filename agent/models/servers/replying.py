"""One reply of a server: the requests that it takes.

Responsible for asking with what the server can hold to, again while it is the server that fails,
and for a thought that has to be closed at its budget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from agent.models.profiles.base import Profile
from agent.models.servers.address import CHAT
from agent.models.servers.asking import OPEN, Body, budget, harmless, holding, sampling
from agent.models.servers.connecting import Found
from agent.models.servers.patience import Patience
from agent.models.servers.pictures import Encoded
from agent.models.servers.reply import THINK_CLOSE, THINK_OPEN, Streamed
from agent.models.servers.wire import Fault, Line
from environments.base import Stop
from environments.errors import ModelError
from tools.schema import ToolSpec

SPARE = 16
"""Tokens for the tags around a call."""

REFUSED = (400, 422)
"""How servers refuse a field that they do not know, or what they cannot do."""

TOO_LONG = "if the prompt is too long for it, keep fewer screenshots with --history."
CANNOT_GO_ON = (
    "perhaps it cannot go on from a thought that was cut; give it room to end by itself with "
    "--think-tokens."
)
GOES_ON: Body = {"continue_final_message": True, "add_generation_prompt": False}
"""How vLLM and SGLang are asked to go on with the last message."""

PROBE = ToolSpec("probe", "", {}, {"type": "object", "properties": {}})


@dataclass(eq=False)
class Server:
    """A server that was connected to, shared by all conversations with it.

    Attributes:
        line: the way to it.
        found: what it is.
        patience: how often it is asked again.
        pictures: those that were encoded.
        name: the model and where it is, for the journal and for people.
        thinks: its model is a Thinking edition.
        bounds: it bounds a thought itself, as far as is known.
        counts: it tells what pictures cost, and that was as it should be.
        form: which of the ways to hold a call to its schema it takes; counts those that it refused.
    """

    line: Line
    found: Found
    patience: Patience = field(default_factory=Patience)
    pictures: Encoded = field(default_factory=Encoded)
    name: str = ""
    thinks: bool = False
    bounds: bool = False
    counts: bool = False
    form: int = 0

    @property
    def holds(self) -> bool:
        """Tell whether calls are held to their schemas while they are written."""
        return self.form < len(holding(self.found.software, [PROBE], 1))


class Asking:
    """One reply's requests."""

    def __init__(
        self,
        server: Server,
        profile: Profile,
        stop: Stop,
        on_text: Callable[[str], None] | None,
    ) -> None:
        self._server, self._profile, self._stop, self._on_text = server, profile, stop, on_text
        self.retries = 0

    def whole(self, turns: list[Body], tools: Sequence[ToolSpec]) -> list[Streamed]:
        """Return the reply, in two parts where a thought had to be closed."""
        thought, call = self._profile.thought_tokens, self._profile.call_tokens + SPARE
        if not self._server.thinks:
            return [self._asked(turns, tools, {"max_tokens": thought + call})]
        bound = budget(self._server.found.software, thought) if self._server.bounds else {}
        most = thought + call if bound else thought
        first = self._asked(turns, tools, {"max_tokens": most, **bound})
        if first.reason != "length":
            first.close_nothing()
            return [first]
        if bound and first.has_thought:
            return [first]  # It is the call that was too long.
        if bound:
            self._server.bounds = False  # It took the number and did not keep to it.
        if not first.has_thought:
            first.end_thought(thought / most)
        return [first, self._rest(turns, tools, first.text)]

    def _rest(self, turns: list[Body], tools: Sequence[ToolSpec], begun: str) -> Streamed:
        """Return what follows on a thought.

        The thought stands there as the chat template of the Thinking editions puts it, for a text
        that the template changes is none that can be gone on with.
        """
        thought, _, call = begun.rpartition(THINK_CLOSE)
        thought = thought.replace(THINK_OPEN, "").replace(THINK_CLOSE, "").strip("\n")
        text = f"{THINK_OPEN}\n{thought}\n{THINK_CLOSE}\n\n{call.lstrip()}"
        said = {"role": "assistant", "content": harmless(text)}
        more = {"max_tokens": self._profile.call_tokens + SPARE, **GOES_ON}
        held = () if OPEN in call else tools
        return self._asked([*turns, said], held, more, CANNOT_GO_ON)

    def _asked(
        self, turns: list[Body], tools: Sequence[ToolSpec], more: Body, refused: str = TOO_LONG
    ) -> Streamed:
        """Return a reply, held to the tools' schemas if the server can do that."""
        body: Body = {"model": self._server.found.served, "messages": turns, "stream": True}
        body |= {"stream_options": {"include_usage": True}, **sampling(self._profile), **more}
        thought = self._profile.thought_tokens
        forms = (*holding(self._server.found.software, tools, thought), {})
        for number in range(min(self._server.form, len(forms) - 1), len(forms)):
            try:
                streamed = self._insisted({**body, **forms[number]})
            except Fault as fault:
                if fault.status in REFUSED and forms[number]:
                    continue
                raise ModelError(self._sentence(fault, refused)) from None
            if forms[:-1]:
                self._server.form = number
            return streamed
        raise AssertionError("The last form is to ask for none.")

    def _insisted(self, body: Body) -> Streamed:
        said: list[Streamed] = []

        def once() -> Streamed:
            said.append(Streamed(self._on_text))
            stream = self._server.line.stream(CHAT, self._stop, body)
            with closing(stream) as events:
                said[-1].read(events)
            return said[-1]

        def told(fault: Fault) -> None:
            self.retries += 1
            if self._on_text is not None:
                self._on_text(f"\n[The server {fault.text}; it is asked again.]\n")

        return self._server.patience.insist(once, self._stop, told)

    def _sentence(self, fault: Fault, refused: str) -> str:
        tries = f" {self.retries + 1} times" if self.retries else ""
        base = self._server.line.address.base
        if fault.wait_s is not None and fault.again:
            return f"The server at {base} {fault.text}{tries} and asks to wait {fault.wait_s:g} s."
        return f"The server at {base} {fault.text}{tries}; {_cure(fault, refused)}"


def _cure(fault: Fault, refused: str) -> str:
    if fault.status in (401, 403):
        return "it wants another key: see docs/servers.md."
    if fault.status in REFUSED:
        return refused
    return "see its own log, and go on with deskhand resume."
