"""An action of the staff surface: its precondition and the form that it sends."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client, override_settings

from analysts.codes import Role
from analysts.incidents.bulk_actions import load_marks
from analysts.models import Assessment, Incident, Report, User
from analysts.tests.factories import assessed_illegal, claimed, report_of
from countries.models import Portal
from tests.rig.fixtures import ClientResponse, client_of, create_person

# Text that only the reporter and the analysts of the portal may know.
HOST = "placeholderhost"
ADDRESS = f"https://{HOST}.example.org/placeholderpath/?q=placeholderquery"
WORDS = "placeholderwords of a reporter"
# The link in a letter leads to the public surface.
PUBLIC_URL = "https://report.hotline.example"
INCIDENT = "admin/incidents/<uuid:incident_id>/"
PORTAL = "admin/countries/portal/<int:portal_id>/"


@dataclass(frozen=True, slots=True)
class Stage:
    """A report to Belize taken in, and one colleague in each role."""

    belize: Portal
    report: Report
    incident: Incident
    people: dict[Role, User]

    @property
    def analyst(self) -> User:
        return self.people[Role.ANALYST]

    @property
    def senior(self) -> User:
        return self.people[Role.SENIOR]

    def client(self, role: Role) -> Client:
        return client_of(self.people[role])

    def fence(self) -> int:
        self.incident.refresh_from_db()
        return self.incident.fence


def set_up(belize: Portal) -> Stage:
    return with_report(belize, staff_of(belize), ADDRESS)


def staff_of(belize: Portal) -> dict[Role, User]:
    """One colleague in each role."""
    return {role: create_person(f"{role.value}-acts", role, belize) for role in Role}


def with_report(belize: Portal, people: dict[Role, User], address: str) -> Stage:
    report = report_of(belize, address, details={"description": WORDS})
    return Stage(belize, report, report.sightings.get().incident, people)


@dataclass(frozen=True, slots=True)
class FilledForm:
    client: Client
    path: str
    fields: Mapping[str, Any]

    def send(self) -> ClientResponse:
        return self.client.post(self.path, self.fields)


type Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One action.

    Attributes:
        event: the event that it records.
        role: a role that may do it.
        prepare: does the steps before it; returns the row that it is about, or values by the names of the route's
            parameters.
        fields: the form, or a function that builds it of the stage and of the result of `prepare`.
        client: makes a client other than one in which the role is signed in; or the name that `prepare` gives it.
    """

    route: str
    event: str
    role: Role = Role.ANALYST
    prepare: Callable[[Stage], Any] | None = None
    fields: Fields | Callable[[Stage, Any], Fields] | None = None
    client: Callable[[Stage], Client] | str = ""
    query: str = ""

    def fill(self, stage: Stage) -> FilledForm:
        """The form ready to be sent, with everything before it done."""
        subject: Any = self.prepare(stage) if self.prepare else None
        client = self.client(stage) if callable(self.client) else subject[self.client] if self.client else None
        fields = self.fields(stage, subject) if callable(self.fields) else self.fields or {}
        return FilledForm(client or stage.client(self.role), self._build_path(stage, subject) + self.query, fields)

    def __call__(self, stage: Stage) -> ClientResponse:
        with override_settings(PUBLIC_URL=PUBLIC_URL):
            return self.fill(stage).send()

    def _build_path(self, stage: Stage, subject: Any) -> str:
        rows = {"incident_id": stage.incident.pk, "report_id": stage.report.pk, "portal_id": stage.belize.pk}
        if isinstance(subject, Mapping):
            rows |= subject

        def fill(parameter: re.Match[str]) -> str:
            name = parameter[1]
            return str(getattr(subject, name) if hasattr(subject, name) else rows.get(name, 0) or subject.pk)

        return "/" + re.sub(r"<\w+:(\w+)>", fill, self.route)


def claim_first(stage: Stage) -> None:
    stage.incident.refresh_from_db()
    if stage.incident.claimed_by is None:
        claimed(stage.incident, stage.analyst)


def assess_first(stage: Stage) -> Assessment:
    return assessed_illegal(stage.incident, stage.analyst)


def reveal_as_analyst(stage: Stage) -> Client:
    """The client that the incident's address is revealed to."""
    client = stage.client(Role.ANALYST)
    client.post(f"/admin/incidents/{stage.incident.pk}/reveal/", {"reason": "advice"})
    return client


def reveal_words_as_analyst(stage: Stage) -> Client:
    """The client that its address and the reporter's words are revealed to."""
    client = reveal_as_analyst(stage)
    client.post(f"/admin/incidents/{stage.incident.pk}/show-words/")
    return client


type MakeFields = Callable[[Stage, Any], Fields]


def with_fence(**fields: object) -> MakeFields:
    """The fields of a form on a claimed incident."""
    return lambda stage, _subject: {"fence": stage.fence(), **fields}


def with_pk(name: str, **fields: object) -> MakeFields:
    """These fields, and the one that names the row that the act is about."""
    return lambda _stage, row: {name: row.pk, **fields}


def with_choice(**fields: object) -> MakeFields:
    """The form of a preview of several incidents, in which this one is chosen."""

    def make(stage: Stage, _subject: Any) -> Fields:
        pk = stage.incident.pk
        return {"incident": f"{pk}:{load_marks([pk])[pk]}", "confirmed": "1", **fields}

    return make


def on_incident(
    path: str,
    event: str,
    prepare: Callable[[Stage], Any] | None = None,
    fields: Fields | MakeFields | None = None,
    *,
    role: Role = Role.ANALYST,
    client: Callable[[Stage], Client] | str = "",
) -> Act:
    return Act(f"{INCIDENT}{path}/", f"incident.{event}", role, prepare, fields, client)
