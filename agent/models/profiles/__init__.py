"""Profiles: how each family of models is spoken to."""
