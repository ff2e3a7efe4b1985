"""Handing over what is due, and reviewing entries of the URL list, several at once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Closing, Role
from analysts.codes.next_steps import AssignReason
from analysts.handoff.choosing import chases_to_check
from analysts.incidents import bulk_actions
from analysts.models import (
    Chase,
    Incident,
    NextStep,
    NextStepKind,
    Notice,
    NoticeState,
    PoliceHold,
    Purpose,
    Recipient,
    RecipientKind,
    UrlListEntry,
    User,
)
from analysts.takedown.chasing import bulk_views
from analysts.takedown.next_steps.actions import assign_incident, plan_next_step
from analysts.takedown.next_steps.permissions import colleagues_of
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.tracing.tests.test_host_traces import left_out, said, values
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, WHOIS, traced
from analysts.takedown.url_list.tests.test_url_list import illegal, listed
from analysts.tests.chases import office, routed
from analysts.tests.factories import claimed
from audit.models import AuditEvent
from countries.models import Portal, PortalGroup
from tests.rig.fixtures import client_of, create_person

DUE, HAND_OVER = "/admin/to-do/", "/admin/to-do/hand-over/"
LIST, REVIEW = "/admin/url-list/", "/admin/url-list/review/"


def hand_over(by: User, *incidents: Incident | str, to: User | str = "", **more: Any) -> Any:
    sent = {
        "what": "trace",
        "incident": [each if isinstance(each, str) else str(each.pk) for each in incidents],
        "owner": to.pk if isinstance(to, User) else to,
        "reason": "absence",
        **more,
    }
    return client_of(by).post(HAND_OVER, sent, follow=True)


@pytest.fixture
def cora(belize: Portal) -> User:
    return create_person("cora", Role.ANALYST, belize)


def test_due_incidents_are_handed_over_together(
    belize: Portal, zambia: Portal, ana: User, ben: User, cora: User
) -> None:
    first, second, changing = (illegal(belize, ana, f"https://example.org/{path}") for path in "abc")
    hidden = illegal(zambia, ben, "https://example.org/hidden")
    closed = illegal(belize, ana, "https://example.org/closed")
    actions.close(by=ana, incident=closed, closing=Closing.EXHAUSTED)

    page = hand_over(ana, first, second, changing, hidden, closed, to=cora)
    assert {row.effect for row in page.context["preview"].included} == {"From all analysts of its portals to cora."}
    assert left_out(page) == {str(closed): "Only open incidents with an illegal verdict have a next step."}
    assert str(hidden) not in page.content.decode()
    assert not NextStep.objects.filter(owner=cora).exists()

    traced(changing, ana, timezone.now(), DNS, WHOIS, BGP)
    page = hand_over(ana, *values(page), f"{hidden.pk}:", to=cora, confirmed="1")
    assert page.redirect_chain[0][0] == f"{DUE}?what=trace"
    assert said(page) == [
        "2 incidents handed over.",
        f"Left out: {changing}. It has changed since the preview.",
        "Some of the chosen incidents can no longer be opened.",
    ]
    events = AuditEvent.objects.filter(action="incident.assign").order_by("number")
    details = {"reason": "absence", "owner": "cora"}
    assert [event.details for event in events] == [details, details]
    assert {event.object_id for event in events} == {str(first.pk), str(second.pk)}

    mine = client_of(cora).get(DUE, {"whose": "mine"})
    assert {(line.name, line.owner) for line in mine.context["lines"]} == {(str(first), "cora"), (str(second), "cora")}
    assert [(count.kind.name, count.number) for count in mine.context["kinds"]] == [("trace", "2")]
    # Theirs come first; a link to one kind lists as many as the number in it says.
    for query, is_mine in (({}, True), ({"whose": "all"}, False), ({"what": "trace"}, False)):
        assert client_of(cora).get(DUE, query).context["is_mine"] is is_mine
    assert client_of(ana).get(DUE).context["is_mine"] is False


@pytest.mark.parametrize("way", ["portal", "group", "all portals"])
def test_colleagues_are_those_who_work_for_the_portal_by_any_way(belize: Portal, ana: User, way: str) -> None:
    group = PortalGroup.objects.create(name="Caribbean")
    group.portals.add(belize)
    colleague = create_person("dana", Role.ANALYST, *([belize] if way == "portal" else []))
    colleague.portal_groups.set([group] if way == "group" else [])
    User.objects.filter(pk=colleague.pk).update(all_portals=way == "all portals")
    assert set(colleagues_of(ana)) == {ana, colleague}
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert set(colleagues_of(ana)) == {colleague}


def test_owner_by_hand_stays_until_the_incident_goes_back(belize: Portal, ana: User, cora: User) -> None:
    incident, now = illegal(belize, ana), timezone.now()
    page = hand_over(ana, incident, to=cora)
    hand_over(ana, *values(page), to=cora, confirmed="1")
    traced(incident, ana, now, DNS, WHOIS, BGP)
    step = NextStep.objects.get(incident=incident)
    assert (step.step_kind, step.owner, step.is_assigned) == (NextStepKind.ROUTE, cora, True)
    assert left_out(hand_over(ana, incident, to=cora)) == {str(incident): "It is already assigned like this."}

    page = hand_over(cora, incident, to="queue")
    assert [row.effect for row in page.context["preview"].included] == ["From cora to all analysts of its portals."]
    hand_over(cora, *values(page), to="queue", confirmed="1")
    assert NextStep.objects.get(incident=incident).owner is None
    # A wait for a colleague replaces an owner by hand.
    page = hand_over(ana, incident, to=cora)
    hand_over(ana, *values(page), to=cora, confirmed="1")
    review_on = now.date() + timedelta(days=7)
    plan_next_step(by=ana, incident=incident, step=NextStepKind.COLLEAGUE, review_on=review_on, owner=ana)
    assert NextStep.objects.get(incident=incident).is_assigned is False


def test_notice_is_handed_over_with_all_its_incidents(
    belize: Portal, zambia: Portal, ana: User, ben: User, sena: User, cora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, to = timezone.now(), office(RecipientKind.HOST, sena, at=timezone.now())
    first, second, assigned = (illegal(belize, ana, f"https://example.org/{path}") for path in "abc")
    hidden = illegal(zambia, ben, "https://example.org/hidden")
    for incident in (first, second, assigned, hidden):
        verdict = incident.assessments.get()
        [referral] = routed(verdict, [to]).incident.referrals.all()
        plan_notice(referral=referral, interval=0, purpose=Purpose.FIRST, by=verdict.by, now=now)
    assign_incident(by=ana, incident=assigned, owner=ana, reason=AssignReason.ABSENCE)
    Notice.objects.update(state=NoticeState.READY, next_try_at=None)
    notice = Notice.objects.get()

    page = client_of(ana).get(DUE, {"what": "by_hand"})
    [line] = page.context["lines"]
    assert (line.name, line.notice.number, line.owner) == (notice.reference, 3, "ana")
    assert f'name="notice"\n                         value="{notice.pk}"' in page.content.decode()

    # The ticked notice means all its incidents that Ana may see, the unassigned ones first.
    monkeypatch.setattr(bulk_views, "MOST_AT_ONCE", 2)
    page = hand_over(ana, to=cora, what="by_hand", notice=[str(notice.pk), "nonsense"])
    assert {row.row.incident for row in page.context["preview"].included} == {first, second}
    assert page.context["more"] == 1
    assert str(hidden) not in page.content.decode()
    page = hand_over(ana, *values(page), to=cora, what="by_hand", confirmed="1")
    assert said(page) == ["2 incidents handed over."]
    [line] = client_of(ana).get(DUE, {"what": "by_hand"}).context["lines"]
    assert line.owner == "ana, cora"
    page = hand_over(ana, to=cora, what="by_hand", notice=str(notice.pk))
    assert assigned in {row.row.incident for row in page.context["preview"].included}


def test_hand_over_needs_incidents_a_colleague_and_a_reason(belize: Portal, ana: User, ben: User) -> None:
    incident = illegal(belize, ana)
    assert said(hand_over(ana, "nonsense", to=ana)) == ["Choose at least one incident."]
    page = hand_over(ana, incident, to="", reason="", confirmed="1")
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {"owner", "reason"})
    # The ticked rows are kept. Colleagues of other portals are not offered.
    assert [value[:36] for value in values(page)] == [str(incident.pk)]
    assert hand_over(ana, incident, to=ben).status_code == 422
    assert not AuditEvent.objects.filter(action="incident.assign").exists()


def test_what_takes_too_long_is_left_for_the_next_time(
    belize: Portal, ana: User, cora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (illegal(belize, ana, f"https://example.org/{path}") for path in "ab")
    page = hand_over(ana, first, second, to=cora)
    monkeypatch.setattr(bulk_actions, "LONGEST", -1)
    assert said(hand_over(ana, *values(page), to=cora, confirmed="1")) == [
        "1 incident handed over.",
        f"Left out: {second}. The others took too long. Choose these again.",
    ]


def test_so_many_are_chosen_at_most_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_actions, "MOST_AT_ONCE", 2)
    ids = [str(uuid4()) for _number in range(3)]
    sent = "&".join(f"incident={value}" for value in (f"{ids[0]}:mark", ids[0], "nonsense", "", ids[1], ids[2]))
    found = bulk_actions.read_choices(QueryDict(sent))
    assert [(str(each.incident), each.mark) for each in found] == [(ids[0], "mark"), (ids[1], "")]


# --- Entries of the URL list ------------------------------------------------------------------------------------------


def review(by: User, decisions: dict[Incident, str], **more: Any) -> Any:
    named = {f"decision_{incident.pk}": decision for incident, decision in decisions.items()}
    return client_of(by).post(REVIEW, {**named, **more}, follow=True)


def test_entries_are_reviewed_as_a_list(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    paths = ("online", "removed", "asked", "over", "changing")
    online, removed, asked, over, changing = (illegal(belize, ana, f"https://example.org/{path}") for path in paths)
    hidden = illegal(zambia, ben, "https://example.org/hidden")
    for incident, by in [*((each, ana) for each in (online, removed, asked, over, changing)), (hidden, ben)]:
        listed(incident, by)
    actions.close(by=ana, incident=over, closing=Closing.EXHAUSTED)
    today = timezone.now().date()
    UrlListEntry.objects.exclude(incident=changing).update(review_on=today)

    client = client_of(ana)
    assert len(client.get(LIST).context["lines"]) == 4
    page = client.get(LIST, {"show": "all"})
    assert len(page.context["lines"]) == 5
    assert str(hidden) not in page.content.decode()

    decisions = {online: "online", removed: "removed", asked: "workstation", over: "removed", changing: "online"}
    page = review(ana, decisions | {hidden: "removed"})
    effects = {row.row.incident.pk: row.effect for row in page.context["preview"].included}
    assert effects == {
        online.pk: "Recorded as online. Stays on the list until the next review.",
        changing.pk: "Recorded as online. Stays on the list until the next review.",
        removed.pk: "Recorded as removed. Taken off after 3 such checks in a row; 0 so far.",
        asked.pk: "The next batch of checks asks whether it is still online. The review stays due.",
        over.pk: "Taken off the list: the takedown has ended.",
    }
    assert str(hidden) not in page.content.decode()

    traced(changing, ana, timezone.now(), DNS)
    hidden_fields, chosen = dict(page.context["hidden_fields"]), values(page)
    page = client.post(REVIEW, {**hidden_fields, "confirmed": "1", "incident": [*chosen, f"{hidden.pk}:"]}, follow=True)
    assert said(page) == ["4 entries reviewed.", f"Left out: {changing}. It has changed since the preview."]
    due = UrlListEntry.objects.filter(removed_on=None, review_on__lte=today)
    assert set(due.values_list("incident", flat=True)) == {asked.pk, hidden.pk}
    assert not UrlListEntry.objects.filter(incident=over, removed_on=None).exists()
    checks = {each.incident_id: each.outcome for incident in (online, removed) for each in incident.checks.all()}
    assert checks == {online.pk: "online", removed.pk: "gone"}
    of_each = {
        str(incident.pk): set(AuditEvent.objects.filter(object_id=str(incident.pk)).values_list("action", flat=True))
        for incident in (online, removed, asked, over)
    }
    assert {"incident.check", "incident.keep_listed"} <= of_each[str(online.pk)] & of_each[str(removed.pk)]
    assert "incident.ask_for_check" in of_each[str(asked.pk)]
    assert "incident.take_off" in of_each[str(over.pk)]


def test_asked_check_is_in_the_next_file_until_it_is_made(belize: Portal, ana: User) -> None:
    incident, now = illegal(belize, ana), timezone.now()
    listed(incident, ana)
    page = review(ana, {incident: "workstation"})
    sent = {**dict(page.context["hidden_fields"]), "confirmed": "1", "incident": values(page)}
    client_of(ana).post(REVIEW, sent)
    Chase.objects.update(trace=1, traced_at=now)
    assert [chase.incident for chase in chases_to_check(ana, now=now)] == [incident]
    page = client_of(ana).get(LIST, {"show": "all"})
    assert [entry.asked_at is not None for entry, _row in page.context["lines"]] == [True]

    page = review(ana, {incident: "online"})
    client_of(ana).post(REVIEW, {**dict(page.context["hidden_fields"]), "confirmed": "1", "incident": values(page)})
    assert list(chases_to_check(ana, now=now)) == []


@pytest.mark.parametrize("act", ["hand over", "review"])
def test_claimed_and_held_incidents_are_left_out_and_named(belize: Portal, ana: User, cora: User, act: str) -> None:
    free, held, taken = (illegal(belize, ana, f"https://example.org/{path}") for path in ("free", "held", "taken"))
    for incident in (free, held, taken):
        listed(incident, ana)
    police = Recipient.objects.create(kind=RecipientKind.POLICE, name="Example Police", country="NL")
    PoliceHold.objects.create(incident=held, police=police, by=ana, at=timezone.now())
    client_of(ana).post(f"/admin/incidents/{taken.pk}/reopen/")
    claimed(Incident.objects.get(pk=taken.pk), cora)

    every = (free, held, taken)
    page = hand_over(ana, *every, to=cora) if act == "hand over" else review(ana, dict.fromkeys(every, "online"))
    why_not = {str(taken): "Claimed by cora."}
    if act == "review":
        why_not[str(held)] = "Police clearance is missing."
    # The owner of an incident may change while the police decide.
    assert left_out(page) == why_not
    assert str(free.pk) in {value[:36] for value in values(page)}


def test_review_without_decisions_changes_nothing(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    listed(incident, ana)
    for sent in ({}, {"decision_nonsense": "removed"}, {f"decision_{incident.pk}": "nonsense"}):
        assert said(client_of(ana).post(REVIEW, sent, follow=True)) == ["Choose at least one incident."]
    assert not incident.checks.exists()
