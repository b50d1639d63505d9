"""Libraries that talk while they are imported or read weights, kept off a person's screen.

Responsible for that only; errors pass.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHATTY = ("transformers", "torchao", "bitsandbytes", "torch.utils._pytree")
"""Loggers of libraries that talk to programmers while weights are read."""


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the bars, warnings and logs of libraries off a person's screen for a while."""
    from transformers.utils import logging as untyped

    bars: Any = untyped
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    loggers = [logging.getLogger(name) for name in CHATTY]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if shown:
            bars.enable_progress_bar()
