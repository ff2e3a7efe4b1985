"""Tracing all open incidents of one host at once, and three methods in one form."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.codes import Role
from analysts.handoff.choosing import chases_to_trace
from analysts.models import Chase, HostingTrace, Incident, PoliceHold, Recipient, RecipientKind, User
from analysts.takedown.routing.like_routes import NO_RULE
from analysts.takedown.tracing.page_section import Hosting
from analysts.takedown.tracing.tests.test_tracing import DNS, illegal, now, traced
from analysts.tests.factories import assessed_illegal, claimed, incident_of, report_of
from analysts.tests.places import host, placed
from analysts.tests.sections import ALL_OPEN, content_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

__all__ = ["illegal", "now"]

PLACE = {"methods": ["dns", "whois_address", "bgp"], "country": "NL", "provider": "Alpha Hosting", "network": "AS64496"}


def illegal_at(portal: Portal, by: User, path: str, now: datetime, host: str = "example.org") -> Incident:
    incident = incident_of(portal, f"https://{host}/{path}", now=now - timedelta(hours=2))
    assessed_illegal(incident, by, now=now - timedelta(hours=1))
    return Incident.objects.get(pk=incident.pk)


def post(by: User, incident: Incident, act: str, **sent: Any) -> Any:
    return client_of(by).post(f"/admin/incidents/{incident.pk}/{act}/", sent)


def values(page: Any) -> list[str]:
    return [each.value for each in page.context["preview"].included]


def left_out(page: Any) -> dict[str, str]:
    return {str(each.row.incident): each.why_not for each in page.context["preview"].left_out}


def said(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


def test_three_methods_are_one_form_and_one_event(illegal: Incident, ana: User) -> None:
    before = AuditEvent.objects.filter(action="incident.trace").count()
    answer = post(ana, illegal, "trace", **PLACE)
    assert answer.headers["Location"] == f"/admin/incidents/{illegal.pk}/#hosting"
    assert illegal.traces.count() == 3
    assert illegal.chases.get().trace == 1
    [event] = AuditEvent.objects.filter(action="incident.trace")[before:]
    assert event.details["methods"] == PLACE["methods"]


def test_known_provider_completes_country_and_network(
    illegal: Incident, belize: Portal, ana: User, now: datetime
) -> None:
    other = illegal_at(belize, ana, "1", now, host="elsewhere.example")
    post(ana, other, "trace", **PLACE)
    assert post(ana, illegal, "trace", methods=["dns"], provider="alpha hosting").status_code == 302
    trace = HostingTrace.objects.get(incident=illegal)
    assert (trace.country, trace.network, trace.provider.name) == ("NL", "AS64496", "Alpha Hosting")
    refused = post(ana, illegal, "trace", methods=["dns"], provider="Unknown Hosting")
    assert (refused.status_code, refused.context["form"].errors["country"]) == (422, ["This field is required."])


def test_form_offers_what_is_known_of_the_host(illegal: Incident, belize: Portal, ana: User, now: datetime) -> None:
    post(ana, illegal_at(belize, ana, "1", now), "trace", **PLACE)
    page = client_of(ana).get(f"/admin/incidents/{illegal.pk}/", ALL_OPEN)
    form = content_of(page, Hosting)
    assert [form.button.form[name].value() for name in ("country", "provider", "network", "methods")] == [
        "NL",
        "Alpha Hosting",
        "AS64496",
        None,
    ]
    assert form.others == "1"
    assert "Save for this and 1 other open incident of the host" in " ".join(page.content.decode().split())


def test_all_open_incidents_of_a_host_are_traced_but_those_left_out(
    illegal: Incident, belize: Portal, zambia: Portal, ana: User, ben: User, now: datetime
) -> None:
    cora = create_person("cora", Role.ANALYST, belize)
    second, changing = (illegal_at(belize, ana, path, now) for path in ("second", "changing"))
    held = illegal_at(belize, ana, "held", now)
    police = Recipient.objects.create(kind=RecipientKind.POLICE, name="Example Police", country="NL")
    PoliceHold.objects.create(incident=held, police=police, by=ana, at=now)
    reopened = illegal_at(belize, ana, "reopened", now)
    client_of(ana).post(f"/admin/incidents/{reopened.pk}/reopen/")
    claimed(Incident.objects.get(pk=reopened.pk), cora)
    hidden = illegal_at(zambia, ben, "hidden", now)
    elsewhere = illegal_at(belize, ana, "x", now, host="elsewhere.example")
    waiting = report_of(belize, "https://example.org/waiting").sightings.get().incident

    page = post(ana, illegal, "trace-host", **PLACE)
    assert page.status_code == 200
    assert not HostingTrace.objects.exists()
    assert {value[:36] for value in values(page)} == {str(each.pk) for each in (illegal, second, changing)}
    apart = f"Its route is confirmed apart: {NO_RULE}"
    assert {each.effect for each in page.context["preview"].included} == {
        f"Hosting agreed: Netherlands, Alpha Hosting. {apart}"
    }
    assert left_out(page) == {str(held): "Police clearance is missing.", str(reopened): "Claimed by cora."}
    assert not [each for each in (hidden, elsewhere, waiting) if str(each) in page.content.decode()]
    event = AuditEvent.objects.latest("number")
    assert event.details == {"view": "trace_host", "count": "5"}

    chosen = [*values(page), f"{hidden.pk}:", f"{held.pk}:", "nonsense"]
    traced(changing, cora, now, DNS)
    page = client_of(ana).post(
        f"/admin/incidents/{illegal.pk}/trace-host/", {**PLACE, "confirmed": "1", "incident": chosen}, follow=True
    )
    assert [each.traces.count() for each in (illegal, second, changing, held, reopened, hidden)] == [3, 3, 1, 0, 0, 0]
    assert said(page) == [
        "2 incidents traced.",
        f"Left out: {changing}, {held}. It has changed since the preview.",
        "Some of the chosen incidents can no longer be opened.",
    ]
    # On to the like routes of those that are traced.
    assert page.redirect_chain[0][0].startswith("/admin/to-do/routes/?country=NL&provider=")
    assert left_out(page).keys() == {str(illegal), str(second)}
    events = AuditEvent.objects.filter(action="incident.trace", actor="ana").order_by("number")
    assert {event.object_id for event in events} == {str(illegal.pk), str(second.pk)}


def test_preview_says_what_moves(illegal: Incident, ana: User, now: datetime) -> None:
    placed(illegal, "DE", host("Beta Hosting"), now=now - timedelta(minutes=1))
    Chase.objects.update(routed_trace=1)
    page = post(ana, illegal, "trace-host", **PLACE)
    [row] = page.context["preview"].included
    assert row.effect == (
        "Hosting moves from Germany, Beta Hosting to Netherlands, Alpha Hosting. The new route has to be approved."
    )
    assert post(ana, illegal, "trace-host", **(PLACE | {"methods": []})).status_code == 422


def test_other_name_for_the_same_network_is_no_move(illegal: Incident, ana: User) -> None:
    post(ana, illegal, "trace", **PLACE)
    Chase.objects.update(routed_trace=1)
    post(ana, illegal, "trace", **(PLACE | {"provider": "Alpha Hosting Ltd"}))
    chase = illegal.chases.select_related("provider").get()
    assert chase.provider
    assert (chase.trace, chase.has_moved, chase.provider.name) == (1, False, "Alpha Hosting")
    # The workstation is not asked either; it is asked about another provider.
    at = timezone.now()
    assert not chases_to_trace(ana).exists()
    traced(illegal, ana, at, DNS, provider="Beta Hosting", network="AS64497")
    assert [each.incident for each in chases_to_trace(ana)] == [illegal]


@pytest.mark.parametrize(
    ("trace", "place", "is_asked"),
    [
        (0, {}, True),
        (1, {}, False),
        (1, {"country": "DE"}, True),
        # The number of the network names the place, and the name of the provider if it has none.
        (1, {"provider": "Beta Hosting"}, False),
        (1, {"provider": "Beta Hosting", "network": "AS64497 Beta"}, True),
        (1, {"network": "AS64497 Beta"}, False),
        (1, {"provider": "Beta Hosting", "country": "DE"}, True),
        (1, {"provider": "Beta Hosting", "at": timedelta(seconds=-1)}, False),
    ],
)
def test_workstation_is_asked_where_hosting_is_not_agreed(
    illegal: Incident, belize: Portal, ana: User, now: datetime, trace: int, place: dict[str, Any], is_asked: bool
) -> None:
    """A trace of another incident disagrees with none of this one."""
    agreed = host("Alpha Hosting")
    elsewhere: dict[str, Any] = {"incident": incident_of(belize, "https://other.example/1"), "country": "DE"}
    HostingTrace.objects.create(method=DNS, by=ana, recorded_at=now, at=now, provider=agreed, **elsewhere)
    if trace:
        Chase.objects.update(country="NL", provider=agreed, network="AS64496 Alpha", traced_at=now, trace=trace)
    values: dict[str, Any] = {"country": "NL", "provider": "Alpha Hosting", "network": "as 64496"} | place
    provider = host(values.pop("provider"))
    HostingTrace.objects.create(
        incident=illegal,
        method=DNS,
        by=ana,
        recorded_at=now,
        at=now + values.pop("at", timedelta(0)),
        provider=provider,
        **values,
    )
    assert chases_to_trace(ana).exists() is is_asked


@pytest.mark.parametrize("number", [1, 5])
def test_preview_costs_the_same_for_one_incident_and_for_five(
    illegal: Incident, belize: Portal, ana: User, now: datetime, number: int, django_assert_num_queries: Any
) -> None:
    for path in "abcde"[1:number]:
        illegal_at(belize, ana, path, now)
    client = client_of(ana)
    client.get("/admin/to-do/")
    with django_assert_num_queries(22):
        client.post(f"/admin/incidents/{illegal.pk}/trace-host/", PLACE)
