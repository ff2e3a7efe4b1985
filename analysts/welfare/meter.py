"""The one meter of content: each door through which reported addresses and reporters' words reach a person.

    meter.pass_door(Door.LETTER, by=by, incidents=incidents, now=now, notice=notice, details={"page": 1})

`DOORS` says what each door counts and whether it is limited. Doors to files and the clipboard have a limit a day, above
which a senior analyst agrees. The others are never refused, a child in danger least of all: above REVEALS_A_DAY they
raise an alarm that names the person, and no number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from analysts.incidents.locking import first_portals, portal_on_record
from analysts.models import AddressAllowance, AllowanceState, BatchItem, Export, Exposure, Incident, Notice, User
from analysts.welfare import exposure
from analysts.welfare.exposure import work_day, work_zone
from analysts.welfare.unusual_reading import note_unusual_reading
from audit.actions import JSON, record_event
from audit.log_ids import events_by
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.decided_settings import number_in_force

# The key of the advisory lock that serialises files: "hand" in ASCII.
FILE_LOCK = 0x68616E64
# Addresses that one event, and so one page of a notice's text, may reveal.
MOST_AN_EVENT = 20


class CountAddresses(Protocol):
    def __call__(self, by: User, number: int, /, *, now: datetime) -> None: ...


class Door(StrEnum):
    # The page of a revealed incident: its address, notes, replies and redaction, and the reporters' words where one
    # reveal shows both.
    PAGE = "page"
    # The reporters' words, after the address.
    WORDS = "words"
    # Addresses of related incidents beside a revealed one.
    RELATED = "related"
    # One page of a notice's text.
    LETTER = "letter"
    # The full address, to be opened on the isolated workstation.
    COPY = "copy"
    BATCH = "batch"
    EXPORT = "export"
    # One address of a referral, to an account of its recipient.
    INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class DoorRule:
    """Rules of one door.

    `action`: its audit event, one for each incident; of a letter, one for each page. `count`: counts the addresses in
    the person's day; None for files that are rows of their own until their results come back. `is_limited`: whether it
    counts under the limit of a day; the others raise the alarm.
    """

    action: str
    count: CountAddresses | None
    is_limited: bool = False


DOORS: Mapping[Door, DoorRule] = {
    Door.PAGE: DoorRule("incident.reveal", exposure.begin_reveal),
    Door.WORDS: DoorRule("incident.reveal", exposure.begin_words),
    Door.RELATED: DoorRule("incident.reveal", exposure.count_related),
    Door.LETTER: DoorRule("notice.read", exposure.begin_reveal),
    Door.COPY: DoorRule("incident.copy", exposure.count_copies, is_limited=True),
    Door.BATCH: DoorRule("incident.reveal", None, is_limited=True),
    Door.EXPORT: DoorRule("incident.reveal", exposure.count_file_reveals, is_limited=True),
    # Its readers are not staff: the time that they look is not counted.
    Door.INBOX: DoorRule("inbox.reveal", exposure.count_related),
}


def pass_door(
    door: Door,
    *,
    by: User,
    incidents: Sequence[Incident],
    now: datetime,
    notice: Notice | None = None,
    details: Mapping[str, JSON] | None = None,
) -> None:
    """Count, limit and record that content of `incidents` reaches `by`, in the transaction that opens it.

    For a limited door call it after the rows that count are stored, inside `serialise_files`. `notice`: whose text is
    read, of a letter only.

    Raises:
        Denied: the limit of the day is passed.
        ValueError: more than MOST_AN_EVENT addresses in one page of a notice.
    """
    if count := DOORS[door].count:
        count(by, len(incidents), now=now)
    if DOORS[door].is_limited:
        _check_within_limit(door, by, incidents, now)
    else:
        note_unusual_reading(by, now=now)
    _record(door, by, incidents, notice, dict(details or {}), now)


def _record(
    door: Door,
    by: User,
    incidents: Sequence[Incident],
    notice: Notice | None,
    details: dict[str, JSON],
    now: datetime,
) -> None:
    if door == Door.LETTER:
        if len(incidents) > MOST_AN_EVENT:
            raise ValueError("More addresses than one event may reveal.")
        incident_ids = [str(incident.pk) for incident in incidents]
        record_event(by=by, action="notice.read", on=notice, details={**details, "incidents": incident_ids}, at=now)
        return
    if door == Door.INBOX:
        for incident in incidents:
            record_event(by=by, action="inbox.reveal", on=incident, details=details, at=now)
        return
    portals = first_portals(incidents, by) if len(incidents) > 1 else {}
    for incident in incidents:
        portal = portals.get(incident.pk) or portal_on_record(incident, by)
        if door == Door.COPY:
            record_event(by=by, action="incident.copy", on=incident, portal=portal, details=details, at=now)
        else:
            record_event(by=by, action="incident.reveal", on=incident, portal=portal, details=details, at=now)


def is_revealed_to(by: User, incident: Incident, *, since: datetime | None) -> bool:
    """Whether the page of the incident, or a batch with it, was opened to `by`, after `since` if that is given."""
    reveals = AuditEvent.objects.filter(object_id=str(incident.pk), action="incident.reveal").filter(events_by(by.pk))
    # Beside another incident, or in an export, its address alone was shown.
    reveals = reveals.exclude(details__has_any_keys=["related_to", "export"])
    return (reveals.filter(at__gt=since) if since else reveals).exists()


# --- The limit of a day ---------------------------------------------------------------------------


def serialise_files() -> None:
    """Let one transaction at a time make a file: two at once would draw the same incidents, or both pass the limit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FILE_LOCK])


def addresses_used(user: User, *, now: datetime) -> int:
    """The number of addresses that `user` put into files or copied today. Three queries, each by index."""
    start = datetime.combine(work_day(now), datetime.min.time(), tzinfo=work_zone())
    end = start + timedelta(days=1)
    items = BatchItem.objects.filter(batch__by=user, batch__at__gte=start, batch__at__lt=end)
    exports = Export.objects.filter(by=user, at__gte=start, at__lt=end)
    copied = Exposure.objects.filter(user=user, day=work_day(now)).values_list("addresses_copied", flat=True).first()
    return items.count() + (exports.aggregate(sum=Sum("addresses"))["sum"] or 0) + (copied or 0)


def addresses_allowed(user: User, *, now: datetime) -> int:
    granted = AddressAllowance.objects.filter(day=work_day(now), by=user, state=AllowanceState.GRANTED)
    return number_in_force("FILE_ADDRESSES") + (granted.aggregate(sum=Sum("number"))["sum"] or 0)


def addresses_left(user: User, *, now: datetime) -> int:
    return max(0, addresses_allowed(user, now=now) - addresses_used(user, now=now))


def check_has_addresses_left(user: User, *, now: datetime) -> int:
    """Return how many addresses `user` may still put into files today. Raises Denied if none."""
    remaining = addresses_left(user, now=now)
    if not remaining:
        raise _limit_reached(addresses_used(user, now=now))
    return remaining


def _check_within_limit(door: Door, by: User, incidents: Sequence[Incident], now: datetime) -> None:
    if not incidents or (door == Door.COPY and incidents[0].child_in_danger):
        return
    used = addresses_used(by, now=now)
    if used > addresses_allowed(by, now=now):
        raise _limit_reached(used - len(incidents))


def _limit_reached(number: int) -> Denied:
    return Denied(
        _(
            "You have put %(number)s addresses into files or copied them today, which is the limit. "
            "Ask for more on the page “Isolated workstation”: a senior analyst can allow them."
        )
        % {"number": number}
    )
