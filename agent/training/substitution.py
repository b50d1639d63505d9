"""The same moment about another word, so that what a task names is copied, whatever it is.

Responsible for changing one word of a task in everything that was said and is to be said. Such a
moment fits its picture no more: it is asked without one.
"""

from __future__ import annotations

import random
import re
import string
from dataclasses import replace

from agent.training.moments import Moment
from agent.training.vocabulary import NAMES, PROSE

_WORD = re.compile(r"\w+")
NOUNS = """
answer box card checkbox corner field icon large line list plus point radio section shape slice
slider small star text
"""
_KEPT = frozenset((*PROSE.split(), *NOUNS.split()))
"""Words that replies are built of; the nouns are those of oracles that call a thing by its kind.

Numbers stay too: lines of the past begin with theirs, and of a slider they do not tell the way.
"""

_CUT = 4
_LETTERS = range(2, 8)


def reworded(moment: Moment, rng: random.Random) -> Moment | None:
    """Return the moment with one word that the reply takes from the task changed in both.

    None where it takes none: such a reply is read off the picture.
    """
    reply = moment.thought, str(moment.arguments.get("text", ""))
    said = {word for text in reply for word in _WORD.findall(text) if not word.isdigit()} - _KEPT
    taken = sorted(said.intersection(_WORD.findall(moment.instruction)))
    if not taken:
        return None
    old, new = rng.choice(taken), _word(rng)

    def changed(text: str) -> str:
        return re.sub(rf"\b{re.escape(old)}\b", new, text)

    arguments = dict(moment.arguments)
    if "text" in arguments:
        arguments["text"] = changed(str(arguments["text"]))
    return replace(
        moment,
        instruction=changed(moment.instruction),
        lines=tuple(map(changed, moment.lines)),
        thought=changed(moment.thought),
        arguments=arguments,
    )


def _word(rng: random.Random) -> str:
    """Return a name, what two names look like cut together, or letters and digits of chance."""
    one, other = rng.choice(NAMES), rng.choice(NAMES)
    drawn = rng.choices(string.ascii_letters + string.digits, k=rng.choice(_LETTERS))
    return rng.choice((one, one[:_CUT] + other[-_CUT:].lower(), "".join(drawn)))
