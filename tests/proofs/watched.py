"""Chromium with scripts on, watched: scripts that ran, policy violations, requests and links to other hosts.

The host names of the stack lead to its ports on loopback; every other name leads nowhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, Response, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.proofs.payloads import HOST, SUM, WEBSITE
from tests.proofs.result import NotPossibleHere
from tests.proofs.stack import HOSTS, Stack

CHROMIUM = "/usr/bin/chromium-headless-shell"
VIOLATIONS = (
    "document.addEventListener('securitypolicyviolation', e => __violation(e.effectiveDirective + ' ' + e.blockedURI))"
)
# The browser's messages for an empty error answer, and for a file to be saved: neither is a page.
NO_PAGE = ("ERR_HTTP_RESPONSE_CODE_FAILURE", "Download is starting", "ERR_ABORTED")
MOST_TRIES = 4
# Every attribute that leads or loads from somewhere, where it goes to, and every handler. A style in the text of a page
# breaks the policy; those that scripts of the admin site set are not of a text and load nothing.
LINKS = """
() => [...document.querySelectorAll('*')].flatMap(element => [...element.attributes].flatMap(({name, value}) => {
    if (name.startsWith('on')) return [`handler ${element.tagName} ${name}`]
    if (name === 'style') return value.includes('//') ? [`style ${element.tagName}`] : []
    const leads = 'href src srcset action formaction data poster background ping xlink:href'.split(' ')
    if (!leads.includes(name) || value === '') return []
    try { const url = new URL(value, document.baseURI); return [`${name} ${url.protocol} ${url.hostname}`] }
    catch { return [`${name} odd: `] }
}))
"""


class Watched:
    """One visitor's browser. `pages` counts the pages looked at; the lists must be empty, by page."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.pages = 0
        self.submitted = 0
        self.executions: list[str] = []
        self.violations: list[str] = []
        self.elsewhere: list[str] = []
        self.links: list[str] = []
        self.computed: list[str] = []
        self.failures: list[str] = []
        # Forms that the browser could not send, or whose answer was not a page.
        self.unsent: list[str] = []
        context.set_default_timeout(20_000)
        context.expose_function("__pwned", lambda *_: self.executions.append(f"script on {self.page.url}"))
        context.expose_function("__violation", lambda what: self.violations.append(f"{what} on {self.page.url}"))
        context.add_init_script(VIOLATIONS)
        context.on("request", self._requested)
        context.on("response", self._answered)
        context.on("console", self._complained)
        context.on("dialog", self._dialog)
        self.page: Page = context.new_page()

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in HOSTS.values():
            self.elsewhere.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.failures.append(f"{response.status} {response.url}")

    def _complained(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        if dialog.type != "beforeunload":
            self.executions.append(f"dialog on {self.page.url}")
        dialog.dismiss()

    def answer(self, url: str, body: str, headers: Mapping[str, str]) -> None:
        """From now on, answer this address here, in place of the stack."""
        self.page.route(url, lambda route: route.fulfill(body=body, headers=dict(headers)))

    def open(self, url: str) -> int:
        """Open a page and look it over; returns the status, 0 for an answer that is no page."""
        try:
            answer = self._go(url)
        except BrowserError as error:
            if any(name in error.message for name in NO_PAGE):
                return 0
            raise
        self.look()
        return answer.status if answer else 0

    def _go(self, url: str) -> Response | None:
        """The browser's own page about a refusal without a word comes a moment after it, and may come between."""
        for _ in range(MOST_TRIES - 1):
            try:
                return self.page.goto(url)
            except BrowserError as error:
                if "interrupted by another navigation" not in error.message:
                    raise
                self.page.wait_for_timeout(500)
        return self.page.goto(url)

    def look(self) -> None:
        """Look over the current page."""
        self.pages += 1
        where = self.page.url
        for link in self.page.evaluate(LINKS):
            kind, _, target = link.partition(" ")
            scheme, _, host = target.partition(" ")
            if kind in ("handler", "style") or host == HOST or scheme not in ("https:", "tel:"):
                self.links.append(f"{link} on {where}")
        if SUM in self.page.content():
            self.computed.append(where)

    def press(self, selector: str) -> bool:
        """Press a button that leads to another page, and look that over; False where there is none."""
        button = self.page.locator(selector).first
        if not button.count():
            return False
        with self.page.expect_navigation():
            button.click()
        self.look()
        return True

    def choose(self, selector: str, value: str) -> bool:
        """Choose from a list of the page; False where there is none."""
        field = self.page.locator(selector).first
        if not field.count():
            return False
        field.select_option(value)
        return True

    def submit(self, number: int, payload: str) -> bool:
        """Type `payload` into every text field of the page's form with this number and send it; False where none is."""
        if not self.page.evaluate(FILL, [number, payload, payload.replace(HOST, WEBSITE)]):
            return False
        try:
            with self.page.expect_navigation(timeout=10_000):
                self.page.evaluate(
                    "n => { const f = document.forms[n]; f.noValidate = true;"
                    " HTMLFormElement.prototype.requestSubmit.call(f) }",
                    number,
                )
        except BrowserError as error:
            self.unsent.append(f"{error.message.splitlines()[0]} {self.page.url}")
            return False
        self.submitted += 1
        self.look()
        return True


# Straight into the fields, past the browser's own checks and a field's length.
FILL = """
([number, payload, website]) => {
    const form = document.forms[number]
    const typed = form ? [...form.querySelectorAll('textarea, input')].filter(field => field.tagName === 'TEXTAREA'
        || ['text', 'search', 'email', 'url', 'tel', 'number', 'password', 'date'].includes(field.type)) : []
    for (const field of typed) {
        const value = field.type === 'url' ? website : payload
        if (['number', 'date', 'email', 'url'].includes(field.type)) field.type = 'text'
        field.value = value
    }
    return typed.length
}
"""


@contextmanager
def open_browsers(stack: Stack) -> Iterator[Iterator[Watched]]:
    """New watched browsers, as many as are asked for. To be used in a thread that runs no event loop."""
    if not Path(CHROMIUM).exists():
        raise NotPossibleHere("Chromium is not installed: make browser")
    rules = [f"MAP {host}:443 127.0.0.1:{stack.ports[surface]}" for surface, host in HOSTS.items()]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-component-update",
                f"--host-resolver-rules={', '.join(rules)}, MAP * ~NOTFOUND",
            ],
        )

        def opened() -> Iterator[Watched]:
            while True:
                # The certificates are the proof's own.
                yield Watched(browser.new_context(ignore_https_errors=True))

        try:
            yield opened()
        finally:
            with suppress(BrowserError):
                browser.close()
