"""Who may call what on the staff surface: one table, read by `portal_site.access_middleware` and by the tests.

A new route gets its row here, or everybody is refused: `Row("admin/incidents/<uuid:incident_id>/skip/", ANALYSTS,
SEND, Scope.INCIDENT)`. The route is written as the resolver joins it; a route that opens to several roles in
different ways has a row for each. `portal_site/tests/test_access_table.py` then asks the route as every role, of the
portal and of another, by every method; where its path has a parameter that no route had before, `rows_of` there
learns what to fill in.

The table answers for role and method. Which rows a role reaches is a queryset's to say (`visible_to` and the like): the
table names it, and the test holds the view to it: another portal's row is 404. Views ask their own permissions too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analysts.accounts.permissions import check_is_administrator
from analysts.codes import Role
from analysts.incidents import permissions
from analysts.models import User
from analysts.takedown.notices.text_permissions import check_can_read_texts, check_can_write_texts
from analysts.takedown.recipients import permissions as addressees
from analysts.takedown.routing.permissions import check_can_change_rules, check_can_see_rules
from analysts.takedown.url_list.permissions import check_can_see_list, check_keeps_members
from audit.permissions import check_can_read_events
from countries.staff.permissions import check_is_operator

Methods = frozenset[str]
GET: Methods = frozenset({"GET"})
READ: Methods = frozenset({"GET", "HEAD"})
SEND: Methods = frozenset({"POST"})
BOTH = READ | SEND


@dataclass(frozen=True, slots=True)
class Who:
    """Roles, and the check that lets exactly these pass: its reason is what anybody else is told."""

    roles: frozenset[Role]
    check: Callable[[User], None] | None = None
    strangers: bool = False
    # Systems of members: whoever sends a key that is open, and no session (`analysts.takedown.url_list.members`).
    members: bool = False


STAFF = Who(frozenset(Role))
ANYBODY = Who(frozenset(Role), strangers=True)
NOBODY = Who(frozenset())
MEMBERS = Who(frozenset(), members=True)
ANALYSTS = Who(permissions.CONTENT_ROLES, permissions.check_sees_content)
SENIORS = Who(frozenset({Role.SENIOR}), permissions.check_may_hold)
KEY_KEEPERS = Who(frozenset({Role.SENIOR, Role.ADMINISTRATOR}), permissions.check_can_see_keys)
AGREEMENT_READERS = Who(frozenset({Role.SENIOR, Role.AUDITOR}), permissions.check_can_see_agreement)
CODE_READERS = Who(permissions.CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}, permissions.check_can_see_codes)
RULE_READERS = Who(permissions.CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}, check_can_see_rules)
RULE_KEEPERS = Who(frozenset({Role.OPERATOR}), check_can_change_rules)
OPERATORS = Who(frozenset({Role.OPERATOR}), check_is_operator)
# Whom we tell: who sees, enters and verifies them.
ADDRESSEE_READERS = Who(permissions.CONTENT_ROLES | {Role.OPERATOR}, addressees.check_can_see)
ADDRESSEE_EDITORS = Who(frozenset({Role.OPERATOR}), addressees.check_can_edit)
ADDRESSEE_VERIFIERS = Who(addressees.VERIFIERS, addressees.check_may_verify)
CARERS = Who(frozenset({Role.WELFARE}), permissions.check_can_see_welfare)
TEXT_READERS = Who(permissions.CONTENT_ROLES | {Role.OPERATOR}, check_can_read_texts)
TEXT_WRITERS = Who(frozenset({Role.OPERATOR}), check_can_write_texts)
LIST_READERS = Who(permissions.CONTENT_ROLES | {Role.OPERATOR}, check_can_see_list)
MEMBERS_KEEPERS = Who(frozenset({Role.OPERATOR, Role.SENIOR}), check_keeps_members)
# Who decides which words stay blank.
CAREFUL = Who(frozenset({Role.SENIOR, Role.WELFARE}))
PARTNERS = Who(frozenset({Role.PARTNER}))
AUDITORS = Who(frozenset({Role.AUDITOR}), check_can_read_events)
ADMINISTRATORS = Who(frozenset({Role.ADMINISTRATOR}), check_is_administrator)


class Scope(StrEnum):
    """Which rows a path may name; any other is 404."""

    ALL = "every row there is"
    INCIDENT = "an incident that one of one's portals sighted"
    REPORT = "a report to one of one's portals, in such an incident"
    NOTICE = "a notice about such an incident"
    PORTAL = "one of one's portals"
    OWN = "what belongs to one's own account"
    APP = "an app of which one's role opens a page"
    NOTHING = "what no other route knows"


@dataclass(frozen=True, slots=True)
class Row:
    route: str
    who: Who
    methods: Methods
    scope: Scope = Scope.ALL


def stock(
    model: str, who: Who, *, edit: bool = False, delete: bool = False, scope: Scope = Scope.ALL
) -> tuple[Row, ...]:
    """The pages that Django's admin site makes of a model, opened to some; with `edit` they add and change, too.

    Nobody deletes what is named on record; `delete` is for what is not.
    """
    pages, one = f"admin/{model}/", f"admin/{model}/<path:object_id>/"
    return (
        Row(pages, who, READ),
        Row(f"{pages}add/", who if edit else NOBODY, BOTH),
        # Leads to `change/`, whatever the row.
        Row(one, who, READ),
        Row(f"{one}change/", who, BOTH if edit else READ, scope),
        Row(f"{one}history/", who, READ, scope),
        Row(f"{one}delete/", who if delete else NOBODY, BOTH),
    )


INCIDENT = "admin/incidents/<uuid:incident_id>/"
NOTICE = "admin/notices/<uuid:notice_id>/"
PORTAL = "admin/countries/portal/<int:portal_id>/"
CHANGE = "admin/countries/changes/<int:change_id>/"
NOTICE_TEXT = "admin/notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/"
ADDRESSEE = "admin/addressees/<uuid:addressee_id>/"

ROWS = (
    # Signing in.
    Row("accounts/login/", ANYBODY, BOTH),
    Row("accounts/logout/", ANYBODY, BOTH),
    Row("accounts/inactive/", ANYBODY, READ),
    Row("accounts/enter/", ANYBODY, BOTH),
    Row("accounts/mfa/authenticate/", ANYBODY, BOTH),
    Row("accounts/mfa/webauthn/login/", ANYBODY, BOTH),
    Row("admin/login/", ANYBODY, BOTH),
    Row("admin/jsi18n/", STAFF, READ),
    # One's own account.
    Row("accounts/logout/everywhere/", STAFF, SEND),
    Row("accounts/reauthenticate/", STAFF, BOTH),
    Row("accounts/password/change/", STAFF, BOTH),
    Row("accounts/password/set/", STAFF, BOTH),
    Row("accounts/mfa/", STAFF, READ),
    Row("accounts/mfa/reauthenticate/", STAFF, BOTH),
    Row("accounts/mfa/totp/activate/", STAFF, BOTH),
    Row("accounts/mfa/totp/deactivate/", STAFF, BOTH),
    Row("accounts/mfa/recovery-codes/", STAFF, READ),
    Row("accounts/mfa/recovery-codes/generate/", STAFF, BOTH),
    Row("accounts/mfa/recovery-codes/download/", STAFF, READ),
    Row("accounts/mfa/webauthn/", STAFF, READ),
    Row("accounts/mfa/webauthn/add/", STAFF, BOTH),
    Row("accounts/mfa/webauthn/reauthenticate/", STAFF, BOTH),
    Row("accounts/mfa/webauthn/keys/<int:pk>/remove/", STAFF, BOTH, Scope.OWN),
    Row("accounts/mfa/webauthn/keys/<int:pk>/edit/", STAFF, BOTH, Scope.OWN),
    # The frame of all pages.
    Row("admin/", STAFF, READ),
    Row("admin/logout/", STAFF, BOTH),
    Row("admin/password_change/", STAFF, READ),
    Row("admin/password_change/done/", STAFF, READ),
    Row("admin/autocomplete/", NOBODY, READ),
    Row("admin/r/<path:content_type_id>/<path:object_id>/", NOBODY, READ),
    Row("admin/(?P<app_label>audit|analysts|countries)/$", STAFF, READ, Scope.APP),
    Row("admin/(?P<url>.*)$", STAFF, BOTH, Scope.NOTHING),
    # Reports: the only rows that open content.
    Row("admin/queue/", ANALYSTS, READ),
    Row("admin/queue/next/", ANALYSTS, SEND),
    Row(INCIDENT, ANALYSTS, READ, Scope.INCIDENT),
    Row(f"{INCIDENT}reveal/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}unblank/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}copy/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}veil/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}claim/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}release/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}hand-over/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}assess/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}undo/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}skip/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}renew/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}draft/<slug:act>/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}refer/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}close/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}reopen/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}hold/", SENIORS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}release-hold/", SENIORS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}note/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}answers-read/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}replies-read/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}ask/<uuid:report_id>/", ANALYSTS, SEND, Scope.REPORT),
    Row(f"{INCIDENT}leaving/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}trace/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}look-up-network/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}route/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}ask-police/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}clearance/", ANALYSTS, SEND, Scope.INCIDENT),
    Row("admin/due/", ANALYSTS, READ),
    Row(f"{INCIDENT}check/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}escalate/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}url-list/add/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}url-list/keep/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}url-list/take-off/", ANALYSTS, SEND, Scope.INCIDENT),
    Row("admin/notices/", ANALYSTS, READ),
    Row(NOTICE, ANALYSTS, READ, Scope.NOTICE),
    *(
        Row(f"{NOTICE}{act}/", ANALYSTS, SEND, Scope.NOTICE)
        for act in ("read", "sent", "send-now", "take-back", "try-again", "by-hand")
    ),
    Row(f"{NOTICE}items/<uuid:item_id>/leave-out/", ANALYSTS, SEND, Scope.NOTICE),
    Row("admin/floods/<uuid:incident_id>/", ANALYSTS, READ, Scope.INCIDENT),
    Row("admin/floods/<uuid:incident_id>/close/", ANALYSTS, SEND, Scope.INCIDENT),
    Row("admin/floods/closings/<uuid:closing_id>/undo/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}merge/", ANALYSTS, SEND, Scope.INCIDENT),
    Row(f"{INCIDENT}split/<uuid:report_id>/", ANALYSTS, SEND, Scope.REPORT),
    # What is carried to the isolated workstation: addresses in clear.
    Row("admin/handoff/", ANALYSTS, READ),
    Row("admin/handoff/export/", ANALYSTS, SEND),
    Row("admin/handoff/import/", ANALYSTS, SEND),
    # What protects those who look.
    Row("admin/my-settings/", ANALYSTS, BOTH),
    Row("admin/welfare/", CARERS, READ),
    Row("admin/pause/", ANALYSTS, READ),
    Row("admin/pause/break/", ANALYSTS, SEND),
    Row("admin/pause/avoid/", ANALYSTS, SEND),
    Row("admin/pause/go-on/", ANALYSTS, SEND),
    # How it is decided: codes and numbers, no content.
    Row("admin/agreement/", AGREEMENT_READERS, READ),
    Row("admin/codes/", CODE_READERS, READ),
    Row("admin/codes/correct/", OPERATORS, SEND),
    Row("admin/notice-texts/", TEXT_READERS, READ),
    Row(NOTICE_TEXT, ANALYSTS, READ),
    Row(NOTICE_TEXT, TEXT_WRITERS, BOTH),
    # Whom we tell.
    Row("admin/addressees/", ADDRESSEE_READERS, READ),
    Row("admin/addressees/add/", ADDRESSEE_EDITORS, BOTH),
    Row("admin/addressees/import/", ADDRESSEE_EDITORS, BOTH),
    Row("admin/addressees/example.csv", ADDRESSEE_EDITORS, READ),
    Row("admin/addressees/league/", ADDRESSEE_READERS, READ),
    Row(ADDRESSEE, ADDRESSEE_READERS, READ),
    Row(f"{ADDRESSEE}change/", ADDRESSEE_EDITORS, BOTH),
    Row(f"{ADDRESSEE}verify/", ADDRESSEE_VERIFIERS, SEND),
    Row(f"{ADDRESSEE}close-down/", ADDRESSEE_EDITORS, SEND),
    Row(f"{ADDRESSEE}reopen/", ADDRESSEE_EDITORS, SEND),
    Row("admin/routing/", RULE_READERS, READ),
    Row("admin/routing/load/", RULE_KEEPERS, SEND),
    Row("admin/routing/rules/new/", RULE_KEEPERS, BOTH),
    Row("admin/routing/rules/<uuid:rule_id>/", RULE_KEEPERS, BOTH),
    Row("admin/routing/rules/<uuid:rule_id>/move/", RULE_KEEPERS, SEND),
    Row("admin/routing/examples/", RULE_KEEPERS, SEND),
    Row("admin/routing/examples/<uuid:example_id>/remove/", RULE_KEEPERS, SEND),
    # Keys, accounts and the record.
    Row("admin/keys/", KEY_KEEPERS, READ),
    Row("admin/workstations/", ADMINISTRATORS, BOTH),
    Row("admin/workstations/<uuid:workstation_id>/close/", ADMINISTRATORS, SEND),
    Row("admin/confirmations/", ADMINISTRATORS, READ),
    Row("admin/confirmations/<int:proposal_id>/confirm/", ADMINISTRATORS, SEND),
    Row("admin/confirmations/<int:proposal_id>/refuse/", ADMINISTRATORS, SEND),
    Row("admin/accounts/<int:user_id>/recover/", ADMINISTRATORS, SEND),
    *stock("analysts/veiledterm", CAREFUL, edit=True, delete=True),
    *stock("analysts/user", ADMINISTRATORS, edit=True),
    Row("admin/audit/auditevent/export/", AUDITORS, BOTH),
    *stock("audit/auditevent", AUDITORS),
    # Portals.
    *stock("countries/portal", OPERATORS, edit=True),
    *stock("countries/portal", PARTNERS, scope=Scope.PORTAL),
    Row("admin/countries/portal/new/", OPERATORS, BOTH),
    Row(f"{PORTAL}state/", OPERATORS, BOTH),
    Row(f"{PORTAL}export/", OPERATORS, READ),
    Row(f"{PORTAL}import/", OPERATORS, BOTH),
    Row(f"{PORTAL}preview/", OPERATORS, READ),
    Row(f"{PORTAL}preview/", PARTNERS, READ, Scope.PORTAL),
    Row(f"{PORTAL}preview/<slug:state>/", OPERATORS, BOTH),
    Row(f"{PORTAL}preview/<slug:state>/", PARTNERS, BOTH, Scope.PORTAL),
    Row(f"{PORTAL}preview/<slug:state>/<path:public_path>", OPERATORS, BOTH),
    Row(f"{PORTAL}preview/<slug:state>/<path:public_path>", PARTNERS, BOTH, Scope.PORTAL),
    Row(f"{PORTAL}kit/", OPERATORS, READ),
    Row(f"{PORTAL}kit/<language:language>/poster/", OPERATORS, READ),
    Row(f"{PORTAL}kit/<language:language>/cards/", OPERATORS, READ),
    Row(f"{PORTAL}kit/<language:language>/code.svg", OPERATORS, READ),
    Row("admin/countries/portal/pictures/<slug:digest>/", OPERATORS, READ),
    Row("admin/countries/changes/", OPERATORS, READ),
    Row(CHANGE, OPERATORS, READ),
    Row(f"{CHANGE}confirm/", OPERATORS, SEND),
    Row(f"{CHANGE}refuse/", OPERATORS, SEND),
    Row("admin/languages/", OPERATORS, READ),
    Row("admin/languages/<str:tag>/", OPERATORS, BOTH),
    # The URL list: its pages, without an address, and what members' systems call.
    Row("admin/url-list/", LIST_READERS, READ),
    Row("admin/url-list/members/", MEMBERS_KEEPERS, BOTH),
    Row("admin/url-list/members/<uuid:key_id>/close/", MEMBERS_KEEPERS, SEND),
    Row("api/url-list/", MEMBERS, GET),
    Row("api/url-list/changes", MEMBERS, GET),
)


@dataclass(frozen=True, slots=True)
class Rights:
    """All rows of one route. `methods`: by which anybody at all may call it."""

    rows: tuple[Row, ...]
    methods: Methods
    strangers: bool
    members: bool

    def row(self, role: str, method: str) -> Row | None:
        return next((row for row in self.rows if role in row.who.roles and method in row.methods), None)


def table(rows: Iterable[Row]) -> Mapping[str, Rights]:
    """By route. ValueError where two rows of a route answer for one role."""
    together: dict[str, tuple[Row, ...]] = {}
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


TABLE = dict(table(ROWS))
