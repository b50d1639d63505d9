"""Suites on trust: attempts on the rules, harmless calls, orders on the screen, secrets.

Responsible for the cases; counting them is the bars'.
"""
