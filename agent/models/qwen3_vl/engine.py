"""The in-process engine: a Qwen3-VL checkpoint behind the ``Model`` seam.

Responsible for the order of one reply's work (pictures, prompt, prefill, decoding), its timings and
its counters. Each reply starts from an empty cache; sessions that keep one build on
``Conversation``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

from agent.models.base import Image, Message, Reply
from agent.models.profiles.base import Profile
from agent.models.qwen3_vl.decoding import Caps, Decoder, Transcript
from agent.models.qwen3_vl.forward import Conversation
from agent.models.qwen3_vl.grammar import CallGrammar
from agent.models.qwen3_vl.images import Patches, prepare
from agent.models.qwen3_vl.loading import Checkpoint, memory_in_words
from agent.models.qwen3_vl.prompt import Prompt, lay_out
from agent.models.qwen3_vl.vision import Seen, see
from environments.base import Stop
from environments.errors import ModelError
from tools.schema import ToolSpec

STAGES = ("preprocess", "vision", "prefill", "decode")
COUNTERS = (
    "frames_encoded", "tokens_prefilled", "forwards", "tokens_generated", "tokens_forced",
)  # fmt: skip


class Stopwatch:
    """Milliseconds by stage; waits for the GPU at each border, or a stage would show in another."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self.spent_ms: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what happens inside to a stage."""
        start = time.perf_counter()
        yield
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        self.spent_ms[name] += (time.perf_counter() - start) * 1000


class Qwen3VLModel:
    """Qwen3-VL in this process. Not for several threads at once."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        profile: Profile,
        name: str | None = None,
        fast_forward: bool = True,
    ) -> None:
        """Put a checkpoint behind the seam.

        Args:
            checkpoint: what was loaded.
            profile: its caps bound every reply and every picture.
            name: for people; the checkpoint's own if None.
            fast_forward: let tokens that the grammar fixes share a forward pass.
        """
        self._checkpoint, self._profile = checkpoint, profile
        self._name = name or checkpoint.name
        self._rules = checkpoint.rules.within(profile.image_tokens)
        self._caps = Caps(profile.thought_tokens, profile.call_tokens)
        self._fast_forward = fast_forward
        self._grammars: dict[str, CallGrammar] = {}

    @property
    def name(self) -> str:
        """The checkpoint, in words for people."""
        return self._name

    @property
    def profile(self) -> str:
        """Name of the profile whose caps this engine keeps."""
        return self._profile.name

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Continue the conversation with a free thought and, if tools are offered, one call.

        ``finish`` is "length" when the call had to be closed at its cap: it is well-formed, but
        not what the model wanted to say. A thought that reaches its cap is no such case.

        Raises:
            ModelError: too little memory, logits that are no numbers, or too long a prompt.
            Stopped: within one token or prefill chunk of being asked.
        """
        model, vocabulary = self._checkpoint.model, self._checkpoint.vocabulary
        counters = Counter(dict.fromkeys(COUNTERS, 0))
        watch = Stopwatch(model.device)
        transcript = Transcript(vocabulary, stop, on_text)
        with torch.inference_mode(), memory_in_words("go on with this conversation"):
            prompt, seen = self._look(messages, watch, counters, stop)
            with watch.stage("prefill"):
                conversation = Conversation(model, counters)
                logits = conversation.read(prompt, seen, stop)
            with watch.stage("decode"):
                decoder = Decoder(
                    conversation, vocabulary, transcript, counters, self._fast_forward
                )
                cut = decoder.reply(logits, self._caps, self._grammar(tools))
        text = transcript.close()
        return Reply(text, "length" if cut else "stop", watch.spent_ms, dict(counters))

    def _look(
        self, messages: Sequence[Message], watch: Stopwatch, counters: Counter[str], stop: Stop
    ) -> tuple[Prompt, list[Seen]]:
        """Lay the prompt out and run the vision tower once for each distinct picture."""
        stop.check()
        with watch.stage("preprocess"):
            prompt = lay_out(messages, self._checkpoint.vocabulary, self._rules)
            self._check_length(prompt)
            patches = {image.frame_hash: self._patches(image) for image in prompt.images}
        with watch.stage("vision"):
            seen = {}
            for frame_hash, picture in patches.items():
                stop.check()
                seen[frame_hash] = see(self._checkpoint.model, picture)
        counters["frames_encoded"] += len(seen)
        return prompt, [seen[image.frame_hash] for image in prompt.images]

    def _patches(self, image: Image) -> Patches:
        return prepare(image.frame, self._rules)

    def _check_length(self, prompt: Prompt) -> None:
        longest = self._checkpoint.model.config.text_config.max_position_embeddings
        needed = len(prompt.ids) + self._caps.thought + self._caps.call
        if needed > longest:
            raise ModelError(
                f"The conversation needs {needed} tokens and the model takes {longest}; "
                "use a profile that keeps fewer screenshots."
            )

    def _grammar(self, tools: Sequence[ToolSpec]) -> CallGrammar | None:
        """Return the grammar of these tools, compiled once; None where none are offered."""
        if not tools:
            return None
        key = repr([(tool.name, tool.input_schema) for tool in tools])
        if key not in self._grammars:
            self._grammars[key] = CallGrammar(tools, self._checkpoint.vocabulary)
        return self._grammars[key]
