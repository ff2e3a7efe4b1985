"""Record hosting traces, of one incident or of all open ones of its host, and look up an IP address for them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.bulk_actions import CONFIRMED, build_preview, perform_on_each, read_choices, report_result
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import Outcome, Redraw, perform_action, to_section
from analysts.incidents.page_urls import incident_url
from analysts.models import Chase, Incident, TraceMethod
from analysts.takedown.facts.trace_consensus import load_traces, traces_of
from analysts.takedown.tracing import actions, networks
from analysts.takedown.tracing.forms import LookUp, Trace
from analysts.takedown.tracing.host_traces import describe_effect, named_provider
from analysts.takedown.tracing.page_section import LOOK_UP, TRACE, bound_form, method_name, trace_form
from analysts.takedown.tracing.permissions import check_can_trace
from analysts.takedown.tracing.same_host import load_takedowns, summarise_host
from analysts.welfare import viewing
from countries.languages import country_in_words
from countries.staff.requests.staff_pages import staff_page

# Fields of the form that the preview sends again.
KEPT = ("country", "provider", "network", "ip", "note", "contact", "contact_source")


def record_trace(request: StaffRequest, incident: Incident) -> Outcome:
    number = len(request.POST.getlist("methods"))
    return perform_action(
        request,
        incident,
        TRACE,
        bound_form(request.POST, now=timezone.now()),
        lambda **words: actions.trace_by_methods(by=request.user, incident=incident, **words),
        ngettext("The trace is saved.", "%(number)s traces are saved.", number) % {"number": number},
        # Back to the section, with the consensus and the form for the next trace.
        onward=lambda: to_section(incident, "hosting"),
    )


def trace_host(request: StaffRequest, incident: Incident) -> Outcome:
    """Show what the traces do to each open incident of the host; once confirmed, record them."""
    check_can_trace(request.user, incident)
    form = bound_form(request.POST, now=timezone.now())
    if not form.is_valid():
        return Redraw({TRACE: form}, status=422)
    return _record_for_host(request, incident, form) if CONFIRMED in request.POST else _preview(request, incident, form)


def _preview(request: StaffRequest, incident: Incident, form: Trace) -> HttpResponse:
    user, now, words = request.user, timezone.now(), dict(form.cleaned_data)
    methods: list[TraceMethod] = words.pop("methods")
    typed = actions.TypedTrace(**words)
    provider = named_provider(typed.provider)
    takedowns = load_takedowns(incident, user)
    traces = load_traces(takedowns)
    preview = build_preview(
        user,
        takedowns,
        lambda incident: describe_effect(user, incident, traces[incident.pk], methods, typed, provider, now),
        now=now,
    )
    # Details completed from the known provider are confirmed as shown, and the traces count from now.
    hidden = [("methods", method.value) for method in methods]
    hidden += [(name, str(words[name])) for name in KEPT]
    hidden += [("at", request.POST.get("at", ""))]
    more = summarise_host(incident, user).others + 1 - len(takedowns)
    context = {
        "title": _("Trace all open incidents of one host"),
        "incident": incident,
        "preview": preview,
        "hidden_fields": hidden,
        "action": incident_url(incident.pk, "admin:trace_host"),
        "back": f"{incident_url(incident.pk)}#hosting",
        "more": max(0, more),
        "confirm": ngettext("Trace %(number)s incident", "Trace %(number)s incidents", len(preview.included))
        % {"number": len(preview.included)},
        "place": ", ".join(
            filter(None, [country_in_words(typed.country), defang_text(typed.provider), defang_text(typed.network)])
        ),
        "methods": [method_name(method) for method in methods],
    }
    viewing.view_queue(by=user, filters={"view": "trace_host", "count": str(len(takedowns))}, now=now)
    return staff_page(request, "analysts/takedown/tracing/trace_host.html", context)


def _record_for_host(request: StaffRequest, incident: Incident, form: Trace) -> HttpResponse:
    now, user = timezone.now(), request.user
    result = perform_on_each(
        user,
        read_choices(request.POST),
        lambda incident: actions.trace_by_methods(by=user, incident=incident, now=now, **form.cleaned_data),
    )
    number = len(result.completed)
    message = ngettext("%(number)s incident traced.", "%(number)s incidents traced.", number) % {"number": number}
    report_result(request, result, message)
    unrouted = Chase.objects.open().filter(incident__in=result.completed, trace__gt=0, routed_trace=None)
    place = unrouted.values_list("country", "provider").first()
    if place is None:
        return to_section(incident, "hosting")
    # The next step of all of them: the like routes.
    return redirect(reverse("admin:like_routes", query={"country": place[0], "provider": str(place[1])}))


def look_up_network(request: StaffRequest, incident: Incident) -> Outcome:
    """Show the incident page with the trace form prefilled from the network file; nothing is saved."""
    check_can_trace(request.user, incident)
    form = LookUp(request.POST, auto_id=f"{LOOK_UP}_%s")
    if not form.is_valid():
        return Redraw({LOOK_UP: form}, status=422)
    info: networks.NetworkInfo = form.cleaned_data["ip"]
    labels = [country_in_words(info.country), info.network]
    parts = {"date": date_format(info.as_of, "j M Y"), "found": ", ".join(filter(None, labels))}
    messages.info(request, _("Network file of %(date)s: %(found)s. Complete the trace and save it.") % parts)
    values = {"country": info.country, "network": info.network, "provider": info.provider}
    filled: dict[str, object] = {name: value for name, value in values.items() if value}
    filled["methods"] = [TraceMethod.FILE.value]
    host = summarise_host(incident, request.user)
    return Redraw({TRACE: trace_form(traces_of(incident), host, now=timezone.now(), values=filled)})
