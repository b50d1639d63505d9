"""Displays: the person's own and those that Deskhand starts."""
