"""The page that closes a flood: preview, closing and undo."""

import re
from typing import Any

import pytest

from analysts.assessment import actions, floods
from analysts.assessment.actions import bulk
from analysts.assessment.tests.test_floods import DANGER, QUEUE, flood
from analysts.codes import Reason, Verdict
from analysts.models import BulkClosing, Incident, User
from analysts.pages.tests.test_incident_page import shown
from analysts.states import State
from analysts.tests.factories import claimed, incident_of
from countries.models import Portal
from tests.rig.fixtures import client_of

FORM = {"number": "7", "verdict": "not_assessed", "reason": "content_not_found", "looked": "on"}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits keep the tests fast: of ten incidents, seven are in the flood."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "OF_A_SITE", 6)
    monkeypatch.setattr(floods, "IN_DANGER", 0)


def url(act: str = "") -> str:
    incident = Incident.objects.exclude(flood=b"").order_by("pk")[0]
    return f"/admin/floods/{incident.pk}/" + (f"{act}/" if act else "")


def figures(page: Any) -> dict[str, str]:
    return dict(re.findall(r'<dd id="([a-z-]+)">\s*([^<]*?)\s*</dd>', page.content.decode()))


def test_page_tells_what_would_be_closed_and_what_stays(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 16)
    flood(belize, 2, lambda number: f"https://flood.example/album/{100 + number}", details=DANGER)
    claimed(Incident.objects.alike().filter(child_in_danger=False)[0], sena)
    client = client_of(ana)
    queue = client.get(QUEUE).content.decode()
    links = re.findall(r'href="(/admin/floods/[^"]*)"', queue)
    assert len(links) == 1
    page = client.get(links[0])

    assert figures(page) == {"would-be-closed": "12", "in-danger": "2", "held": "1"}
    source = page.content.decode()
    assert len(set(re.findall(r"data-row>([0-9a-f]{8})<", source))) == 10
    assert source.count("hxxps://fl•••[.]example/•••") == 10
    assert "flood.example" not in source
    assert 'value="illegal"' not in source
    assert '<input type="hidden" name="number" value="12"' in source


def test_flood_is_closed_and_taken_back(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    client = client_of(ana)
    closed = client.post(url("close"), FORM, follow=True)
    assert closed.redirect_chain == [(url(), 302)]
    assert "7 incidents closed." in shown(closed)
    assert "7 closed: could not assess (content not found)" in shown(closed)
    assert figures(closed)["would-be-closed"] == "0"
    [undo] = re.findall(r'action="(/admin/floods/closings/[^"]*)"', closed.content.decode())
    # The queue offers undo too, although it no longer shows the group.
    assert undo in client.get(QUEUE).content.decode()
    back = client.post(undo, follow=True)

    assert "7 incidents returned to the queue." in shown(back)
    assert Incident.objects.waiting().alike().count() == 7
    assert undo not in back.content.decode()


def test_what_was_touched_is_counted(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    client = client_of(ana)
    client.post(url("close"), FORM)
    actions.reopen(by=ana, incident=Incident.objects.filter(state=State.CLOSED)[0])
    closing = BulkClosing.objects.get()
    page = client.post(f"/admin/floods/closings/{closing.pk}/undo/", follow=True)

    assert "6 incidents returned to the queue." in shown(page)
    assert "1 incident has changed since and was not returned." in shown(page)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"looked": ""}, "This field is required."),
        ({"verdict": "illegal"}, "Select a valid choice."),
        ({"reason": "adult"}, "This reason does not apply to this verdict."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_nothing_is_closed_before_everything_is_said(
    belize: Portal, ana: User, changed: dict[str, str], message: str
) -> None:
    flood(belize, 10)
    page = client_of(ana).post(url("close"), FORM | changed)

    assert page.status_code == 422
    assert message in shown(page)
    assert not BulkClosing.objects.exists()


def test_another_number_is_shown_before_anything_is_closed(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    page = client_of(ana).post(url("close"), FORM | {"number": "5"})

    assert page.status_code == 409
    assert "The number of incidents has changed." in shown(page)
    assert figures(page)["would-be-closed"] == "7"
    source = page.content.decode()
    assert 'name="number" value="7"' in source
    # The input is kept.
    assert re.search(r'value="not_assessed"[^>]*checked', source)
    assert not BulkClosing.objects.exists()


def test_more_than_one_act_can_close_is_offered_again(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 5)
    monkeypatch.setattr("analysts.assessment.flood_views.MOST_AT_ONCE", 5)
    flood(belize, 10)
    client = client_of(ana)
    page = client.get(url())
    assert figures(page)["would-be-closed"] == "5"
    assert "At most 5 incidents are closed at a time" in shown(page)
    after = client.post(url("close"), FORM | {"number": "6"}, follow=True)

    assert "5 incidents closed." in shown(after)
    assert figures(after)["would-be-closed"] == "2"


def test_verdict_that_takes_two_looks_is_not_offered(belize: Portal, ana: User, settings: Any) -> None:
    flood(belize, 10)
    settings.SECOND_REVIEW_VERDICTS = [Verdict.NOT_ILLEGAL]
    assert 'value="not_illegal"' not in client_of(ana).get(url()).content.decode()
    settings.SECOND_REVIEW_VERDICTS = list(Verdict)

    assert "Every verdict needs a second review" in shown(client_of(ana).get(url()))


def test_flood_of_another_portal_does_not_exist(
    belize: Portal, ana: User, ben: User, sena: User, zambia: Portal
) -> None:
    flood(belize, 10)
    closing = actions.close_flood(
        by=ana,
        flood=bytes(Incident.objects.alike()[0].flood),
        verdict=Verdict.NOT_ASSESSED,
        reason=Reason.CONTENT_NOT_FOUND,
        number=7,
    )
    undo = f"/admin/floods/closings/{closing.pk}/undo/"
    his = client_of(ben)
    assert his.get(url()).status_code == 404
    assert his.post(url("close"), FORM).status_code == 404
    assert his.post(undo).status_code == 404
    assert undo not in his.get(QUEUE).content.decode()
    assert undo in client_of(sena).get(QUEUE).content.decode()
    # A colleague of the same portal sees the closing but cannot undo it.
    ben.portals.add(belize)
    page = client_of(ben).get(url())
    assert "7 closed" in shown(page)
    assert undo not in page.content.decode()
    assert client_of(ben).post(undo).status_code == 403


def test_incident_of_no_flood_has_nothing_to_close(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    apart, other = incident_of(belize, "https://other.example/"), incident_of(belize, "https://another.example/")
    claimed(other, ana)
    client = client_of(ana)
    page = client.get(f"/admin/floods/{apart.pk}/")
    assert figures(page) == {"would-be-closed": "0", "in-danger": "0", "held": "0"}
    assert "No waiting incidents in this group can be closed together." in shown(page)

    assert client.post(f"/admin/floods/{apart.pk}/close/", FORM | {"number": "0"}).status_code == 409
    assert Incident.objects.filter(state=State.CLOSED).count() == 0


def test_page_costs_the_same_for_four_and_for_thirteen(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    flood(belize, 5)
    client = client_of(ana)
    client.get(url())
    queries = 19
    with django_assert_num_queries(queries):
        client.get(url())
    flood(belize, 9, lambda number: f"https://flood.example/album/{100 + number}")
    with django_assert_num_queries(queries):
        client.get(url())
