"""The keys page: what the next nightly run does with closed and due keys, in counts only."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_can_see_incident
from analysts.incidents.table import count_label, number_label
from analysts.models import Hold, Incident
from analysts.retention import actions, policy
from analysts.retention.permissions import check_can_see_keys
from analysts.retention.sealed import SEALED, Why
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page
from reports.models import SealingKey

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key: its step tonight, counts of content to be erased, and counts of content to be kept, by reason."""

    key: SealingKey
    step: str
    goes: list[str]
    stays: list[str]
    destroyed_on: date | None


@require_safe
def keys_page(request: StaffRequest) -> HttpResponse:
    check_can_see_keys(request.user)
    now = timezone.now()
    context = {
        "title": _("Keys and erasure"),
        "rows": [build_key_row(plan) for plan in policy.build_plans(now=now)],
        "overdue": count_label(policy.overdue_incidents(now=now)),
        "overdue_days": number_in_force("UNASSESSED_DAYS"),
        "held": count_label(Hold.objects.filter(released_at=None)),
        "reviews": due_reviews(request, now.date()),
    }
    actions.view_keys(by=request.user, now=now)
    return staff_page(request, "analysts/retention/erasure.html", context)


def build_key_row(plan: policy.Plan) -> KeyRow:
    goes = plan.tally.goes
    return KeyRow(
        key=plan.key,
        step=str(plan.step.label),
        goes=[
            str(kind.count_text % {"number": goes[kind.name], "shown": number_label(goes[kind.name])})
            for kind in SEALED
            if goes.get(kind.name)
        ],
        stays=[
            f"{number_label(plan.tally.stays[reason])} {reason.label}" for reason in Why if plan.tally.stays.get(reason)
        ],
        destroyed_on=plan.destroyed_on,
    )


def due_reviews(request: StaffRequest, today: date) -> list[Hold]:
    """Legal holds due for review, of incidents that the user may open."""
    if not is_allowed(check_can_see_incident, request.user):
        return []
    visible = Incident.objects.visible_to(request.user)
    due = Hold.objects.filter(released_at=None, review_on__lte=today, incident__in=visible)
    return list(due.select_related("incident").order_by("review_on")[:MOST_LISTED])
