"""Every route, as every kind of caller, by every method, through the running stack."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import Stack
from tests.proofs.visitor import HttpVisitor
from tests.rig.routes import METHODS, RouteAnswer, answer_of

SHOWS = "Each route answers each role, of the portal and of another, by each method, as the table says."
PROMISES = (3, 6)
COVERS = INSTALLATION

HERE, ELSEWHERE, SUSPENDED, DRAFT = "bz", "zm", "gh", "ky"
# A picture that the portal does not show, a contact for security flaws that is not configured, a made-up secret.
NOTICE = "notice/<language:language>/<str:secret>/"
NOTHING_THERE = ("<slug:slug>/pictures/<slug:digest>.<slug:ending>", ".well-known/security.txt", NOTICE)
LEAVING = ("leave/", "leave/<language:language>/")
COUNTRIES = ("<slug:slug>/", "<str:slug>/")
# portal_site/tests/test_access_table.py tests the whole table through the views: this is about the stack.
QUICK_METHODS = ("GET", "POST")
QUICK_ROLES = ("analyst",)


@dataclass(frozen=True, slots=True)
class Caller:
    """A stranger has no name and no role; `here`: whether the requested object is of their portal."""

    username: str
    password: str
    role: str
    here: bool


# The accepted answers, by route, method, role and whether the rows are of the caller's portal.
Table = Mapping[tuple[str, str, str, bool], set[RouteAnswer]]

STRANGER = Caller("", "", "", False)


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    methods = METHODS if full else QUICK_METHODS
    with Stack(folder).running(worker=False) as stack:
        for address in ("https://example.org/routes", "https://example.org/alike"):
            stack.visitor().report(address, portal=HERE)
        call_inside(stack, "intake.take_in")
        people = [
            Caller(username, password, role, bool(here))
            for username, password, role, here in call_inside(stack, "people.everybody", HERE, ELSEWHERE)
        ]
        callers = [STRANGER, *(person for person in people if full or person.role in QUICK_ROLES)]
        yield equal_to("routes that no list knows", ", ".join(call_inside(stack, "people.unlisted")) or "none", "none")

        paths: dict[str, dict[str, str]] = call_inside(stack, "people.staff_paths", HERE, SUSPENDED)
        call_inside(stack, "people.publish_year")
        table = {
            (route, method, role, bool(here)): {RouteAnswer(each) for each in fitting}
            for route, method, role, here, fitting in call_inside(stack, "people.cells")
        }
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(lambda caller: _ask_routes(stack, caller, paths, methods, table), callers))
        wrong = [entry for each in found for entry in each[0]]
        answers = sum((each[1] for each in found), Counter[RouteAnswer]())
        yield at_least("routes of the staff surface", len(paths[""]), 80)
        yield plain_figure("callers: a stranger, and each role for the portal and for another", len(callers))
        yield plain_figure("cells: route, caller and method", sum(answers.values()))
        yield plain_figure(
            "what they came to", "; ".join(f"{answer} {number}" for answer, number in answers.most_common())
        )
        yield equal_to("wrong cells", "; ".join([str(len(wrong)), *wrong[:8]]), "0")
        yield from _check_public_surface(stack, list(paths[""].values()), callers[1], methods)


def _ask_routes(
    stack: Stack, caller: Caller, paths: Mapping[str, Mapping[str, str]], methods: tuple[str, ...], table: Table
) -> tuple[list[str], Counter[RouteAnswer]]:
    """The wrong cells, and the counts of all answers."""
    wrong: list[str] = []
    answers = Counter[RouteAnswer]()
    visitor = _sign_in_caller(stack, caller)
    for route, path in (paths.get(caller.username) or paths[""]).items():
        for method in methods:
            if caller.role and "__Host-session" not in _live_cookies(visitor):
                visitor = _sign_in_caller(stack, caller)
            answer = _request_answer(visitor, method, path)
            answers[answer] += 1
            if not _answer_fits(route, method, caller, answer, table):
                wrong.append(f"{caller.username or 'stranger'} {method} {route}: {answer}")
            if caller.role and answer is RouteAnswer.SIGN_IN:
                visitor = _sign_in_caller(stack, caller)
    visitor.close()
    return wrong, answers


def _live_cookies(visitor: HttpVisitor) -> dict[str, str]:
    """The cookies with a value: signing out empties the session's."""
    return {name: value for name, value in visitor.cookies.items() if value}


def _sign_in_caller(stack: Stack, caller: Caller) -> HttpVisitor:
    visitor = stack.visitor("staff")
    if caller.role:
        visitor.sign_in(caller.username, caller.password)
    else:
        # For the token that a form needs.
        visitor.get("/accounts/login/")
    return visitor


