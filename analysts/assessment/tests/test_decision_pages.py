"""The assessment form: recording, next incident, undo, skip and drafts."""

import re
from typing import Any

import pytest

from analysts.assessment import actions, drafts
from analysts.codes import REASONS, Reason, ReviewStage, Verdict
from analysts.models import Assessment, Draft, Incident, RecipientKind, User
from analysts.pages.tests.test_incident_page import fence, shown, state, ticked, url
from analysts.states import State
from analysts.takedown.routing.actions import refer
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

NOT_FOUND = {"verdict": "not_assessed", "reason": "content_not_found"}


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize, "https://one.example/1")


def held(incident: Incident, by: User) -> dict[str, Any]:
    return {"fence": claimed(incident, by).fence}


def test_next_incident_comes_after_the_decision(incident: Incident, belize: Portal, ana: User) -> None:
    other = incident_of(belize, "https://two.example/1")
    client = client_of(ana)
    answer = client.post(url(incident, "assess"), held(incident, ana) | NOT_FOUND | {"then": "next"})

    assert answer.headers["Location"] == url(other)
    other.refresh_from_db()
    assert other.claimed_by == ana
    page = shown(client.get(url(other)))
    assert "Assessment recorded." in page
    assert re.search(r"Your last decision, incident [0-9a-f]{8}: could not assess", page)


