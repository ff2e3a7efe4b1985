"""What is due, as a page; and what is entered on an incident's page while it is chased."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.display_safe import harmless
from analysts.incidents.page_kit import Outcome, perform, to_section
from analysts.incidents.table import CappedPaginator, age
from analysts.models import Addressee, Chase, Incident, Notice, PoliceHold, Referral, Reply
from analysts.takedown.chasing import actions, lists, rules
from analysts.takedown.chasing.page_section import CHECK, ESCALATE, check_form, escalate_form
from analysts.takedown.chasing.permissions import check_can_see_due
from analysts.takedown.chasing.rules import What
from analysts.welfare import viewing
from countries.languages import country_in_words
from countries.staff.staff_pages import staff_page

ROWS_A_PAGE = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is due: of an incident, or of a letter that may be about many. No address."""

    name: str
    # Where it is hosted, or to whom it is; "" where that is not known.
    place: str
    why: str
    since: datetime
    age: str
    url: str


@require_safe
def due(request: StaffRequest) -> HttpResponse:
    check_can_see_due(request.user)
    now = timezone.now()
    kinds = lists.kinds(request.user, now)
    chosen = request.GET.get("what", "")
    what = What(chosen) if chosen in What else kinds[0].what if kinds else What.CHECK
    page = CappedPaginator(lists.shown(what, request.user, now), ROWS_A_PAGE).get_page(request.GET.get("page"))
    viewing.view_queue(by=request.user, filters={"view": "due", "what": what.value}, now=now)
    context = {
        "title": _("What is due"),
        "kinds": kinds,
        "what": what,
        "page": page,
        "columns": [_("About"), _("Hosted by, or sent to"), _("Why"), _("Due for"), _("What now")],
        "lines": [line(what, row, now) for row in page],
    }
    return staff_page(request, "analysts/takedown/chasing/due.html", context)


def line(what: What, row: Any, now: datetime) -> Line:
    """`row` as `lists.shown` has it."""
    match row:
        case Chase():
            incident, name, since = row.incident_id, short(row.incident_id), rules.since_when(what, row)
            place, why = place_of(row), rules.why(what, row, now)
        case PoliceHold():
            incident, name, since = row.incident_id, short(row.incident_id), row.at
            place, why = told(row.police), str(rules.WHY[what])
        case Referral(to=Addressee() as to):
            incident, name, since = row.incident_id, short(row.incident_id), row.at
            place, why = told(to), str(rules.WHY[what])
        case Notice():
            incident, name, since = row.shown_incident, row.reference, row.tried_at or row.leaves_at  # type: ignore[attr-defined]
            place, why = told(row.addressee), row.get_dead_reason_display() or str(rules.WHY[what])
        case Reply():
            incident, name, since = row.shown_incident, row.notice.reference, row.received_hour  # type: ignore[attr-defined]
            place, why = told(row.notice.addressee), row.get_kind_display()
        case _:
            raise TypeError(f"{type(row)} is in no list of what is due.")
    url = f"{reverse('admin:incident', args=[incident])}#{what.section}"
    return Line(name, place, why, since or now, age(since or now, now), url)


def short(incident_id: uuid.UUID) -> str:
    """As an incident names itself."""
    return str(incident_id)[:8]


def place_of(chase: Chase) -> str:
    if chase.provider is None:
        return ""
    return f"{harmless(chase.provider.name)}, {country_in_words(chase.country)}"


def told(addressee: Addressee) -> str:
    return harmless(addressee.name)


def check(request: StaffRequest, incident: Incident) -> Outcome:
    return perform(
        request,
        incident,
        CHECK,
        check_form(request.POST),
        lambda **words: actions.check(by=request.user, incident=incident, **words),
        _("What was found is kept."),
        onward=lambda: to_section(incident, "stands"),
    )


def escalate(request: StaffRequest, incident: Incident) -> Outcome:
    return perform(
        request,
        incident,
        ESCALATE,
        escalate_form(incident, request.POST),
        lambda **words: actions.escalate(by=request.user, incident=incident, **words),
        _("They are told with the next notice."),
        onward=lambda: to_section(incident, "stands"),
    )
