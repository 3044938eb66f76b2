"""Somebody at a browser of their own: what a test lets them do and see.

Whatever a page complains of while somebody looks at it (a script's error, a refused resource, an
answer of 500) is kept in `complaints`, and the test fails on it in the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Response, expect

from tests.running import RunningDesk

# A refused form is answered with 4xx on purpose; the browser notes it in its console as well.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")

# The form of a move, opened on the ticket's page or, without scripts, on a page of its own.
MOVE = "section.move"
expect.set_options(timeout=30_000)


@dataclass
class Visitor:
    """A person with a browser, signed in or not."""

    desk: RunningDesk
    page: Page
    name: str = ""
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.match(message.text):
            self._complain(message.text)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._complain(f"{response.status} {response.request.method}")

    def _complain(self, text: str) -> None:
        self.complaints.append(f"{self.name} at {self.page.url}: {text}")

    def sight(self) -> str:
        """What the person sees at this moment, in words."""
        try:
            text = self.page.locator("body").inner_text(timeout=5_000)
            focus = self.page.evaluate("document.activeElement?.outerHTML.slice(0, 200)")
        except Error as error:
            text, focus = str(error), ""
        return f"== {self.name} at {self.page.url}, focus on {focus}\n{text}\n{self.complaints}"

    def speak(self, language: str, theme: str = "auto") -> Visitor:
        """Choose a language and a theme, as the foot of each page lets one."""
        chosen = {"desk_language": language, "desk_theme": theme}
        self.page.context.add_cookies(
            [{"name": name, "value": each, "url": self.desk.url()} for name, each in chosen.items()]
        )
        return self

    def open(self, path: str) -> Visitor:
        """Go to a page of the desk; it has to answer 200."""
        response = self.page.goto(self.desk.url(path) if path.startswith("/") else path)
        assert response is not None
        assert response.status == 200, f"{self.name}: {path} answers {response.status}"
        return self

    def sign_in(self, email: str, password: str) -> Visitor:
        """Sign in through the page."""
        self.open("/account/login/")
        self.fill("E-mail address", email)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("main button[type=submit]").click()
        self.page.wait_for_url(lambda url: "/account/login/" not in url)
        return self

    @property
    def main(self) -> Locator:
        """What the page is about, without header and navigation."""
        return self.page.locator("main")

    def field(self, label: str, within: str = "main") -> Locator:
        """The field whose label begins so."""
        pattern = re.compile(rf"^\s*{re.escape(label)}")
        return self.page.locator(within).get_by_label(pattern).first

    def fill(self, label: str, text: str, within: str = "main") -> None:
        """Type into the field of a label."""
        self.field(label, within).fill(text)

    def press(self, name: str, within: str = "main") -> None:
        """Press the button, or follow the link, that begins with `name`."""
        self.button(name, within).click()

    def button(self, name: str, within: str = "main") -> Locator:
        """The visible button or link that begins with `name`."""
        place, pattern = self.page.locator(within), re.compile(rf"^\s*{re.escape(name)}")
        found = place.get_by_role("button", name=pattern).or_(
            place.get_by_role("link", name=pattern)
        )
        return found.filter(visible=True).first

    def make(self, move: str, **fields: str) -> None:
        """Make a move of a ticket: open its form on the page, fill it in, send it."""
        self.begin(move, **fields)
        self.send()

    def begin(self, move: str, **fields: str) -> None:
        """Open the form of a move and fill it in, by the names of its fields."""
        self.press(move)
        for name, text in fields.items():
            control = self.page.locator(f"{MOVE} [name={name}]")
            kind = control.first.get_attribute("type")
            if kind == "checkbox":
                control.set_checked(text == "on")
            elif kind == "radio":
                self.page.locator(f"{MOVE} [name={name}][value={text}]").check()
            elif control.first.evaluate("each => each.localName") == "select":
                control.select_option(text)
            else:
                control.fill(text)

    def send(self) -> None:
        """Send the form of a move that is filled in; the ticket's page comes back without it."""
        self.page.locator(f"{MOVE} form > .actions button[type=submit]").click()
        expect(self.page.locator(MOVE)).to_have_count(0)

    def unfold(self, summary: str) -> None:
        """Open what stands behind a summary."""
        self.main.locator("summary", has_text=summary).first.click()

    def sees(self, *texts: str, within: str = "main") -> None:
        """Wait until the page says all this, as others and the clock change it."""
        for text in texts:
            expect(self.page.locator(within)).to_contain_text(text, use_inner_text=True)

    def sees_not(self, text: str, within: str = "main") -> None:
        """Wait until the page no longer says this."""
        expect(self.page.locator(within)).not_to_contain_text(text, use_inner_text=True)

    def due(self) -> datetime:
        """The deadline as the large card on a ticket's page shows it, to the second."""
        time = self.main.locator(".deadline:not(.small) time").filter(visible=True).first
        shown = time.get_attribute("datetime")
        assert shown is not None
        return datetime.fromisoformat(shown)

    def here(self) -> str:
        """The path of the open page."""
        return self.page.url.removeprefix(self.desk.address)
