"""Who decides: the loop, what it remembers, and the models that think for it."""