def test_queue_says_so_where_nothing_more_waits(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    answer = client.post(url(incident, "assess"), held(incident, ana) | NOT_FOUND | {"then": "next"}, follow=True)

    assert answer.redirect_chain == [("/admin/queue/", 302)]
    assert "No more incidents are waiting for you." in shown(answer)
    # The queue page offers undo as well.
    assert f'action="{url(incident, "undo")}"' in answer.content.decode()


def test_undone_decision_fills_the_form_again(incident: Incident, ana: User) -> None:
    client = client_of(ana)
    client.post(url(incident, "assess"), held(incident, ana) | NOT_FOUND | {"site_type": "blog"})
    made = Assessment.objects.get()
    answer = client.post(url(incident, "undo"), {"assessment": made.pk, "reason": "slip"}, follow=True)

    assert answer.redirect_chain == [(url(incident), 302)]
    assert {"not_assessed", "content_not_found", "blog"} <= ticked(answer)
    assert "undone: recorded by mistake" in shown(answer)
    assert "Your last decision" not in shown(answer)


def test_undo_that_comes_late_says_why(incident: Incident, ana: User, sena: User) -> None:
    made = assessed_illegal(incident, ana)
    refer(by=sena, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")
    answer = client_of(ana).post(url(incident, "undo"), {"assessment": made.pk, "reason": "slip"})

    assert answer.status_code == 403
    assert "Not possible in the state “takedown in progress”." in shown(answer)


def test_another_incidents_decision_is_not_taken_back_through_this_one(
    incident: Incident, zambia: Portal, ana: User, ben: User
) -> None:
    made = assessed_not_found(incident_of(zambia, "https://two.example/1"), ben)
    answer = client_of(ana).post(url(incident, "undo"), {"assessment": made.pk, "reason": "slip"})

    assert answer.status_code == 404
    made.refresh_from_db()
    assert made.undone_at is None


def test_skip_brings_the_next_one_without_a_question(incident: Incident, belize: Portal, ana: User) -> None:
    other = incident_of(belize, "https://two.example/1")
    answer = client_of(ana).post(url(incident, "skip"), held(incident, ana))

    assert answer.headers["Location"] == url(other)
    assert state(incident) == State.WAITING


def test_claim_is_kept_longer(incident: Incident, ana: User) -> None:
    claim = held(incident, ana)
    page = client_of(ana).post(url(incident, "renew"), claim, follow=True)

    assert "Claim extended." in shown(page)
    assert fence(incident) == claim["fence"]


# --- Drafts -----------------------------------------------------------------------------------------------------------


def test_draft_is_in_the_form_again_in_a_new_session(incident: Incident, ana: User, sena: User) -> None:
    claimed(incident, ana)
    begun = {"verdict": "illegal", "severity": "B", "flags": ["drawn", "ai_generated"], "fence": "1"}
    answer = client_of(ana).post(url(incident, "draft/assess"), begun | {"quiet": "1"})
    assert (answer.status_code, answer.content) == (204, b"")

    page = client_of(ana).get(url(incident))
    assert {"illegal", "B", "drawn", "ai_generated"} <= ticked(page)
    assert "The form contains your draft from" in shown(page)
    # Other users do not see the draft, and the audit log does not record it.
    assert drafts.load_drafts(by=sena, incident=incident) == {}
    assert not AuditEvent.objects.filter(action__contains="draft").exists()


def test_draft_without_a_script_leads_back_to_the_page(incident: Incident, ana: User) -> None:
    claimed(incident, ana)
    client = client_of(ana)
    page = client.post(url(incident, "draft/assess"), {"verdict": "not_illegal"}, follow=True)
    assert "Draft saved." in shown(page)
    assert "not_illegal" in ticked(page)

    page = client.post(url(incident, "draft/assess"), {"verdict": "not_illegal", "discard": "1"}, follow=True)
    assert "not_illegal" not in ticked(page)
    assert Draft.objects.count() == 0


def test_draft_is_sealed_and_gone_once_it_is_sent(incident: Incident, ana: User) -> None:
    claim = held(incident, ana)
    client = client_of(ana)
    client.post(url(incident, "draft/assess"), NOT_FOUND)
    assert b"content_not_found" not in bytes(Draft.objects.get().sealed)

    client.post(url(incident, "assess"), claim | NOT_FOUND)
    assert Draft.objects.count() == 0


def test_draft_is_kept_where_the_claim_was_lost(incident: Incident, ana: User, sena: User) -> None:
    lost = held(incident, ana)
    actions.release(by=ana, incident=incident, fence=lost["fence"])
    claimed(incident, sena)
    client = client_of(ana)
    assert client.post(url(incident, "draft/assess"), NOT_FOUND | {"quiet": "1"}).status_code == 204

    refused = client.post(url(incident, "assess"), lost | NOT_FOUND)
    assert refused.status_code == 403
    assert {"not_assessed", "content_not_found"} <= ticked(refused)
    assert Draft.objects.count() == 1


def test_nothing_but_the_forms_own_fields_is_kept(incident: Incident, ana: User) -> None:
    client_of(ana).post(url(incident, "draft/assess"), {"verdict": "illegal", "csrfmiddlewaretoken": "x", "more": "y"})

    [(fields, _)] = drafts.load_drafts(by=ana, incident=incident).values()
    assert fields == {"verdict": ["illegal"]}


@pytest.mark.parametrize("act", ["a" * 49, "hold", "ask_1"])
def test_no_draft_is_kept_of_a_form_that_does_not_exist(incident: Incident, ana: User, act: str) -> None:
    assert client_of(ana).post(url(incident, f"draft/{act}"), NOT_FOUND).status_code == 404
    assert not Draft.objects.exists()


def test_ben_keeps_no_draft_of_what_does_not_exist_for_him(incident: Incident, ben: User) -> None:
    assert client_of(ben).post(url(incident, "draft/assess"), NOT_FOUND).status_code == 404
    assert Draft.objects.count() == 0


# --- Blind ------------------------------------------------------------------------------------------------------------


def test_first_verdict_is_nowhere_on_the_page_of_the_second_review(
    settings: Any, incident: Incident, belize: Portal, ana: User, ben: User, sena: User
) -> None:
    settings.SECOND_REVIEW_PERCENT = 100
    ben.portals.add(belize)
    neighbour = incident_of(belize, "https://one.example/2")
    assessed_illegal(incident, ana)
    client = client_of(ben)
    client.post(url(incident, "claim"))
    pages = [client.get(url(incident)), client.get(url(neighbour)), client.get("/admin/queue/"), client.get("/admin/")]

    # The pages do not name the first reviewer either.
    for page in pages:
        assert "C: other indecent;" not in shown(page)
        assert "11–13;" not in shown(page)
        assert "ana" not in re.findall(r"\w+", shown(page))
    assert "Second review. The first assessment stays hidden until you have recorded yours." in shown(pages[0])
    # Ana sees her own assessment.
    assert "illegal (C: other indecent; \u200e11–13; girls)" in shown(client_of(ana).get(url(incident)))

    settings.SECOND_REVIEW_PERCENT = 0
    client.post(url(incident, "assess"), {"fence": fence(incident)} | NOT_FOUND)
    incident.refresh_from_db()
    assert incident.stage == ReviewStage.SENIOR
    disputed = shown(client_of(sena).get(url(incident)))
    assert "Illegal C: other indecent 11–13 girls Could not assess content not found" in disputed
    # Neither beside the verdicts nor in the history does the page name who gave which; afterwards it does.
    assert {"ana", "ben"} & set(re.findall(r"\w+", disputed)) == set()
    assessed_illegal(incident, sena)
    assert {"ana", "ben"} <= set(re.findall(r"\w+", shown(client_of(sena).get(url(incident), ALL_OPEN))))


# --- The form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict != Verdict.ILLEGAL])
def test_reason_goes_with_its_verdict(incident: Incident, ana: User, verdict: Verdict) -> None:
    claim = held(incident, ana)
    client = client_of(ana)
    for reason in set(Reason) - REASONS[verdict]:
        answer = client.post(url(incident, "assess"), claim | {"verdict": verdict, "reason": reason})
        assert (answer.status_code, "This reason does not apply to this verdict." in shown(answer)) == (422, True)
    assert Assessment.objects.count() == 0


def test_prohibited_is_drawn_and_payment_is_commercial(incident: Incident, ana: User) -> None:
    claim = held(incident, ana)
    client = client_of(ana)
    illegal = {"verdict": "illegal", "basis": "seen", "severity": "P", "age_band": "7-10", "sex": "boys"}
    answer = client.post(url(incident, "assess"), claim | illegal | {"payment": "card"})
    assert answer.status_code == 422
    assert "Prohibited images are non-photographic. Add the flag “virtual or drawn”." in shown(answer)
    assert "Only for commercial content." in shown(answer)

    sent = claim | illegal | {"flags": ["drawn"], "commerciality": "commercial", "payment": "card"}
    assert client.post(url(incident, "assess"), sent).status_code == 302
    made = Assessment.objects.get()
    assert (made.payment, made.content_kind, made.found_on) == ("card", "not_determined", "not_determined")


def test_each_option_says_what_it_means(incident: Incident, ana: User) -> None:
    claimed(incident, ana)
    page = client_of(ana).get(url(incident)).content.decode()

    inputs = re.findall(r'<input type="(?:radio|checkbox)"\s[^>]*value="[^"][^>]*>', page)
    ids = [match[1] for tag in inputs if (match := re.search(r'id="(assess_\w+)"', tag))]
    assert len(ids) > 70
    assert [name for name in ids if f'id="{name}_is"' not in page] == []


def test_form_suggests_reporter_details_for_confirmation(belize: Portal, ana: User) -> None:
    said = {"found_on": "Foro", "facts": ["live_stream"]}
    incident = claimed(incident_of(belize, "https://one.example/1", details=said, language="es"), ana)
    client = client_of(ana)
    # Before the reveal, the form uses what they ticked, but not what they wrote.
    assert {"live_stream"} <= ticked(client.get(url(incident)))
    assert "forum" not in ticked(client.get(url(incident)))

    client.post(url(incident, "reveal"))
    assert {"live_stream", "forum"} <= ticked(client.get(url(incident)))


def test_history_says_what_others_would_call_it(incident: Incident, ana: User) -> None:
    assessed_illegal(incident, ana)

    assert "Other code lists: ICCAM" in shown(client_of(ana).get(url(incident), ALL_OPEN))
