"""Windows and macOS: the same desktop where X is not.

Responsible for what those two need beside the shared parts. What could not be run on a real
machine of its kind is listed in docs/platforms.md.
"""
