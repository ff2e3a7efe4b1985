"""The keys of members: made, closed, told from others, and how often each may fetch the list.

A key is 256 bits of chance, so one plain hash of it is all that need be kept: it can be neither guessed nor looked up,
and a slow hash, made for what people choose, would only let strangers keep the server busy.
"""

import hashlib
import secrets
import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from analysts.models import FeedScope, MemberKey, User
from analysts.takedown.url_list.permissions import check_can_make_key, check_keeps_members
from audit.actions import record_event
from audit.permissions import Denied, Late
from reports.models import the_hour

# So that scanners for secrets know one where it should not be.
MARK = "urll_"
PREFIX_CHARACTERS = 12
LONGEST = timedelta(days=366)

# In an hour, by one key. Whoever keeps up with the changes needs the whole list once.
MOST_FULL_LISTS = 6
MOST_PAGES = 600


@transaction.atomic
def view_members(*, by: User, now: datetime | None = None) -> None:
    """Put on record that the page of members and their keys was seen."""
    check_keeps_members(by)
    record_event(by=by, action="member.view", at=now or timezone.now())


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
    """A key for a member's system, and the secret itself: it stands nowhere but in what this returns.

    `key_id` makes one key at most: whoever sends the form again is told so.
    """
    now = now or timezone.now()
    check_can_make_key(by, scope)
    if not now.date() < expires_on <= now.date() + LONGEST:
        raise Denied(_("A key ends after today, and within a year."))
    secret = MARK + secrets.token_urlsafe(32)
    key, is_new = MemberKey.objects.get_or_create(
        pk=key_id or uuid.uuid4(),
        defaults={
            "member": member,
            "prefix": secret[:PREFIX_CHARACTERS],
            "digest": _hash_secret(secret),
            "scope": scope,
            "expires_on": expires_on,
            "by": by,
            "at": now,
        },
    )
    if not is_new:
        raise Late(
            _(
                "This form has made its key already, the one that begins with %(prefix)s. It was shown once: if nobody"
                " has it, close that key. Sending the form again makes another one."
            )
            % {"prefix": key.prefix}
        )
    details = {"member": member, "scope": str(scope), "expires_on": str(expires_on)}
    record_event(by=by, action="member.make_key", on=key, details=details, at=now)
    return key, secret


@transaction.atomic
def close_key(*, by: User, key: MemberKey, now: datetime | None = None) -> MemberKey:
    """It opens nothing from now on. Its row stays: downloads on record name it."""
    now = now or timezone.now()
    check_keeps_members(by)
    closed = MemberKey.objects.filter(pk=key.pk, closed_on=None).update(closed_on=now.date(), closed_by=by)
    if not closed:
        raise Late(_("This key is closed already."))
    key.refresh_from_db()
    record_event(by=by, action="member.close_key", on=key, details={"member": key.member}, at=now)
    return key


def key_of(authorization: str, *, now: datetime) -> MemberKey | None:
    """The key that the header carries; None, after as much work, for a wrong, a closed and an expired one alike."""
    scheme, _space, secret = authorization.partition(" ")
    secret = secret.strip()
    key = MemberKey.objects.filter(prefix=secret[:PREFIX_CHARACTERS]).first() if "\0" not in secret else None
    is_right = constant_time_compare(_hash_secret(secret), bytes(key.digest) if key else bytes(32))
    if key is None or not is_right or scheme.lower() != "bearer" or not is_open(key, now=now):
        return None
    if key.used_on != now.date():
        key.used_on = now.date()
        key.save(update_fields=["used_on"])
    return key


def is_open(key: MemberKey, *, now: datetime) -> bool:
    return key.closed_on is None and key.expires_on >= now.date()


def _hash_secret(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


@transaction.atomic
def record_download(
    *, key: MemberKey, variant: FeedScope, since: int | None, until: int, count: int, now: datetime
) -> bool:
    """Put on record that a member fetches the list up to version `until`: whole, or what changed since `since`.

    False, and nothing on record, where the key has had as much as it may have in this hour. Nothing about the visitor
    is told or kept: the key is whom the list goes to.
    """
    counter, most = ("full_lists", MOST_FULL_LISTS) if since is None else ("pages", MOST_PAGES)
    hour = the_hour(now)
    same = MemberKey.objects.filter(pk=key.pk, hour=hour)
    if not same.filter(**{f"{counter}__lt": most}).update(**{counter: F(counter) + 1}):
        fresh = {"hour": hour, "full_lists": 0, "pages": 0, counter: 1}
        if not MemberKey.objects.filter(~Q(hour=hour) | Q(hour=None), pk=key.pk).update(**fresh):
            return False
    details = {"member": key.member, "variant": str(variant), "from": since, "to": until, "count": count}
    record_event(by=None, action="member.download", on=key, details=details, at=now)
    return True
