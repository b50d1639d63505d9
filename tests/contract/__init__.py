"""The same cases on every environment."""
