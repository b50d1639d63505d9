"""Models: the seam, the in-process engine, the scripted one and the profiles."""
