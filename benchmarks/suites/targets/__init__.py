"""Small programs that show targets through one toolkit each and say which of them was hit.

Responsible for nothing else: each takes one JSON object as its argument, prints "ready" when it is
on the screen, and then one line for each press: the number of the target that the toolkit found
under the pointer (null beside all), and the place of the event on the display. They run on their
own, the toolkits' with the system's Python; ``suites.monitors`` starts them.
"""
