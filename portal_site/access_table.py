"""Who may call what on the staff surface: one table, read by `portal_site.access_middleware` and by the tests.

It is gathered from the routes of the rooms (`analysts.pages.urls`) and the rows here: those of `countries`, `audit` and
the libraries. A route without a row is refused for all users, and fails a test. The test calls each route as every
role, of the portal and of another, by every method.

The table answers for role and method. Which rows a role reaches is a queryset's to say (`visible_to` and the like): the
table names it, and the test holds the view to it: another portal's row is 404. Views ask their own permissions too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysts.accounts.access import ANYBODY, BOTH, GET, NO_ROLE, READ, SEND, STAFF, AccessRow, Methods, Scope, Who
from analysts.accounts.permissions import ADMINISTRATORS, AUDITORS, OPERATORS, WORDS_READERS
from analysts.codes import Role
from analysts.pages.urls import ROUTES
from analysts.takedown.legal.permissions import LAW_WRITERS
from analysts.takedown.routing.permissions import RULE_KEEPERS, RULE_READERS
from analysts.takedown.url_list.urls import API_ACCESS
from analysts.welfare.permissions import TERM_KEEPERS
from countries.staff.document.steps import FORM_STEPS, PortalStep
from countries.staff.translation.permissions import check_is_translator

PARTNERS = Who(frozenset({Role.PARTNER}))
TRANSLATORS = Who(frozenset({Role.TRANSLATOR}), check_is_translator)


def admin_access_rows(
    model: str,
    who: Who,
    *,
    add: bool = False,
    change: bool = False,
    delete: bool = False,
    history: bool = True,
    scope: Scope = Scope.ALL,
) -> tuple[AccessRow, ...]:
    """The pages that Django's admin site makes of a model, opened to `who`, who may also add, change or delete rows.

    `delete` is for rows that nothing else refers to; audit events keep their number.
    """
    pages, one = f"admin/{model}/", f"admin/{model}/<path:object_id>/"
    return (
        AccessRow(pages, who, READ),
        AccessRow(f"{pages}add/", who if add else NO_ROLE, BOTH),
        # Redirects to `change/`, even for a row that does not exist.
        AccessRow(one, who, READ),
        AccessRow(f"{one}change/", who, BOTH if change else READ, scope),
        AccessRow(f"{one}history/", who if history else NO_ROLE, READ, scope),
        AccessRow(f"{one}delete/", who if delete else NO_ROLE, BOTH),
    )


WORDS = "admin/words/<language:words_tag>/"
TEXT = f"{WORDS}<slug:text_digest>/"
PORTAL = "admin/countries/portal/<int:portal_id>/"
# The launch kit, with the pictures of its sheets.
KIT = (
    f"{PORTAL}kit/",
    f"{PORTAL}kit/band.svg",
    *(
        f"{PORTAL}kit/<language:language>/{sheet}"
        for sheet in ("poster/", "cards/", "code.svg", "badge.svg", "badge.png")
    ),
    "admin/countries/portal/pictures/<slug:digest>/",
)

ROWS = (
    # Signing in.
    AccessRow("accounts/login/", ANYBODY, BOTH),
    AccessRow("accounts/logout/", ANYBODY, BOTH),
    AccessRow("accounts/inactive/", ANYBODY, READ),
    AccessRow("accounts/enter/", ANYBODY, BOTH),
    AccessRow("accounts/mfa/authenticate/", ANYBODY, BOTH),
    AccessRow("accounts/mfa/webauthn/login/", ANYBODY, BOTH),
    AccessRow("admin/login/", ANYBODY, BOTH),
    AccessRow("admin/jsi18n/", STAFF, READ),
    # One's own account.
    AccessRow("accounts/logout/everywhere/", STAFF, SEND),
    AccessRow("accounts/reauthenticate/", STAFF, BOTH),
    AccessRow("accounts/password/change/", STAFF, BOTH),
    AccessRow("accounts/password/set/", STAFF, BOTH),
    AccessRow("accounts/mfa/", STAFF, READ),
    AccessRow("accounts/mfa/reauthenticate/", STAFF, BOTH),
    AccessRow("accounts/mfa/totp/activate/", STAFF, BOTH),
    AccessRow("accounts/mfa/totp/deactivate/", STAFF, BOTH),
    AccessRow("accounts/mfa/recovery-codes/", STAFF, READ),
    AccessRow("accounts/mfa/recovery-codes/generate/", STAFF, BOTH),
    AccessRow("accounts/mfa/recovery-codes/download/", STAFF, READ),
    AccessRow("accounts/mfa/webauthn/", STAFF, READ),
    AccessRow("accounts/mfa/webauthn/add/", STAFF, BOTH),
    AccessRow("accounts/mfa/webauthn/reauthenticate/", STAFF, BOTH),
    AccessRow("accounts/mfa/webauthn/keys/<int:pk>/remove/", STAFF, BOTH, Scope.OWN),
    AccessRow("accounts/mfa/webauthn/keys/<int:pk>/edit/", STAFF, BOTH, Scope.OWN),
    # The frame of all pages.
    # With the weekly note about one's own cases.
    AccessRow("admin/", STAFF, READ, Scope.SELF),
    AccessRow("admin/logout/", STAFF, BOTH),
    AccessRow("admin/password_change/", STAFF, READ),
    AccessRow("admin/password_change/done/", STAFF, READ),
    AccessRow("admin/autocomplete/", NO_ROLE, READ),
    AccessRow("admin/r/<path:content_type_id>/<path:object_id>/", NO_ROLE, READ),
    AccessRow("admin/(?P<app_label>audit|analysts|countries)/$", STAFF, READ, Scope.APP),
    AccessRow("admin/(?P<url>.*)$", STAFF, BOTH, Scope.NOTHING),
    # Lists of accounts, masked terms and audit events.
    *admin_access_rows("analysts/maskedterm", TERM_KEEPERS, add=True, change=True, delete=True),
    *admin_access_rows("analysts/user", ADMINISTRATORS, add=True, change=True),
    *admin_access_rows("audit/auditevent", AUDITORS),
    # Lists that operators maintain.
    *admin_access_rows("analysts/routerule", RULE_KEEPERS, add=True, change=True),
    *admin_access_rows("analysts/routerule", RULE_READERS),
    *admin_access_rows("analysts/routeexample", RULE_KEEPERS, add=True, change=True, delete=True),
    *admin_access_rows("analysts/routeexample", RULE_READERS),
    *admin_access_rows("analysts/legaltext", LAW_WRITERS, add=True, change=True),
    *admin_access_rows("analysts/senderidentity", LAW_WRITERS, add=True, change=True),
    # Portals.
    # The admin's own form page leads to the first unfinished step.
    *admin_access_rows("countries/portal", OPERATORS, add=True),
    *admin_access_rows("countries/portal", PARTNERS, scope=Scope.PORTAL),
    *(AccessRow(f"{PORTAL}{step}/", OPERATORS, BOTH if step in FORM_STEPS else READ) for step in PortalStep),
    *(AccessRow(f"{PORTAL}{step}/", PARTNERS, READ, Scope.PORTAL) for step in PortalStep),
    *admin_access_rows("countries/helpservice", OPERATORS, add=True, change=True),
    # A language that nothing has used yet can be deleted.
    *admin_access_rows("countries/language", OPERATORS, add=True, change=True, delete=True),
    AccessRow("admin/countries/portal/new/", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}state/", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}emergency/", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}emergency/decide/", OPERATORS, SEND),
    AccessRow(f"{PORTAL}withdraw/", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}withdraw/decide/", OPERATORS, SEND),
    AccessRow(f"{PORTAL}export/", OPERATORS, READ),
    AccessRow(f"{PORTAL}import/", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}preview/", OPERATORS, READ),
    AccessRow(f"{PORTAL}preview/", PARTNERS, READ, Scope.PORTAL),
    AccessRow(f"{PORTAL}preview/<slug:state>/", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}preview/<slug:state>/", PARTNERS, BOTH, Scope.PORTAL),
    AccessRow(f"{PORTAL}preview/<slug:state>/<path:public_path>", OPERATORS, BOTH),
    AccessRow(f"{PORTAL}preview/<slug:state>/<path:public_path>", PARTNERS, BOTH, Scope.PORTAL),
    *(AccessRow(route, OPERATORS, READ) for route in KIT),
    *(AccessRow(route, PARTNERS, READ, Scope.PORTAL) for route in KIT),
    AccessRow("admin/contacts/", OPERATORS, READ),
    AccessRow("admin/contacts/<int:contact_id>/check/", OPERATORS, SEND),
    AccessRow("admin/languages/", OPERATORS, BOTH),
    AccessRow("admin/languages/<str:tag>/", OPERATORS, BOTH),
    AccessRow("admin/languages/<str:tag>/confirm/", OPERATORS, SEND),
    # Interface texts.
    AccessRow("admin/words/", WORDS_READERS, READ),
    AccessRow(WORDS, WORDS_READERS, READ),
    AccessRow(f"{WORDS}changed/", OPERATORS, READ),
    AccessRow(f"{WORDS}changed/", TRANSLATORS, BOTH),
    AccessRow(f"{WORDS}glossary/", OPERATORS, READ),
    AccessRow(f"{WORDS}glossary/", TRANSLATORS, BOTH),
    AccessRow(f"{WORDS}import/", TRANSLATORS, BOTH),
    AccessRow(f"{WORDS}review/", OPERATORS, READ),
    AccessRow(f"{WORDS}review/", TRANSLATORS, BOTH),
    AccessRow(f"{WORDS}texts.po", WORDS_READERS, READ),
    AccessRow(f"{WORDS}texts.xlsx", WORDS_READERS, READ),
    AccessRow(TEXT, OPERATORS, READ),
    AccessRow(TEXT, TRANSLATORS, BOTH),
    AccessRow(f"{TEXT}decide/", TRANSLATORS, SEND),
    AccessRow(f"{TEXT}preview/<path:public_path>", WORDS_READERS, READ),
    *(row for route in ROUTES for row in route.access_rows()),
    *API_ACCESS,
)


@dataclass(frozen=True, slots=True)
class Rights:
    """All rows of one route. `methods`: those that at least one caller may use."""

    rows: tuple[AccessRow, ...]
    methods: Methods
    strangers: bool
    members: bool

    def row(self, role: str, method: str) -> AccessRow | None:
        return next((row for row in self.rows if role in row.who.roles and method in row.methods), None)


def rights_by_route(rows: Iterable[AccessRow]) -> Mapping[str, Rights]:
    """The rows by route. Raises ValueError where two rows of a route answer for one role."""
    together: dict[str, tuple[AccessRow, ...]] = {}
    for row in rows:
        before = together.get(row.route, ())
        if any(other.who.roles & row.who.roles for other in before):
            raise ValueError(f"Two rows for one role: {row.route}")
        together[row.route] = (*before, row)
    return {
        route: Rights(
            rows,
            frozenset().union(*(row.methods for row in rows)),
            strangers=any(row.who.strangers for row in rows),
            members=any(row.who.members for row in rows),
        )
        for route, rows in together.items()
    }


TABLE = dict(rights_by_route(ROWS))

# The routes of the surface of sources, which has no roles and no sessions: with the key of a source, by these methods.
# Health is open to all, as on every surface.
SOURCE_TABLE: Mapping[str, Methods] = {"api/v1/reports": SEND, "api/v1/reports/<reference>": GET}
