"""The actions of the URL list, done once, for `tests.rig.acts`."""

from datetime import date, timedelta

from django.utils import timezone

from analysts.codes import Role
from analysts.models import FeedScope
from analysts.takedown.url_list import actions, members
from analysts.tests.factories import assessed_illegal
from tests.rig.acts import Act, Stage, choice_of
from tests.rig.fixtures import ClientResponse

INCIDENT = "admin/incidents/<uuid:incident_id>/"


def add_entry(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post(stage.path("url-list/add"))


def _post_when_listed(stage: Stage, act: str, **sent: str) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    actions.list_address(by=stage.people[Role.ANALYST], incident=stage.incident)
    return stage.client(Role.ANALYST).post(stage.path(act), sent)


def keep_entry(stage: Stage) -> ClientResponse:
    return _post_when_listed(stage, "url-list/keep")


def review_entries(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    actions.list_address(by=stage.people[Role.ANALYST], incident=stage.incident)
    sent = {f"decision_{stage.incident.pk}": "online", "incident": choice_of(stage.incident), "confirmed": "1"}
    return stage.client(Role.ANALYST).post("/admin/url-list/review/", sent)


def take_off(stage: Stage) -> ClientResponse:
    return _post_when_listed(stage, "url-list/take-off", reason="too_wide")


def make_key(stage: Stage) -> ClientResponse:
    sent = {"member": "Example Search", "scope": "hashes", "expires_on": f"{_tomorrow_date()}"}
    return stage.client(Role.OPERATOR).post("/admin/url-list/members/", sent)


def close_key(stage: Stage) -> ClientResponse:
    key, _secret = members.make_key(
        by=stage.people[Role.OPERATOR], member="Example Search", scope=FeedScope.HASHES, expires_on=_tomorrow_date()
    )
    return stage.client(Role.OPERATOR).post(f"/admin/url-list/members/{key.pk}/close/")


def _tomorrow_date() -> date:
    return timezone.localdate() + timedelta(days=1)


ACTS: dict[str, tuple[Act, str]] = {
    f"{INCIDENT}url-list/add/": (add_entry, "incident.list"),
    f"{INCIDENT}url-list/keep/": (keep_entry, "incident.keep_listed"),
    f"{INCIDENT}url-list/take-off/": (take_off, "incident.take_off"),
    "admin/url-list/review/": (review_entries, "incident.keep_listed"),
    "admin/url-list/members/": (make_key, "member.make_key"),
    "admin/url-list/members/<uuid:key_id>/close/": (close_key, "member.close_key"),
}
