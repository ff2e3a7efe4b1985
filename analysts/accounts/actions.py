"""The one-time code, in two halves, with which a person sets a new password.

Each of two administrators is given one half (`analysts.accounts.approvals`) and hands it over, so that neither can use
another person's account alone.

All actions raise `Denied` with a reason for the requester.
"""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _

from analysts.accounts import sessions
from analysts.models import EntryCode, User
from audit.actions import record_event
from audit.permissions import Denied

# Counted from the creation of the second half.
VALID = timedelta(hours=1)
# 60 bits per half. No look-alike characters, so that a half can be read out.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HALF = 12
GROUP = 4


def begin_code(user: User) -> str:
    """Create a code for the account, replacing any earlier one, and return its first half."""
    half = get_random_string(HALF, ALPHABET)
    EntryCode.objects.update_or_create(
        user=user, defaults={"first_half": _hash_half(half), "second_half": "", "until": None}
    )
    return _format_half(half)


def complete_code(user: User, now: datetime) -> str:
    """Create and return the second half of a begun code, which is then valid for VALID.

    Raises Denied if no begun code exists: the holder of a half of an earlier code must not be given the other half.
    """
    half = get_random_string(HALF, ALPHABET)
    codes = EntryCode.objects.filter(user=user, second_half="")
    if not codes.update(second_half=_hash_half(half), until=now + VALID):
        raise Denied(_("The account has changed since the request. Decline it and make a new one."))
    return _format_half(half)


def discard_half_code(user: User) -> None:
    """Delete a begun code, so that the half already handed over is useless."""
    EntryCode.objects.filter(user=user, second_half="").delete()


def code_holder(username: str, first: str, second: str, *, now: datetime | None = None) -> User | None:
    """Return the active user whose valid code has these two halves, or None."""
    now = now or timezone.now()
    code = (
        EntryCode.objects.select_related("user")
        .filter(user__username__iexact=User.normalize_username(username.strip()), user__is_active=True, until__gt=now)
        .first()
    )
    halves = (_hash_half(first), _hash_half(second))
    stored = (code.first_half, code.second_half) if code else ("", "")
    right = [constant_time_compare(half, stored_half) for half, stored_half in zip(halves, stored, strict=True)]
    return code.user if code and all(right) else None


@transaction.atomic
def redeem_code(*, user: User, first: str, second: str, password: str) -> None:
    """Use up the code: set the password, remove all second factors and end all sessions.

    Raises Denied if the code has been used, has expired or was replaced.
    """
    halves = {"first_half": _hash_half(first), "second_half": _hash_half(second)}
    # Matches the halves too, because another code may have replaced this one meanwhile.
    used, _of = EntryCode.objects.filter(user=user, until__gt=timezone.now(), **halves).delete()
    if not used:
        raise Denied(_("This code has already been used."))
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    record_event(by=None, action="user.enter", on=user)


# --------------------------------------------------------------------------------------------------


def _format_half(half: str) -> str:
    return "-".join(half[at : at + GROUP] for at in range(0, len(half), GROUP))


def _hash_half(half: str) -> str:
    """Keyed hash that ignores case, spaces and dashes, and treats look-alike characters as equal."""
    plain = "".join(sign for sign in half.upper().translate(str.maketrans("OIL", "011")) if sign in ALPHABET)
    return salted_hmac("analysts.accounts.actions.code", plain, algorithm="sha256").hexdigest()
