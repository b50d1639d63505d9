"""What a practice phone is at a moment: settings, contents, and which windows are open.

Responsible for everything that applications and the system change, in the words that they use for
it. Fingers, keys and pictures are ``world``'s.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from environments.practice.phone.apps import messages
from environments.practice.phone.apps.installed import PROGRAMS
from environments.practice.phone.apps.launcher import HOME, HomePage
from environments.practice.phone.apps.settings import SWITCHES
from environments.practice.phone.base import App, InputMethod, Namespace, Rotation
from environments.practice.phone.furnishing import SETTINGS, furnish
from environments.practice.phone.keyboard import BY_BROADCAST, ON_SCREEN
from environments.practice.phone.page import Dialog, Page
from environments.practice.phone.store import News
from environments.practice.phone.system import LockPage, RecentsPage, ShadePage
from environments.practice.phone.views import Act

CONTROLLER = "com.android.permissioncontroller"
GRANT = "com.android.permissioncontroller.permission.ui.GrantPermissionsActivity"
"""Where Android's own permission dialogs come from."""

ON = {"location_mode": "3"}
"""What a switch writes when it is turned on, where that is not 1."""


class PhoneState:
    """Settings, contents and windows of one phone; ``pin`` is empty if none is asked for."""

    def __init__(self, rng: random.Random) -> None:
        """Furnish a phone that is awake and shows its home screen."""
        programs = list(PROGRAMS)
        rng.shuffle(programs)
        self.version = 0
        self.programs = {program.app.package: program for program in programs}
        self.apps: Sequence[App] = tuple(program.app for program in programs)
        self.home_rows = rng.randrange(5)
        self.switches = tuple(rng.sample(SWITCHES, len(SWITCHES)))
        self.store = furnish(rng)
        self.clock = f"{rng.randrange(24)}:{rng.randrange(60):02}"
        self._settings: dict[Namespace, dict[str, str]] = {
            namespace: dict(values) for namespace, values in SETTINGS.items()
        }
        self.settings: Mapping[Namespace, Mapping[str, str]] = self._settings
        self.input_methods: Sequence[InputMethod] = (ON_SCREEN, BY_BROADCAST)
        self.input_method = ON_SCREEN.id
        self.clipboard = ""
        self.rotation: Rotation = 0
        self.posture: Rotation = 0
        self.pin = ""
        self.awake = True
        self.lock: LockPage | None = None
        self.cover: Page | None = None
        self._home: Page = HomePage(self)
        self._tasks: dict[str, list[Page]] = {}

    # ---- settings

    def setting(self, namespace: Namespace, key: str) -> str:
        """Return a setting, empty if it was never made."""
        return self.settings[namespace].get(key, "")

    def put_setting(self, namespace: Namespace, key: str, value: str | None) -> None:
        """Change a setting, None to remove it; what depends on it changes too."""
        if value is None:
            self._settings[namespace].pop(key, None)
        else:
            self._settings[namespace][key] = value
        if key == "default_input_method" and value in {m.id for m in self.input_methods}:
            self.input_method = value or ON_SCREEN.id
        self._turn()
        self.changed()

    def switching(self, namespace: Namespace, key: str) -> Act:
        """Return what turns a setting on if it is off, and off if it is on."""

        def switch() -> None:
            is_off = self.setting(namespace, key) in ("", "0")
            self.put_setting(namespace, key, ON.get(key, "1") if is_off else "0")

        return switch

    def hold_it(self, posture: Rotation) -> None:
        """Hold the phone another way; what is seen follows if it is told to rotate by itself."""
        self.posture = posture
        self._turn()

    def _turn(self) -> None:
        by_hand = self.setting("system", "accelerometer_rotation") == "1"
        fixed = self.setting("system", "user_rotation")
        turns: Mapping[str, Rotation] = {"1": 1, "2": 2, "3": 3}
        rotation = self.posture if by_hand else turns.get(fixed, 0)
        if rotation != self.rotation:
            self.rotation = rotation
            self.changed()

    def changed(self) -> None:
        """Say that something is not as it was."""
        self.version += 1

    # ---- windows

    @property
    def stack(self) -> list[Page]:
        """The pages of the application in front, the one that is seen last."""
        return next(reversed(self._tasks.values())) if self.at_work else [self._home]

    at_work = False
    """An application is in front and not the home screen."""

    @property
    def page(self) -> Page:
        """The page that is touched."""
        return self.lock or self.cover or self.stack[-1]

    @property
    def front(self) -> tuple[str, str]:
        """Package and activity of the window in front."""
        page = self.page
        return page.package or self.owner, page.activity

    @property
    def owner(self) -> str:
        """Package of the application whose pages are shown, also under a cover."""
        return next(reversed(self._tasks)) if self.at_work else HOME

    def bring(self, package: str) -> None:
        """Bring an application to the front, as it was left."""
        pages = self._tasks.pop(package, None) or [self.programs[package].first(self)]
        self._tasks[package] = pages
        self.at_work, self.cover = True, None
        pages[-1].shown()
        self.changed()

    def show(self, page: Page) -> None:
        """Open a page over those of the application in front."""
        self.stack.append(page)
        page.shown()
        self.changed()

    def close_page(self, page: Page) -> None:
        """Close a page and what lies over it; with the first one the application goes back."""
        stack = self.stack
        if page not in stack or stack == [self._home]:
            return
        del stack[stack.index(page) :]
        if not stack:
            self._tasks.popitem()
            self.at_work = False
        else:
            stack[-1].shown()
        self.changed()

    def replace_pages(self, pages: list[Page]) -> None:
        """Show other pages of the application in front than the ones that are open."""
        self.stack[:] = pages
        pages[-1].shown()
        self.changed()

    def ask_for(self, page: Page) -> None:
        """Ask whether an application may have what one of its pages needs, if nobody has yet."""
        key, app = self._permission(page), self.programs[self.owner].app
        if key in self.store.permissions:
            return

        def decide(allowed: bool) -> Act:
            return lambda: self.store.permissions.__setitem__(key, allowed)

        answers = [("Allow", decide(True)), ("Deny", decide(False))]
        dialog = Dialog(self, f"Allow {app.label}?", answers, CONTROLLER, GRANT)
        dialog.cancel = partial(self.close_page, page)
        self.show(dialog)

    def may(self, page: Page) -> bool:
        """Tell whether a page may show what it needs a permission for."""
        return self.store.permissions.get(self._permission(page), False)

    def has_answered(self, page: Page) -> bool:
        """Tell whether somebody has allowed or denied what a page needs."""
        return self._permission(page) in self.store.permissions

    def _permission(self, page: Page) -> str:
        owner = next((p for p, pages in self._tasks.items() if page in pages), "")
        return f"{owner}/{page.permission}"

    def back(self) -> None:
        """Close what is in front, one thing at a time."""
        if self.lock is not None:
            self.lock.asking = False
        elif self.cover is not None:
            self.cover = None
        elif self.page.focus is not None:
            self.page.focus = None
        elif not self.page.leave():
            self.close_page(self.page)
        self.changed()

    def home(self) -> None:
        """Show the home screen; what was open stays as it is."""
        if self.lock is None:
            self.page.focus = None
            self.at_work, self.cover = False, None
            self.changed()

    def show_recents(self) -> None:
        """Show what was used."""
        if self.lock is None:
            self.cover = RecentsPage(self)
            self.changed()

    def show_shade(self) -> None:
        """Pull the shade down."""
        if self.lock is None:
            self.page.focus = None
            self.cover = ShadePage(self)
            self.changed()

    def recent(self) -> list[App]:
        """Return the applications that are open, the last used first."""
        return [self.programs[package].app for package in reversed(self._tasks)]

    def end(self, package: str) -> None:
        """End an application and all its pages."""
        if self.at_work and package == next(reversed(self._tasks)):
            self.at_work = False
        self._tasks.pop(package, None)
        self.changed()

    def sleep(self) -> None:
        """Turn the screen off and lock."""
        self.awake, self.cover = False, None
        self.lock = LockPage(self)
        self.page.focus = None
        self.changed()

    def wake(self) -> None:
        """Turn the screen on."""
        self.awake = True
        self.changed()

    def unlock(self) -> None:
        """Take the lock screen away."""
        self.lock = None
        self.changed()

    def writing_to(self, name: str) -> Act:
        """Return what opens the talk with somebody, in the application for messages."""

        def write() -> None:
            self.bring(messages.APP.package)
            self.follow(messages.APP.package, messages.TALK + name)

        return write

    # ---- news

    def notify(self, news: News) -> None:
        """Let a notification arrive."""
        self.store.news.insert(0, news)
        self.changed()

    def dismissing(self, news: News) -> Act:
        """Return what throws a notification away."""

        def dismiss() -> None:
            if news in self.store.news:
                self.store.news.remove(news)

        return dismiss

    def opening_news(self, news: News) -> Act:
        """Return what touching a notification does."""

        def show() -> None:
            if self.lock is not None:
                return
            self.dismissing(news)()
            self.bring(news.package)
            self.follow(news.package, news.link)

        return show

    def clear_news(self) -> None:
        """Throw all notifications away, which closes the shade."""
        self.store.news.clear()
        self.cover = None
        self.changed()

    def follow(self, package: str, link: str) -> None:
        """Show what a link names in an application that is in front."""
        opener: Callable[[PhoneState, str], None] | None = self.programs[package].follow
        if link and opener is not None:
            opener(self, link)
