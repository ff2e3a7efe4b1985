"""`portal_site.access_table` against the code: every route, as every role and a stranger, by every method."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, resolve
from django.utils import timezone

from analysts.accounts import permissions as accounts_permissions
from analysts.accounts.access import BOTH, READ, STAFF, AccessRow, Scope, Who
from analysts.accounts.tests.test_sign_in import SECRET
from analysts.codes import Role
from analysts.incidents.permissions import ANALYSTS
from analysts.models import Exposure, User
from analysts.retention.permissions import SENIORS
from analysts.tests.factories import report_of
from analysts.welfare import exposure
from audit.permissions import is_allowed
from countries.models import Portal
from portal_site import access_middleware, access_table
from portal_site.access_table import TABLE
from portal_site.tests.passkeys import passkey_of
from tests.rig.cells import answers_for
from tests.rig.fixtures import LONG_AGO, client_of, create_person
from tests.rig.route_objects import create_own_objects, create_route_objects
from tests.rig.routes import METHODS, answer_of, fill_route, is_public, is_staff, walk_routes

WORDS = "placeholder-words-of-a-reporter"
HOST = "placeholder-host.example.org"
# Numbers of one person's day, by field; `minutes` as pages round `seconds`.
MINUTES = 604_171
NUMBERS = {
    "seconds": 60 * MINUTES,
    "since_break": 604_187,
    "reveals": 604_189,
    "decisions": 604_193,
    "skips": 604_201,
    "breaks": 604_207,
    "continued": 604_223,
    "addresses_read": 604_231,
    "addresses_copied": 604_237,
    "characters_read": 604_249,
}
SPELLINGS = "|".join(f"{number}|{number:,}" for number in (*NUMBERS.values(), MINUTES))
# Names of colleagues: those of their accounts, and those that they chose for desks.
ACCOUNT_NAME, DESK_NAME = re.compile(rb"signsinas|calledreally"), re.compile(rb"Deskofacolleague")
# Where accounts are managed they have the names of their sign-in. An auditor reads whose an id is, once approved.
ACCOUNT_PAGES = {
    Role.ADMINISTRATOR: (
        "admin/analysts/user/",
        "admin/accounts/",
        "admin/portal-groups/",
        "admin/recipient-accounts/",
    ),
    Role.SENIOR: ("admin/recipient-accounts/",),
    Role.AUDITOR: ("admin/approvals/<int:answer_id>/",),
}
# They see no name of the hotline's staff.
OUTSIDE = frozenset({"", Role.PARTNER.value, Role.RECIPIENT.value})
SHOWN_NUMBER = re.compile(rf"(?<![\w-])(?:{SPELLINGS})(?![\w-])".encode())
# Each role, for the portal of the rows and for another one; and a stranger.
CALLERS = [("", True), *((role.value, here) for role in Role for here in (True, False))]
HERE = [role for role, here in CALLERS if here]


pytestmark = pytest.mark.urls("portal_site.urls_staff")


@pytest.fixture(autouse=True)
def _public_url(settings: Any) -> None:
    """Needed to draw the launch kit."""
    settings.PUBLIC_URL = "https://report.example.org"


@pytest.fixture
def staff_routes() -> dict[str, URLPattern]:
    return {route: pattern for route, pattern in walk_routes() if is_staff(route)}


def rows_of(portal: Portal, zambia: Portal) -> dict[str, str]:
    """For each parameter of a path, an existing row: of the portal, where rows belong to one."""
    report = report_of(portal, f"https://{HOST}/gallery", details={"description": WORDS})
    alike = report_of(portal, f"https://{HOST}/closed").sightings.get().incident
    return create_route_objects(report, alike, zambia)


@dataclass(frozen=True, slots=True)
class Caller:
    """`here`: whether the rows are of their portal and their account. A stranger has no role."""

    role: str
    here: bool
    user: User | None = field(compare=False)
    client: Client = field(compare=False)
    rows: dict[str, str] = field(compare=False)
    # The reasons whose page of refusal was drawn: it shows nothing of the path.
    drawn: set[str] = field(default_factory=set, compare=False)


def caller_of(role: str, belize: Portal, zambia: Portal, *, here: bool) -> Caller:
    rows = rows_of(belize, zambia)
    colleague = create_person("somebody-else", Role.ANALYST)
    create_day(colleague)
    other = passkey_of(colleague)
    if not role:
        rename_colleagues(None)
        return Caller(role, here, None, Client(), rows)
    user = create_person("caller", Role(role), belize if here else zambia)
    own = passkey_of(user)
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    client = client_of(user)
    session = client.session
    # Authenticated just now, also by the second factor, so that no page is hidden behind the request to do so again.
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {**session[AUTHENTICATION_METHODS_SESSION_KEY][0], "reauthenticated": True, "method": method}
        for method in ("password", "mfa")
    ]
    session.save()
    if here:
        rows |= create_own_objects(user)
    rename_colleagues(user)
    return Caller(role, here, user, client, rows | {"pk": str((own if here else other).pk)})


def rename_colleagues(user: User | None) -> None:
    """Each has a name to sign in, a real one and one for desks, which pages are searched for."""
    colleagues = User.objects.exclude(pk=user.pk) if user else User.objects.all()
    for colleague in colleagues:
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(colleague.pk))
        User.objects.filter(pk=colleague.pk).update(
            username=f"signsinas{letters}", name=f"Calledreally {letters}", desk_name=f"Deskofacolleague {letters}"
        )
    User.objects.update(unchanged_since=LONG_AGO)


def create_day(user: User) -> None:
    """A day with all numbers there are about a person, and the alarm."""
    now = timezone.now()
    Exposure.objects.create(user=user, day=exposure.work_day(now), alarmed_at=now, passed_limit=True, **NUMBERS)


def wrong_cells(caller: Caller, asked: dict[str, URLPattern]) -> list[str]:
    """Cells where the answer differs from the table. Changes made by the requests are rolled back.

    Cells that are refused before their view are requested from the middleware only, except that of each route whose
    turn it is (`takes_turn`). Others are requested from the whole surface where the answer may depend on the caller
    (`is_asked_whole`).
    """
    wrong = []
    # An exception is a wrong cell too.
    caller.client.raise_request_exception = False
    before_views = hooks_before_views()
    session = caller.client.session if caller.user else SessionStore()
    for route, pattern in asked.items():
        path = fill_route(route, pattern, caller.rows)
        probed = route in TABLE and takes_turn(caller, route)
        for method in METHODS:
            listed = route in TABLE and method in TABLE[route].methods
            whole = is_asked_whole(caller, route, method)
            page = (
                None
                if listed and whole and probed
                else refusal_before_view(caller, session, method, path, before_views)
            )
            if page is None and not whole:
                continue
            if page is None:
                page, probed = whole_answer(caller, method, path), probed and not listed
            answer = answer_of(page.status_code, page.headers.get("Location", ""))
            if route not in TABLE:
                wrong.append(f"{caller.role} {method} {route}: not listed")
            elif answer not in answers_for(route, method, caller.role, here=caller.here):
                wrong.append(f"{caller.role or 'stranger'} {method} {route}: {answer} ({page.status_code})")
            elif (
                caller.role not in accounts_permissions.CONTENT_ROLES
                and not opens_own_inbox(caller, route, method)
                and not page.streaming
                and getattr(page, "is_rendered", True)
                and has_content(page.content)
            ):
                wrong.append(f"{caller.role or 'stranger'} {method} {route}: shows content")
            elif not page.streaming and getattr(page, "is_rendered", True) and SHOWN_NUMBER.search(page.content):
                wrong.append(f"{caller.role or 'stranger'} {method} {route}: shows a number about another person")
            elif not page.streaming and getattr(page, "is_rendered", True):
                wrong += [
                    f"{caller.role or 'stranger'} {method} {route}: {name}" for name in names_on(page, caller, route)
                ]
    return wrong


def names_on(page: Any, caller: Caller, route: str) -> Iterator[str]:
    """Names of other people that the caller is not to see there."""
    content = page.content.lower()
    pages = ACCOUNT_PAGES.get(Role(caller.role), ()) if caller.role else ()
    if ACCOUNT_NAME.search(content) and not route.startswith(pages):
        yield "shows the name of an account"
    if caller.role in OUTSIDE and DESK_NAME.search(page.content):
        yield "shows the desk name of a colleague"


def opens_own_inbox(caller: Caller, route: str, method: str) -> bool:
    """Whether the page is of a referral in the inbox of the caller's account, whose address it may open."""
    row = TABLE[route].row(caller.role, method)
    return row is not None and row.scope is Scope.INBOX and caller.here


