"""The list of all incidents by what open illegal incidents wait for, with the date of review."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.time_zones import zone_of
from analysts.incidents.list_kit import ListCell, ListColumn, ListFilter, ListLane, facet_choice
from analysts.incidents.table import next_steps_of
from analysts.models import Incident, User, WaitingFor


def read_next_steps(incidents: Sequence[Incident], user: User, now: datetime) -> Mapping[UUID, ListCell]:
    zone = zone_of(user)
    return {
        incident_id: ListCell(
            step.step_kind.label,
            _("review %(date)s") % {"date": date_format(step.review_at.astimezone(zone), "j M Y")},
            is_due=step.is_overdue(now),
        )
        for incident_id, step in next_steps_of(incidents).items()
    }


FILTERS = (
    ListFilter(
        name="waits_for",
        label=gettext_lazy("Next step waits for"),
        choices=lambda reader: WaitingFor.choices,
        facets=facet_choice("waits_for"),
    ),
)
COLUMNS = (ListColumn(heading=gettext_lazy("Next step"), read=read_next_steps),)
LANES = tuple(
    ListLane(
        name="waits_for",
        value=waits_for.value,
        label=format_lazy(gettext_lazy("Waiting for {what}"), what=waits_for.label),
        query=f"waits_for={waits_for.value}&sort=review",
    )
    for waits_for in (WaitingFor.POLICE, WaitingFor.RECIPIENT, WaitingFor.REPORTER, WaitingFor.WORKSTATION)
)
