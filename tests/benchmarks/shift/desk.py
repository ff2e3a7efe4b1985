"""A person at the desk who has a keyboard only: presses keys, counts them, and notes what comes into view."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.benchmarks.shift.results import PieceOfWork

# Milliseconds for which a walk waits for a page, on a machine that may be busy.
PATIENCE = 240_000
# An address in clear, as pages write it; a masked one has dots.
ADDRESS = re.compile(r"hxxps?://[^\s•]+(?![^\s])")
WORDS = "placeholder words of a reporter"
# Text and fields in view; the address of the page's own incident.
IN_VIEW = """() => {
  const fields = [...document.querySelectorAll("main input, main textarea")].filter(each => each.checkVisibility());
  const own = document.querySelector("#address");
  return [document.querySelector("main")?.innerText ?? "", fields.map(each => each.value).join(" "),
    own?.value ?? own?.innerText ?? ""];
}"""


@dataclass
class Desk:
    """The page of a person who is signed in, and all that has been done on it.

    `foreign`: addresses in clear of other incidents than that of the page. `words`: pages with a reporter's words.
    """

    page: Page
    password: str
    keys: int = 0
    reveals: int = 0
    foreign: int = 0
    words: int = 0
    passwords: int = 0
    work: list[PieceOfWork] = field(default_factory=list)

    @contextmanager
    def count(self, name: str) -> Iterator[None]:
        keys, began = self.keys, time.monotonic()
        yield
        self.work.append({"name": name, "keys": self.keys - keys, "seconds": round(time.monotonic() - began, 2)})

    def press(self, keys: str) -> None:
        """Press keys, separated by spaces, on this page."""
        for key in keys.split():
            self.page.keyboard.press(key)
            self.keys += 1

    def turn(self, keys: str) -> None:
        """Press keys, of which the last leads to another page, and look at that."""
        *first, last = keys.split()
        self.press(" ".join(first))
        try:
            with self.page.expect_navigation(timeout=PATIENCE):
                self.press(last)
        except PlaywrightTimeoutError as error:
            text = self.page.locator("main").inner_text()[:400]
            raise RuntimeError(f"{last} leads nowhere from {self.page.url}: {text}") from error
        self._confirm_identity()
        self._look()

    def open(self, path: str) -> None:
        """Begin on this page, which is not counted."""
        self.page.goto(path)
        self._look()

    def tab_to(self, text: str) -> None:
        """Tab until what has the focus begins with the text."""
        for _ in range(80):
            if str(self.page.evaluate("(document.activeElement.innerText ?? '').trim()")).startswith(text):
                return
            self.press("Tab")
        raise RuntimeError(f"Tab does not come to {text!r} on {self.page.url}.")

    def wait_for_focus(self, selector: str) -> None:
        """Wait until the page has put the focus there: its section may be fetched first."""
        self.page.locator(f"{selector}:focus").first.wait_for(state="attached", timeout=PATIENCE)

    def _confirm_identity(self) -> None:
        """Type the password again where the page asks who is there: not counted among the keys."""
        if "reauthenticate" not in self.page.url:
            return
        self.passwords += 1
        self.page.wait_for_load_state("load")
        self.page.keyboard.type(self.password)
        with self.page.expect_navigation(timeout=PATIENCE):
            self.page.keyboard.press("Enter")

    def _look(self) -> None:
        self.page.wait_for_load_state("load")
        text, fields, own = self.page.evaluate(IN_VIEW)
        addresses = {address.partition("?")[0] for address in ADDRESS.findall(f"{text} {fields}")}
        is_revealed = self.page.locator("#hide").count() > 0
        self.reveals += is_revealed
        self.foreign += max(
            0, len(addresses - {own.strip().partition("?")[0]}) if own else len(addresses) - is_revealed
        )
        self.words += WORDS in text
