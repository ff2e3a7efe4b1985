"""Trace all open incidents of one host, and confirm their routes: one preview, then both for each incident."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.bulk_actions import CONFIRMED, build_preview, perform_on_each, read_choices, report_result
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import Outcome, Redraw, to_section
from analysts.incidents.page_urls import incident_url
from analysts.models import Chase, Incident, Recipient, TraceMethod, User
from analysts.takedown.facts.trace_consensus import TraceConsensus, load_traces
from analysts.takedown.list_place import list_url, read_list
from analysts.takedown.routing.actions import confirm_route
from analysts.takedown.routing.like_routes import GroupRoute, build_group_route, check_can_take, describe_hold
from analysts.takedown.tracing.actions import TypedTrace, trace_by_methods
from analysts.takedown.tracing.forms import Trace
from analysts.takedown.tracing.host_traces import describe_effect, expect_consensus, named_provider
from analysts.takedown.tracing.page_section import TRACE, bound_form, method_name
from analysts.takedown.tracing.permissions import check_can_trace
from analysts.takedown.tracing.same_host import load_takedowns, summarise_host
from analysts.welfare import viewing
from audit.permissions import why_not
from countries.languages import country_in_words
from countries.staff.requests.staff_pages import staff_page

# Fields of the form that the preview sends again.
KEPT = ("country", "provider", "network", "ip", "note", "contact", "contact_source")
# The field that confirms the routes too: the steps, as the preview showed them.
STEPS = "steps"


@dataclass(frozen=True, slots=True)
class HostTrace:
    """The traces to record for each incident of a host, and the route that follows where they agree."""

    methods: list[TraceMethod]
    typed: TypedTrace
    provider: Recipient
    route: GroupRoute

    def routes(self, incident: Incident, consensus: TraceConsensus) -> bool:
        """Whether the incident is agreed to be at this place, and has no route yet."""
        agreed, chase = consensus.agreed, incident.known_chases[-1]
        if agreed is None or chase.routed_trace is not None:
            return False
        return (agreed.country, agreed.provider.pk) == (self.typed.country, self.provider.pk)


def trace_host(request: StaffRequest, incident: Incident) -> Outcome:
    """Show what the traces do to each open incident of the host, and its route; once confirmed, record both."""
    check_can_trace(request.user, incident)
    form = bound_form(request.POST, now=timezone.now())
    if not form.is_valid():
        return Redraw({TRACE: form}, status=422)
    plan = _read_plan(form)
    if CONFIRMED not in request.POST:
        return _preview(request, incident, form, plan)
    if request.POST.get(STEPS, plan.route.mark) != plan.route.mark:
        messages.warning(request, _("The routing rules have changed. Check the route again."))
        return _preview(request, incident, form, plan)
    return _record(request, incident, form, plan)


def _read_plan(form: Trace) -> HostTrace:
    words = dict(form.cleaned_data)
    methods: list[TraceMethod] = words.pop("methods")
    typed = TypedTrace(**words)
    provider = named_provider(typed.provider)
    return HostTrace(methods, typed, provider, build_group_route(typed.country, provider))


def _describe(user: User, incident: Incident, plan: HostTrace, consensus: TraceConsensus) -> str:
    """The effect on the hosting and the route."""
    effect = describe_effect(incident, consensus)
    if not plan.routes(incident, consensus):
        return effect
    if refused := why_not(check_can_take, user, incident, plan.route):
        return f"{effect} {_('Its route is confirmed apart:')} {refused}"
    return " ".join(filter(None, [effect, _("Route confirmed."), describe_hold(incident)]))


def _preview(request: StaffRequest, incident: Incident, form: Trace, plan: HostTrace) -> HttpResponse:
    user, now = request.user, timezone.now()
    takedowns = load_takedowns(incident, user)
    traces = load_traces(takedowns)
    routed = 0

    def effect(takedown: Incident) -> str:
        nonlocal routed
        known = traces[takedown.pk]
        consensus = expect_consensus(user, takedown, known, plan.methods, plan.typed, plan.provider, now)
        routed += plan.routes(takedown, consensus) and not why_not(check_can_take, user, takedown, plan.route)
        return _describe(user, takedown, plan, consensus)

    preview = build_preview(user, takedowns, effect, now=now)
    # Details completed from the known provider are confirmed as shown, and the traces count from now.
    hidden = [("methods", method.value) for method in plan.methods]
    hidden += [(name, str(form.cleaned_data[name])) for name in KEPT]
    hidden += [("at", request.POST.get("at", "")), *(opened_from := read_list(request.POST)).items()]
    number = len(preview.included)
    place = [country_in_words(plan.typed.country), defang_text(plan.typed.provider), defang_text(plan.typed.network)]
    context = {
        "title": _("Trace all open incidents of one host"),
        "incident": incident,
        "preview": preview,
        "hidden_fields": hidden,
        "action": incident_url(incident.pk, "admin:trace_host"),
        "back": f"{reverse('admin:incident', args=[incident.pk], query=opened_from)}#hosting",
        "more": max(0, summarise_host(incident, user).others + 1 - len(takedowns)),
        "confirm": ngettext("Trace %(number)s incident", "Trace %(number)s incidents", number) % {"number": number},
        "place": ", ".join(filter(None, place)),
        "methods": [method_name(method) for method in plan.methods],
        "route": plan.route,
        "routed": routed,
    }
    viewing.view_queue(by=user, filters={"view": "trace_host", "count": str(len(takedowns))}, now=now)
    return staff_page(request, "analysts/takedown/tracing/trace_host.html", context)


def _record(request: StaffRequest, incident: Incident, form: Trace, plan: HostTrace) -> HttpResponse:
    now, user = timezone.now(), request.user
    routed: list[Incident] = []

    def verb(takedown: Incident) -> None:
        traced = trace_by_methods(by=user, incident=takedown, now=now, **form.cleaned_data)
        if STEPS in request.POST and _confirm_route(user, takedown, traced[0].provider, plan, now):
            routed.append(takedown)

    result = perform_on_each(user, read_choices(request.POST), verb)
    number = len(result.completed)
    message = ngettext("%(number)s incident traced.", "%(number)s incidents traced.", number) % {"number": number}
    report_result(request, result, message)
    if routed:
        confirmed = ngettext("%(number)s route confirmed.", "%(number)s routes confirmed.", len(routed))
        messages.success(request, confirmed % {"number": len(routed)})
    unrouted = Chase.objects.open().filter(incident__in=result.completed, trace__gt=0, routed_trace=None)
    place = unrouted.values_list("country", "provider").first()
    opened_from = read_list(request.POST)
    if place is None:
        return redirect(list_url(opened_from)) if opened_from else to_section(incident, "hosting")
    # The next step of the rest: the like routes.
    query = {"country": place[0], "provider": str(place[1]), **opened_from}
    return redirect(reverse("admin:like_routes", query=query))


def _confirm_route(user: User, incident: Incident, provider: Recipient, plan: HostTrace, now: datetime) -> bool:
    """Confirm the route of an incident that was just traced, if the preview said so."""
    chase = Chase.objects.open().filter(incident=incident, country=plan.typed.country, provider=provider).first()
    if chase is None or not chase.trace or chase.routed_trace is not None:
        return False
    if why_not(check_can_take, user, Incident.objects.get(pk=incident.pk), plan.route):
        return False
    confirm_route(by=user, incident=incident, steps=plan.route.proposal.steps, trace=chase.trace, now=now)
    return True
