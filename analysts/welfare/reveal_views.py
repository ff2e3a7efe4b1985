"""Views that reveal an incident, the reporters' words, masked words and the full address, and hide them again."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from analysts.accounts.recent_sign_in import MINUTES, ask_again, is_recent, needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Role
from analysts.incidents.page_kit import Outcome, Redraw, to_section
from analysts.models import Incident
from analysts.welfare import masking, viewing
from analysts.welfare.break_views import pause_redirect
from analysts.welfare.forms import Copy, Reveal
from audit.permissions import Denied

# The field that names the page on which an incident is revealed, if not its own: that of similar reports, where it is a
# row of the sample.
THEN, FLOOD = "then", "flood"


@needs_recent_sign_in(reveal_minutes)
def reveal_view(request: StaffRequest, incident: Incident) -> Outcome:
    if pause := pause_redirect(request):
        return pause
    # Senior analysts can reveal incidents claimed by others, so an unattended session must not be enough.
    looks_in = request.user.role == Role.SENIOR and incident.claimed_by_id != request.user.pk
    if looks_in and not is_recent(request, MINUTES):
        return ask_again(request)
    form = Reveal(request.POST, incident=incident, by=request.user)
    if not form.is_valid():
        return Redraw({"reveal": form}, status=422)
    revealed = viewing.record_reveal(by=request.user, incident=incident, **form.cleaned_data)
    masking.reveal_incident(request, revealed, with_reports=viewing.reveals_words(revealed, request.user))
    return _to_page(request, incident)


@needs_recent_sign_in(reveal_minutes)
def words_view(request: StaffRequest, incident: Incident) -> Outcome:
    """The second key: show the reporters' words beside the address."""
    check_is_lifted(request, incident)
    if not masking.are_reports_shown(request, incident):
        viewing.record_words(by=request.user, incident=incident)
        masking.reveal_reports(request, incident)
    if request.POST.get(THEN) == FLOOD:
        return _to_page(request, incident)
    return to_section(incident, "reports-title")


@needs_recent_sign_in(reveal_minutes)
def related_view(request: StaffRequest, incident: Incident) -> Outcome:
    """Show the addresses of related incidents. The page that shows them records each as revealed."""
    check_is_lifted(request, incident)
    masking.ask_for_related(request, incident)
    # The heading: the first field of the section states that both addresses were compared.
    return to_section(incident, "relations-title")


@needs_recent_sign_in(reveal_minutes)
def masked_words_view(request: StaffRequest, incident: Incident) -> Outcome:
    """A further step of a reveal: show masked words too."""
    check_is_lifted(request, incident)
    viewing.record_masked_words(by=request.user, incident=incident)
    masking.reveal_masked_words(request, incident)
    return _to_page(request, incident)


@needs_recent_sign_in(reveal_minutes)
def copy_view(request: StaffRequest, incident: Incident) -> Outcome:
    """Show the full address on the next page, and only there."""
    check_is_lifted(request, incident)
    form = Copy(request.POST)
    if not form.is_valid():
        return Redraw({"copy": form}, status=422)
    viewing.record_copy(by=request.user, incident=incident)
    masking.let_copy(request, incident)
    return _to_page(request, incident)


def check_is_lifted(request: StaffRequest, incident: Incident) -> None:
    if not masking.is_lifted(request, incident):
        raise Denied(_("Reveal the incident first."))


def check_are_words_shown(request: StaffRequest, incident: Incident) -> None:
    check_is_lifted(request, incident)
    if not masking.are_reports_shown(request, incident):
        raise Denied(_("Reveal the reporters’ words first."))


def hide_view(request: StaffRequest, incident: Incident) -> Outcome:
    """Hide the incident, on request of the button or of the script of a page that was left.

    The script sends the number of its page. A late request from an earlier page is ignored, because a newer page of the
    incident is open.
    """
    state = masking.reveal_state(request, incident)
    page = request.POST.get("page")
    if state is not None and page in (None, str(state["page"])):
        masking.hide_incident(request)
    return HttpResponse(status=204) if page else _to_page(request, incident)


def _to_page(request: StaffRequest, incident: Incident) -> HttpResponse:
    """Redirect to the page on which the incident is revealed or hidden; among similar reports, to its row."""
    if request.POST.get(THEN) == FLOOD:
        return redirect(f"{reverse('admin:flood', args=[incident.pk])}#row-{incident.pk}")
    return redirect("admin:incident", incident.pk)