def takes_turn(caller: Caller, route: str) -> bool:
    """One caller of each route, another one for the next; in every run the same."""
    turn = crc32(route.encode()) % len(HERE)
    return caller.here and caller.role == HERE[turn]


def is_asked_whole(caller: Caller, route: str, method: str) -> bool:
    """Whether the view itself is asked, and not only whether the middleware lets the caller through to it.

    Where a role may not do something at all, rows of another portal change nothing. Where it may, one role of those
    that a row names asks for all: that a page opens for each of them is seen where each page is measured
    (`test_buffers.py`). Each role asks for each page, to see that it shows no content to roles that may see none, and
    to no one a number about another person; and for rows of another portal, to see that they are hidden.
    """
    row = TABLE[route].row(Role(caller.role), method) if route in TABLE and caller.role else None
    if row is None:
        return caller.here
    first = caller.role == min(row.who.roles)
    if caller.here:
        return first or method == "GET"
    if method == "POST":
        return row.scope is not Scope.ALL
    return first or (method == "GET" and row.scope is not Scope.ALL)


def hooks_before_views() -> list[Callable[..., Any]]:
    """The middleware's `process_view` hooks in order: sign-in and the access table are among them."""
    handler = BaseHandler()
    handler.load_middleware()
    hooks: list[Callable[..., Any]] = handler._view_middleware  # type: ignore[attr-defined] # has no public name
    return hooks