def _request_answer(visitor: HttpVisitor, method: str, path: str) -> RouteAnswer:
    try:
        page = visitor.post_form(path, {}) if method == "POST" else visitor.request(method, path, headers=ORIGIN)
    except (OSError, HTTPException):
        return RouteAnswer.FAILS
    return answer_of(page.status, page.headers.get("location", ""))


def _answer_fits(route: str, method: str, caller: Caller, answer: RouteAnswer, table: Table) -> bool:
    """Whether the answer is the table's, or one that a whole stack gives before it."""
    if method in ("PUT", "PATCH", "DELETE") and answer is RouteAnswer.REFUSED:
        # The form's token, which only POST can carry, is checked before anything else.
        return True
    if route.startswith("health/"):
        return answer is (RouteAnswer.OPENS if method in ("GET", "HEAD") else RouteAnswer.NO_METHOD)
    if route == "":
        # No cookie is read there, so no form's token is valid.
        return answer in (RouteAnswer.SIGN_IN, RouteAnswer.REFUSED)
    fits = table[route, method, caller.role, caller.here]
    if route.startswith("accounts/") and fits & {RouteAnswer.OPENS, RouteAnswer.HIDDEN}:
        # No account here has a second factor, and setting one up asks for the password again.
        return answer is not RouteAnswer.FAILS
    if method == "POST" and route.endswith("/remove/") and RouteAnswer.OPENS in fits and answer is RouteAnswer.HIDDEN:
        # An earlier caller with the same right did it, and the row no longer exists.
        return True
    # Account pages ask for the password again after a while.
    return answer in fits or (method == "POST" and RouteAnswer.OPENS in fits and answer is RouteAnswer.ASKED)


ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def _check_public_surface(
    stack: Stack, staff_surface: list[str], colleague: Caller, methods: tuple[str, ...]
) -> Iterator[Figure]:
    """The public surface, to strangers and to a browser that holds the cookies of a colleague."""
    call_inside(stack, "people.suspend", SUSPENDED, DRAFT)
    signed_in = _sign_in_caller(stack, colleague)
    # Published texts are cached for a few seconds.
    stack.stop_process("public")
    stack.start_surface("public")
    environment = {"SURFACE": "public", "KEYRING": str(stack.folder / "public-server")}
    public_routes = {
        slug: call_inside(stack, "public.paths", slug, "en", environment=environment)
        for slug in (HERE, SUSPENDED, DRAFT)
    }
    staff_paths = [path for path in staff_surface if path.startswith(("/admin/", "/accounts/"))]
    # Each with what its answer must fit: a route of the public surface, or None where there must be no answer.
    paths: list[tuple[str | None, str, str]] = [
        (route, slug, path) for slug, found in public_routes.items() for route, path in found
    ]
    paths += [(None, "", path) for path in staff_paths]
    cells, cookies, wrong, shown = 0, [], [], []
    for cookies_sent in ({}, signed_in.cookies):
        visitor = stack.visitor()
        for method in methods:
            for route, slug, path in paths:
                # Exactly these cookies: an answer before may have set others.
                visitor.cookies = dict(cookies_sent)
                page = visitor.post(path, {}) if method == "POST" else visitor.request(method, path)
                cells += 1
                cookies += [f"{method} {path}"] if "set-cookie" in page.headers else []
                if route is None:
                    shown += [f"{method} {path}: {page.status}"] if page.status not in (404, 405) else []
                elif not _public_answer_fits(route, slug, method, page.status):
                    wrong.append(f"{method} {path}: {page.status}")
        visitor.close()
    yield plain_figure(
        "cells of the public surface: route, portal, method, with a colleague's cookies and without", cells
    )
    yield equal_to("wrong cells of the public surface", "; ".join([str(len(wrong)), *wrong[:8]]), "0")
    yield equal_to("cookies set by the public surface", "; ".join([str(len(cookies)), *cookies[:8]]), "0")
    yield equal_to("routes of the staff's that it answers", "; ".join([str(len(shown)), *shown[:8]]), "0")


def _public_answer_fits(route: str, slug: str, method: str, status: int) -> bool:
    """A draft is 404; a suspended portal accepts nothing new; no page accepts a method without a use.

    The path of a country's code or name leads on, with and without a portal: a draft's does not differ.
    """
    if route in COUNTRIES:
        return status == (302 if method in ("GET", "HEAD") else 405)
    about_a_portal = "<slug:slug>" in route
    if about_a_portal and slug == DRAFT:
        return status in (404, 405)
    if route in LEAVING and method in ("GET", "HEAD"):
        return status == 303
    if method in ("GET", "HEAD"):
        return status in ((200, 302, 404) if route in NOTHING_THERE else (200, 302))
    if method == "POST" and route.endswith(("/report/", "/details/", "/status/")):
        return status == 422
    if method == "POST" and route == NOTICE:
        return status == 404
    return status == 405
