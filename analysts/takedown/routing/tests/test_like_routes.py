"""Confirming like routes in one act."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from analysts.codes import Role, Severity
from analysts.models import (
    Incident,
    PoliceHold,
    Recipient,
    RecipientKind,
    RouteRule,
    RouteStep,
    TraceMethod,
    User,
)
from analysts.takedown.routing import catalogue
from analysts.takedown.tracing.actions import trace
from analysts.takedown.tracing.tests.test_host_traces import illegal_at, left_out, said, values
from analysts.takedown.url_list.permissions import NOT_LISTED
from analysts.tests.factories import claimed
from analysts.tests.places import found_in, host, recipient
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

LIKE = "/admin/to-do/routes/"
PERSONAL = "https://example.org/profile?user=someone@example.org"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def provider(sena: User) -> Recipient:
    catalogue.load_rules()
    RouteRule.objects.update(is_active=False)
    RouteRule.objects.create(
        hosted="anywhere", steps=[RouteStep.NOTICE_HOST, RouteStep.URL_LIST], reason="A test.", is_active=True
    )
    return host("Alpha Hosting", verified_by=sena)


def preview(by: User, provider: Recipient, country: str = "NL") -> Any:
    return client_of(by).get(LIKE, {"country": country, "provider": str(provider.pk)})


def confirm(by: User, page: Any, **more: Any) -> Any:
    sent = {**dict(page.context["hidden_fields"]), "confirmed": "1", "incident": values(page)} | more
    return client_of(by).post(LIKE, sent, follow=True)


def test_like_routes_are_confirmed_together(
    belize: Portal, zambia: Portal, ana: User, ben: User, provider: Recipient, now: datetime
) -> None:
    first, second, changing = (
        found_in(belize, ana, "NL", f"https://example.org/{path}", provider=provider, now=now)
        for path in ("first", "second", "changing")
    )
    other = found_in(belize, ana, "DE", "https://example.org/other", provider=provider, now=now)
    hidden = found_in(zambia, ben, "NL", "https://example.org/hidden", provider=provider, now=now)
    personal = found_in(belize, ana, "NL", PERSONAL, provider=provider, now=now)

    page = client_of(ana).get(LIKE)
    assert [(group.place, group.number) for group in page.context["groups"]] == [
        ("Netherlands, Alpha Hosting", 4),
        ("Germany, Alpha Hosting", 1),
    ]
    page = preview(ana, provider)
    assert [(step.label, step.to) for step in page.context["route"].steps] == [
        (str(RouteStep.NOTICE_HOST.label), "Alpha Hosting (by e-mail)"),
        (str(RouteStep.URL_LIST.label), ""),
    ]
    rows = {row.row.incident.pk: row.effect for row in page.context["preview"].included}
    assert rows.keys() == {first.pk, second.pk, changing.pk, personal.pk}
    assert rows[personal.pk] == "Nothing is sent until the redaction of its address is confirmed."
    assert not [each for each in (hidden, other) if str(each) in page.content.decode()]
    assert not Incident.objects.filter(routes__isnull=False).exists()

    trace(by=ana, incident=changing, method=TraceMethod.DNS, country="NL", provider="Beta Hosting", at=now)
    chosen = [*values(page), f"{hidden.pk}:", f"{other.pk}:"]
    page = confirm(ana, page, incident=chosen)
    assert said(page) == [
        "3 routes confirmed.",
        f"Left out: {changing}, {other}. It has changed since the preview.",
        "Some of the chosen incidents can no longer be opened.",
    ]
    routed = Incident.objects.filter(routes__isnull=False)
    assert set(routed) == {first, second, personal}
    events = AuditEvent.objects.filter(action="incident.confirm_route")
    assert {(event.actor, event.object_id) for event in events} == {("ana", str(each.pk)) for each in routed}
    # Both incidents are in one notice.
    assert first.notice_items.get().notice == second.notice_items.get().notice


def test_claimed_and_held_incidents_are_left_out_and_named(
    belize: Portal, ana: User, provider: Recipient, now: datetime
) -> None:
    free, held, taken = (
        found_in(belize, ana, "NL", f"https://example.org/{path}", provider=provider, now=now)
        for path in ("free", "held", "taken")
    )
    PoliceHold.objects.create(incident=held, police=recipient(RecipientKind.POLICE, "Example Police"), by=ana, at=now)
    client_of(ana).post(f"/admin/incidents/{taken.pk}/reopen/")
    claimed(Incident.objects.get(pk=taken.pk), create_person("cora", Role.ANALYST, belize))

    page = preview(ana, provider)
    assert left_out(page) == {str(held): "Police clearance is missing.", str(taken): "Claimed by cora."}
    assert [value[:36] for value in values(page)] == [str(free.pk)]
    # Also where they are sent with the marks of the preview.
    chosen = [*values(page), *(row.value for row in page.context["preview"].left_out)]
    assert set(said(confirm(ana, page, incident=chosen))) == {
        "1 route confirmed.",
        f"Left out: {held}. Police clearance is missing.",
        f"Left out: {taken}. Claimed by cora.",
    }
    assert set(Incident.objects.filter(routes__isnull=False)) == {free}


def test_group_is_confirmed_only_as_its_preview_showed_it(
    belize: Portal, ana: User, provider: Recipient, now: datetime
) -> None:
    incident = found_in(belize, ana, "NL", provider=provider, now=now)
    page = preview(ana, provider)
    RouteRule.objects.filter(is_active=True).update(steps=[RouteStep.NOTICE_HOST])
    again = confirm(ana, page)
    assert said(again) == ["The routing rules have changed. Check the route again."]
    assert not incident.routes.exists()
    assert said(confirm(ana, again)) == ["1 route confirmed."]
    assert "No incident waits for this route any more." in said(
        client_of(ana).get(page.request["PATH_INFO"], {"provider": str(provider.pk)}, follow=True)
    )


def test_route_with_a_recipient_for_each_incident_is_confirmed_one_by_one(
    belize: Portal, ana: User, provider: Recipient, now: datetime
) -> None:
    incident = found_in(belize, ana, "NL", provider=provider, now=now)
    RouteRule.objects.filter(is_active=True).update(steps=[RouteStep.POLICE])
    page = preview(ana, provider)
    why_not = "This step needs a recipient that is chosen for each incident. Confirm these one by one."
    assert left_out(page) == {str(incident): why_not}
    confirm(ana, page, incident=[f"{incident.pk}:"])
    assert not incident.routes.exists()


def host_preview(by: User, about: Incident, **more: Any) -> Any:
    place = {"methods": ["dns", "whois_address", "bgp"], "country": "NL", "provider": "Alpha Hosting"}
    return client_of(by).post(f"/admin/incidents/{about.pk}/trace-host/", place | more)


@pytest.mark.parametrize("is_ticked", [True, False])
def test_traces_of_a_host_and_their_routes_are_one_preview(
    belize: Portal, ana: User, provider: Recipient, now: datetime, is_ticked: bool
) -> None:
    first, unlisted, personal = (
        illegal_at(belize, ana, path, now) for path in ("1", "2", "profile?user=someone@example.org")
    )
    Incident.objects.filter(pk=unlisted.pk).update(severity=Severity.INCHOATE)
    page = host_preview(ana, first)
    agreed = "Hosting agreed: Netherlands, Alpha Hosting."
    assert {row.row.incident.pk: row.effect for row in page.context["preview"].included} == {
        first.pk: f"{agreed} Route confirmed.",
        unlisted.pk: f"{agreed} Its route is confirmed apart: {NOT_LISTED}",
        personal.pk: f"{agreed} Route confirmed. Nothing is sent until the redaction of its address is confirmed.",
    }
    assert page.context["routed"] == 2
    assert "Confirm the routes of 2 incidents, too" in " ".join(page.content.decode().split())
    ticked = {"steps": page.context["route"].mark} if is_ticked else {}
    sent = {name: value for name, value in page.context["hidden_fields"] if name != "methods"}
    done = client_of(ana).post(
        f"/admin/incidents/{first.pk}/trace-host/",
        sent | ticked | {"methods": ["dns", "whois_address", "bgp"], "confirmed": "1", "incident": values(page)},
        follow=True,
    )
    assert said(done) == ["3 incidents traced.", *(["2 routes confirmed."] if is_ticked else [])]
    assert [incident.routes.count() for incident in (first, unlisted, personal)] == (
        [1, 0, 1] if is_ticked else [0, 0, 0]
    )
    # The rest waits on the page of like routes.
    assert done.redirect_chain[0][0].startswith("/admin/to-do/routes/?country=NL&provider=")


def test_preview_confirms_no_route_of_another_place_or_by_changed_rules(
    belize: Portal, ana: User, provider: Recipient, now: datetime
) -> None:
    incident = illegal_at(belize, ana, "1", now)
    page = host_preview(ana, incident, methods=["dns"])
    [row] = page.context["preview"].included
    assert (row.effect, page.context["routed"]) == ("2 more methods must name the same place.", 0)
    page = host_preview(ana, incident)
    sent = {"confirmed": "1", "incident": values(page), "steps": page.context["route"].mark}
    RouteRule.objects.filter(is_active=True).update(steps=[RouteStep.NOTICE_HOST])
    again = host_preview(ana, incident, **sent)
    assert said(again) == ["The routing rules have changed. Check the route again."]
    assert (incident.traces.count(), incident.routes.count()) == (0, 0)
    sent["steps"] = again.context["route"].mark
    assert host_preview(ana, incident, **sent).status_code == 302
    assert incident.routes.get().steps == [RouteStep.NOTICE_HOST]
