"""The URL list on other pages: the incident page's section, and timeline entries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.incidents.attached import Attached
from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.timeline import AUTOMATIC, MOST_OF_A_KIND, TimelineEntry
from analysts.models import Chase, Incident, UrlListEntry, User
from analysts.takedown.url_list.entries import Waits, address_or_why
from analysts.takedown.url_list.forms import TakeOff
from analysts.takedown.url_list.permissions import check_can_change_entry, check_can_list
from audit.permissions import why_not

LIST, KEEP, TAKE_OFF = "list_address", "keep_listed", "take_off"
CHECKS = {LIST: check_can_list, KEEP: check_can_change_entry, TAKE_OFF: check_can_change_entry}


@dataclass(frozen=True, slots=True)
class Listing:
    """The content of the section. `entry`: the latest one. `waiting_reason`: why a requested listing waits."""

    entry: UrlListEntry | None
    waiting_reason: str
    # The takedown has ended.
    is_over: bool
    review_due: bool
    # The day of the last availability check, and whether it found the content removed.
    checked_on: date | None
    found_gone: bool
    buttons: list[ActionButton]


def show_url_list(
    incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime, attached: Attached
) -> SectionHeading | None:
    """The section; None if the takedown has ended and the address was never listed. One query, none before that."""
    entries = UrlListEntry.objects.filter(incident=incident).order_by("-version")
    entry = entries.first() if attached.listings else None
    is_over, is_listed = incident.known_chases[-1].ended_at is not None, entry is not None and entry.removed_on is None
    if is_over and entry is None:
        return None
    is_waiting = not is_over and not is_listed and attached.listings_requested
    review_due = is_listed and entry is not None and entry.review_on <= now.date()
    return SectionHeading(
        outcome=describe_listing(entry, is_waiting=is_waiting),
        build=partial(build_url_list, incident, user, bound, entry=entry, is_waiting=is_waiting, review_due=review_due),
        is_open=review_due or not bound.keys().isdisjoint(CHECKS),
        keys="" if is_over and not is_listed else "l",
    )


def describe_listing(entry: UrlListEntry | None, *, is_waiting: bool) -> str:
    if entry and not entry.removed_on:
        return _("Listed since %(since)s") % {"since": date_format(entry.added_on, "j M Y")}
    if is_waiting:
        return _("Requested, not listed yet")
    if entry and entry.removed_on:
        return _("Taken off on %(until)s") % {"until": date_format(entry.removed_on, "j M Y")}
    return _("Not listed")


def build_url_list(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    *,
    entry: UrlListEntry | None,
    is_waiting: bool,
    review_due: bool,
) -> PageSection:
    chase = incident.known_chases[-1]
    is_over, is_listed = chase.ended_at is not None, entry is not None and entry.removed_on is None
    return PageSection(
        "analysts/takedown/url_list/_page_section.html",
        Listing(
            entry=entry,
            waiting_reason=describe_wait(incident) if is_waiting else "",
            is_over=is_over,
            review_due=review_due,
            checked_on=chase.checked_at.date() if chase.checked_at else None,
            found_gone=chase.removed_in_a_row > 0,
            buttons=[
                build_button(name, label, incident, user, bound)
                for name, label in available_actions(is_over=is_over, is_listed=is_listed, is_waiting=is_waiting)
            ],
        ),
    )


def describe_wait(incident: Incident) -> str:
    """Why a requested listing waits."""
    address = address_or_why(incident)
    return str(address.label if isinstance(address, Waits) else _("nothing prevents it any more; try again"))


def available_actions(*, is_over: bool, is_listed: bool, is_waiting: bool) -> list[tuple[str, Promise]]:
    """Names and labels of the actions that apply in the current state."""
    if is_listed:
        return [(KEEP, gettext_lazy("Keep on the list")), (TAKE_OFF, gettext_lazy("Take off the list"))]
    if is_over:
        return []
    return [
        (LIST, gettext_lazy("Try again") if is_waiting else gettext_lazy("Put on the URL list")),
        *([(TAKE_OFF, gettext_lazy("Withdraw the listing"))] if is_waiting else []),
    ]


def build_button(
    name: str, label: Promise, incident: Incident, user: User, bound: dict[str, ActionForm]
) -> ActionButton:
    form_class = TakeOff if name == TAKE_OFF else ActionForm
    return ActionButton(
        name=name,
        label=str(label),
        url=incident_url(incident.pk, f"admin:{name}"),
        form=bound.get(name) or form_class(auto_id=f"{name}_%s"),
        why_not=why_not(CHECKS[name], user, incident),
    )


def removal_entry(entry: UrlListEntry, chases: Iterable[Chase]) -> TimelineEntry:
    """The timeline entry of a removal from the list. The listing itself is shown as a referral.

    Only the day of the removal is stored, so the entry is placed at the end of that day. The removal counts as
    automatic if a chase ended on that day; otherwise the audit log has the name of the user.
    """
    day = entry.removed_on or entry.added_on
    by = AUTOMATIC if day in {chase.ended_at.date() for chase in chases if chase.ended_at} else _("a colleague")
    at = datetime.combine(day, time.max, tzinfo=UTC)
    return TimelineEntry(at=at, by=by, title=_("taken off the URL list"), details=[], is_day=True)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    removed = UrlListEntry.objects.filter(incident=incident, removed_on__isnull=False).order_by("-version")
    yield from (removal_entry(entry, incident.known_chases) for entry in removed[:MOST_OF_A_KIND])
