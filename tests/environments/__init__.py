"""Tests of what can be seen and touched."""
