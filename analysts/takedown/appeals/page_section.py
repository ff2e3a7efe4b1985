"""Appeals on the page of an incident and in its timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection
from analysts.incidents.page_urls import incident_url
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Appeal, Incident, User
from analysts.models.compiled_query import CompiledQuery, StatementCall
from analysts.takedown.appeals.forms import make_decision_form, make_file_form
from analysts.takedown.appeals.permissions import check_can_decide, check_can_file
from audit.permissions import why_not

HOUR = timedelta(hours=1)
FILE, DECIDE = "file_appeal", "decide_appeal"


@dataclass(frozen=True, slots=True)
class AppealsPart:
    """`waiting`: the oldest appeal without a decision. `others`: how many more wait."""

    waiting: Appeal | None
    others: int
    decided: list[Appeal]
    decide: ActionButton | None
    file: ActionButton


def build_appeals_section(
    incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime
) -> PageSection | None:
    found = _appeals_of(incident.pk)
    waiting = [appeal for appeal in reversed(found) if not appeal.outcome]
    part = AppealsPart(
        waiting=waiting[0] if waiting else None,
        others=len(waiting[1:]),
        decided=[appeal for appeal in found if appeal.outcome],
        decide=_decision_button(waiting[0], incident, user, bound) if waiting else None,
        file=ActionButton(
            name=FILE,
            label=_("Enter an appeal"),
            url=incident_url(incident.pk, f"admin:{FILE}"),
            form=bound.get(FILE) or make_file_form(f"{FILE}_%s", incident, user, None, {}),
            why_not=why_not(check_can_file, user, incident),
        ),
    )
    return PageSection("analysts/takedown/appeals/_page_section.html", part)


def _decision_button(appeal: Appeal, incident: Incident, user: User, bound: dict[str, ActionForm]) -> ActionButton:
    form = bound.get(DECIDE) or make_decision_form(f"{DECIDE}_%s", incident, user, None, {"appeal": appeal.pk})
    return ActionButton(
        name=DECIDE,
        label=_("Record the decision"),
        url=incident_url(incident.pk, f"admin:{DECIDE}"),
        form=form,
        why_not=why_not(check_can_decide, user, incident),
    )


@CompiledQuery
def _appeals_of(incident_id: UUID) -> QuerySet[Appeal]:
    """The newest first."""
    found = Appeal.objects.filter(incident=incident_id).select_related("entered_by", "reviewed_by")
    return found.order_by("-received_hour", "pk")[:MOST_OF_A_KIND]


def calls_ahead(incident: Incident, user: User) -> list[StatementCall[Any]]:
    """The queries of the section and the entries."""
    return [_appeals_of.call(incident.pk)]


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    for appeal in _appeals_of(incident.pk):
        filed = appeal.entered_by or _("through the reply page")
        # Its time is cut to the hour, in which the verdict may be.
        earlier = [chase.since for chase in incident.known_chases if chase.since < appeal.received_hour + HOUR]
        yield TimelineEntry(
            at=appeal.received_hour,
            by=filed,
            what=_("appeal"),
            details=[appeal.get_appellant_display()],
            after=max(earlier, default=None),
        )
        if appeal.reviewed_at and appeal.reviewed_by:
            yield TimelineEntry(
                at=appeal.reviewed_at,
                by=appeal.reviewed_by,
                what=_("appeal: %(outcome)s") % {"outcome": appeal.get_outcome_display()},
                details=[appeal.get_reason_display()],
            )
