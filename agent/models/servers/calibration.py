"""What a server makes of pictures, and which fields it takes.

Responsible for the short questions that find it out, and for what follows from the answers. How
pictures are treated is told by their price: the tokens of a small and of a large picture tell
whether the server brings them to other sizes, whatever the model can or cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.models.base import Image
from agent.models.profiles.base import Profile
from agent.models.profiles.described import Described
from agent.models.servers.address import CHAT
from agent.models.servers.asking import Body
from agent.models.servers.connecting import CONNECTING, Found, unheard
from agent.models.servers.pictures import data_url, rule_of
from agent.models.servers.reply import Usage
from agent.models.servers.wire import Fault, Line
from environments.base import Stop
from environments.errors import ConfigError
from environments.geometry import ResizedPixels

MARKERS = 2
"""Tokens around a picture: its start and its end."""

SLACK = 4
"""Tokens by which servers count otherwise around a picture."""

RESIZED = (
    "They are sent in a size that it leaves alone, so points are right, but small text may get lost"
)
UNUSUAL = "Its model was trained on no others, so on larger screens it may miss"


class _Priced(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """What becomes of pictures.

    Attributes:
        tokens: fewest and most visual tokens of a picture that the server leaves as it is.
        notice: a sentence for the person, empty if all is as it should be.
        sure: the server's prices could be understood.
    """

    tokens: tuple[int, int]
    notice: str = ""
    sure: bool = True


def sizes(line: Line, found: Found, profile: Profile, stop: Stop) -> Sizes:
    """Find out by three short questions what becomes of pictures.

    Raises:
        ConfigError: the model takes no pictures, or none of an exact size that was asked for.
    """
    rule = rule_of(profile)
    small, large = (_shape(rule, count) for count in profile.image_tokens)
    try:
        costs = [_price(line, found, url, stop) for url in (None, *_blanks(rule, small, large))]
    except Fault as fault:
        if fault.status in (400, 415, 422):
            raise ConfigError(
                f"{found.served} at {line.address.base} takes no pictures of {_area(large)} visual "
                f"tokens: it {fault.text}. Serve a vision model, or ask for less with "
                "--image-tokens."
            ) from None
        raise ConfigError(unheard(line.address, fault)) from None
    if None in costs:
        return _untold(profile)
    words, *pictures = (cost for cost in costs if cost is not None)
    told = [cost - words - MARKERS for cost in pictures]
    if rule.exact is not None:
        return _judged_exact(_area(large), told[1], profile)
    return judged((_area(small), _area(large)), (told[0], told[1]), profile)


def _judged_exact(sent: int, told: int, profile: Profile) -> Sizes:
    """Return what the price of a picture of an exact size means; no other size may be sent.

    Raises:
        ConfigError: points would be wrong.
    """
    if abs(told - sent) <= SLACK:
        return Sizes(profile.image_tokens)
    notice = (
        f"The server makes pictures of {sent} visual tokens into such of {told}; ask for another "
        "--image-size, or start it for larger ones (docs/servers.md)."
    )
    if isinstance(profile.grid, ResizedPixels):
        raise ConfigError(notice)
    return Sizes(profile.image_tokens, notice, sure=False)


def judged(sent: tuple[int, int], told: tuple[int, int], profile: Profile) -> Sizes:
    """Return what prices mean.

    Args:
        sent: visual tokens of the small and the large picture, as they were sent.
        told: what the server counted for them.
        profile: has the wanted bounds.
    """
    least, most = profile.image_tokens
    if abs(told[0] - sent[0]) <= SLACK and abs(told[1] - sent[1]) <= SLACK:
        return Sizes((least, most))
    if not 0 < told[0] < told[1] <= sent[1] + SLACK:
        return _untold(profile)
    taken = (max(least, told[0]), min(most, told[1]))
    notice = (
        f"The server makes pictures of {sent[0]} to {sent[1]} visual tokens into such of {told[0]} "
        f"to {told[1]}. {RESIZED if isinstance(profile, Described) else UNUSUAL}; "
        "docs/servers.md says how to start it for larger ones."
    )
    return Sizes(taken, notice) if taken[0] <= taken[1] else _untold(profile)


def _untold(profile: Profile) -> Sizes:
    pixels = isinstance(profile.grid, ResizedPixels)
    risk = "points may be wrong" if pixels else "points are right all the same"
    notice = f"The server does not tell what it makes of pictures; if it shrinks them, {risk}."
    return Sizes(profile.image_tokens, notice, sure=False)


def _shape(rule: ResizedPixels, count: int) -> tuple[int, int]:
    """Return (rows, columns) of tokens of a picture with exactly that many, if there is a shape."""
    if rule.exact is not None:
        return rule.exact[1] // rule.factor, rule.exact[0] // rule.factor
    rows = next((r for r in range(isqrt(count), 0, -1) if count % r == 0), 1)
    if count // rows > 4 * rows:  # A strip; rather a few tokens less.
        rows = isqrt(count)
    return rows, count // rows


def _area(shape: tuple[int, int]) -> int:
    return shape[0] * shape[1]


def _blanks(rule: ResizedPixels, *shapes: tuple[int, int]) -> Iterator[str]:
    for rows, columns in shapes:
        blank = np.full((rows * rule.factor, columns * rule.factor, 3), 128, np.uint8)
        yield data_url(Image(blank, "").frame)


def takes(line: Line, found: Found, fields: Body, stop: Stop) -> bool:
    """Tell whether a server takes some fields beside the usual ones; False for none."""
    if not fields:
        return False
    body = _short(found, []) | fields
    try:
        CONNECTING.insist(lambda: line.ask(CHAT, stop, body), stop)
    except Fault:
        return False
    return True


def _short(found: Found, pictures: list[Body]) -> Body:
    words = {"type": "text", "text": "Say yes."}
    return {
        "model": found.served,
        "messages": [{"role": "user", "content": [*pictures, words]}],
        "max_tokens": 1,
        "temperature": 0,
    }


def _price(line: Line, found: Found, url: str | None, stop: Stop) -> int | None:
    """Return the tokens of a prompt with a picture or without, None where they are not told."""
    body = _short(found, [{"type": "image_url", "image_url": {"url": url}}] if url else [])
    answer = CONNECTING.insist(lambda: line.ask(CHAT, stop, body), stop)
    try:
        usage = _Priced.model_validate(answer).usage
    except ValidationError:
        return None
    return usage.prompt_tokens if usage and usage.prompt_tokens > 0 else None
