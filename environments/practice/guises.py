"""Other looks for the practice worlds: themes, fonts and display scales beside the usual ones.

Responsible for drawing one for a task. Tasks, layouts and what can be pointed at stay the same, so
a task in its usual look and in a guise can be compared as a pair.
"""

from __future__ import annotations

import random
from dataclasses import replace

from environments.practice.canvas import FONTS, LOOKS, Look, Pen

NIGHT = Look((18, 20, 26), (40, 43, 48), (62, 76, 104), (52, 55, 60), (24, 26, 29), (70, 74, 82),
             (96, 150, 245), (120, 124, 130), (236, 236, 238))  # fmt: skip

THEMES = (*LOOKS, NIGHT)
SCALES = (1.0, 1.25, 1.5)


def guise_for(template: str, seed: int) -> Look:
    """Draw a theme, a font and a display scale for a task."""
    rng = random.Random(f"guise/{template}/{seed}")
    pen = Pen(rng.choice([*FONTS]), rng.choice(SCALES))
    return replace(rng.choice(THEMES), pen=pen)