def refusal_before_view(
    caller: Caller, session: SessionBase, method: str, path: str, hooks: list[Callable[..., Any]]
) -> Any:
    """The middleware's refusal; None where the view would be called."""
    request: Any = RequestFactory().generic(method, path)
    request.user = caller.user or AnonymousUser()
    request.session = session
    request._dont_enforce_csrf_checks = True
    request.resolver_match = match = resolve(path)
    answers = (hook(request, match.func, match.args, match.kwargs) for hook in hooks)
    answer = next((answer for answer in answers if answer is not None), None)
    if isinstance(answer, SimpleTemplateResponse) and (reason := str(answer.context_data)) not in caller.drawn:
        caller.drawn.add(reason)
        answer.render()
    return answer


def whole_answer(caller: Caller, method: str, path: str) -> Any:
    cookies = {name: morsel.value for name, morsel in caller.client.cookies.items()}
    with transaction.atomic():
        page = caller.client.generic(method, path)
        transaction.set_rollback(True)
    caller.client.cookies.clear()
    caller.client.cookies.load(cookies)
    return page


def has_content(body: bytes) -> bool:
    return WORDS.encode() in body or HOST.split(".")[0].encode() in body


def test_every_route_is_listed_and_every_row_has_a_route(staff_routes: dict[str, URLPattern]) -> None:
    assert sorted(set(staff_routes) - set(TABLE)) == [], (
        "Give each a row in its room's urls.py, or in portal_site/access_table.py."
    )
    assert sorted(set(TABLE) - set(staff_routes)) == [], "These lead nowhere: take them out."


def test_matrix_has_this_many_cells(staff_routes: dict[str, URLPattern]) -> None:
    each = len(CALLERS) * len(METHODS)
    assert each == 133
    # Written out, so that a route that comes or goes is seen: one more is 133 more.
    assert len(staff_routes) * each == 44_289


@pytest.mark.parametrize(("role", "here"), CALLERS)
def test_every_cell_answers_as_the_table_says(
    belize: Portal, zambia: Portal, staff_routes: dict[str, URLPattern], role: str, here: bool
) -> None:
    assert wrong_cells(caller_of(role, belize, zambia, here=here), staff_routes) == []


def test_every_other_route_is_public(staff_routes: dict[str, URLPattern]) -> None:
    others = [route for route, pattern in walk_routes() if route not in staff_routes and not is_public(pattern)]
    # Redirects to the dashboard; no cookie is read there, so everyone is sent to sign in.
    assert others == [""]
    assert Client().get("/").headers["Location"] == "/accounts/login/?next=/"


