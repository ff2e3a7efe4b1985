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
from analysts.takedown.chasing.lists import BY_NAME, ListedKind, due_lines
from analysts.takedown.list_place import KIND, MINE, PLACE, WHOSE, list_url, read_list
from analysts.takedown.to_do_kinds import owned_ids

# Rows that are about the incident of the page itself are skipped, such as several referrals.
MOST_SKIPPED = 20


@dataclass(frozen=True, slots=True)
class ToDoRound:
    """The list from which an incident's page was reached. `place`: of its row, kept once the to-do is done.

    `is_due`: whether the incident still has a row in the list. `is_mine`: only what the user follows up.
    """

    kind: ListedKind
    incident: uuid.UUID
    place: str
    is_due: bool
    is_mine: bool = False

    @property
    def query(self) -> dict[str, str]:
        """Query parameters of the page, and hidden fields of its forms, which show the list again after an action."""
        query = {KIND: self.kind.name, PLACE: self.place, WHOSE: MINE if self.is_mine else ""}
        return {name: text for name, text in query.items() if text}

    @property
    def list_url(self) -> str:
        return list_url(self.query)

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
    sent = read_list(values)
    place = f"{row[0].isoformat()}~{row[1]}" if row else sent.get(PLACE, "")
    return ToDoRound(kind, incident, place, is_due=row is not None, is_mine=sent.get(WHOSE) == MINE)


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


def is_after(rows: "QuerySet[Model, object]", place: str) -> Q | None:
    """The condition for the rows after the place; None for one that cannot be read."""
    at = _read_place(place)
    if at is None:
        return None
    name, (moment, pk) = _order_field(rows), at
    # The first condition is what the index serves.
    return Q(**{f"{name}__gte": moment}) & (Q(**{f"{name}__gt": moment}) | Q(pk__gt=pk))


def next_incident(
    kind: ListedKind, place: str, current: str, user: User, now: datetime, *, is_mine: bool = False
) -> uuid.UUID | None:
    """The incident of the first row after `place`, then from the beginning, that is not about `current`."""
    rows = due_lines(kind, user, now, None, owned_ids(user) if is_mine else None)
    later = is_after(rows, place)
    begins = [later, Q()] if later else [Q()]
    incident_ids = (kind.line(row, now).incident for begin in begins for row in rows.filter(begin)[:MOST_SKIPPED])
    return next((incident_id for incident_id in incident_ids if str(incident_id) != current), None)


def lead_onward(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    """Redirect from an incident to the next one of the list that its page was opened from."""
    return redirect(reverse("admin:next_to_do", query={**read_list(request.POST), "not": str(incident_id)}))


@require_safe
def next_to_do(request: StaffRequest) -> HttpResponse:
    """Redirect to the next incident of the list, or to the list if there is none."""
    check_sees_content(request.user)
    kind = BY_NAME.get(request.GET.get(KIND, ""))
    if kind is None:
        return redirect("admin:to_do")
    query = read_list(request.GET)
    place, is_mine = query.pop(PLACE, ""), query.get(WHOSE) == MINE
    current = request.GET.get("not", "")
    incident_id = next_incident(kind, place, current, request.user, timezone.now(), is_mine=is_mine)
    if incident_id is None:
        messages.info(request, _("Nothing more of this kind is due."))
        return redirect(list_url(query))
    return redirect(f"{reverse('admin:incident', args=[incident_id], query=query)}#{kind.target}")
