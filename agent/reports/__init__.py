"""A run for other eyes: as one page, and as files for other programs; always redacted."""
