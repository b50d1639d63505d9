"""The guard at the one door: decides whether a valid call may act, and asks where the rules say so.

Responsible for one call at a time: its class on the screen as it is now, the rules' decision, the
question, and the look right before the act that sees whether the approval still fits. What a call
may lead to is said in ``rules.classify``, what the rules are in ``rules.rulebook``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from environments.actions import Action
from environments.base import Observation
from environments.geometry import InputPoint
from tools.asking import LONGEST, NO, YES, Heard, Inquiry, Nobody, Person
from tools.rules.classes import Classified, EffectClass, Kind
from tools.rules.classify import Classifier, Found
from tools.rules.rulebook import Decision, Rules
from tools.rules.sameness import is_same
from tools.rules.scene import Place, Scene, SeenWindow
from tools.rules.wording import described
from tools.schema import Ending, Errand, Question, Request, ToolCall


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may act; the reason is told to the model when it may not.

    Attributes:
        allowed: it may act.
        reason: why not, in words for the model.
        decision: class, rule and answer in words, for the record; empty where no rule was asked.
        look: a fresh look on which it was decided, None if that was the one the model saw.
        where: application and title of the window in which it acts, empty where nobody knows.
    """

    allowed: bool
    reason: str = ""
    decision: str = ""
    look: Observation | None = None
    where: tuple[str, str] = ("", "")

    def refused(self, reason: str, decision: str) -> Verdict:
        """Return the same as a refusal."""
        return replace(self, allowed=False, reason=reason, decision=decision)


class Approver(Protocol):
    """Whoever decides about a call: a rule, or a person behind a question."""

    def review(self, call: ToolCall, request: Request, observation: Observation) -> Verdict:
        """Decide about one valid call before it acts, made while looking at ``observation``.

        Raises:
            DeviceError: a fresh look could not be taken.
            Stopped: a stop was asked for while a question was open.
        """
        ...


class AllowAll:
    """The approver that allows everything: for worlds of our own, and never for a run of a person.

    Has to be named wherever a door is built, so that it is seen there.
    """

    def review(self, call: ToolCall, request: Request, observation: Observation) -> Verdict:
        """Allow the call."""
        return Verdict(allowed=True)


def _no_windows() -> Sequence[SeenWindow]:
    return ()


@dataclass(frozen=True, slots=True)
class Eyes:
    """How the guard sees the screen at the moment of a call.

    Attributes:
        look: takes a settled look.
        windows: lists the windows, the topmost first; nothing where nobody can.
        pointer: says where the pointer is, None where nobody knows.
        bring: brings the window of a title to the front again, as far as it can.
    """

    look: Callable[[], Observation]
    windows: Callable[[], Sequence[SeenWindow]] = _no_windows
    pointer: Callable[[], InputPoint | None] = lambda: None
    bring: Callable[[str], None] = lambda _: None


