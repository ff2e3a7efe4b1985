"""Record a hosting trace, and look up an IP address for it."""

from django.contrib import messages
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, Redraw, perform_action, to_section
from analysts.models import Incident, TraceMethod
from analysts.takedown.facts.trace_consensus import traces_of
from analysts.takedown.tracing import actions, networks
from analysts.takedown.tracing.forms import LookUp
from analysts.takedown.tracing.page_section import LOOK_UP, TRACE, bound_form, trace_form
from analysts.takedown.tracing.permissions import check_can_trace
from countries.languages import country_in_words


def record_trace(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        TRACE,
        bound_form(request.POST, now=timezone.now()),
        lambda **words: actions.trace(by=request.user, incident=incident, **words),
        _("The trace is saved."),
        # Back to the section, with the consensus and the form for the next trace.
        onward=lambda: to_section(incident, "hosting"),
    )


def look_up_network(request: StaffRequest, incident: Incident) -> Outcome:
    """Show the incident page with the trace form prefilled from the network file; nothing is saved."""
    check_can_trace(request.user, incident)
    form = LookUp(request.POST, auto_id=f"{LOOK_UP}_%s")
    if not form.is_valid():
        return Redraw({LOOK_UP: form}, status=422)
    found: networks.NetworkInfo = form.cleaned_data["ip"]
    said = [country_in_words(found.country), found.network]
    parts = {"date": date_format(found.as_of, "j M Y"), "found": ", ".join(filter(None, said))}
    messages.info(request, _("Network file of %(date)s: %(found)s. Complete the trace and save it.") % parts)
    filled = {"country": found.country, "network": found.network, "provider": found.provider}
    filled = {name: value for name, value in filled.items() if value} | {"method": TraceMethod.FILE.value}
    return Redraw({TRACE: trace_form(traces_of(incident), now=timezone.now(), found=filled)})
