"""Libraries that talk while they are imported or read weights, kept off a person's screen.

Responsible for that and for what they said, which may hold the reason of a failure; errors pass.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import Any

CHATTY = ("transformers", "torchao", "bitsandbytes", "torch.utils._pytree")
"""Loggers of libraries that talk to programmers while weights are read."""


class Overheard(logging.Handler):
    """What was said, in place of a line on the screen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self.text += record.getMessage() + "\n"


@contextmanager
def quietly() -> Iterator[Overheard]:
    """Keep the bars, warnings and logs of libraries off a person's screen for a while."""
    heard = Overheard()
    with ExitStack() as stack:
        stack.enter_context(_without_bars())
        # Standard output is for the answer; a package that compiles something may say so.
        stack.enter_context(redirect_stdout(sys.stderr))
        for name in CHATTY:
            stack.enter_context(_heard_by(heard, logging.getLogger(name)))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield heard


@contextmanager
def _heard_by(handler: logging.Handler, logger: logging.Logger) -> Iterator[None]:
    before = logger.handlers, logger.propagate, logger.level
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before[:2]
        logger.setLevel(before[2])


@contextmanager
def _without_bars() -> Iterator[None]:
    from transformers.utils import logging as untyped

    bars: Any = untyped
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()
