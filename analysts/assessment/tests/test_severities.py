"""Each category at every door that treats categories differently: the form, the URL list, routes, letters, figures."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.mappings import Scheme, default_mapping, translate_assessment
from analysts.codes import AgeBand, Severity, Sex
from analysts.codes.content_types import ContentType
from analysts.figures import rollups
from analysts.figures.returns import return_rows
from analysts.figures.snapshot import build_figures
from analysts.models import Incident, Notice, Referral, RouteRule, RouteStep, UrlListEntry, User
from analysts.takedown.notices import texts
from analysts.takedown.notices.rendering import render_letter
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.actions import confirm_route
from analysts.takedown.routing.like_routes import build_group_route, describe_route_effect
from analysts.takedown.routing.rules import propose_route
from analysts.takedown.url_list.actions import list_address
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from analysts.tests.places import host, placed
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

EACH = pytest.mark.parametrize("severity", Severity)
LISTED = {Severity.A, Severity.B, Severity.C, Severity.PROHIBITED}


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize)


def assessed(incident: Incident, by: User, severity: Severity) -> Incident:
    assessed_illegal(incident, by, severity=severity)
    return Incident.objects.get(pk=incident.pk)


def hosted(incident: Incident, sena: User) -> Incident:
    catalogue.load_rules()
    RouteRule.objects.update(is_active=False)
    RouteRule.objects.create(hosted="anywhere", steps=[RouteStep.NOTICE_HOST, RouteStep.URL_LIST], reason="A test.")
    placed(incident, "NL", host(verified_by=sena), now=timezone.now())
    return Incident.objects.get(pk=incident.pk)


@EACH
@pytest.mark.parametrize("child", [{}, {"age_band": AgeBand.AGE_7_10, "sex": Sex.BOTH}])
def test_age_and_sex_go_with_categories_that_show_a_child(
    incident: Incident, ana: User, severity: Severity, child: dict[str, str]
) -> None:
    client, fence = client_of(ana), claimed(incident, ana).fence
    fields = {"verdict": "illegal", "basis": "seen", "severity": severity, "fence": fence, "flags": ["drawn"], **child}
    status = client.post(f"/admin/incidents/{incident.pk}/assess/", fields).status_code
    assert status == (302 if bool(child) == severity.row.shows_child else 422)
    # The timeline has its codes.
    assert client.get(f"/admin/incidents/{incident.pk}/").status_code == 200


@EACH
def test_only_material_has_a_code_in_lists_of_material(incident: Incident, ana: User, severity: Severity) -> None:
    codes = translate_assessment(assessed_illegal(incident, ana, severity=severity), default_mapping())
    assert {Scheme.ICCAM_CLASSIFICATION, Scheme.CYBERTIPLINE} <= codes.keys() or severity not in LISTED
    assert codes == {} or severity in LISTED


def button(incident: Incident, by: User) -> bool:
    return list_address(by=by, incident=incident) is not None


def route(incident: Incident, by: User) -> bool:
    proposal = propose_route("NL", incident.severity)
    confirm_route(by=by, incident=incident, steps=proposal.steps)
    return UrlListEntry.objects.exists()


def route_with_a_reason(incident: Incident, by: User) -> bool:
    confirm_route(by=by, incident=incident, steps=[RouteStep.NOTICE_HOST, RouteStep.URL_LIST], reason="r")
    return UrlListEntry.objects.exists()


def like_route(incident: Incident, by: User) -> bool:
    return describe_route_effect(by, incident, build_group_route("NL", host())) == ""


@EACH
@pytest.mark.parametrize("door", [button, route, route_with_a_reason, like_route])
def test_url_list_has_material_only(
    incident: Incident, ana: User, sena: User, severity: Severity, door: Callable[[Incident, User], bool]
) -> None:
    incident = hosted(assessed(incident, ana, severity), sena)
    if severity in LISTED or door is route:
        assert door(incident, ana) == (severity in LISTED)
    else:
        with pytest.raises(Denied, match="are not put on the URL list"):
            door(incident, ana)
    assert UrlListEntry.objects.exists() == (severity in LISTED and door is not like_route)


@EACH
def test_later_verdict_takes_what_is_not_listed_off_the_url_list(
    incident: Incident, ana: User, severity: Severity
) -> None:
    list_address(by=ana, incident=assessed(incident, ana, Severity.C))
    actions.reopen(by=ana, incident=incident)
    assessed(incident, ana, severity)
    assert UrlListEntry.objects.filter(removed_on=None).exists() == (severity in LISTED)


@EACH
def test_letter_and_figures_name_what_was_assessed(
    incident: Incident, ana: User, sena: User, severity: Severity, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    texts.load_shipped_texts()
    incident = hosted(assessed(incident, ana, severity), sena)
    confirm_route(by=ana, incident=incident, steps=[RouteStep.NOTICE_HOST], reason="r")
    [row] = csv.DictReader(StringIO(render_letter(Notice.objects.get()).attachment.decode()))
    assert row["category"] == severity.row.material
    assert (row["category"] == "child sexual abuse material") == (severity in LISTED)

    now = timezone.now()
    Referral.objects.update(noticed_at=now)
    rollups.recount_all_days(last=now.date())
    figures = build_figures(str(now.year), {}, portals=[])
    national = figures["national"]
    assert national[f"assessed severity {severity}"] == 1
    [kind] = [kind for kind in ContentType if any(f" {kind}" in name for name in national if "prov_type" in name)]
    assert kind == (ContentType.MATERIAL if severity in LISTED else ContentType.ASSISTING)
    numbers = {name: number for _period, name, _definition, number in return_rows(str(now.year), figures)}
    assert numbers["inchoate"] == str(int(severity not in LISTED))
