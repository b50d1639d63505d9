"""Oracles for the e-mail and social media pages.

Responsible for which message or post is meant and for what is done to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.suites.miniwob.oracles.moves import Step, fill, press
from benchmarks.suites.miniwob.oracles.truth import Truth

_BUTTONS = {
    "Share via DM": "share", "Copy link to Tweet": "copy", "Embed Tweet": "embed",
    "Mute": "menu-user", "Block": "block-user", "Report": "report", "Reply": "reply",
    "Retweet": "retweet", "Like": "like", "Share": "share",
}  # fmt: skip


def mail(truth: Truth) -> Step:
    """email-inbox and its kin: delete, star, reply to or forward the message of a sender."""
    wanted = _wanted(truth)
    if wanted["task"] in ("delete", "important", "star"):
        icon, sender = "trash" if wanted["task"] == "delete" else "star", wanted["by"]
        return press(truth, f"{_thread(truth, sender)} .{icon}", what=f"at {sender} the {icon}")
    if truth.all("#reply"):
        return fill(truth, "#reply-text", wanted["message"]) or press(truth, "#send-reply")
    if truth.all("#forward"):
        return fill(truth, ".forward-sender", wanted["to"]) or press(truth, "#send-forward")
    if truth.all("#email"):
        return press(truth, f"#email .email-{wanted['task']}")
    return press(truth, f"{_thread(truth, wanted['by'])} .email-subject")


def post(truth: Truth) -> Step:
    """social-media: a button of a post, perhaps behind its menu."""
    user, what = truth.found(r'the user (\S+), click on the "(.*)" button')
    place = next(n for n, each in enumerate(_users(truth)) if each == user)
    chosen = truth.one(f'[data-result="{place}"] .{_BUTTONS[what]}')
    if chosen.shown:
        return press(truth, chosen, what=f"at {user} {what}")
    return press(truth, f'[data-result="{place}"] .more', what=f"at {user} more")


def posts(truth: Truth) -> Step:
    """social-media-all, social-media-some: a button of all or some posts, then submit."""
    what, count, user = truth.found(r'the "(.*)" button on (\S+) posts? by (\S+) and')
    places = [n for n, each in enumerate(_users(truth)) if each == user]
    for place in places if count == "all" else places[: int(count)]:
        button = truth.one(f'[data-result="{place}"] .{_BUTTONS[what]}')
        if "active" not in button.classes:
            return press(truth, button, what=what)
    return press(truth, "#submitRow button")


def _users(truth: Truth) -> list[str]:
    return [each.text for each in truth.all(".media .username")]


def _thread(truth: Truth, sender: str) -> str:
    senders = [each.text for each in truth.all("#main .email-thread .email-sender")]
    return f'#main .email-thread[data-index="{senders.index(sender)}"]'


def _wanted(truth: Truth) -> Mapping[str, str]:
    """Return what is to be done; pages in free words name the parts of their question."""
    fields = truth.value("core.currentFields || null")
    if fields:
        return {"task": "forward", **fields}
    (sender,) = truth.found(r"email by (\S+) and")
    if "reply" in truth.asked:
        return {"task": "reply", "by": sender, "message": truth.quoted()[0]}
    if "forward" in truth.asked:
        return {"task": "forward", "by": sender, "to": truth.found(r"to (\S+)\.$")[0]}
    return {"task": "delete" if "trash" in truth.asked else "important", "by": sender}
