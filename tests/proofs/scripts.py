"""Script payloads in every text field; every page that shows them is opened in a browser with scripts on."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from reports.forms import DetailsForm
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.payloads import ALL, FEW, HOST
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import HOSTS, Stack
from tests.proofs.watched import Watched, open_browsers

SHOWS = "Script payloads in every field run nowhere: every staff page and every public page, opened in Chromium."
PROMISES = (3, 5, 6)
COVERS = INSTALLATION

STAFF, PUBLIC = (f"https://{HOSTS[surface]}" for surface in ("staff", "public"))
PORTALS = (("bz", "en"), ("bz", "es"), ("gh", "fr"), ("pk", "ur"))
# All roles, those first that see reports.
ROLES = ("analyst", "senior", "operator", "translator2", "partner", "recipient", "auditor", "welfare", "administrator")
QUICK_ROLES = ("analyst", "operator", "administrator")
CONTENT_ROLES = ("analyst", "senior")
# Routes that show no page of their own.
NO_PAGE = {
    "admin/(?P<url>.*)$",
    # No account here has a second factor.
    *("accounts/mfa/recovery-codes/", "accounts/mfa/recovery-codes/download/", "accounts/mfa/totp/deactivate/"),
}
# These forms end the session or the account's access; they have no text field.
LEFT_ALONE = ("/accounts/logout/", "/accounts/password/change/")


@dataclass(slots=True)
class BrowserFindings:
    """The findings of all browsers together."""

    watched: list[Watched] = field(default_factory=list)
    routes: dict[str, set[int]] = field(default_factory=dict)
    revealed: int = 0

    def not_shown(self, routes: Sequence[str]) -> list[str]:
        """The routes that answered no role with a page or a file (0), but for those that never do."""
        return [route for route in routes if route not in NO_PAGE and not self.routes.get(route, set()) & {0, 200}]

    def all_of(self, name: str) -> list[str]:
        return [entry for each in self.watched for entry in getattr(each, name)]


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    payloads = ALL if full else FEW
    with Stack(folder, demo_reports=6).running(worker=False) as stack:
        codes, refused = _report_payloads(stack, payloads)
        files = [payload for payload in payloads if payload.startswith("data:")]
        yield equal_to("files pasted as text that a report was refused for", refused, len(files))
        yield equal_to("all other payloads, reported with details", len(codes), len(payloads) - len(files))
        yield equal_to("envelopes that intake left over", call_inside(stack, "intake.take_in"), 0)
        typed = call_inside(stack, "typed.into_portals_and_accounts", list(payloads), role="postgres")
        by_verbs = call_inside(stack, "typed.by_verbs", list(payloads))
        taken = typed | by_verbs
        yield plain_figure(
            "texts of portals and accounts, questions, notes and recipients that took one", sum(taken.values())
        )
        yield equal_to("of these kinds of text, those that took none", *_none_taken(taken))
        call_inside(stack, "intake.publish")
        routes = call_inside(stack, "pages.staff_paths", [slug for slug, _ in PORTALS])
        with_page = call_inside(stack, "pages.routes_with_page")
        # In a thread of its own: the browser's library starts an event loop, and a test may have one already.
        with ThreadPoolExecutor(1) as thread:
            seen = BrowserFindings()
            browsed = thread.submit(lambda: list(_browse_pages(stack, routes, seen, payloads, codes, full=full)))
            yield from browsed.result()
            if full:
                yield equal_to("routes with a page that no role was shown", *_first_few(seen.not_shown(with_page), 30))


def _none_taken(taken: dict[str, int]) -> tuple[str, str]:
    """Fields that accept no payload, because their validators are too strict."""
    colours = {"portal.brand_colour", "portal.button_colour", "portal.accent_colour"}
    strict = {"portal.country", *colours, "user.username", "user.email"}
    return ", ".join(
        sorted(name for name, number in taken.items() if not number and name not in strict)
    ) or "none", "none"


def _report_payloads(stack: Stack, payloads: Sequence[str]) -> tuple[list[str], int]:
    """Each payload as a report's address and in every field of its details; the codes of those that were taken, and
    how many were refused with the form shown again."""
    codes, refused = [], 0
    visitor = stack.visitor()
    for number, payload in enumerate(payloads):
        portal, language = PORTALS[number % len(PORTALS)]
        page = visitor.report(payload, portal=portal, language=language)
        refused += page.status == 422
        fields = dict.fromkeys(DetailsForm.sealed_texts(), payload)
        fields |= {"token": page.field("token"), "facts": "login_needed"}
        if page.receipt and visitor.post(f"/{portal}/{language}/details/", fields).receipt == page.receipt:
            codes.append(page.receipt)
    return codes, refused


def _browse_pages(
    stack: Stack,
    routes: Mapping[str, list[str]],
    seen: BrowserFindings,
    payloads: Sequence[str],
    codes: Sequence[str],
    *,
    full: bool,
) -> Iterator[Figure]:
    with open_browsers(stack) as new:
        yield from _check_control_page(next(new))
        passwords = stack.accounts()
        for role in ROLES if full else QUICK_ROLES:
            watched = next(new)
            seen.watched.append(watched)
            _sign_in(watched, role, passwords[role])
            _open_routes(watched, routes, seen, role, payloads, full=full)
        stranger = next(new)
        seen.watched.append(stranger)
        formless = _open_public(stranger, payloads, codes)
        yield equal_to("report forms that were gone once staff's forms were sent", *_first_few(formless))
        yield at_least("routes of the staff surface, opened as each role", len(seen.routes), 55)
        shown = sum(200 in statuses for statuses in seen.routes.values())
        yield plain_figure("of them, shown to at least one role", shown)
        yield plain_figure("pages looked at", sum(each.pages for each in seen.watched))
        yield at_least("incidents revealed", seen.revealed, len(codes))
        yield at_least(
            "forms sent with payloads by the browser", sum(each.submitted for each in seen.watched), len(payloads)
        )
        unsent = seen.all_of("unsent")
        yield plain_figure(
            "forms that were refused without a page", "; ".join([str(len(unsent)), *sorted(set(unsent))[:3]])
        )
        yield equal_to("scripts that ran and dialogs that opened", *_first_few(seen.all_of("executions")))
        yield equal_to("violations of the content security policy", *_first_few(seen.all_of("violations")))
        yield equal_to("requests to any other host", *_first_few(seen.all_of("elsewhere")))
        yield equal_to("links, handlers and styles that came of a text", *_first_few(seen.all_of("links")))
        yield equal_to("pages on which a template was worked out", *_first_few(seen.all_of("computed")))
        yield equal_to("answers of 500 and above", *_first_few(seen.all_of("failures")))


def _first_few(found: list[str], most: int = 5) -> tuple[str, str]:
    """Their number, and the first few by name."""
    return "; ".join([str(len(found)), *sorted(set(found))[:most]]), "0"


def _check_control_page(watched: Watched) -> Iterator[Figure]:
    """A page that does what the payloads would, with our policy and without: all of it must be noticed."""
    page = (
        "<!doctype html><script>__pwned()</script><script>setTimeout(() => alert(1))</script>"
        f"<img src=//{HOST}/x.png><a href=//{HOST}/ onclick=__pwned()>x</a><p style=color:red>{1234 * 4321}</p>"
    )
    policies = {"without": "", "with": "default-src 'none'; script-src 'self'; style-src 'self'"}
    for name, policy in policies.items():
        headers = {"Content-Type": "text/html"} | ({"Content-Security-Policy": policy} if policy else {})
        watched.answer(f"{STAFF}/control/{name}/", page, headers)
        watched.open(f"{STAFF}/control/{name}/")
        watched.page.wait_for_timeout(500)
    counted = {
        name: len(getattr(watched, name)) for name in ("executions", "violations", "elsewhere", "links", "computed")
    }
    missed = ", ".join(name for name, number in counted.items() if not number)
    yield equal_to("control: kinds of harm on a harmful page that went unnoticed", missed or "none", "none")


def _sign_in(watched: Watched, username: str, password: str) -> None:
    watched.open(f"{STAFF}/accounts/login/")
    watched.page.locator("[name=login]").fill(username)
    watched.page.locator("[name=password]").fill(password)
    watched.press("form:has([name=password]) button[type=submit]")
    if "/accounts/login/" in watched.page.url:
        raise RuntimeError(f"{username} could not sign in.")


def _open_routes(
    watched: Watched,
    routes: Mapping[str, list[str]],
    seen: BrowserFindings,
    role: str,
    payloads: Sequence[str],
    *,
    full: bool,
) -> None:
    for number, (route, paths) in enumerate(routes.items()):
        # One of the roles that read reports opens every incident, the other some: the pages are the same.
        for place, path in enumerate(paths if role != "senior" else paths[::4]):
            status = watched.open(STAFF + path)
            seen.routes.setdefault(route, set()).add(status)
            if status != 200:
                # An object that this role or method cannot open is skipped for all others of its kind.
                break
            payload = payloads[(number + place) % len(payloads)]
            if role in CONTENT_ROLES and watched.choose("#reveal [name=reason]", "quality"):
                watched.press("#reveal button")
                watched.press("#show-words button")
                seen.revealed += 1
                if place % 4 == 0:
                    _submit_forms(watched, payload, "/ask/", "/note/", "/refer/")
            elif place < 2 and path not in LEFT_ALONE:
                _submit_forms(watched, payload, "")
                if role in CONTENT_ROLES or full:
                    watched.open(f"{STAFF}{path}?q=<script>__pwned()</script>&portal='><svg onload=__pwned()>&p=x")


# By the attribute: a field called `action` hides the property.
FORMS = """
actions => [...document.forms].flatMap((form, number) => {
    const action = form.getAttribute('action') || ''
    const takes = form.querySelector('textarea, input:not([type=hidden])') && !action.includes('logout')
    return takes && actions.some(part => action.includes(part)) ? [number] : []
})
"""


def _submit_forms(watched: Watched, payload: str, *actions: str) -> None:
    """Send each form of the page with a text field, one after the other, from the original page."""
    where = watched.page.url
    numbers = watched.page.evaluate(FORMS, list(actions))
    for number in numbers:
        if watched.page.url != where:
            watched.open(where)
        watched.submit(number, payload)


def _open_public(watched: Watched, payloads: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Open every public page, and send the forms with payloads; returns the report pages that had no form."""
    watched.open(f"{PUBLIC}/")
    homes = watched.page.locator("main a[href]").evaluate_all("links => links.map(link => link.href)")
    languages = {home for home in homes if home.startswith(PUBLIC)}
    for home in list(languages):
        watched.open(home)
        links = watched.page.locator("a[hreflang], a[lang]").evaluate_all("links => links.map(link => link.href)")
        languages |= {link for link in links if link.startswith(PUBLIC)}
    for home in sorted(languages):
        for name in ("", "about/", "privacy/", "report/", "status/"):
            watched.open(home + name)
    # Refused and shown again with the text kept: three forms, three kinds of field.
    formless = []
    for number, payload in enumerate(payloads):
        portal, language = PORTALS[number % len(PORTALS)]
        base = f"{PUBLIC}/{portal}/{language}"
        watched.open(f"{base}/report/")
        if watched.page.evaluate(SPOIL_TOKEN):
            watched.submit(0, payload)
        else:
            formless.append(f"{base}/report/")
        if number % 4:
            continue
        watched.open(f"{base}/status/")
        watched.submit(0, payload)
        # The hotline's messages, and the answer.
        code = codes[number % len(codes)]
        watched.open(f"{base}/status/")
        watched.submit(0, code)
        if watched.page.locator("[name=answer]").count():
            watched.submit(0, payload)
    watched.open(f"{PUBLIC}/bz/en/<script>__pwned()</script>/")
    return formless


# False where the page has no report form.
SPOIL_TOKEN = """
() => {
    const token = document.querySelector('[name=token]')
    if (token) token.value = 'x'
    return token !== null
}
"""
