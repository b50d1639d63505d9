"""ScreenSpot-Pro's own result file, as its leaderboard, UI-Vision and MAI-UI read it.

Responsible for its fields and its five tables (likaixin2000/ScreenSpot-Pro-GUI-Grounding, bd8bbbb,
eval_screenspot_pro.py). Polygons have no place in it: there ``bbox`` is the box around them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.reports.writing import written
from benchmarks.suites.grounding.answers import Answer
from benchmarks.suites.grounding.items import Item
from benchmarks.suites.grounding.judging import Verdict
from benchmarks.suites.grounding.regions import Box, Nowhere, Polygon

Detail = Mapping[str, Any]


def detail(
    item: Item, answer: Answer, reply: str, verdict: Verdict, language: str = "en"
) -> dict[str, Any]:
    """Return one answer as the file has it; ``pred`` is in pixels."""
    negative = isinstance(item.region, Nowhere)
    box = _box(item)
    return {
        "id": item.key.rpartition("/")[2],
        "img_path": item.picture,
        "group": item.group or None,
        "platform": item.platform,
        "application": item.application,
        "lang": language,
        "instruction_style": "instruction",
        "prompt_to_evaluate": item.instruction,
        "gt_type": "negative" if negative else "positive",
        "ui_type": item.ui_type,
        "task_filename": item.file,
        "pred": list(answer.point) if answer.point else None,
        "raw_response": reply,
        **({"bbox": list(box)} if box else {}),
        "correctness": verdict,
    }


def report(details: Sequence[Detail]) -> dict[str, Any]:
    """Return the whole file."""
    by: Mapping[str, Callable[[Detail], str]] = {
        "fine_grained": lambda d: (
            f"plat:{d['platform']} app:{d['application']} "
            f"inst_style:{d['instruction_style']} gt_type:{d['gt_type']}"
        ),
        "seeclick_style": lambda d: (
            f"plat:{d['platform']} inst_style:{d['instruction_style']} gt_type:{d['gt_type']}"
        ),
        "leaderboard_simple_style": lambda d: f"group:{d['group']}",
        "leaderboard_detailed_style": lambda d: f"app:{d['application']}",
    }
    metrics: dict[str, Any] = {name: _by(details, key) for name, key in by.items()}
    return {"details": list(details), "metrics": metrics | {"overall": measures(details)}}


def write(path: Path, details: Sequence[Detail]) -> None:
    """Write the file.

    Raises:
        ConfigError: it cannot be written there.
    """
    written(path, json.dumps(report(details), indent=4, ensure_ascii=False))


def measures(details: Iterable[Detail]) -> dict[str, float]:
    """Return the six figures that stand in every table; a share of nothing is 0."""
    found = list(details)
    text = [d for d in found if d["ui_type"] == "text"]
    icon = [d for d in found if d["ui_type"] == "icon"]
    return {
        "num_correct_action": _correct(found),
        "num_total": len(found),
        "wrong_format_num": sum(d["correctness"] == "wrong_format" for d in found),
        "action_acc": _share(found),
        "text_acc": _share(text),
        "icon_acc": _share(icon),
    }


def _correct(details: Sequence[Detail]) -> int:
    return sum(d["correctness"] == "correct" for d in details)


def _share(details: Sequence[Detail]) -> float:
    return _correct(details) / len(details) if details else 0


def _by(details: Sequence[Detail], key: Callable[[Detail], str]) -> dict[str, Any]:
    groups: dict[str, list[Detail]] = {}
    for each in details:
        groups.setdefault(key(each), []).append(each)
    return {name: measures(members) for name, members in groups.items()}


def _box(item: Item) -> tuple[float, float, float, float] | None:
    match item.region:
        case Box():
            return item.region.corners()
        case Polygon(points):
            xs, ys = zip(*points, strict=True)
            return min(xs), min(ys), max(xs), max(ys)
        case Nowhere():
            return None
