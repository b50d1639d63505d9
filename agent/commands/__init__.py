"""The commands of ``deskhand``, one module each.

Responsible for options, help and what is printed; the work stands elsewhere. Every module has a
``register`` that puts its commands on the given app and imports nothing heavy before it is called.
"""
