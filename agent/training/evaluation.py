"""Evaluation by acting: the network does practice tasks of seeds that training never sees.

Responsible for a fast greedy player over many tasks at once. The figures that are published come
from the real engine (``deskhand bench practice``); this one steers training.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from agent.models.profiles.embedded import PROFILE, history_line, task_text
from agent.training.network import Collator, Network, patchify
from environments.actions import Action, Click, PressKeys, Scroll, TypeText
from environments.base import Stop
from environments.effects import judge
from environments.errors import ToolError
from environments.geometry import GridPoint, InputPoint, Screen
from environments.practice.environment import PracticeEnvironment
from environments.practice.tasks import PracticeTask

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

FIRST_TRAINING_SEED = 1_000_000
"""Training draws seeds from here on; everything below is for evaluation, tests and the demo."""

SELECTION_SEEDS = range(500, 600)
"""Seeds that choose between checkpoints; published figures are taken on others."""

MAX_TOKENS = 40


class Player:
    """One task being played."""

    def __init__(self, template: str, seed: int) -> None:
        """Set the task up."""
        self.task = PracticeTask(template, seed)
        self.environment = PracticeEnvironment(self.task.world, Stop())
        self.lines: list[str] = []
        self.left = 2 * self.task.steps
        self.before = self.environment.observe()

    @property
    def text(self) -> str:
        """What the model is asked."""
        return task_text(self.task.instruction, self.lines)

    def take(self, reply: str) -> None:
        """Do what a reply asks for; what cannot be read ends the task where it stands."""
        thought, _, call = reply.partition("\n<tool_call>\n")
        self.left -= 1
        try:
            action = action_of(json.loads(call.partition("\n</tool_call>")[0]), self.before.screen)
        except (ValueError, KeyError, TypeError, ToolError):
            self.left = 0
            return
        if action is None:
            self.left = 0
            return
        try:
            self.environment.execute(action)
        except ToolError:
            self.left = 0
            return
        after = self.environment.observe()
        effect = judge(action, self.before, after)
        self.lines.append(history_line(len(self.lines) + 1, thought, effect, is_error=False))
        self.before = after


def action_of(call: dict[str, Any], screen: Screen) -> Action | None:
    """Return the action that a call asks for, None when it ends the task."""
    arguments = call["arguments"]
    match arguments["action"]:
        case "left_click" | "double_click" as name:
            return Click(input_point(arguments, screen), count=2 if name == "double_click" else 1)
        case "type":
            return TypeText(arguments["text"])
        case "key":
            return PressKeys(tuple(arguments["keys"]))
        case "scroll":
            return Scroll(dy_px=arguments["pixels"], at=input_point(arguments, screen))
    return None


def input_point(arguments: dict[str, Any], screen: Screen) -> InputPoint:
    """Return the pointer position that a call names."""
    x, y = arguments["coordinate"]
    return screen.to_input(screen.to_image(GridPoint(x, y), PROFILE.grid))


def play(
    network: Network, tokenizer: PreTrainedTokenizerFast, template: str, seeds: Sequence[int]
) -> float:
    """Return the share of tasks that end in exactly the wanted state."""
    players = [Player(template, seed) for seed in seeds]
    with torch.inference_mode():
        while running := [p for p in players if p.left > 0]:
            for player, reply in zip(running, answer(network, tokenizer, running), strict=True):
                player.take(reply)
    return sum(p.task.score() for p in players) / len(players)


def answer(
    network: Network, tokenizer: PreTrainedTokenizerFast, players: Sequence[Player]
) -> list[str]:
    """Return the greedy reply for each player."""
    collator = Collator(tokenizer)
    model = network.model
    frames = np.stack([np.asarray(p.before.frame) for p in players])
    seen, taps = network.see(patchify(frames))
    asked = [
        collator.prefix
        + tokenizer.encode(p.text + "<|im_end|>\n<|im_start|>assistant\n", add_special_tokens=False)
        for p in players
    ]
    longest = max(map(len, asked))
    size, prefix = len(asked), len(collator.prefix)
    head = collator.prefix_positions()
    ids = torch.full((size, longest), tokenizer.pad_token_id)
    mask = torch.zeros(size, longest, dtype=torch.long)
    for row, tokens in enumerate(asked):  # questions are shifted right, so that all end together
        gap = longest - len(tokens)
        ids[row, :prefix], ids[row, prefix + gap :] = (
            torch.tensor(tokens[:prefix]),
            torch.tensor(tokens[prefix:]),
        )
        mask[row, :prefix] = mask[row, prefix + gap :] = 1
    counts = torch.arange(longest - prefix) + head[0, -1] + 1
    gaps = torch.tensor([longest - len(tokens) for tokens in asked])
    tail = (counts[None] - gaps[:, None]).clamp(min=0).expand(3, size, -1)
    positions = torch.cat([head[:, None].expand(3, size, -1), tail], 2)
    return decode(model, tokenizer, (ids, positions, mask), (seen, taps, collator.picture_at))


def decode(model: Any, tokenizer: Any, asked: Any, sight: Any) -> list[str]:
    """Continue each row greedily until its call is closed."""
    from transformers import DynamicCache

    ids, positions, mask = asked
    seen, taps, picture_at = sight
    text = model.model.language_model
    span = slice(picture_at, picture_at + seen.shape[1])
    embedded = text.embed_tokens(ids)
    embedded[:, span] = seen
    visible = torch.zeros_like(ids, dtype=torch.bool)
    visible[:, span] = True
    cache = DynamicCache(config=model.config.text_config)
    out = text(
        inputs_embeds=embedded, attention_mask=mask, position_ids=positions, past_key_values=cache,
        visual_pos_masks=visible, deepstack_visual_embeds=[t.flatten(0, 1) for t in taps],
        use_cache=True,
    )  # fmt: skip
    said: list[list[int]] = [[] for _ in ids]
    end = tokenizer.convert_tokens_to_ids("</tool_call>")
    last = positions[0, :, -1]
    for number in range(MAX_TOKENS):
        token = model.lm_head(out.last_hidden_state[:, -1]).argmax(-1)
        for row, value in zip(said, token.tolist(), strict=True):
            row.append(value)
        if all(end in row for row in said):
            break
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], 1)
        place = (last + 1 + number).view(1, -1, 1).expand(3, -1, -1)
        out = text(
            input_ids=token[:, None], attention_mask=mask, position_ids=place,
            past_key_values=cache, use_cache=True,
        )  # fmt: skip
    return [tokenizer.decode(row[: row.index(end) + 1] if end in row else row) for row in said]
