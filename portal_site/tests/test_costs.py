"""What pages and verbs ask of the database: the same for one row and for thirty.

Every page of the staff's that takes no parameter is found in the table of routes and asked for by every role that may
read it, over one of everything and over thirty. Whoever adds a list adds what it lists to `grow`.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts import actions
from analysts.codes import AgeBand, Role, Severity, Sex, Verdict
from analysts.models import Incident, Proposal, ProposalKind, User, VeiledTerm
from analysts.tests.factories import assessed_illegal, claimed, incident_of, report_of
from countries.models import Portal
from countries.tests.factories import open_portal
from portal_site.access import TABLE
from portal_site.tests.fixtures import client_of, person

ADDRESS = "https://example.org/gallery"
DANGER = {"facts": ["child_in_danger"]}
# Not asked for here: the one ends the session, the other is the whole record as a file.
NOT_PAGES = {"admin/logout/", "admin/audit/auditevent/export/"}

# How many queries each takes; whoever changes one looks at what the others do about as much.
QUEUE, DASHBOARD, VEILED, REVEALED = 15, 22, 23, 30
CLAIM, ASSESS = 10, 11


def pages() -> Iterator[tuple[str, Role]]:
    """Each page that takes no parameter, with each role that may read it."""
    for route, rights in TABLE.items():
        if route.startswith("admin/") and not {"<", "("} & set(route) and route not in NOT_PAGES:
            yield from ((route, role) for role in Role if rights.row(role, "GET") and not rights.strangers)


def grow(staff: dict[Role, User], portal: Portal, first: int, last: int) -> None:
    """One more of everything that lists show, for each number."""
    for number in range(first, last):
        # Numbers would make them alike, and all of them one row (`analysts.shapes`).
        name = "".join("abcdefghij"[int(digit)] for digit in str(number))
        worker = staff[Role.ANALYST]
        report_of(portal, f"https://waiting-{name}.example/1", details=DANGER)
        claimed(incident_of(portal, f"https://claimed-{name}.example/1"), worker)
        assessed_illegal(incident_of(portal, f"https://due-{name}.example/1"), worker)
        colleague = person(f"colleague{number}", Role.ANALYST, portal)
        Proposal.objects.create(
            kind=ProposalKind.RECOVERY,
            user=colleague,
            asked_by=staff[Role.ADMINISTRATOR],
            asked_at=timezone.now(),
        )
        VeiledTerm.objects.create(text=f"placeholder{number}", by=staff[Role.WELFARE], at=timezone.now())
        another = open_portal(f"p{number}", f"Portal {number}", "en", country="XX")
        staff[Role.OPERATOR].portals.add(another)
        staff[Role.PARTNER].portals.add(another)


def test_pages_cost_the_same_for_one_row_and_for_thirty(belize: Portal) -> None:
    staff = {role: person(f"{role.value}1", role, belize) for role in Role}
    clients = {role: client_of(user) for role, user in staff.items()}

    def costs() -> dict[tuple[str, str], int]:
        found = {}
        for route, role in pages():
            # Once before: some rows are written on the first request of a day.
            if clients[role].get(f"/{route}").status_code == 302:
                continue
            with CaptureQueriesContext(connection) as queries:
                clients[role].get(f"/{route}")
            found[route, role.value] = len(queries)
        return found

    grow(staff, belize, 1, 2)
    one = costs()
    assert {"admin/", "admin/queue/", "admin/audit/auditevent/"} <= {route for route, _ in one}
    grow(staff, belize, 2, 31)
    assert {page: (one[page], number) for page, number in costs().items() if number != one[page]} == {}


def test_pages_of_an_analyst_cost(belize: Portal, ana: User, django_assert_num_queries: Any) -> None:
    incident = claimed(incident_of(belize, ADDRESS), ana)
    report_of(belize, "https://waiting.example/1")
    client = client_of(ana)
    page = f"/admin/incidents/{incident.pk}/"
    for path, queries in {"/admin/queue/": QUEUE, "/admin/": DASHBOARD, page: VEILED}.items():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert (path, len(asked)) == (path, queries)
    client.post(f"{page}reveal/")
    client.get(page)
    with django_assert_num_queries(REVEALED):
        assert client.get(page).status_code == 200


def test_claim_and_verdict_cost(belize: Portal, ana: User, django_assert_num_queries: Any) -> None:
    """Two of each are the savepoint that a test's transaction makes of the verb's own."""
    for number in range(2):
        report_of(belize, f"https://site{number}.example/1")
        with django_assert_num_queries(CLAIM):
            incident = actions.claim_next(by=ana)
        assert incident
        with django_assert_num_queries(ASSESS):
            actions.assess(
                by=ana,
                incident=incident,
                fence=incident.fence,
                verdict=Verdict.ILLEGAL,
                severity=Severity.C,
                age_band=AgeBand.AGE_11_13,
                sex=Sex.GIRLS,
            )
    waiting = [incident_of(belize, f"https://more{number}.example/1") for number in range(30)]
    with django_assert_num_queries(CLAIM):
        assert actions.claim_next(by=ana) in waiting
    assert Incident.objects.waiting().count() == 29
