"""The suites: each adapts a world to ``Task`` and ``Score``."""
