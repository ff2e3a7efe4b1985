"""The actions of routing, done once, for `tests.rig.acts`."""

from django.utils import timezone

from analysts.codes import Role
from analysts.models import Clearance, Incident, Recipient, RecipientKind, RouteExample, RouteRule, RouteStep
from analysts.takedown.routing import actions, catalogue
from analysts.takedown.routing.like_routes import build_group_route
from analysts.tests.factories import assessed_illegal
from analysts.tests.places import host, placed
from tests.rig.acts import Act, Stage, choice_of
from tests.rig.fixtures import ClientResponse

INCIDENT = "admin/incidents/<uuid:incident_id>/"
RULES, EXAMPLES = "/admin/analysts/routerule/", "/admin/analysts/routeexample/"
RULE = {"hosted": "countries", "countries": "DE", "steps": ["hotline"], "after_hours": "48", "reason": "r"}


def _trace_to_own_country(stage: Stage) -> Incident:
    """Found illegal, and hosted in the own country."""
    catalogue.load_rules()
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    placed(stage.incident, "GB", host(), now=timezone.now())
    return Incident.objects.get(pk=stage.incident.pk)


def _request_clearance(stage: Stage) -> Incident:
    incident = _trace_to_own_country(stage)
    actions.ask_police(by=stage.people[Role.SENIOR], incident=incident, police="Example Police")
    return incident


def confirm_route(stage: Stage) -> ClientResponse:
    _trace_to_own_country(stage)
    police, _made = Recipient.objects.get_or_create(kind=RecipientKind.POLICE, name="Example Police", country="GB")
    sent = {"trace": "1", "steps": ["police_hold", "notice_host", "url_list"], "police": police.pk}
    return stage.client(Role.ANALYST).post(stage.path("route"), sent)


def confirm_like_routes(stage: Stage) -> ClientResponse:
    _trace_to_own_country(stage)
    provider = host()
    Recipient.objects.get_or_create(kind=RecipientKind.POLICE, name="Example Police", country="GB")
    sent = {"country": "GB", "provider": provider.pk, "steps": build_group_route("GB", provider).mark}
    choice = choice_of(stage.incident)
    return stage.client(Role.ANALYST).post("/admin/to-do/routes/", {**sent, "confirmed": "1", "incident": choice})


def refer_incident(stage: Stage) -> ClientResponse:
    _trace_to_own_country(stage)
    sent = {"kind": "registrar", "name": "Example Names", "reason": "The host does not answer."}
    return stage.client(Role.ANALYST).post(stage.path("refer"), sent)


def ask_police(stage: Stage) -> ClientResponse:
    incident, today = _request_clearance(stage), timezone.now().date()
    senior = stage.people[Role.SENIOR]
    actions.record_clearance(
        by=senior, incident=incident, answer=Clearance.REFUSED, answered_on=today, reference="12/26"
    )
    return stage.client(Role.ANALYST).post(stage.path("ask-police"), {"police": incident.police_holds.get().police_id})


def record_clearance(stage: Stage) -> ClientResponse:
    _request_clearance(stage)
    sent = {"answer": "granted", "answered_on": timezone.now().date(), "reference": "12/26"}
    return stage.client(Role.ANALYST).post(stage.path("clearance"), sent)


def load_rules(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post("/admin/routing/load/")


def add_rule(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post(f"{RULES}add/", RULE)


def change_rule(stage: Stage) -> ClientResponse:
    catalogue.load_rules()
    path = f"{RULES}{RouteRule.objects.all()[1].pk}/change/"
    return stage.client(Role.OPERATOR).post(path, {**RULE, "position": "2", "anyway": "on"})


def write_example(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post(f"{EXAMPLES}add/", {"country": "NL", "steps": ["hotline"]})


def _stored_example() -> RouteExample:
    return RouteExample.objects.create(country="NL", steps=[RouteStep.HOTLINE])


def change_example(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post(f"{EXAMPLES}{_stored_example().pk}/change/", {"steps": ["police"]})


def remove_example(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post(f"{EXAMPLES}{_stored_example().pk}/delete/", {"post": "yes"})


ACTS: dict[str, tuple[Act, str]] = {
    f"{INCIDENT}route/": (confirm_route, "incident.confirm_route"),
    "admin/to-do/routes/": (confirm_like_routes, "incident.confirm_route"),
    f"{INCIDENT}refer/": (refer_incident, "incident.refer"),
    f"{INCIDENT}ask-police/": (ask_police, "incident.ask_police"),
    f"{INCIDENT}clearance/": (record_clearance, "incident.record_clearance"),
    "admin/routing/load/": (load_rules, "route_rule.load"),
    "admin/analysts/routerule/add/": (add_rule, "route_rule.add"),
    "admin/analysts/routerule/<path:object_id>/change/": (change_rule, "route_rule.change"),
    "admin/analysts/routeexample/add/": (write_example, "route_example.write"),
    "admin/analysts/routeexample/<path:object_id>/change/": (change_example, "route_example.write"),
    "admin/analysts/routeexample/<path:object_id>/delete/": (remove_example, "route_example.remove"),
}
