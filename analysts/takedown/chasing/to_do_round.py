"""Going through a to-do list incident by incident: which one comes after that of the page."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_sees_content
from analysts.models import User
from analysts.takedown.chasing.lists import BY_NAME, ListedKind

# Query parameters and hidden fields of the incident page: the kind of the list, and the place in it.
KIND, PLACE = "todo", "todo_after"
# Rows that are about the incident of the page itself are skipped, such as several referrals.
MOST_SKIPPED = 20


@dataclass(frozen=True, slots=True)
class ToDoRound:
    """The list from which an incident's page was reached. `place`: of its row, kept once the to-do is done.

    `is_due`: whether the incident still has a row in the list.
    """

    kind: ListedKind
    incident: uuid.UUID
    place: str
    is_due: bool

    @property
    def query(self) -> dict[str, str]:
        """Query parameters of the page, and hidden fields of its forms, which show the list again after an action."""
        return {KIND: self.kind.name, PLACE: self.place}

    @property
    def next_url(self) -> str:
        return reverse("admin:next_to_do", query={**self.query, "not": str(self.incident)})


def find_round(values: Mapping[str, str], incident: uuid.UUID, user: User, now: datetime) -> ToDoRound | None:
    """The round that the parameters name, or None. One query."""
    kind = BY_NAME.get(values.get(KIND, ""))
    if kind is None:
        return None
    rows = kind.due(user, now).filter(kind.about_when, **{kind.about: incident})
    row = rows.values_list(_order_field(rows), "pk").first()
    place = f"{row[0].isoformat()}~{row[1]}" if row else values.get(PLACE, "")[:100]
    return ToDoRound(kind, incident, place, is_due=row is not None)


def _order_field(rows: "QuerySet[Model, object]") -> str:
    """Lists are in the order of a time, then of the primary key."""
    [moment, _pk] = rows.query.order_by
    return str(moment)


def _read_place(place: str) -> tuple[datetime, uuid.UUID] | None:
    moment, _sign, pk = place.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, uuid.UUID(pk)) if timezone.is_aware(at) else None
    except ValueError:
        return None


def next_incident(kind: ListedKind, place: str, current: str, user: User, now: datetime) -> uuid.UUID | None:
    """The incident of the first row after `place`, then from the beginning, that is not about `current`."""
    begins = [Q()]
    if at := _read_place(place):
        name, (moment, pk) = _order_field(kind.due(user, now)), at
        # The first condition is what the index serves.
        is_later = Q(**{f"{name}__gte": moment}) & (Q(**{f"{name}__gt": moment}) | Q(pk__gt=pk))
        begins = [is_later, Q()]
    incident_ids = (
        incident_id for begin in begins for incident_id in kind.first_incidents(user, now, begin, most=MOST_SKIPPED)
    )
    return next((incident_id for incident_id in incident_ids if str(incident_id) != current), None)


def lead_onward(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Redirect from an incident to the next one of the list that its page was opened from."""
    query = {name: request.POST.get(name, "") for name in (KIND, PLACE)}
    return redirect(reverse("admin:next_to_do", query={**query, "not": str(incident_id)}))


@require_safe
def next_to_do(request: StaffRequest) -> HttpResponse:
    """Redirect to the next incident of the list, or to the list if there is none."""
    check_sees_content(request.user)
    kind = BY_NAME.get(request.GET.get(KIND, ""))
    if kind is None:
        return redirect("admin:to_do")
    place, current = request.GET.get(PLACE, ""), request.GET.get("not", "")
    incident_id = next_incident(kind, place, current, request.user, timezone.now())
    if incident_id is None:
        messages.info(request, _("Nothing more of this kind is due."))
        return redirect(reverse("admin:to_do", query={"what": kind.name}))
    return redirect(f"{reverse('admin:incident', args=[incident_id], query={KIND: kind.name})}#{kind.target}")