class Guard:
    """Holds the rules of one run at its door."""

    def __init__(self, rules: Rules, eyes: Eyes, person: Person | None = None) -> None:
        """Take the rules, frozen; whoever is not there to be asked says no."""
        self._rules = rules
        self._eyes = eyes
        self._person = person or Nobody()
        self._classifier = Classifier(rules.known)
        self._declared: tuple[EffectClass, Kind | None] | None = None

    def declare(self, effect: EffectClass, kind: Kind | None) -> None:
        """Hear from the model that its next call is of this class, which can only raise it."""
        self._declared = (effect, kind)

    def review(self, call: ToolCall, request: Request, observation: Observation) -> Verdict:
        """Decide about one valid call before it acts."""
        if isinstance(request.does, Question | Ending):
            return Verdict(allowed=True, decision=EffectClass.READ.word)
        if isinstance(request.does, Errand):
            return self._errand(request.does)
        verdict = self._decided(request.does, self._seen(observation), observation)
        if verdict.allowed:
            self._classifier.done(request.does)
        return verdict

    def _errand(self, errand: Errand) -> Verdict:
        """Decide about what another program would do; no screen has a part in it."""
        classified = errand.classified
        decision, rule = self._rules.decide(Found(classified, Place()))
        words, why = f"{classified.words()}; {rule}", _why(classified)
        if decision is Decision.ALLOW:
            return Verdict(True, "", f"{words}: allowed")
        if decision is Decision.DENY:
            return Verdict(False, f"{why}, which {rule} deny", f"{words}: denied")
        text = f"{errand.words}? {_sentence(classified)}"
        if len(text) > LONGEST:  # Nobody can agree to what they cannot see.
            reason = f"{why} and needs a person's yes, but is too long to be shown; ask for less"
            return Verdict(False, reason, f"{words}: not asked, too long")
        heard = self._person.ask(Inquiry("approve", text, (YES, NO), self._rules.file.answer_s))
        if heard.is_yes:
            return Verdict(True, "", f"{words}: asked, yes {heard.how}")
        return Verdict(False, _unheard(why, heard), f"{words}: asked, no ({heard.how})")

    def _decided(self, action: Action, scene: Scene, told: Observation) -> Verdict:
        found = self._classified(action, scene)
        decision, rule = self._rules.decide(found)
        words = f"{found.classified.words()}; {rule}"
        look = scene.observation if scene.observation is not told else None
        verdict = Verdict(
            True, "", f"{words}: allowed", look, (found.place.application, found.place.title)
        )
        if decision is Decision.ALLOW:
            return verdict
        why = _why(found.classified)
        if decision is Decision.DENY:
            return replace(
                verdict,
                allowed=False,
                reason=f"{why}, which {rule} deny",
                decision=f"{words}: denied",
            )
        return self._asked(action, scene, found, verdict, words)

    def _asked(
        self, action: Action, scene: Scene, found: Found, verdict: Verdict, words: str
    ) -> Verdict:
        inquiry = Inquiry(
            "approve",
            f"{described(action, found)}? {_sentence(found.classified)}",
            (YES, NO),
            self._rules.file.answer_s,
        )
        heard = self._person.ask(inquiry)
        if not heard.is_yes:
            reason = _unheard(_why(found.classified), heard)
            return verdict.refused(reason, f"{words}: asked, no ({heard.how})")
        now = self._again(scene)
        again = self._classifier.classify(action, now)
        if not is_same(action, scene, now, self._classifier) or _exceeds(again, found):
            reason = "the screen changed after a person said yes, so it does not count; look again"
            return verdict.refused(
                reason, f"{words}: asked, yes {heard.how}, but the screen changed"
            )
        return replace(verdict, decision=f"{words}: asked, yes {heard.how}", look=now.observation)

    def _again(self, was: Scene) -> Scene:
        """Look again; whoever answered at this very screen has left another window in front."""
        front = was.front
        if front is not None and front.number not in _active(self._eyes.windows()):
            self._eyes.bring(front.title)
        return Scene(self._eyes.look(), tuple(self._eyes.windows()), self._eyes.pointer())

    def _classified(self, action: Action, scene: Scene) -> Found:
        found = self._classifier.classify(action, scene)
        declared, self._declared = self._declared, None
        if declared is None:
            return found
        effect, kind = declared
        raised = found.classified.raised(effect, "the model says so", [kind] if kind else [])
        return replace(found, classified=raised)

    def _seen(self, observation: Observation) -> Scene:
        """Return the screen as it is; if another window came to the front meanwhile, look again."""
        windows = tuple(self._eyes.windows())
        front = Scene(observation, windows).front
        if front is not None and front.title != (observation.foreground or ""):
            observation = self._eyes.look()
            windows = tuple(self._eyes.windows())
        return Scene(observation, windows, self._eyes.pointer())


def _active(windows: Sequence[SeenWindow]) -> set[int]:
    return {window.number for window in windows if window.is_active}


def _exceeds(now: Found, was: Found) -> bool:
    new = now.classified.kinds - was.classified.kinds
    return bool(new) or now.classified.effect > was.classified.effect


def _unheard(why: str, heard: Heard) -> str:
    said = "a person said no" if heard.text is not None else heard.how
    return f"{why} and needs a person's yes, but {said}"


def _why(classified: Classified) -> str:
    reasons = ", ".join(classified.reasons)
    return f"it is {classified.words()}" + (f" ({reasons})" if reasons else "")


def _sentence(classified: Classified) -> str:
    why = _why(classified)
    return f"{why[0].upper()}{why[1:]}."
