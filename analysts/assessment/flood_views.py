"""Closing a flood of similar incidents: a preview with a random sample, the closing, and undo."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions
from analysts.assessment.actions.bulk import MOST_AT_ONCE, closable_incidents, number_of
from analysts.assessment.permissions import check_can_undo_flood
from analysts.codes import REASONS, Reason, Role, Verdict
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.permissions import check_can_see_queue, check_sees_content
from analysts.incidents.queries import find_incident
from analysts.incidents.table import incident_rows, number_label
from analysts.models import BulkClosing, Incident, User
from analysts.states import State
from analysts.welfare import viewing
from audit.permissions import Denied, Late, is_allowed
from countries.staff.staff_pages import staff_page

SAMPLE = 10
MOST_CLOSINGS = 10


def bulk_verdicts() -> list[Verdict]:
    """The verdicts for closing a flood: not illegal, and not one that always needs a second review."""
    return [
        verdict for verdict in Verdict if verdict != Verdict.ILLEGAL and verdict not in settings.SECOND_REVIEW_VERDICTS
    ]


class CloseFlood(ActionForm):
    """`number`: how many incidents were closable when the page was rendered."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    verdict = forms.ChoiceField(label=gettext_lazy("Verdict for all incidents"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    looked = forms.BooleanField(label=gettext_lazy("I have reviewed a sample."))

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        auto_id: str = "id_%s",
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, auto_id=auto_id, initial=initial)
        verdicts = bulk_verdicts()
        reasons = {reason for verdict in verdicts for reason in REASONS[verdict]}
        cast(forms.ChoiceField, self.fields["verdict"]).choices = [(each.value, each.label) for each in verdicts]
        cast(forms.ChoiceField, self.fields["reason"]).choices = [
            ("", "–"),
            *((reason.value, reason.label) for reason in Reason if reason in reasons),
        ]

    def clean(self) -> dict[str, object]:
        verdict, reason = self.cleaned_data.get("verdict"), self.cleaned_data.get("reason")
        if verdict and reason and reason not in REASONS[Verdict(verdict)]:
            self.add_error("reason", _("This reason does not apply to this verdict."))
        return {name: value for name, value in self.cleaned_data.items() if name != "looked"}


@dataclass(frozen=True, slots=True)
class Closed:
    """A bulk closing as lists show it; `may_undo` is the result of check_can_undo_flood()."""

    closing: BulkClosing
    number: str
    verdict: str
    reason: str
    may_undo: bool


@require_safe
def flood_detail(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    return flood_page(request, find_incident(request, incident_id))


@require_POST
def close_flood(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find_incident(request, incident_id)
    form = CloseFlood(request.POST, auto_id="flood_%s")
    if not form.is_valid():
        return flood_page(request, incident, form, status=422)
    try:
        closing = actions.close_flood(by=request.user, flood=bytes(incident.flood), **form.cleaned_data)
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return flood_page(request, incident, form, status=409 if isinstance(denied, Late) else 403)
    done = ngettext("%(number)s incident closed.", "%(number)s incidents closed.", closing.number)
    messages.success(request, done % {"number": format_count(closing.number)})
    return redirect("admin:flood", incident.pk)


@require_POST
def undo_flood(request: StaffRequest, closing_id: uuid.UUID) -> HttpResponse:
    check_sees_content(request.user)
    closing = get_object_or_404(BulkClosing.objects.visible_to(request.user), pk=closing_id)
    back = actions.undo_flood(by=request.user, closing=closing)
    messages.success(
        request,
        ngettext("%(number)s incident returned to the queue.", "%(number)s incidents returned to the queue.", back)
        % {"number": format_count(back)},
    )
    if left := closing.number - back:
        messages.warning(
            request,
            ngettext(
                "%(number)s incident has changed since and was not returned.",
                "%(number)s incidents have changed since and were not returned.",
                left,
            )
            % {"number": format_count(left)},
        )
    return redirect("admin:queue")


def flood_page(
    request: StaffRequest, incident: Incident, form: CloseFlood | None = None, *, status: int = 200
) -> HttpResponse:
    """The page in its current state. A refused form keeps its input, except for the number of incidents."""
    user, now = request.user, timezone.now()
    check_can_see_queue(user)
    flood = bytes(incident.flood)
    alike = closable_incidents(user, flood)
    number = number_of(alike)
    # Without a `flood`, the incident belongs to no group.
    of_flood = Incident.objects.visible_to(user).filter(flood=flood) if flood else Incident.objects.none()
    sample = sample_of(list(alike.values_list("pk", flat=True)[:MOST_AT_ONCE]))
    if form is None:
        form = CloseFlood(auto_id="flood_%s", initial={"number": number})
    else:
        form.data = {**form.data, "number": str(number)}
    context = {
        "title": _("Close similar reports"),
        "incident": incident,
        "form": form,
        "number": number,
        "shown": format_count(min(number, MOST_AT_ONCE)),
        "more": number > MOST_AT_ONCE,
        "in_danger": number_label(of_flood.waiting().alike().filter(child_in_danger=True)[:1000].count()),
        "held": number_label(of_flood.filter(state=State.CLAIMED)[:1000].count()),
        "offered": bulk_verdicts(),
        "sample": incident_rows(sample, user, now),
        "closings": recent_closings(user, now, flood=flood) if flood else [],
        "undo_hours": settings.BULK_UNDO_HOURS,
    }
    viewing.view_queue(by=user, filters={"like": str(incident.pk)}, now=now)
    return staff_page(request, "analysts/assessment/flood.html", context, status=status)


def sample_of(pks: list[uuid.UUID]) -> list[Incident]:
    """A random sample, since the first rows are the ones that analysts open anyway."""
    chosen = secrets.SystemRandom().sample(pks, min(SAMPLE, len(pks)))
    found = Incident.objects.select_related("key").in_bulk(chosen)
    return [found[pk] for pk in chosen if pk in found]


def recent_closings(user: User, now: datetime, *, flood: bytes = b"") -> list[Closed]:
    """The latest closings that are within the time limit for undoing. One query.

    Args:
        flood: selects all closings of this flood, including undone ones. Without it, those that the user may undo:
            their own, and for seniors also those of analysts with whom they share a portal.
    """
    since = now - timedelta(hours=settings.BULK_UNDO_HOURS)
    latest = BulkClosing.objects.filter(at__gte=since).select_related("by", "undone_by").order_by("-at")
    if flood:
        latest = latest.filter(flood=flood).visible_to(user)
    elif user.role == Role.SENIOR:
        latest = latest.filter(undone_at=None).visible_to(user)
    else:
        latest = latest.filter(undone_at=None, by=user)
    return [
        Closed(
            closing=closing,
            number=format_count(closing.number),
            verdict=str(Verdict(closing.verdict).label),
            reason=str(Reason(closing.reason).label),
            may_undo=is_allowed(check_can_undo_flood, user, closing, now=now),
        )
        for closing in latest[:MOST_CLOSINGS]
    ]


def format_count(number: int) -> str:
    return number_format(number, force_grouping=True)
