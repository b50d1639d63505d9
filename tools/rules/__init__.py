"""The rules in code: what a call may lead to, and whether it is allowed, asked about or denied.

``classes`` holds the words, ``scene`` finds what a call acts on, ``pointing``, ``keys`` and
``texts`` say what that may lead to, ``classify`` puts them together, ``rulebook`` decides.
"""
