"""The incident page after the verdict: the status strip, folded parts, related addresses, and the next of a list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.recorded_acts import RECORDED
from analysts.models import Chase, Incident, NextStepKind, Question, User
from analysts.pages.history import MOST_UNFOLDED
from analysts.pages.status_strip import Progress
from analysts.pages.tests.test_timeline import history_of
from analysts.takedown.chasing.lists import TO_DO
from analysts.takedown.chasing.to_do_round import find_round
from analysts.takedown.next_steps.actions import plan_next_step, refresh_next_step
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from audit.models import ON_INCIDENT_TIMELINE, AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

ONE, OTHER = "https://site.example.org/gallery/1", "https://site.example.org/gallery/2"
LEGIBLE = "hxxps://site[.]example[.]org/gallery/<mark>2</mark>"


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/" + (f"{act}/" if act else "")


def revealed(user: User, incident: Incident) -> Client:
    """With the addresses of related incidents."""
    client = client_of(user)
    client.post(url(incident, "reveal"), {"reason": "advice"})
    client.post(url(incident, "show-related"))
    return client


def steps_of(page: Any) -> list[tuple[str, str]]:
    return [(step.label, step.progress.value) for step in page.context["strip"].steps]


def opened(page: Any) -> list[str]:
    """The sections whose part is unfolded."""
    return re.findall(r'<section class="card" id="([\w-]+)"[^>]*>\s*<details class="part" open>', page.content.decode())


def verdict_on(incident: Incident, by: User) -> Incident:
    assessed_illegal(incident, by)
    return Incident.objects.get(pk=incident.pk)


def test_strip_leads_from_the_verdict_to_the_removal(belize: Portal, ana: User) -> None:
    incident, client = incident_of(belize, ONE), client_of(ana)
    assert client.get(url(incident)).context["strip"] is None

    incident = verdict_on(incident, ana)
    page = client.get(url(incident))
    names = ["Verdict", "Hosting trace", "Route", "First notice", "Removal"]
    assert steps_of(page) == list(zip(names, ["done", "now", "ahead", "ahead", "ahead"], strict=True))
    source = page.content.decode()
    assert re.findall(r'<li class="(\w+)" aria-current="step">\s*<strong>([\w ]+)', source) == [
        ("now", "Hosting trace")
    ]
    # The next step is a button that leads to what is opened for it; all else is folded.
    assert re.search(r'<a href="#hosting-body"\s+class="button"\s+data-shortcut="g">Trace the hosting', source)
    assert opened(page) == ["hosting"]

    now = timezone.now()
    Chase.objects.update(trace=1, traced_at=now, routed_trace=1, noticed_at=now, country="NL")
    refresh_next_step(incident, now=now)
    assert [step for _, step in steps_of(client.get(url(incident)))] == ["done", "done", "done", "done", "now"]
    found_gone(incident, ana, now=now)
    page = client.get(url(incident))
    assert [step for _, step in steps_of(page)] == ["done"] * 5
    assert opened(page) == []
    assert page.context["strip"].next_step is None


def test_no_step_ahead_reads_as_done() -> None:
    """A participle would: "Removed" beside a word for now, of content that is online."""
    words = [str(progress.label) for progress in Progress if progress != Progress.DONE]
    assert words == ["not yet", "later", "not done"]


def test_strip_names_what_was_left_out(belize: Portal, ana: User) -> None:
    incident = verdict_on(incident_of(belize, ONE), ana)
    actions.close(by=ana, incident=incident)
    steps = [step for _, step in steps_of(client_of(ana).get(url(incident)))]
    assert steps == ["done", *[Progress.LEFT_OUT.value] * 4]


def test_strip_of_any_other_verdict_ends_with_it(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, ONE)
    assessed_not_found(incident, ana)
    assert steps_of(client_of(ana).get(url(incident))) == [("Verdict", "done"), ("Closing", "done")]


# --- Related incidents ------------------------------------------------------------------------------


def reveals_of(incident: Incident) -> list[Any]:
    events = AuditEvent.objects.filter(object_id=str(incident.pk), action="incident.reveal")
    return list(events.order_by("number").values_list("actor", "portal", "details"))


def test_related_address_is_legible_while_revealed_and_on_record_once(belize: Portal, ana: User) -> None:
    one, other = incident_of(belize, ONE), incident_of(belize, OTHER)
    assert LEGIBLE not in client_of(ana).get(url(one)).content.decode()
    client = revealed(ana, one)
    for _ in range(2):
        assert LEGIBLE in client.get(url(one)).content.decode()
    assert reveals_of(other) == [("ana", "bz", {"related_to": str(one.pk)})]
    # The other incident itself stays masked.
    assert "gallery" not in client.get(url(other)).content.decode()


@pytest.mark.parametrize("is_decided", [False, True])
def test_related_addresses_stay_masked_and_folded_until_they_are_asked_for(
    belize: Portal, ana: User, *, is_decided: bool
) -> None:
    one, other = incident_of(belize, ONE), incident_of(belize, OTHER)
    if is_decided:
        verdict_on(one, ana)
    client, unfolded = client_of(ana), '<details class="related" open>'
    assert client.post(url(one, "show-related")).status_code == 403
    client.post(url(one, "reveal"), {"reason": "advice"})
    page = client.get(url(one)).content.decode()
    assert {"gallery/1" in page, LEGIBLE not in page, unfolded not in page, 'data-shortcut="O"' in page} == {True}
    assert reveals_of(other) == []

    page = client.post(url(one, "show-related"), follow=True).content.decode()
    assert {LEGIBLE in page, unfolded in page, 'data-shortcut="O"' not in page} == {True}
    assert reveals_of(other) == [("ana", "bz", {"related_to": str(one.pk)})]
    # Asked for once, of this reveal alone.
    client.get("/admin/queue/")
    client.post(url(one, "reveal"), {"reason": "advice"})
    assert LEGIBLE not in client.get(url(one)).content.decode()


def test_related_address_of_another_portal_is_neither_shown_nor_revealed(
    belize: Portal, zambia: Portal, ana: User
) -> None:
    one, foreign = incident_of(belize, ONE), incident_of(zambia, OTHER)
    assert LEGIBLE not in revealed(ana, one).get(url(one)).content.decode()
    assert reveals_of(foreign) == []


def test_unattended_session_of_a_senior_reveals_no_related_address(
    belize: Portal, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = incident_of(belize, ONE), incident_of(belize, OTHER)
    claimed(one, sena)
    monkeypatch.setattr("analysts.assessment.related.addresses.is_recent", lambda request, minutes: False)
    page = revealed(sena, one).get(url(one)).content.decode()
    assert "gallery/1" in page
    assert LEGIBLE not in page
    assert "Some addresses stay masked" in page
    assert reveals_of(other) == []


def test_related_incident_is_merged_here_with_one_click(belize: Portal, ana: User) -> None:
    one, other = incident_of(belize, ONE), incident_of(belize, OTHER)
    client = revealed(ana, verdict_on(one, ana))
    [sent] = re.findall(r'formaction="([^"]*)"\s+name="other"\s+value="([^"]*)"', client.get(url(one)).content.decode())
    assert sent == (url(one, "merge-here"), str(other.pk))
    assert client.post(sent[0], {"other": sent[1]}).headers["Location"] == url(one)
    assert Incident.objects.get(pk=other.pk).merged_into == one
    assert client.post(sent[0], {"other": sent[1]}).status_code == 422


# --- Timeline ---------------------------------------------------------------------------------------


def timeline(incident: Incident, user: User) -> list[tuple[str, str, list[str]]]:
    entries = history_of(incident, user).entries
    return [(entry.title, str(entry.by), [str(each) for each in entry.details]) for entry in entries]


def test_timeline_has_what_only_the_audit_log_records(belize: Portal, ana: User, sena: User) -> None:
    one, other = incident_of(belize, ONE), incident_of(belize, OTHER)
    actions.merge(by=ana, incident=other, into=one)
    report = one.sightings.exclude(merged_from=None).get().report
    actions.split(by=ana, incident=one, report=report)
    one = claimed(Incident.objects.get(pk=one.pk), ana)
    one = actions.hand_over(by=ana, incident=one, to=sena, fence=one.fence)
    actions.ask_reporter(by=sena, report=report_of(belize, ONE), incident=one, question="Which page?")
    actions.release(by=sena, incident=one, fence=one.fence)
    assessed = verdict_on(one, sena)
    on = timezone.now().date() + timedelta(days=9)
    plan_next_step(by=sena, incident=assessed, step=NextStepKind.RECIPIENT, review_on=on)
    actions.close(by=sena, incident=assessed)
    actions.reopen(by=sena, incident=assessed)

    found = timeline(one, ana)
    for line in (
        ("merged", "ana", [f"from {other}"]),
        ("report split off", "ana", [f"to {other}"]),
        ("handed over", "ana", ["to sena"]),
        ("message to the reporter", "sena", ["not answered yet"]),
        ("next step set", "sena", ["reply of the recipient", f"review on {on.day} {on:%b %Y}"]),
        ("closed", "sena", ["no further action possible"]),
        ("reopened", "sena", []),
    ):
        assert line in found


def test_timeline_names_no_incident_and_no_message_of_another_portal(
    belize: Portal, zambia: Portal, ana: User, sena: User
) -> None:
    one, foreign = incident_of(belize, ONE), incident_of(zambia, OTHER)
    actions.merge(by=sena, incident=foreign, into=one)
    actions.ask_reporter(by=sena, report=one.sightings.get(portal=zambia).report, incident=one, question="Which page?")
    assert timeline(one, ana) == [("merged", "sena", ["from another incident"])]
    assert ("merged", "sena", [f"from {foreign}"]) in timeline(one, sena)
    assert Question.objects.count() == 1


def test_timeline_is_folded_to_the_latest_entries(belize: Portal, ana: User) -> None:
    incident = verdict_on(incident_of(belize, ONE), ana)
    for day in range(MOST_UNFOLDED + 1):
        on = timezone.now().date() + timedelta(days=day + 1)
        plan_next_step(by=ana, incident=incident, step=NextStepKind.RECIPIENT, review_on=on)
    actions.close(by=ana, incident=incident)
    actions.reopen(by=ana, incident=incident)
    page = client_of(ana).get(url(incident)).content.decode()
    first, *folded = re.split(r"Show all \d+", page[page.index('id="history-title"') :])
    assert first.count("<li>") == MOST_UNFOLDED
    assert ["illegal" in part for part in folded] == [True]


def test_every_recorded_action_has_its_row_and_an_index(belize: Portal) -> None:
    assert sorted(RECORDED) == sorted(ON_INCIDENT_TIMELINE)
    names = ", ".join(f"'{name}'" for name in ON_INCIDENT_TIMELINE)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN SELECT * FROM audit_auditevent WHERE object_id = '1' AND action IN ({names})"
            " ORDER BY number DESC LIMIT 50"
        )
        assert "audit_event_of_incident" in str(cursor.fetchall())


# --- The next of a to-do list -----------------------------------------------------------------------


def test_next_of_a_list_goes_through_it_in_order_and_around(belize: Portal, ana: User) -> None:
    now, incidents = timezone.now(), []
    for number in range(3):
        incident = incident_of(belize, f"https://site-{'abc'[number]}.example/", now=now - timedelta(days=5))
        assessed_illegal(incident, ana, now=now - timedelta(days=4 - number))
        incidents.append(incident)
    client, seen = client_of(ana), [incidents[1]]
    page = client.get(url(seen[0]), {"todo": "trace"})
    for _ in range(3):
        assert 'data-shortcut="n"' in page.content.decode()
        page = client.get(page.context["to_do"].next_url, follow=True)
        seen.append(page.context["incident"])
    assert seen == [incidents[each] for each in (1, 2, 0, 1)]


def test_list_is_kept_through_an_action_and_its_place_once_it_is_done(belize: Portal, ana: User) -> None:
    first, second = (verdict_on(incident_of(belize, f"https://site-{each}.example/"), ana) for each in ("a", "b"))
    client = client_of(ana)
    page = client.get(url(first), {"todo": "trace"})
    sent = {**page.context["to_do"].query, "text": "A note"}
    wrong = client.post(url(first, "note"), {**sent, "text": ""})
    assert wrong.context["to_do"].kind.name == "trace"
    after = client.post(url(first, "note"), sent).headers["Location"]
    assert after.startswith(f"{url(first)}?todo=trace&")
    Chase.objects.filter(incident=first).update(trace=1, traced_at=timezone.now())
    page = client.get(after)
    assert client.get(page.context["to_do"].next_url).headers["Location"] == f"{url(second)}?todo=trace#hosting-body"
    Chase.objects.update(trace=1, traced_at=timezone.now())
    assert client.get(page.context["to_do"].next_url).headers["Location"] == "/admin/to-do/?what=trace"


def test_every_list_has_a_place_for_the_incident_of_the_page(belize: Portal, ana: User) -> None:
    incident, client = verdict_on(incident_of(belize, ONE), ana), client_of(ana)
    for kind in TO_DO:
        for place in ("2026-01-01T00:00:00+00:00~not-a-key", f"2026-01-01T00:00:00+00:00~{incident.pk}"):
            found = find_round({"todo": kind.name, "todo_after": place}, incident.pk, ana, timezone.now())
            assert found is not None
            assert client.get(found.next_url).status_code == 302
