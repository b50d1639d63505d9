"""Metrics on programs' settings and states: browser, GIMP, VLC, LibreOffice, pictures.

Responsible for judging them as OSWorld's metrics of the same names do, by their description. Two
addresses are the same here if they differ only in "www.", a trailing slash, the scheme's spelling
and the last part of the host (".com" or ".org"); OSWorld asks the public suffix list for that part.
"""

from __future__ import annotations

import os
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.suites.osworld.metrics.reading import opened, text_of

Rules = Mapping[str, Any]
_MOST_STEPS = 20_000_000
"""Of SQLite's machine for one query: about a second, and far more than a profile's tables need."""

_REGISTRY = "{http://openoffice.org/2001/registry}"


def is_expected_active_tab(result: Any, rules: Rules) -> float:
    """1 if the page in front has the expected address."""
    url = _url_of(result)
    return float(url is not None and rules["type"] == "url" and same_url(url, rules["url"]))


def is_expected_active_tab_approximate(result: Any, rules: Rules) -> float:
    """1 if the page in front has the expected address but for its query."""
    url = _url_of(result)
    if url is None or rules["type"] != "url":
        return 0.0
    own = opened("the page in front", lambda _: urlsplit(url))
    return float(own._replace(query="") == urlsplit(rules["url"])._replace(query=""))


def is_expected_url_pattern_match(result: Any, rules: Rules) -> float:
    """1 if every pattern is found in the address."""
    url = _url_of(result)
    return float(url is not None and all(re.search(p, url) for p in rules["expected"]))


def is_expected_search_query(result: Any, rules: Rules) -> float:
    """1 if the pattern is found in the address of the page in front."""
    url = _url_of(result)
    return float(url is not None and re.search(rules["expect"]["pattern"], url) is not None)


def is_expected_tabs(result: Sequence[Mapping[str, str]], rules: Rules) -> float:
    """1 if there are as many pages as expected, and one for each expected address."""
    urls = [tab["url"] for tab in result]
    if not urls or rules["type"] != "url" or len(urls) != len(rules["urls"]):
        return 0.0
    return float(all(any(same_url(u, wanted) for u in urls) for wanted in rules["urls"]))


def is_expected_bookmarks(result: Any, rules: Rules) -> float:
    """1 if the bookmarks bar holds exactly the expected folders or addresses."""
    kind, name, wanted = {
        "bookmark_bar_folders_names": ("folder", "name", rules.get("names")),
        "bookmark_bar_websites_urls": ("url", "url", rules.get("urls")),
    }[rules["type"]]

    def on_the_bar(_: str) -> set[str]:
        children = result["bookmark_bar"]["children"]
        return {str(each[name]) for each in children if each["type"] == kind}

    return float(opened("the bookmarks", on_the_bar) == set(wanted or []))


def is_cookie_deleted(result: str, rules: Rules) -> float:
    """1 if the browser's database of cookies is there and holds none of the domains."""
    hosts = opened(result, lambda path: _column(path, "SELECT host_key FROM cookies"))
    return float(not any(same_url(d, host) for d in rules["domains"] for host in hosts))


def check_history_deleted(result: str, rules: Rules) -> float:
    """1 if the browser's history is there and no visited address holds one of the words."""
    urls = opened(result, lambda path: _column(path, "SELECT url FROM urls"))
    return float(not any(word in url for word in rules["keywords"] for url in urls))


def check_font_size(result: Mapping[str, Any], rules: Rules) -> float:
    """1 if the browser's font size is as wanted; the ends of a range do not count."""
    size = opened("the browser's settings", lambda _: float(result["default_font_size"]))
    if rules["type"] == "value":
        return float(size == rules["value"])
    return float(rules["min"] < size < rules["max"])


def check_config_status(result: str, rules: Rules) -> float:
    """1 if GIMP's settings file has the value for the key, which may be two words."""
    keys = [rules["key"]] if isinstance(rules["key"], str) else list(rules["key"])
    for line in opened(result, text_of).splitlines():
        words = line.strip().lstrip("(").rstrip(")").split()
        named = not line.startswith("#") and words[: len(keys)] == keys
        if words and named and words[-1] == rules["value"]:
            return 1.0
    return 0.0


def check_image_size(result: str, rules: Rules) -> float:
    """1 if the picture has the wanted width and height; transparent edges may be left out."""
    size = opened(result, _inner_size if rules.get("ignore_transparent") else _size)
    wanted = (rules.get("width"), rules.get("height"))
    return float(all(w is None or w == own for w, own in zip(wanted, size, strict=True)))


def _size(path: str) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        return image.size


