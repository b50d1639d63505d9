"""Deskhand's own grounding set: pictures of which every box is known exactly."""

SETS = 100
"""How many seeds a set can be made of; what is learnt from is drawn from others."""
