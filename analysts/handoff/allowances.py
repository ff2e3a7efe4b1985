"""The limit on addresses in clear that one person puts into files a day, and requests for more."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.handoff.permissions import check_can_decline_allowance, check_can_grant_allowance
from analysts.incidents.permissions import check_sees_content
from analysts.models import AddressAllowance, AllowanceState, BatchItem, Export, User
from analysts.welfare.exposure import work_day, work_zone
from audit.actions import JSON, record_event
from audit.permissions import Denied
from countries.decided_settings import number_in_force

# The key of the advisory lock that serialises files: "hand" in ASCII.
FILE_LOCK = 0x68616E64
MOST_ASKED = 200


def serialise_files() -> None:
    """Let one transaction at a time make a file: two at once would draw the same incidents, or both pass the limit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FILE_LOCK])


def addresses_used(user: User, *, now: datetime) -> int:
    """The number of addresses in files that `user` made today, exports included. Two queries, each by index."""
    start = datetime.combine(work_day(now), datetime.min.time(), tzinfo=work_zone())
    end = start + timedelta(days=1)
    items = BatchItem.objects.filter(batch__by=user, batch__at__gte=start, batch__at__lt=end)
    exports = Export.objects.filter(by=user, at__gte=start, at__lt=end)
    return items.count() + (exports.aggregate(sum=Sum("addresses"))["sum"] or 0)


def addresses_allowed(user: User, *, now: datetime) -> int:
    granted = AddressAllowance.objects.filter(day=work_day(now), by=user, state=AllowanceState.GRANTED)
    return number_in_force("FILE_ADDRESSES") + (granted.aggregate(sum=Sum("number"))["sum"] or 0)


def addresses_left(user: User, *, now: datetime) -> int:
    return max(0, addresses_allowed(user, now=now) - addresses_used(user, now=now))


def check_has_addresses_left(user: User, *, now: datetime) -> int:
    """Return how many addresses `user` may still put into files today. Raises Denied if none."""
    remaining = addresses_left(user, now=now)
    if not remaining:
        raise Denied(
            _(
                "You have put %(number)s addresses into files today, which is the limit. "
                "A senior analyst can allow more."
            )
            % {"number": addresses_used(user, now=now)}
        )
    return remaining


def waiting_allowances(*, now: datetime) -> QuerySet[AddressAllowance]:
    """Today's requests that are not decided. Requests of earlier days have lapsed."""
    waiting = AddressAllowance.objects.filter(day=work_day(now), state=AllowanceState.REQUESTED)
    return waiting.select_related("by").order_by("at")


@transaction.atomic
def ask_allowance(*, by: User, number: int, now: datetime | None = None) -> AddressAllowance:
    """Ask for `number` more addresses today."""
    now = now or timezone.now()
    check_sees_content(by)
    if not 1 <= number <= MOST_ASKED:
        raise Denied(_("Ask for 1 to %(number)s addresses.") % {"number": MOST_ASKED})
    serialise_files()
    if waiting_allowances(now=now).filter(by=by).exists():
        raise Denied(_("Your request is waiting for a senior analyst."))
    allowance = AddressAllowance.objects.create(by=by, day=work_day(now), number=number, at=now)
    record_event(by=by, action="allowance.ask", on=allowance, details={"count": number}, at=now)
    return allowance


@transaction.atomic
def grant_allowance(*, by: User, allowance: AddressAllowance, now: datetime | None = None) -> AddressAllowance:
    now = now or timezone.now()
    allowance = _lock_allowance(allowance)
    check_can_grant_allowance(by, allowance)
    details = _decide(allowance, AllowanceState.GRANTED, by=by, now=now)
    record_event(by=by, action="allowance.grant", on=allowance, details=details, at=now)
    return allowance


@transaction.atomic
def decline_allowance(*, by: User, allowance: AddressAllowance, now: datetime | None = None) -> AddressAllowance:
    """Decline the request; by the person who asked, withdraw it."""
    now = now or timezone.now()
    allowance = _lock_allowance(allowance)
    check_can_decline_allowance(by, allowance)
    details = _decide(allowance, AllowanceState.DECLINED, by=by, now=now)
    record_event(by=by, action="allowance.decline", on=allowance, details=details, at=now)
    return allowance


def _lock_allowance(allowance: AddressAllowance) -> AddressAllowance:
    return AddressAllowance.objects.select_for_update(of=("self",)).select_related("by").get(pk=allowance.pk)


def _decide(allowance: AddressAllowance, state: AllowanceState, *, by: User, now: datetime) -> dict[str, JSON]:
    """Save the decision, and return the details of its audit event."""
    allowance.state, allowance.decided_by, allowance.decided_at = state, by, now
    allowance.save(update_fields=["state", "decided_by", "decided_at"])
    asker, asker_id = allowance.by.get_username(), allowance.by_id
    return {"count": allowance.number, "requested_by": asker, "requested_by_id": asker_id}
