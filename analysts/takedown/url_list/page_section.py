"""The URL list on other pages: the incident page's section, and timeline entries."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection
from analysts.incidents.page_urls import incident_url
from analysts.incidents.timeline import AUTOMATIC, MOST_OF_A_KIND, TimelineEntry
from analysts.models import Chase, Incident, Referral, UrlListEntry, User
from analysts.models.assessment import verdicts_acted_on
from analysts.models.compiled_query import CompiledQuery, StatementCall
from analysts.models.hosting import chases_of
from analysts.takedown.url_list.entries import Waits, address_or_why
from analysts.takedown.url_list.forms import TakeOff
from analysts.takedown.url_list.permissions import (
    check_can_keep,
    check_can_list,
    check_can_take_off,
)
from audit.permissions import why_not

LIST, KEEP, TAKE_OFF = "list_address", "keep_listed", "take_off"
CHECKS = {LIST: check_can_list, KEEP: check_can_keep, TAKE_OFF: check_can_take_off}


@dataclass(frozen=True, slots=True)
class Listing:
    """The content of the section. `entry`: the latest, listed or removed. `waits`: why a requested listing waits."""

    entry: UrlListEntry | None
    waits: str
    # The takedown has ended.
    is_over: bool
    review_due: bool
    # The day of the last availability check, and whether it found the content removed.
    checked_on: date | None
    found_gone: bool
    buttons: list[ActionButton]

    @property
    def is_open(self) -> bool:
        """Whether the entry has to be reviewed, or input was refused."""
        return self.review_due or any(button.form.is_bound for button in self.buttons)


def build_url_list_section(
    incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime
) -> PageSection | None:
    """Build the section; None if the takedown has ended and the address was never listed."""
    entry = next(iter(_latest_entries(incident.pk)), None)
    chase = incident.known_chases[-1]
    is_over, is_listed = chase.ended_at is not None, entry is not None and entry.removed_on is None
    if is_over and entry is None:
        return None
    waits = "" if is_over or is_listed else waits_for(incident)
    return PageSection(
        "analysts/takedown/url_list/_page_section.html",
        Listing(
            entry=entry,
            waits=waits,
            is_over=is_over,
            review_due=is_listed and entry is not None and entry.review_on <= now.date(),
            checked_on=chase.checked_at.date() if chase.checked_at else None,
            found_gone=chase.removed_in_a_row > 0,
            buttons=[
                build_button(name, label, incident, user, bound)
                for name, label in available_actions(is_over=is_over, is_listed=is_listed, is_waiting=bool(waits))
            ],
        ),
    )


def waits_for(incident: Incident) -> str:
    """Why a requested listing waits; "" if no listing is requested."""
    if not _requested(incident.pk):
        return ""
    found = address_or_why(incident)
    return str(found.label if isinstance(found, Waits) else _("nothing prevents it any more; try again"))


@CompiledQuery
def _requested(incident_id: UUID) -> QuerySet[Referral, UUID]:
    found = Referral.objects.filter(incident=incident_id, kind=ReferralKind.URL_LIST, ended_at=None)
    return found.order_by().values_list("pk", flat=True)[:1]


@CompiledQuery
def _latest_entries(incident_id: UUID) -> QuerySet[UrlListEntry]:
    return UrlListEntry.objects.filter(incident=incident_id).order_by("-version")[:MOST_OF_A_KIND]


def available_actions(*, is_over: bool, is_listed: bool, is_waiting: bool) -> list[tuple[str, Promise]]:
    """Names and labels of the actions that apply in the current state."""
    if is_listed:
        return [(KEEP, _("Keep on the list")), (TAKE_OFF, _("Take off the list"))]
    if is_over:
        return []
    return [
        (LIST, _("Try again") if is_waiting else _("Put on the URL list")),
        *([(TAKE_OFF, _("Withdraw the listing"))] if is_waiting else []),
    ]


def build_button(
    name: str, label: Promise, incident: Incident, user: User, bound: dict[str, ActionForm]
) -> ActionButton:
    return ActionButton(
        name=name,
        label=str(label),
        url=incident_url(incident.pk, f"admin:{name}"),
        form=bound.get(name) or act_form(name),
        why_not=why_not(CHECKS[name], user, incident),
    )


def act_form(name: str, data: Mapping[str, object] | None = None) -> ActionForm:
    form: type[ActionForm] = TakeOff if name == TAKE_OFF else ActionForm
    return form(data, auto_id=f"{name}_%s")


def removal_entry(entry: UrlListEntry, chases: Iterable[Chase]) -> TimelineEntry:
    """The timeline entry of a removal from the list. The listing itself is shown as a referral.

    Only the day of the removal is stored, so the entry is placed at the end of that day. The removal counts as
    automatic if a chase ended on that day; otherwise the audit log has the name of the user.
    """
    day = entry.removed_on or entry.added_on
    by = AUTOMATIC if day in {chase.ended_at.date() for chase in chases if chase.ended_at} else gettext("a colleague")
    at = datetime.combine(day, time.max, tzinfo=UTC)
    return TimelineEntry(at=at, by=by, what=gettext("taken off the URL list"), details=[], is_day=True)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    taken = [entry for entry in _latest_entries(incident.pk) if entry.removed_on]
    yield from (removal_entry(entry, incident.known_chases) for entry in taken)


def calls_ahead(incident: Incident, user: User) -> list[StatementCall[Any]]:
    """The queries of the section and the entries."""
    found = [_latest_entries.call(incident.pk), verdicts_acted_on.call(incident.pk), chases_of.call(incident.pk)]
    return [*found, _requested.call(incident.pk)] if incident.known_chases[-1].ended_at is None else found
