"""Users with few of all open takedowns see the same rows, numbers and order as if they were found among all."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from analysts.assessment.actions.outcomes import return_to_queue
from analysts.assessment.queue import views as queue_views
from analysts.incidents import few_open
from analysts.incidents.few_open import find_few_takedowns, has_few_open
from analysts.models import Chase, NextStep, RecipientKind, User
from analysts.states import State
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal, incident_of, report_of
from countries.models import Portal
from tests.rig.fixtures import client_of

DAY = timedelta(days=1)
# Different at each request.
OF_ONE_REQUEST = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')
PAGES = (
    "/admin/",
    "/admin/queue/?view=acting",
    "/admin/queue/?view=acting&page=2",
    "/admin/queue/?view=acting&portal=belize",
    "/admin/queue/?view=acting&priority=1-9",
    "/admin/to-do/",
    "/admin/to-do/?what=trace",
    "/admin/to-do/?what=check",
    "/admin/to-do/?what=escalate",
    "/admin/to-do/?what=review",
    "/admin/to-do/?what=check&whose=mine",
)


@pytest.fixture
def busy(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    """Takedowns of both portals at several ages, of which one waits for another review; and undecided incidents."""
    now = timezone.now()
    for place, portal in enumerate((belize, zambia, belize, zambia, belize, zambia)):
        began = now - (10 + place) * DAY
        incident = incident_of(portal, f"https://illegal{place}.example/", now=began - DAY)
        verdict = assessed_illegal(incident, ana if portal == belize else ben, now=began)
        if place < 4:
            routed(verdict, [office(RecipientKind.HOST, None, name=f"Example {place}")])
        if place in (2, 3):
            incident.refresh_from_db()
            with transaction.atomic():
                return_to_queue(incident, now=now)
    for portal in (belize, zambia):
        report_of(portal, f"https://high-{portal.slug}.example/", details={"facts": ["child_known", "live_stream"]})
    report_of(belize, "https://both.example/")
    report_of(zambia, "https://both.example/")


def say_few(monkeypatch: pytest.MonkeyPatch, *, is_few: bool) -> None:
    for module in (few_open, queue_views):
        monkeypatch.setattr(module, "has_few_open", lambda portals: is_few)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("path", PAGES)
def test_page_is_the_same_whether_few_or_many_are_open(
    path: str, ana: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for is_few in (False, True):
        say_few(monkeypatch, is_few=is_few)
        for user in (ana, ben):
            page = client_of(user).get(path).content.decode()
            found[user, is_few] = OF_ONE_REQUEST.sub("", page)
    assert found[ana, True] == found[ana, False]
    assert found[ben, True] == found[ben, False]
    assert found[ana, True] != found[ben, True]


@pytest.mark.usefixtures("busy")
def test_few_takedowns_are_those_with_an_open_takedown_or_a_next_step(
    ana: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_few_takedowns(ana) is None
    say_few(monkeypatch, is_few=True)
    for user in (ana, ben):
        chases = set(Chase.objects.visible_to(user).open().values_list("incident", flat=True))
        steps = set(NextStep.objects.visible_to(user).values_list("pk", flat=True))
        few = find_few_takedowns(user)
        assert few is not None
        assert few == sorted(chases | steps)
        # One of them waits for another review.
        assert Chase.objects.visible_to(user).open().filter(incident__state=State.WAITING).count() == 1


@pytest.mark.usefixtures("busy")
def test_portals_have_few_open_by_their_share(belize: Portal, zambia: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        # So that PostgreSQL knows how many are open: 4.
        cursor.execute("ANALYZE analysts_incident")
    both = [belize.pk, zambia.pk]
    monkeypatch.setattr(few_open, "LEAST_OF_ALL", 1)
    assert not has_few_open([belize.pk])
    monkeypatch.setattr(few_open, "LEAST_TIMES", 1)
    assert has_few_open([belize.pk])
    assert not has_few_open(both)
    monkeypatch.setattr(few_open, "LEAST_TIMES", 0.5)
    assert has_few_open(both)
    monkeypatch.setattr(few_open, "MOST_UNDECIDED", 2)
    assert not has_few_open(both)
    monkeypatch.setattr(few_open, "MOST_UNDECIDED", 20_000)
    assert has_few_open(both)
    monkeypatch.setattr(few_open, "LEAST_OF_ALL", 10)
    assert not has_few_open(both)
