"""The folder of the checkpoint that ships with Deskhand."""