@pytest.mark.urls("portal_site.urls_all")
def test_every_route_of_both_surfaces_is_public_or_of_the_staff() -> None:
    assert [route for route, pattern in walk_routes() if not is_staff(route) and not is_public(pattern)] == []


# --- Rules for the table itself -------------------------------------------------------------------------------------


def test_content_opens_to_analysts_alone() -> None:
    content = [
        row for row in access_table.ROWS if row.route.startswith(("admin/queue/", "admin/incidents/", "admin/floods/"))
    ]
    assert len(content) > 10
    assert [
        row.route for row in content if row.who.strangers or row.who.roles - accounts_permissions.CONTENT_ROLES
    ] == []
    scoped = [row for row in access_table.ROWS if row.scope in (Scope.INCIDENT, Scope.REPORT)]
    assert [row.route for row in scoped if row not in content] == []
    assert [row.route for row in content if "<uuid:" in row.route and row not in scoped] == []


def test_pages_with_numbers_about_one_person_show_those_of_the_caller(ana: User, ben: User) -> None:
    """No path of theirs names anyone, and beside a colleague's day they show one's own."""
    routes = {row.route for row in access_table.ROWS if row.scope is Scope.SELF}
    of_exposure, of_cases = {"admin/my-settings/", "admin/pause/"}, {"admin/", "admin/my-cases/"}
    # Numbers of cases: `analysts/welfare/tests/test_outcomes.py`.
    assert routes == of_exposure | of_cases
    for user in (ana, ben):
        Exposure.objects.create(user=user, day=exposure.work_day(timezone.now()), seconds=60 * MINUTES * (user == ana))
    for route in sorted(of_exposure):
        pages = [client_of(user).get(f"/{route}") for user in (ana, ben)]
        assert [SHOWN_NUMBER.search(page.content) is not None for page in pages] == [True, False], route


@pytest.mark.parametrize("role", Role)
def test_checks_let_those_roles_pass_that_their_rows_name(role: Role) -> None:
    groups = {id(row.who): row.who for row in access_table.ROWS if row.who.check}.values()
    user = User(username="caller", role=role)
    assert [who for who in groups if who.check and is_allowed(who.check, user) != (role in who.roles)] == []


def test_two_rows_for_one_role_are_refused() -> None:
    row = AccessRow("admin/queue/", ANALYSTS, READ)
    with pytest.raises(ValueError, match="admin/queue/"):
        access_table.rights_by_route([row, replace(row, who=SENIORS)])


# --- What a refused person sees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "path", "reason"),
    [
        ("olga", "/admin/queue/", "Only analysts can open reports."),
        ("ana", "/admin/countries/portal/", "Only operators may change a portal."),
        ("ana", "/admin/analysts/user/", "Only administrators may manage accounts."),
        ("willa", "/admin/audit/auditevent/", "Only auditors may read the audit log."),
        ("olga", "/admin/countries/portal/1/delete/", "This page is not open to any role."),
    ],
)
def test_access_refusal_shows_its_reason(who: str, path: str, reason: str, request: pytest.FixtureRequest) -> None:
    page = client_of(request.getfixturevalue(who)).get(path)
    assert page.status_code == 403
    assert f"<p>{reason}</p>" in page.content.decode()


def test_access_refusal_uses_the_account_language(willa: User) -> None:
    willa.language = "ar"
    willa.save(update_fields=["language"])
    page = client_of(willa).get("/admin/queue/")
    assert (page.status_code, page.headers["Content-Language"]) == (403, "ar")
    assert 'dir="rtl"' in page.content.decode()


def test_refusal_without_a_check_names_the_roles() -> None:
    rights = access_table.rights_by_route(
        [AccessRow("admin/welfare/", Who(frozenset({Role.WELFARE, Role.SENIOR})), READ)]
    )
    reason = access_middleware.refusal_reason(User(role=Role.ANALYST), rights["admin/welfare/"], "GET")
    assert reason == "This page is open to other roles only: senior analyst, welfare lead."


