"""What other programs say, as data for a model.

Responsible for nothing in it being taken for words of ours, or for the marks that part turns and
calls. What is too long is cut, or refused, by whoever uses it.
"""

from __future__ import annotations

import re

from environments.quoting import on_one_line

_TAG = re.compile(r"<(?=/?(?:\||tool|think|function|parameter|im_))", re.IGNORECASE)
"""Beginnings of what marks turns and calls in the prompts of the models that are used with it."""


def as_data(text: str) -> str:
    """Return a text on one line, with nothing in it that a chat template would obey."""
    return _TAG.sub("< ", on_one_line(text))


def has_tags(text: str) -> bool:
    """Tell whether a chat template might obey something in a text."""
    return _TAG.search(text) is not None
