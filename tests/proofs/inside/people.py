"""People of every role for two portals, and the paths they request."""

from datetime import timedelta

from django.utils import timezone

from analysts.codes import Role
from analysts.models import (
    FeedScope,
    Hosted,
    Incident,
    Recipient,
    Report,
    RouteExample,
    RouteRule,
    RouteStep,
    User,
    Workstation,
)
from analysts.takedown.url_list import members
from analysts.tests.factories import closed_in_bulk, sample_of
from analysts.tests.notices import gathering_for
from audit.models import AuditEvent
from countries.models import CrisisPhrase, HelpService, Picture, Portal, PortalGroup, PortalState
from countries.staff.portal_approvals import request_state
from countries.states import Verb
from countries.tests.factories import LanguageFactory, waiting_banner
from countries.words.sources import read_source_texts
from portal_site.access_table import TABLE
from tests.rig.cells import answers_for
from tests.rig.routes import METHODS, fill_route, is_public, is_staff, walk_routes

PASSWORD = "correct horse battery"


def everybody(here: str, elsewhere: str) -> list[list[str]]:
    """(user name, password, role, "here" or "") of two people a role: one for each portal."""
    people = []
    for role in Role:
        for slug in (here, elsewhere):
            username = f"{role.value}-{slug}"
            user = User.objects.create_user(username, role=role, password=PASSWORD, name=username)
            user.portals.set([Portal.objects.get(slug=slug)])
            people.append([username, PASSWORD, role.value, "here" if slug == here else ""])
    return people


def suspend(slug: str, draft: str) -> None:
    Portal.objects.filter(slug=slug).update(state=PortalState.SUSPENDED)
    Portal.objects.filter(slug=draft).update(state=PortalState.DRAFT)


def staff_routes(slug: str, elsewhere: str) -> list[list[str]]:
    """(route, path) of the staff surface: about rows of this portal, an account, and an approval request that waits.

    The request is about the other portal: were it approved, what is asked for would change on the way.
    """
    report = Report.objects.filter(portal__slug=slug).order_by("pk")[0]
    incident = Incident.objects.filter(sightings__report=report).order_by("pk")[0]
    portal = Portal.objects.get(slug=slug)
    picture = Picture.objects.create(digest="0" * 64, content=b"", media_type="image/png", width=1, height=1)
    user = User.objects.create_user("waits", role=Role.WELFARE)
    other = Portal.objects.get(slug=elsewhere)
    approval = request_state(
        by=_create_user(Role.OPERATOR), portal=other, verb=Verb.SUSPEND, reason="Requested to be declined"
    )
    closing = closed_in_bulk(incident, user)
    key, _secret = members.make_key(
        by=_create_user(Role.OPERATOR, "makes-a-key"),
        member="Example Search",
        scope=FeedScope.HASHES,
        expires_on=timezone.localdate() + timedelta(days=1),
    )
    workstation = Workstation.objects.create(name="Room 2", public_key=bytes(32), by=user, at=timezone.now())
    item = gathering_for(incident, user)
    service = HelpService.objects.create(key="example", kind="pictures", name="Example", phone="116")
    rows = {
        "recipient_id": str(Recipient.objects.create(kind="host", name="Example of the proof").pk),
        "key_id": str(key.pk),
        "notice_id": str(item.notice_id),
        "item_id": str(item.pk),
        "closing_id": str(closing.pk),
        "group_id": str(PortalGroup.objects.create(name="Central America").pk),
        "helpservice": str(service.pk),
        "countries/language": str(LanguageFactory.create().pk),
        "crisisphrase": str(CrisisPhrase.objects.create(language="ur", words="placeholder words").pk),
        "sample_id": str(sample_of(incident, user).pk),
        "example_id": str(RouteExample.objects.create(country="XK", steps=[RouteStep.POLICE]).pk),
        "rule_id": str(RouteRule.objects.create(hosted=Hosted.ANYWHERE, steps=[RouteStep.POLICE], reason="r").pk),
        "mode_id": str(waiting_banner(user).pk),
        "act": "assess",
        "incident_id": str(incident.pk),
        "report_id": str(report.pk),
        "portal_id": str(portal.pk),
        "portal": str(portal.pk),
        "user_id": str(user.pk),
        "user": str(user.pk),
        "auditevent": str(AuditEvent.objects.order_by("pk")[0].pk),
        "workstation_id": str(workstation.pk),
        "request_id": str(approval.pk),
        "digest": picture.digest,
        "tag": "en",
        "words_tag": "ur",
        "text_digest": read_source_texts()[0].digest,
        "kind": "host",
        "purpose": "first",
        "state": "live",
        "public_path": f"{slug}/en/",
    }
    asked = [(route, pattern) for route, pattern in walk_routes() if is_staff(route) or route in OWN]
    return [[route, fill_route(route, pattern, rows)] for route, pattern in asked]


def _create_user(role: Role, username: str = "") -> User:
    """Create an account that is not among those that request the routes."""
    return User.objects.create_user(username or f"{role.value}-asks", role=role)


def cells() -> list[list[object]]:
    """(route, method, role, "here" or "", accepted answers) of each row of the table; a stranger has no role."""
    callers = [("", ""), *((role.value, here) for role in Role for here in ("here", ""))]
    return [
        [route, method, role, here, sorted(answers_for(route, method, role, here=bool(here)))]
        for route in TABLE
        for method in METHODS
        for role, here in callers
    ]


# Routes of the staff surface outside the staff's paths.
OWN = ("", "health/live/", "health/ready/")


def unlisted() -> list[str]:
    """Routes that are neither public nor in the table of `portal_site.access_table`, and rows of it without a route."""
    known = dict(walk_routes())
    strange = [route for route, pattern in known.items() if route not in TABLE and not is_public(pattern)]
    return [*(route for route in strange if route not in OWN), *(route for route in TABLE if route not in known)]
