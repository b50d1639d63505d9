"""What a Qwen-Agent program asks of a reply: its ``generate_cfg``.

Responsible for which of its wishes are kept, by a profile with other bounds, and for saying once
which are not. Stop words, the language and the choice of a function are Qwen-Agent's own affair.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from agent.models.base import Model
from agent.models.loaded import Loaded
from agent.models.profiles.described import Described, Description
from agent.models.servers.model import ServedModel
from environments.errors import ConfigError

CHAT_TOKENS = 2048
"""Tokens of an answer in words, unless ``max_tokens`` says otherwise."""

KEPT_THERE = frozenset(
    {"seed", "stop", "skip_stopword_postproc", "function_choice", "parallel_function_calls"}
    | {"thought_in_content", "incremental_output"}
)
"""Kept by Qwen-Agent itself; a seed, which it always draws, changes nothing where none is used."""

DRAWN = {"temperature": 0, "top_p": 1}
"""How tokens are drawn, and what that is in this process: always the likeliest."""


class Wishes:
    """A loaded model under a program's wishes; one conversation as long as they stay the same."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded, self._model = loaded, loaded.model
        self._can = isinstance(loaded.profile, Described) and loaded.converse is not None
        self._draws = self._can and isinstance(loaded.model, ServedModel)
        self._kept: dict[str, Any] = {}
        self._said: set[str] = set()

    def model(self, wished: Mapping[str, Any], has_tools: bool) -> Model:
        """Return the conversation that keeps what is wished; says once what is not.

        Raises:
            ConfigError: a wish makes no sense.
        """
        kept = self._bounds(wished.get("max_tokens"), has_tools) if self._can else {}
        if self._draws:
            drawn = {name: wished[name] for name in DRAWN if wished.get(name) is not None}
            kept |= {"sampling": drawn} if drawn else {}
        self._say({name for name, wish in wished.items() if not self._is_kept(name, wish)})
        if kept != self._kept:
            self._kept, self._model = kept, self._fitted(kept)
        return self._model

    def _bounds(self, most: Any, has_tools: bool) -> dict[str, Any]:
        profile = self._loaded.profile
        if most is None:
            return {} if has_tools else {"thought_tokens": max(CHAT_TOKENS, profile.thought_tokens)}
        if not has_tools or not isinstance(most, int):
            return {"thought_tokens": most}
        own = {"thought_tokens": profile.thought_tokens, "call_tokens": profile.call_tokens}
        return {name: min(most, tokens) for name, tokens in own.items()}

    def _is_kept(self, name: str, wish: Any) -> bool:
        if name in KEPT_THERE or wish is None:
            return True
        if name == "max_tokens":
            return self._can
        return name in DRAWN and (self._draws or wish == DRAWN[name])

    def _fitted(self, kept: dict[str, Any]) -> Model:
        profile, converse = self._loaded.profile, self._loaded.converse
        assert isinstance(profile, Described)
        assert converse is not None
        try:
            asked = Description.model_validate(profile.description.model_dump() | kept)
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(
                f"generate_cfg cannot be kept ({first['loc'][-1]}: {first['msg']})."
            ) from error
        return converse(replace(profile, description=asked))

    def _say(self, unkept: set[str]) -> None:
        if unkept - self._said:
            self._said |= unkept
            drawn = " It always takes the likeliest token." if not self._draws else ""
            warnings.warn(
                f"{self._loaded.model.name} does not heed {', '.join(sorted(unkept))} of "
                f"generate_cfg.{drawn}",
                stacklevel=2,
            )
