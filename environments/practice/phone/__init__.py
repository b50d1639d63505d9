"""The practice phone: the world, its screen and the ways in."""
