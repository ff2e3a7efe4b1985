"""The page that closes a flood: preview, closing and undo."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.actions import bulk
from analysts.assessment.flood import folding as floods
from analysts.assessment.tests.test_bulk import close
from analysts.assessment.tests.test_floods import QUEUE, flood
from analysts.codes import Verdict
from analysts.models import BulkClosing, Exposure, FloodSampleItem, Incident, MaskedTerm, User
from analysts.pages.tests.test_incident_page import shown
from analysts.states import State
from analysts.tests.factories import claimed, incident_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

FORM = {"verdict": "not_assessed", "reason": "content_not_found"}
ON_PAGE = {"reason": "sample", "then": "flood"}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits keep the tests fast: of ten incidents, seven are in the flood."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "IN_DANGER", 0)


def url(act: str = "") -> str:
    incident = Incident.objects.exclude(flood=b"").order_by("pk")[0]
    return f"/admin/floods/{incident.pk}/" + (f"{act}/" if act else "")


def figures(page: Any) -> dict[str, str]:
    return dict(re.findall(r'<dd id="([a-z-]+)">\s*([^<]*?)\s*</dd>', page.content.decode()))


def opened(client: Client) -> None:
    """Draw the sample and reveal each incident of it on the page."""
    page = client.post(url("sample"), follow=True)
    while buttons := unopened(page):
        page = client.post(buttons[0], ON_PAGE, follow=True)


def unopened(page: Any) -> list[str]:
    """The actions that reveal the rows that are not opened yet."""
    rows = page.content.decode().split("data-opening=")[1:]
    return re.findall(r'action="([^"]*/reveal/)"', "".join(row for row in rows if row.startswith('"unopened')))


def test_page_shows_what_can_be_closed_and_what_stays(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 16)
    claimed(Incident.objects.alike()[0], sena)
    Incident.objects.filter(pk=Incident.objects.waiting().alike()[0].pk).update(child_in_danger=True)
    client = client_of(ana)
    queue = client.get(QUEUE).content.decode()
    links = re.findall(r'href="(/admin/floods/[^"]*)"', queue)
    assert len(links) == 1
    page = client.get(links[0])

    assert figures(page) == {"would-be-closed": "11", "in-danger": "1", "held": "1"}
    assert "reveal a random sample of them" in shown(page)
    assert 'id="close-flood"' not in page.content.decode()


def test_page_shows_how_much_of_the_sample_is_opened(belize: Portal, ana: User) -> None:
    flood(belize, 16)
    client = client_of(ana)
    page = client.post(url("sample"), follow=True)
    source = page.content.decode()
    assert "0 of 10 opened. Drawn from 13 waiting incidents" in shown(page)
    # The sample, and the incident at the top.
    assert source.count("hxxps://fl•••[.]example/•••") == 11
    assert "flood.example" not in source
    assert 'value="illegal"' not in source
    # On its own page as well.
    client.post(unopened(page)[0], {"reason": "sample"})
    page = client.get(url())

    assert "1 of 10 opened." in shown(page)
    assert page.content.decode().count('data-opening="opened"') == 1
    assert "Close 13 incidents" not in shown(page)
    refused = client.post(url("close"), FORM)
    assert refused.status_code == 403
    assert "9 incidents of the sample have not been opened yet." in shown(refused)
    # The input is kept.
    assert re.search(r'value="not_assessed"[^>]*checked', refused.content.decode())
    opened(client)
    assert "Close 13 incidents" in shown(client.get(url()))


def test_sample_is_read_on_one_page(belize: Portal, ana: User) -> None:
    flood(belize, 16, details={"description": "It is an album."})
    client = client_of(ana)
    page = client.post(url("sample"), follow=True)
    [(drawn, _status)] = page.redirect_chain
    assert drawn.endswith("#sample-title")
    posts = 0
    while buttons := unopened(page):
        assert "flood_verdict_0" in page.content.decode()
        assert 'id="close-flood"' not in page.content.decode().partition("<details>")[0]
        page = client.post(buttons[0], ON_PAGE, follow=True)
        posts += 1
        pk = buttons[0].split("/")[3]
        assert page.redirect_chain == [(f"/admin/floods/{pk}/#row-{pk}", 302)]
        source = page.content.decode()
        # Only the row that is read, and its words on a key of their own.
        assert len(set(re.findall(r"flood\[\.\]example/album/\d+", source))) == 1
        assert "It is an album." not in source
        assert f"{posts} of 10 opened." in shown(page)
    assert posts == 10
    assert FloodSampleItem.objects.filter(opened_at=None).count() == 0
    # Each counts as a reveal, in the meter and on record.
    day = Exposure.objects.get(user=ana)
    assert (day.reveals, day.addresses_read, day.characters_read > 10 * len("https://flood.example/album/1")) == (
        *(posts, posts),
        True,
    )
    assert AuditEvent.objects.filter(action="incident.reveal", details__reason="sample").count() == posts
    assert 'href="#flood_verdict_0" data-shortcut="r"' in " ".join(source.split())
    again = client.get(f"/admin/floods/{pk}/").content.decode()
    assert "flood[.]example" in again
    page = client.post(reverse("admin:show_words", args=[pk]), ON_PAGE, follow=True)
    assert page.redirect_chain == [(f"/admin/floods/{pk}/#row-{pk}", 302)]
    assert page.content.decode().count("It is an album.") == 1
    other = next(str(item.incident_id) for item in FloodSampleItem.objects.all() if str(item.incident_id) != pk)
    assert "flood[.]example" not in client.get(f"/admin/floods/{other}/").content.decode()
    assert "flood[.]example" not in client.get(f"/admin/floods/{pk}/").content.decode()


def test_incident_outside_the_sample_is_hidden_on_its_page(belize: Portal, ana: User) -> None:
    flood(belize, 16)
    client = client_of(ana)
    client.post(url("sample"))
    outside = Incident.objects.alike().exclude(pk__in=FloodSampleItem.objects.values("incident"))[0]
    client.post(f"/admin/incidents/{outside.pk}/reveal/", {"reason": "advice"})
    assert "flood[.]example" in client.get(f"/admin/incidents/{outside.pk}/").content.decode()
    assert "flood[.]example" not in client.get(f"/admin/floods/{outside.pk}/").content.decode()

    assert Exposure.objects.get(user=ana).open_since is None


def test_words_and_address_are_shown_in_the_row(belize: Portal, ana: User) -> None:
    MaskedTerm.objects.create(text="album", by=ana, at=timezone.now())
    flood(belize, 10)
    client = client_of(ana)
    page = client.post(url("sample"), follow=True)
    pk = unopened(page)[0].split("/")[3]
    page = client.post(f"/admin/incidents/{pk}/reveal/", ON_PAGE, follow=True)
    row = f"/admin/floods/{pk}/#row-{pk}"
    assert "/album/" not in page.content.decode()
    for act, fields in (("blanks", {}), ("copy", {"isolated": "on"})):
        name = {"blanks": "show_masked_words"}.get(act, act)
        page = client.post(reverse(f"admin:{name}", args=[pk]), {**ON_PAGE, **fields}, follow=True)
        assert page.redirect_chain == [(row, 302)]
    assert "flood.example/album/" in page.content.decode()
    page = client.post(reverse("admin:hide", args=[pk]), ON_PAGE, follow=True)

    assert page.redirect_chain == [(row, 302)]
    assert "album" not in page.content.decode()


def test_one_that_left_the_group_is_revealed_on_its_own_page(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    client = client_of(ana)
    page = client.post(url("sample"), follow=True)
    item = FloodSampleItem.objects.all()[0]
    assert page.content.decode().count('name="then"') == 7
    floods.unfold(Incident.objects.filter(pk=item.incident_id))

    assert client.get(url()).content.decode().count('name="then"') == 6


def test_second_person_approves_the_closing(belize: Portal, ana: User, ben: User, sena: User) -> None:
    flood(belize, 10)
    client = client_of(ana)
    client.post(url("sample"))
    page = client.post(url("ask"), FORM, follow=True)
    asked = "A second person was asked to approve the closing. Verdict for all incidents: could not assess (content not"
    assert asked in shown(page)
    # One request at a time: another verdict needs it withdrawn.
    assert [words in shown(page) for words in ("Approve and close", "Ask a second person")] == [False, False]
    notice = f"{ana} asks a second person to approve the closing of similar reports."
    assert [notice in shown(client_of(each).get("/admin/")) for each in (sena, ana, ben)] == [True, False, False]
    page = client_of(sena).get(url())
    assert f"{ana} asks a second person to close 7 of these: could not assess (content not found)." in shown(page)
    assert "0 of 7 incidents of their random sample are opened." in shown(page)
    [approve] = re.findall(r'action="(/admin/floods/[^"]*/approve/[^"]*)"', page.content.decode())
    assert client.post(approve).status_code == 403
    page = client_of(sena).post(approve, follow=True)

    assert "7 incidents closed." in shown(page)
    assert f"Approved by {sena}." in shown(page)


def test_site_is_folded_and_unfolded_by_hand(belize: Portal, ana: User) -> None:
    pages = [incident_of(belize, f"https://site.example/{'abcdef'[number] * 4}") for number in range(4)]
    client = client_of(ana)
    path = f"/admin/floods/{pages[0].pk}/"
    assert path in client.get(f"/admin/incidents/{pages[0].pk}/").content.decode()
    assert "Fold 4 incidents" in shown(client.get(path))
    assert client.post(f"{path}fold/", {"number": "4", "reason": ""}).status_code == 422
    refused = client.post(f"{path}fold/", {"number": "3", "reason": "invented"})
    assert refused.status_code == 409
    assert 'name="number" value="4"' in refused.content.decode()
    page = client.post(f"{path}fold/", {"number": "4", "reason": "invented"}, follow=True)
    assert "4 incidents folded." in shown(page)
    assert f"Folded by {ana}" in shown(page)
    assert Incident.objects.alike().count() == 4
    unfold = f'action="{path}unfold/"'
    assert unfold in page.content.decode()
    page = client.post(f"{path}unfold/", follow=True)

    assert "4 incidents have their own priority again." in shown(page)
    assert Incident.objects.alike().count() == 0
    client.post(f"{path}fold/", {"number": "4", "reason": "invented"})
    for each in Incident.objects.all():
        claimed(each, ana)
    # Nothing is left to unfold.
    assert unfold not in client.get(path).content.decode()


def test_folding_leads_to_the_group(belize: Portal, ana: User) -> None:
    """Also from an incident that is not folded, because it is in review: nothing can be done on its page."""
    pages = [incident_of(belize, f"https://site.example/{'abcdef'[number] * 4}") for number in range(4)]
    claimed(pages[0], ana)
    client = client_of(ana)
    path = f"/admin/floods/{pages[0].pk}/"
    page = client.post(f"{path}fold/", {"number": "3", "reason": "invented"}, follow=True)

    [(group, _status)] = page.redirect_chain
    assert group in [f"/admin/floods/{folded.pk}/#group-title" for folded in pages[1:]]
    source = page.content.decode()
    assert 'id="group-title" tabindex="-1"' in source
    assert "3 incidents folded." in shown(page)
    assert 'id="draw-sample"' in source


def test_flood_is_closed_and_taken_back(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    client = client_of(ana)
    opened(client)
    closed = client.post(url("close"), FORM, follow=True)
    # The group has nothing left to do: the queue does.
    assert closed.redirect_chain == [(QUEUE, 302)]
    assert "7 incidents closed." in shown(closed)
    assert "7 closed: could not assess (content not found)" in shown(closed)
    [undo] = re.findall(r'action="(/admin/floods/closings/[^"]*)"', closed.content.decode())
    page = client.get(url())
    assert figures(page)["would-be-closed"] == "0"
    assert undo in page.content.decode()
    back = client.post(undo, follow=True)

    assert "7 incidents returned to the queue." in shown(back)
    assert Incident.objects.waiting().alike().count() == 7
    assert undo not in back.content.decode()


def test_what_was_touched_is_counted(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    client = client_of(ana)
    opened(client)
    client.post(url("close"), FORM)
    actions.reopen(by=ana, incident=Incident.objects.filter(state=State.CLOSED)[0])
    closing = BulkClosing.objects.get()
    page = client.post(f"/admin/floods/closings/{closing.pk}/undo/", follow=True)

    assert "6 incidents returned to the queue." in shown(page)
    assert "1 incident has changed since and was not returned." in shown(page)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"verdict": "illegal"}, "Select a valid choice."),
        ({"reason": "adult"}, "This reason does not apply to this verdict."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_nothing_is_closed_before_everything_is_said(
    belize: Portal, ana: User, changed: dict[str, str], message: str
) -> None:
    flood(belize, 10)
    client = client_of(ana)
    opened(client)
    page = client.post(url("close"), FORM | changed)

    assert page.status_code == 422
    assert message in shown(page)
    assert not BulkClosing.objects.exists()


def test_closing_without_a_sample_asks_to_draw_one(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    page = client_of(ana).post(url("close"), FORM)

    assert page.status_code == 409
    assert "Draw a sample first." in shown(page)
    assert not BulkClosing.objects.exists()


def test_more_than_one_act_can_close_is_offered_again(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 5)
    monkeypatch.setattr("analysts.assessment.flood.views.MOST_AT_ONCE", 5)
    flood(belize, 10)
    client = client_of(ana)
    page = client.get(url())
    assert figures(page)["would-be-closed"] == "5"
    assert "At most 5 incidents are closed at a time" in shown(page)
    opened(client)
    after = client.post(url("close"), FORM, follow=True)

    assert "5 incidents closed." in shown(after)
    assert figures(after)["would-be-closed"] == "2"


def test_verdict_that_takes_two_looks_is_not_offered(belize: Portal, ana: User, settings: Any) -> None:
    flood(belize, 10)
    settings.SECOND_REVIEW_VERDICTS = [Verdict.NOT_ILLEGAL]
    actions.draw_sample(by=ana, flood=bytes(Incident.objects.alike()[0].flood))
    source = client_of(ana).get(url()).content.decode()
    assert 'value="not_assessed"' in source
    assert 'value="not_illegal"' not in source
    settings.SECOND_REVIEW_VERDICTS = list(Verdict)

    assert "Every verdict needs a second review" in shown(client_of(ana).get(url()))


def test_flood_of_another_portal_does_not_exist(
    belize: Portal, ana: User, ben: User, sena: User, zambia: Portal
) -> None:
    flood(belize, 10)
    closing = close(ana, 7)
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
    apart, other = incident_of(belize, "https://other.example/"), incident_of(belize, "https://another.example/")
    claimed(other, ana)
    client = client_of(ana)
    assert "Fold 1 incident" in shown(client.get(f"/admin/floods/{apart.pk}/"))
    assert "No waiting incidents can be folded with this one." in shown(client.get(f"/admin/floods/{other.pk}/"))

    for act in ("close", "ask", "sample", "unfold"):
        assert client.post(f"/admin/floods/{apart.pk}/{act}/", FORM).status_code == 409
    assert Incident.objects.filter(state=State.CLOSED).count() == 0


@pytest.mark.usefixtures("sessions_noted_later")
def test_page_costs_the_same_for_four_and_for_thirteen(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    flood(belize, 5)
    client = client_of(ana)
    # The next page shows the message, once.
    client.post(url("sample"), follow=True)
    queries = 17
    with django_assert_num_queries(queries):
        client.get(url())
    flood(belize, 9, lambda number: f"https://flood.example/album/{100 + number}")
    with django_assert_num_queries(queries):
        client.get(url())
