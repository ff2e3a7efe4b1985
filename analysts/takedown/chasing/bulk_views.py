"""Acts on several incidents at once: handing over what is due, and reviewing entries of the URL list."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.bulk_actions import (
    CONFIRMED,
    MOST_AT_ONCE,
    BulkResult,
    build_preview,
    load_visible,
    perform_on_each,
    read_choices,
    report_result,
)
from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, NextStep, UrlListEntry
from analysts.takedown.chasing import lists
from analysts.takedown.chasing.forms import HandOverDue
from analysts.takedown.chasing.list_review import describe_review, review_entry
from analysts.takedown.next_steps.actions import assign_incident
from analysts.takedown.next_steps.permissions import check_can_assign, colleagues_of
from analysts.takedown.notices.covered import incidents_of_notices
from analysts.takedown.url_list.entries import EntryDecision
from analysts.welfare import viewing
from countries.staff.requests.staff_pages import staff_page

# The name of the field with the decision about an entry, before the id of its incident.
DECISION = "decision_"
# The name of the field with a chosen notice: all its incidents are meant.
NOTICE = "notice"


@require_POST
def hand_over_due(request: StaffRequest) -> HttpResponse:
    """Show which of the chosen incidents can be handed over; once confirmed, hand them over."""
    check_sees_content(request.user)
    kind = lists.BY_NAME.get(request.POST.get("what", ""))
    back = reverse("admin:to_do", query=read_page(request.POST) if kind else None)
    choices = read_choices(request.POST)
    covered = incidents_of_notices(read_notices(request.POST), request.user)
    form = HandOverDue(request.POST, colleagues=colleagues_of(request.user), user=request.user, auto_id="hand_over_%s")
    if not (choices or covered):
        report_result(request, BulkResult(), "")
        return redirect(back)
    if not form.is_valid() or CONFIRMED not in request.POST:
        chosen = list(dict.fromkeys([*(choice.incident for choice in choices), *covered]))
        return _preview_hand_over(request, form, chosen, back)
    owner, reason, now = form.cleaned_data["owner"], form.cleaned_data["reason"], timezone.now()
    result = perform_on_each(
        request.user,
        choices,
        lambda incident: assign_incident(by=request.user, incident=incident, owner=owner, reason=reason, now=now),
        waits_for_police=False,
    )
    number = len(result.completed)
    message = ngettext("%(number)s incident handed over.", "%(number)s incidents handed over.", number)
    report_result(request, result, message % {"number": number})
    return redirect(back)


def read_page(data: QueryDict) -> dict[str, str]:
    """The page of the to-do list that the form was on."""
    return {name: text for name in ("what", "whose", "page") if (text := data.get(name, ""))}


def read_notices(data: QueryDict) -> list[UUID]:
    """The ids of the chosen notices, at most MOST_AT_ONCE; values that are no ids are skipped."""
    return [notice for value in data.getlist(NOTICE)[:MOST_AT_ONCE] if (notice := read_id(value))]


def read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _preview_hand_over(request: StaffRequest, form: HandOverDue, every: list[UUID], back: str) -> HttpResponse:
    """`every`: the chosen incidents and those of chosen notices; the first MOST_AT_ONCE are shown."""
    user, now, is_valid = request.user, timezone.now(), form.is_valid()
    chosen = every[:MOST_AT_ONCE]
    owner = form.cleaned_data.get("owner") if is_valid else None
    portals = owner.portal_ids if owner else []
    steps = {step.pk: step for step in NextStep.objects.filter(pk__in=chosen).select_related("owner")}
    queue = _("all analysts of its portals")

    def describe(incident: Incident) -> str:
        if not is_valid:
            return ""
        step = steps.get(incident.pk)
        check_can_assign(user, incident, step, owner, portals)
        before = str(step.owner) if step and step.owner else queue
        return _("From %(before)s to %(after)s.") % {
            "before": before,
            "after": str(owner) if owner else queue,
        }

    preview = build_preview(user, load_visible(user, chosen), describe, waits_for_police=False, now=now)
    number = len(preview.included)
    context = {
        "title": _("Hand over"),
        "form": form,
        "is_valid": is_valid,
        "more": len(every) - len(chosen),
        "preview": preview,
        "hidden_fields": [*read_page(request.POST).items()],
        "action": reverse("admin:hand_over_due"),
        "back": back,
        "confirm": ngettext("Hand over %(number)s incident", "Hand over %(number)s incidents", number)
        % {"number": number},
    }
    viewing.view_queue(by=user, filters={"view": "hand_over", "count": str(len(chosen))}, now=now)
    status = 200 if is_valid else 422
    return staff_page(request, "analysts/takedown/chasing/hand_over.html", context, status=status)


@require_POST
def review_entries(request: StaffRequest) -> HttpResponse:
    """Show what the decisions do to each entry; once confirmed, record them."""
    check_sees_content(request.user)
    decisions = read_decisions(request.POST)
    back = reverse("admin:url_list", query={"show": "all"} if request.POST.get("show") == "all" else None)
    if CONFIRMED not in request.POST and decisions:
        return _preview_review(request, decisions, back)
    now = timezone.now()
    chosen = [choice for choice in read_choices(request.POST) if choice.incident in decisions]
    result = perform_on_each(
        request.user,
        chosen,
        lambda incident: review_entry(by=request.user, incident=incident, decision=decisions[incident.pk], now=now),
    )
    number = len(result.completed)
    message = ngettext("%(number)s entry reviewed.", "%(number)s entries reviewed.", number)
    report_result(request, result, message % {"number": number})
    return redirect(back)


def read_decisions(data: QueryDict) -> dict[UUID, EntryDecision]:
    """The decisions by incident, at most MOST_AT_ONCE; fields without one, or without an id, are skipped."""
    decisions: dict[UUID, EntryDecision] = {}
    for name, value in data.items():
        incident = read_id(name.removeprefix(DECISION)) if name.startswith(DECISION) else None
        if incident and value in EntryDecision.values and len(decisions) < MOST_AT_ONCE:
            decisions[incident] = EntryDecision(value)
    return decisions


def _preview_review(request: StaffRequest, decisions: Mapping[UUID, EntryDecision], back: str) -> HttpResponse:
    user, now = request.user, timezone.now()
    listed = UrlListEntry.objects.filter(incident__in=list(decisions), removed_on=None)
    incidents = load_visible(user, list(listed.order_by("review_on", "pk").values_list("incident", flat=True)))
    preview = build_preview(
        user, incidents, lambda incident: describe_review(user, incident, decisions[incident.pk]), now=now
    )
    number = len(preview.included)
    context = {
        "title": _("Review entries"),
        "preview": preview,
        "hidden_fields": [
            ("show", request.POST.get("show", "")),
            *((f"{DECISION}{row.row.incident.pk}", decisions[row.row.incident.pk].value) for row in preview.included),
        ],
        "action": reverse("admin:review_entries"),
        "back": back,
        "confirm": ngettext("Record %(number)s review", "Record %(number)s reviews", number) % {"number": number},
    }
    viewing.view_queue(by=user, filters={"view": "review_entries", "count": str(len(incidents))}, now=now)
    return staff_page(request, "analysts/incidents/bulk_preview.html", context)
