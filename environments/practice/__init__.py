"""The practice world: a desktop that ships with Deskhand and knows its own truth."""
