"""Metrics on plain values, texts, lists, JSON and folders.

Responsible for judging them as OSWorld's metrics of the same names do, by their description.
Reads no office file. What was not found or cannot be read scores 0, and no metric here needs to say
so (``reading``).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from importlib import import_module
from typing import Any

from benchmarks.suites.osworld.metrics.matching import matches
from benchmarks.suites.osworld.metrics.reading import opened, text_of

Rules = Mapping[str, Any]


def exact_match(result: Any, rules: Rules) -> float:
    """1 if the result is what is expected."""
    return float(result == rules["expected"])


def match_in_list(result: Any, rules: Rules) -> float:
    """1 if the result is one of those expected."""
    return float(result in rules["expected"])


def is_in_list(result: Any, rules: Rules) -> float:
    """1 if what is expected is in the result."""
    return float(rules["expected"] in result)


def literal_match(result: Any, expected: Any, **options: Any) -> float:
    """1 if both are the same text, or lists of the same texts."""
    fold = str.lower if options.get("ignore_case") else str
    if options.get("type", "str") == "str":
        return float(fold(str(result)) == fold(str(expected)))
    if not all(isinstance(each, list | tuple) for each in (result, expected)):
        return 0.0
    return float([fold(str(x)) for x in result] == [fold(str(x)) for x in expected])


def check_include_exclude(result: str, rules: Rules) -> float:
    """1 if the text holds all that it must and nothing that it must not."""
    has = all(each in result for each in rules.get("include", []))
    return float(has and all(each not in result for each in rules.get("exclude", [])))


def check_list(result: str, rules: Rules) -> float:
    """1 if each pattern is found in some line of the file and no unwanted one in any."""
    lines = opened(result, text_of).splitlines()

    def found(pattern: str) -> bool:
        return any(re.search(pattern, line) for line in lines)

    good = all(map(found, rules.get("expect", [])))
    return float(good and not any(map(found, rules.get("unexpect", []))))


def file_contains(result: str, rules: Rules) -> float:
    """1 if the file holds every one of the texts."""
    text = opened(result, text_of)
    return float(all(each in text for each in rules["expected"]))


def check_line_number(result: str, rules: Rules) -> float:
    """1 if so many lines of the file hold a time of day."""
    time_of_day = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)")
    lines = opened(result, text_of).splitlines()
    count = sum(bool(time_of_day.search(line)) for line in lines)
    return float(count == int(rules["expected"]))


def compare_text_file(result: str, expected: str, **options: Any) -> float:
    """1 if both files hold the same text."""
    texts = [opened(each, text_of) for each in (result, expected)]
    if options.get("ignore_blanks"):
        texts = [re.sub(r"\s+", " ", text).strip() for text in texts]
    if options.get("ignore_case"):
        texts = [text.lower() for text in texts]
    return float(texts[0] == texts[1])


def diff_text_file(result: str, expected: str) -> float:
    """Return how alike the lines of two files are, 0 to 1."""
    own, wanted = (opened(each, text_of).splitlines() for each in (result, expected))
    return SequenceMatcher(a=own, b=wanted).ratio()


def check_csv(result: str, rules: Rules) -> float:
    """1 if each expected record is there and no unwanted one."""
    records = opened(result, lambda path: list(csv.DictReader(io.StringIO(text_of(path)))))

    def found(pattern: Mapping[str, Any]) -> bool:
        return any(all(r.get(key) == value for key, value in pattern.items()) for r in records)

    good = all(map(found, rules.get("expect", [])))
    return float(good and not any(map(found, rules.get("unexpect", []))))


def compare_csv(result: str, expected: str | Sequence[str], **options: Any) -> float:
    """1 if the file holds the same lines as the expected one, or as any of several."""
    wanted = [expected] if isinstance(expected, str) else expected
    own = _lines(result, options)
    return float(any(own == _lines(each, options) for each in wanted))


def _lines(path: str, options: Mapping[str, Any]) -> list[str]:
    lines = opened(path, text_of).splitlines()
    if not options.get("strict", True):
        lines = [line.strip() for line in lines]
    return [line.lower() for line in lines] if options.get("ignore_case") else lines


def check_json(result: str, rules: Rules, is_yaml: bool = False) -> float:
    """1 if the values at the given keys fit their rules and those unwanted do not."""
    data = opened(result, _yaml if is_yaml else _json)
    missing = object()

    def value_at(keys: Sequence[Any]) -> Any:
        found: Any = data
        for key in keys:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return missing
        return found

    for rule in rules.get("expect", []):
        value = value_at(rule["key"])
        if value is missing or not matches(value, rule):
            return 0.0
    unwanted = ((value_at(rule["key"]), rule) for rule in rules.get("unexpect", []))
    return float(not any(matches(None if v is missing else v, rule) for v, rule in unwanted))


def check_direct_json_object(result: Any, rules: Rules) -> float:
    """1 if the object has the expected values, or holds them where ``expect_in_result`` is set."""
    if isinstance(result, str):
        result = opened(result, lambda said: json.loads(said.strip().replace("'", '"')))
    if not isinstance(result, dict):
        return 0.0
    inside = bool(rules.get("expect_in_result"))
    wanted: Mapping[str, Any] = rules["expected"]
    return float(all(k in result and _as_wanted(result[k], v, inside) for k, v in wanted.items()))


def _as_wanted(value: Any, wanted: Any, inside: bool) -> bool:
    if not inside:
        return bool(value == wanted)
    if isinstance(wanted, list):
        return any(each in value if isinstance(value, list) else each == value for each in wanted)
    return isinstance(value, str | list) and str(wanted) in value


def check_json_settings(result: str, rules: Rules) -> float:
    """1 if the settings file has every expected value."""
    data = opened(result, _json)
    if not isinstance(data, dict):
        return 0.0
    return float(all(key in data and data[key] == v for key, v in rules["expected"].items()))


def check_json_keybindings(result: str, rules: Rules) -> float:
    """1 if the expected binding is in the list, whose file may begin with a line of comment."""
    data = opened(result, _json_after_a_comment)
    return float(isinstance(data, list) and rules["expected"] in data)


def is_utc_0(result: str) -> float:
    """1 if the fourth line of timedatectl says that the clock is that of Greenwich."""
    lines = result.split("\n")
    return float(len(lines) > 3 and lines[3].endswith("+0000)"))  # noqa: PLR2004 - the fourth


def check_moved_jpgs(result: Mapping[str, Any], rules: Rules) -> float:
    """1 if the folder holds exactly the expected names."""
    names = sorted(child["name"] for child in result["children"])
    return float(names == sorted(rules["expected"]))


def is_in_vm_clickboard(rules: Rules, said: str) -> float:
    """1 if what a command printed of the clipboard holds all that is expected."""
    wanted = rules["expected"]
    parts = wanted if isinstance(wanted, list) else [wanted]
    return float(all(each in said for each in parts))


def _json(path: str) -> Any:
    return json.loads(text_of(path))


def _yaml(path: str) -> Any:
    return import_module("yaml").safe_load(text_of(path))


def _json_after_a_comment(path: str) -> Any:
    text = text_of(path)
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text.partition("\n")[2])