def test_wrong_method_response_lists_allowed_methods(ana: User) -> None:
    answer = client_of(ana).get("/admin/queue/next/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


# --- Controls: errors that the matrix must find -----------------------------------------------------------------------

INCIDENT = "admin/incidents/<uuid:incident_id>/"


@pytest.fixture
def found(belize: Portal, zambia: Portal, staff_routes: dict[str, URLPattern]) -> Callable[..., list[str]]:
    def found(role: str, asked: set[str], *, here: bool = True) -> list[str]:
        patterns = {route: pattern for route, pattern in staff_routes.items() if route in asked}
        return wrong_cells(caller_of(role, belize, zambia, here=here), patterns)

    return found


def with_rows(monkeypatch: pytest.MonkeyPatch, *rows: AccessRow) -> None:
    """The table with these rows in place of its own for their routes."""
    for route, rights in access_table.rights_by_route(rows).items():
        monkeypatch.setitem(TABLE, route, rights)


def test_unlisted_route_stays_shut_and_is_found(
    monkeypatch: pytest.MonkeyPatch, found: Callable[..., list[str]], ana: User, staff_routes: dict[str, URLPattern]
) -> None:
    monkeypatch.delitem(TABLE, "admin/queue/")
    page = client_of(ana).get("/admin/queue/")
    assert page.status_code == 403
    assert "This page has no access rule yet." in page.content.decode()
    assert found("analyst", {"admin/queue/"}) == [f"analyst {method} admin/queue/: not listed" for method in METHODS]
    with pytest.raises(AssertionError, match="Give each a row"):
        test_every_route_is_listed_and_every_row_has_a_route(staff_routes)


def test_row_without_a_route_is_found(monkeypatch: pytest.MonkeyPatch, staff_routes: dict[str, URLPattern]) -> None:
    with_rows(monkeypatch, AccessRow("admin/gone/", STAFF, READ))
    with pytest.raises(AssertionError, match="lead nowhere"):
        test_every_route_is_listed_and_every_row_has_a_route(staff_routes)


def test_role_too_many_is_found(monkeypatch: pytest.MonkeyPatch, found: Callable[..., list[str]]) -> None:
    who = Who(accounts_permissions.CONTENT_ROLES | {Role.OPERATOR})
    with_rows(monkeypatch, AccessRow(INCIDENT, who, READ, Scope.INCIDENT))
    assert found("operator", {INCIDENT}) == [f"operator GET {INCIDENT}: refused (403)"]


def test_method_too_many_is_found(monkeypatch: pytest.MonkeyPatch, found: Callable[..., list[str]]) -> None:
    with_rows(monkeypatch, AccessRow(INCIDENT, ANALYSTS, BOTH, Scope.INCIDENT))
    assert found("analyst", {INCIDENT}) == [f"analyst POST {INCIDENT}: no such method (405)"]


def test_scope_too_wide_is_found(monkeypatch: pytest.MonkeyPatch, found: Callable[..., list[str]]) -> None:
    with_rows(monkeypatch, AccessRow(INCIDENT, ANALYSTS, READ))
    wrong = found("analyst", {INCIDENT}, here=False)
    assert wrong == [f"analyst {method} {INCIDENT}: hidden (404)" for method in READS]


def test_gate_that_asks_nothing_is_found(monkeypatch: pytest.MonkeyPatch, found: Callable[..., list[str]]) -> None:
    monkeypatch.setattr(access_middleware.AskTheTable, "process_view", lambda *_args: None)
    assert "welfare OPTIONS admin/: opens (200)" in found("welfare", {"admin/"})


def test_content_would_be_found(belize: Portal, zambia: Portal) -> None:
    caller = caller_of("analyst", belize, zambia, here=True)
    path = f"/admin/incidents/{caller.rows['incident_id']}/reveal/"
    page = caller.client.post(path, {"reason": "advice"}, follow=True)
    assert page.status_code == 200
    assert has_content(page.content)


@pytest.mark.parametrize("page", ["<td>604171</td>", "604,189 incidents", "604207 breaks", "36250260 s"])
def test_number_about_another_person_would_be_found(page: str) -> None:
    assert SHOWN_NUMBER.search(page.encode())
    assert not SHOWN_NUMBER.search(page.encode().replace(b"604", b"x604").replace(b"362", b"x362"))


READS = ("GET", "HEAD")
