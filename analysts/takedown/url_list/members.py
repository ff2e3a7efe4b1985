"""Member keys: creation, closing, verification, and download limits."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from analysts.models import FeedScope, MemberKey, User
from analysts.takedown.url_list.permissions import check_can_make_key, check_keeps_members
from audit.actions import record_event, record_view
from audit.permissions import Denied, Late
from countries import api_keys
from reports.models import the_hour

# Lets secret scanners recognise a leaked key.
MARK = "urll_"

# Limits per key and hour. A member that follows the changes needs the whole list only once.
MOST_FULL_LISTS = 6
MOST_PAGES = 600


def view_members(*, by: User, now: datetime | None = None) -> None:
    """Record that `by` viewed the page of members and keys."""
    check_keeps_members(by)
    record_view(by=by, action="member.view", at=now or timezone.now())


@transaction.atomic
def make_key(
    *,
    by: User,
    member: str,
    scope: FeedScope,
    expires_on: date,
    key_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> tuple[MemberKey, str]:
    """Create a key for a member's system; return it with its secret, which is not stored.

    Raises:
        Denied: the scope or the expiry date is not permitted.
        Late: a key with `key_id` exists, because the form was sent before.
    """
    now = now or timezone.now()
    check_can_make_key(by, scope)
    if not api_keys.is_expiry_allowed(expires_on, today=now.date()):
        raise Denied(_("Choose a date after today and within a year."))
    secret = api_keys.make_secret(MARK)
    key, is_new = MemberKey.objects.get_or_create(
        pk=key_id or uuid.uuid4(),
        defaults={
            "member": member,
            "prefix": api_keys.prefix_of(secret),
            "digest": api_keys.hash_secret(secret),
            "scope": scope,
            "expires_on": expires_on,
            "by": by,
            "at": now,
        },
    )
    if not is_new:
        raise Late(
            _(
                "This form has already created its key, which begins with %(prefix)s. The key was shown once: if it was"
                " not copied, close it. Sending the form again creates another key."
            )
            % {"prefix": key.prefix}
        )
    details = {"member": member, "scope": str(scope), "expires_on": str(expires_on)}
    record_event(by=by, action="member.make_key", on=key, details=details, at=now)
    return key, secret


@transaction.atomic
def close_key(*, by: User, key: MemberKey, now: datetime | None = None) -> MemberKey:
    """Close the key. Its row is kept because audit events of downloads refer to it."""
    now = now or timezone.now()
    check_keeps_members(by)
    closed = MemberKey.objects.filter(pk=key.pk, closed_on=None).update(closed_on=now.date(), closed_by=by)
    if not closed:
        raise Late(_("This key is already closed."))
    key.refresh_from_db()
    record_event(by=by, action="member.close_key", on=key, details={"member": key.member}, at=now)
    return key


def key_of(authorization: str, *, now: datetime) -> MemberKey | None:
    """The valid key in an `Authorization` header; None if it is wrong, closed or expired, after the same work."""
    secret = api_keys.read_bearer(authorization)
    key = MemberKey.objects.filter(prefix=api_keys.prefix_of(secret)).first() if "\0" not in secret else None
    is_right = constant_time_compare(api_keys.hash_secret(secret), bytes(key.digest) if key else bytes(32))
    if key is None or not is_right or not is_open(key, now=now):
        return None
    if key.used_on != now.date():
        key.used_on = now.date()
        key.save(update_fields=["used_on"])
    return key


def is_open(key: MemberKey, *, now: datetime) -> bool:
    return key.closed_on is None and key.expires_on >= now.date()


@transaction.atomic
def record_download(
    *, key: MemberKey, variant: FeedScope, since: int | None, until: int, count: int, now: datetime
) -> bool:
    """Record that a member fetches the list up to version `until`: the changes since `since`, or all if it is None.

    Returns False and records nothing if the key has reached its limit for this hour. Nothing about the client but its
    key is recorded.
    """
    counter, most = ("full_lists", MOST_FULL_LISTS) if since is None else ("pages", MOST_PAGES)
    hour = the_hour(now)
    keys_of_hour = MemberKey.objects.filter(pk=key.pk, hour=hour)
    if not keys_of_hour.filter(**{f"{counter}__lt": most}).update(**{counter: F(counter) + 1}):
        first_values = {"hour": hour, "full_lists": 0, "pages": 0, counter: 1}
        if not MemberKey.objects.filter(~Q(hour=hour) | Q(hour=None), pk=key.pk).update(**first_values):
            return False
    details = {"member": key.member, "variant": str(variant), "from": since, "to": until, "count": count}
    record_event(by=None, action="member.download", on=key, details=details, at=now)
    return True
