"""Query counts of pages and actions: the same for one row and for five.

Every staff page without parameters is found in the route table and requested by every role that may read it, with one
row of everything and with five. If you add a list, add its rows to `grow`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.accounts.approvals import request_recovery
from analysts.accounts.group_approvals import add_group
from analysts.assessment import actions
from analysts.codes import Reason, Role, Verdict
from analysts.models import (
    Hosted,
    Incident,
    LegalText,
    MaskedTerm,
    PortalGrant,
    Recipient,
    RouteExample,
    RouteRule,
    SenderIdentity,
    SystemicCase,
    User,
)
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from analysts.tests.inboxes import inbox_of, referred_to, unit
from analysts.tests.notices import gathering_for
from countries.models import Portal, Source
from countries.public import published
from countries.staff.workspace.portal_approvals import request_state
from countries.tests.factories import HelpServiceFactory, LanguageFactory, open_portal
from countries.words.crisis_texts import CRISIS_TEXTS
from countries.words.language_memory import renew_languages
from portal_site.access_table import TABLE
from tests.acts.words import approve_row
from tests.rig.fixtures import client_of, create_person

ADDRESS = "https://example.org/gallery"
DANGER = {"facts": ["child_in_danger"]}
# Not requested here: one ends the session, the other exports the whole log.
NOT_PAGES = {"admin/logout/", "admin/audit/auditevent/export/"}

# Three queries of each page are the frame's: the bar (`analysts.operations.health_signs`), the numbers of the queue,
# and the lanes of the menu with the saved views.
# How many queries each takes; if you change one, compare it with the others of about that size.
DASHBOARD, QUEUE, VEILED, REVEALED = 12, 13, 14, 21
# Pages of incidents with a verdict: one that is open, one on its way to being removed, one without a takedown.
ASSESSED, NOTIFIED, DECLINED = 25, 26, 17
CLAIM, ASSESS = 14, 11


def pages() -> Iterator[tuple[str, Role]]:
    """Each page without parameters, with each role that may read it."""
    for route, rights in TABLE.items():
        if route.startswith("admin/") and not {"<", "("} & set(route) and route not in NOT_PAGES:
            yield from ((route, role) for role in Role if rights.row(role, "GET") and not rights.strangers)


def grow(staff: dict[Role, User], portal: Portal, first: int, last: int) -> None:
    """Add one row to everything that lists show, for each number."""
    for number in range(first, last):
        # Numbers would make them near-duplicates, folded into one row (`analysts.incidents.near_duplicates`).
        name = "".join("abcdefghij"[int(digit)] for digit in str(number))
        worker = staff[Role.ANALYST]
        report_of(portal, f"https://waiting-{name}.example/1", details=DANGER)
        claimed(incident_of(portal, f"https://claimed-{name}.example/1"), worker)
        assessed_illegal(incident_of(portal, f"https://due-{name}.example/1"), worker)
        gathering_for(incident_of(portal, f"https://notified-{name}.example/1"), worker, name=f"Example Hosting {name}")
        colleague = create_person(f"colleague{number}", Role.ANALYST, portal)
        User.objects.create_user(f"unknown{number}", role=Role.OPERATOR)
        request_recovery(by=staff[Role.ADMINISTRATOR], user=colleague)
        _systemic_cases(worker, staff[Role.SENIOR])
        Recipient.objects.create(kind="host", name=f"Host {number}", country="NL")
        RouteRule.objects.create(hosted=Hosted.COUNTRIES, countries=["NL"], steps=["police"], reason=name)
        RouteExample.objects.create(country=f"Q{name[-1].upper()}", steps=["police"])
        LegalText.objects.create(kind="duty", name=f"Law {number}", texts="en: Keep it.")
        SenderIdentity.objects.create(name=f"Sender {number}", country="DE", by=staff[Role.OPERATOR], at=timezone.now())
        MaskedTerm.objects.create(text=f"placeholder{number}", by=staff[Role.WELFARE], at=timezone.now())
        another = open_portal(f"p{number}", f"Portal {number}", "en", country="XX")
        request_state(by=staff[Role.OPERATOR], portal=another, verb="suspend", reason="A test.")
        add_group(by=staff[Role.ADMINISTRATOR], name=f"Group {number}").portals.add(another)
        HelpServiceFactory.create(key=f"service-{number}")
        Source.objects.create(name=f"Partner {number}", kind="hotline", portal=another)
        LanguageFactory.create(tag=f"xx-q{name}", is_open=True, shows_words=True)
        approve_row(CRISIS_TEXTS[0], f"placeholder {name}", language=f"xx-q{name}")
        now = timezone.now()
        PortalGrant.objects.create(user=staff[Role.SENIOR], portal=another, at=now, until=now + timedelta(hours=1))
        another.contacts.update(verified_on=date(2020, 1, 1))
        staff[Role.OPERATOR].portals.add(another)
        staff[Role.PARTNER].portals.add(another)
        desk = Recipient.objects.get(name="Police of the officer")
        referred_to(desk, incident_of(portal, f"https://referred-{name}.example/1"), by=worker)
        inbox_of(unit(f"Police {name}", by=worker), by=worker, user=create_person(f"officer{number}", Role.RECIPIENT))
    renew_languages()


def _systemic_cases(*people: User) -> None:
    """One that waits and one that is answered, of each."""
    for by in people:
        sent = {"reason": "law", "sent_by": by, "sent_at": timezone.now()}
        for answered in ({}, {"answer": "raised", "answered_by": by, "answered_at": timezone.now()}):
            SystemicCase.objects.create(incident=Incident.objects.all()[0], **sent, **answered)


@pytest.mark.usefixtures("sessions_noted_later")
def test_pages_cost_the_same_for_one_row_and_for_five(belize: Portal) -> None:
    staff = {role: create_person(f"{role.value}1", role, belize) for role in Role}
    clients = {role: client_of(user) for role, user in staff.items()}

    def costs(asked: Iterable[tuple[str, Role]]) -> dict[tuple[str, Role], int]:
        found = {}
        for route, role in asked:
            # Every page reads it again, not only the first one after a few seconds.
            published.clear_cache()
            with CaptureQueriesContext(connection) as queries:
                clients[role].get(f"/{route}")
            found[route, role] = len(queries)
        return found

    inbox_of(
        unit("Police of the officer", by=staff[Role.SENIOR]), by=staff[Role.ADMINISTRATOR], user=staff[Role.RECIPIENT]
    )
    grow(staff, belize, 1, 2)
    # Once before: some rows are written on the first request of a day.
    one = costs([(route, role) for route, role in pages() if clients[role].get(f"/{route}").status_code != 302])
    assert {"admin/", "admin/queue/", "admin/audit/auditevent/"} <= {route for route, _ in one}
    grow(staff, belize, 2, 6)
    differing = [page for page, number in costs(one).items() if number != one[page]]
    # Again, as the first request after a change may write rows too.
    assert {page: (one[page], number) for page, number in costs(differing).items() if number != one[page]} == {}


def queries_of(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


@pytest.mark.usefixtures("sessions_noted_later")
def test_pages_of_an_analyst_cost(belize: Portal, ana: User) -> None:
    incident = claimed(incident_of(belize, ADDRESS), ana)
    report_of(belize, "https://waiting.example/1")
    client = client_of(ana)
    page = f"/admin/incidents/{incident.pk}/"
    costs = [queries_of(partial(client.get, path)) for path in ("/admin/", "/admin/queue/", page)]
    client.post(f"{page}reveal/")
    client.get(page)
    assert [*costs, queries_of(lambda: client.get(page))] == [DASHBOARD, QUEUE, VEILED, REVEALED]


@pytest.mark.usefixtures("sessions_noted_later")
def test_pages_after_a_verdict_cost(belize: Portal, ana: User) -> None:
    names = ("assessed", "notified", "declined")
    assessed, notified, declined = (incident_of(belize, f"https://{name}.example/1") for name in names)
    assessed_illegal(assessed, ana)
    gathering_for(notified, ana, name="Example Hosting")
    assessed_not_found(declined, ana)
    client = client_of(ana)
    pages = [f"/admin/incidents/{incident.pk}/" for incident in (assessed, notified, declined)]
    for page in pages:
        client.get(page)
    assert [queries_of(partial(client.get, page)) for page in pages] == [ASSESSED, NOTIFIED, DECLINED]


def test_claim_and_verdict_cost_the_same_however_many_wait(belize: Portal, ana: User) -> None:
    """Two of the queries are the savepoint that the test's transaction makes of the action's own."""

    def costs() -> tuple[int, int]:
        taken: list[Incident | None] = []
        claim = queries_of(lambda: taken.append(actions.claim_next(by=ana)))
        [incident] = taken
        assert incident
        assess = partial(actions.assess, by=ana, incident=incident, fence=incident.fence)
        return claim, queries_of(partial(assess, verdict=Verdict.NOT_ASSESSED, reason=Reason.CONTENT_NOT_FOUND))

    report_of(belize, "\n".join(f"https://{name}.example/1" for name in "ab"))
    # The first one of a day makes the row in which the others are counted.
    assert costs() == (CLAIM, ASSESS + 3)
    assert costs() == (CLAIM, ASSESS)
    report_of(belize, "\n".join(f"https://{name}.example/1" for name in "cdefghijklmnopqrstuvwxyz"))
    assert costs() == (CLAIM, ASSESS)