def _inner_size(path: str) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:
        left, top, right, bottom = image.convert("RGBA").getchannel("A").getbbox() or (0,) * 4
    return right - left, bottom - top


def check_image_file_size(result: str, rules: Rules) -> float:
    """1 if the file is a picture and smaller than so many bytes."""
    opened(result, _size)
    return float(os.path.getsize(result) < rules["max_size"])


def is_vlc_playing(result: str, rules: Rules) -> float:
    """1 if VLC's status says that it plays the file or address."""
    status = opened(result, _tree)
    if status.findtext("state") != "playing":
        return 0.0
    told = [each.text or "" for each in status.iterfind("information/category/info")]
    wanted = rules["file_name"] if rules["type"] == "file_name" else rules["url"]
    return float(any(text == wanted or text.endswith(f"/{wanted}") for text in told))


def is_vlc_fullscreen(result: Any, expected: Any) -> float:
    """1 if the window is as large as the screen."""
    return float(result == expected)


def is_vlc_recordings_folder(result: str, rules: Rules) -> float:
    """1 if VLC records into the folder."""
    return float(_vlc(result, "input-record-path", "") == rules["recording_file_path"])


def check_qt_slider_colours(result: str, rules: Rules) -> float:
    """1 if VLC's volume slider has the colours, or only dark ones."""
    usual = "153;210;153;20;210;20;255;199;15;245;39;29"
    colours = _vlc(result, "qt-slider-colours", usual)
    if rules["type"] == "match":
        return float(colours == rules["expected_qt_slider_colours"])
    dark = 100
    levels = opened("the colours", lambda _: [int(each) for each in colours.split(";")])
    return float(all(level < dark for level in levels))


def check_global_key_play_pause(result: str, rules: Rules) -> float:
    """1 if VLC's global key for play and pause is set, or not, as wanted."""
    value = _vlc(result, "global-key-play-pause", "")
    return float(str(int(bool(value))) == str(rules["expected_global_key_play_pause"]))


def vlc_setting(key: str, usual: str) -> Callable[[str, Rules], float]:
    """Return the metric that compares one setting of VLC; ``usual`` holds where none is written."""
    rule = f"expected_{key.replace('-', '_')}"

    def judged(result: str, rules: Rules) -> float:
        return float(_vlc(result, key, usual) == str(rules[rule]))

    return judged


def check_auto_saving_time(result: str, rules: Rules) -> float:
    """1 if LibreOffice saves by itself every so many minutes."""
    found = _office(result, "/org.openoffice.Office.Common/Save/Document", "AutoSaveTimeIntervall")
    return float(found == str(rules["minutes"]))


def check_presenter_console_disable(result: str) -> float:
    """1 if Impress's presenter console is switched off."""
    path = "/org.openoffice.Office.Impress/Misc/Start"
    return float((_office(result, path, "EnablePresenterScreen") or "").lower() == "false")


def find_default_font(result: str, rules: Rules) -> float:
    """1 if Writer's usual font is the wanted one."""
    found = _office(result, "/org.openoffice.Office.Writer/DefaultFont", "Standard")
    return float(found == rules["font_name"])


def same_url(one: str | None, other: str | None) -> bool:
    """Tell whether two addresses lead to the same page; see the head of this module."""
    if one is None or other is None:
        return False
    try:
        return _plain(one) == _plain(other)
    except ValueError:  # What is no address leads nowhere.
        return False


def _plain(url: str) -> tuple[str, ...]:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = parts.netloc.lower().removeprefix("www.").lstrip(".")
    host = host.rpartition(".")[0] or host
    path = "" if parts.path == "/" else parts.path
    return parts.scheme.lower(), host, path, parts.query, parts.fragment


def _url_of(result: Any) -> str | None:
    if isinstance(result, str):
        return result or None
    return result.get("url") if isinstance(result, dict) else None


def _column(path: str, query: str) -> list[str]:
    with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as database:
        # Whoever made the database may have put a query without an end in the table's place.
        database.set_progress_handler(lambda: 1, _MOST_STEPS)
        return [str(row[0]) for row in database.execute(query)]


def _vlc(path: str, key: str, usual: str) -> str:
    """Return a setting, the usual one where VLC's settings do not name it."""
    for line in opened(path, text_of).splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip() == key:
            return value.strip()
    return usual


def _tree(path: str) -> ET.Element:
    return ET.fromstring(text_of(path))


def _office(path: str, item: str, name: str) -> str | None:
    for each in opened(path, _tree).iter("item"):
        if each.get(f"{_REGISTRY}path") == item:
            for prop in each.iter("prop"):
                if prop.get(f"{_REGISTRY}name") == name:
                    return prop.findtext("value")
    return None
