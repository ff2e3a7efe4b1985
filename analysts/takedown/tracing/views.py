"""Record hosting traces, of one incident or of all open ones of its host, and look up an IP address for them."""

from django.contrib import messages
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, Redraw, perform_action, to_section
from analysts.models import Incident, TraceMethod
from analysts.takedown.facts.trace_consensus import traces_of
from analysts.takedown.tracing import actions, networks
from analysts.takedown.tracing.forms import LookUp
from analysts.takedown.tracing.page_section import LOOK_UP, TRACE, bound_form, trace_form
from analysts.takedown.tracing.permissions import check_can_trace
from analysts.takedown.tracing.same_host import summarise_host
from countries.languages import country_in_words

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
