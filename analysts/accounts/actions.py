"""The one-time code with which a person sets a new password: two halves, and only both together let them in.

Where it takes two administrators (`analysts.accounts.approvals`), each of them gets one half and hands it over, so that
neither can use the account of another person alone.

All raise `Denied` with a reason for the person who asked.
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

# From the moment the second half exists.
VALID = timedelta(hours=1)
# 60 bits a half: no look-alikes, so that it can be read out.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HALF = 12
GROUP = 4


def begin_code(user: User) -> str:
    """The first half of a new code, which takes the place of any other of the account."""
    half = get_random_string(HALF, ALPHABET)
    EntryCode.objects.update_or_create(
        user=user, defaults={"first_half": _hash_half(half), "second_half": "", "until": None}
    )
    return _format_half(half)


def complete_code(user: User, now: datetime) -> str:
    """The second half; the code is valid for VALID. Only for a code that was just begun: a person who holds a half of
    an earlier one must not get the other half here.
    """
    half = get_random_string(HALF, ALPHABET)
    begun = EntryCode.objects.filter(user=user, second_half="")
    if not begun.update(second_half=_hash_half(half), until=now + VALID):
        raise Denied(_("The account has changed since. Decline this request and make it again."))
    return _format_half(half)


def discard_half_code(user: User) -> None:
    """A half that was handed out opens nothing any more."""
    EntryCode.objects.filter(user=user, second_half="").delete()


def whole_code(user: User, *, now: datetime | None = None) -> tuple[str, str]:
    """Both halves for one administrator: for a new account whose role neither opens content nor makes accounts."""
    first = begin_code(user)
    return first, complete_code(user, now or timezone.now())


def code_holder(username: str, first: str, second: str, *, now: datetime | None = None) -> User | None:
    """Whose code this is, if both halves are right and it is still valid."""
    now = now or timezone.now()
    code = (
        EntryCode.objects.select_related("user")
        .filter(user__username__iexact=User.normalize_username(username.strip()), user__is_active=True, until__gt=now)
        .first()
    )
    halves = (_hash_half(first), _hash_half(second))
    kept = (code.first_half, code.second_half) if code else ("", "")
    right = [constant_time_compare(half, known) for half, known in zip(halves, kept, strict=True)]
    return code.user if code and all(right) else None


@transaction.atomic
def redeem_code(*, user: User, first: str, second: str, password: str) -> None:
    """Use the code up: a new password, no second factor until a new one is set up, and no session of before."""
    halves = {"first_half": _hash_half(first), "second_half": _hash_half(second)}
    # This very code, and not one that took its place meanwhile.
    used, _of = EntryCode.objects.filter(user=user, until__gt=timezone.now(), **halves).delete()
    if not used:
        raise Denied(_("This code was used already."))
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    record_event(by=None, action="user.enter", on=user, details={"account": user.username})


# --------------------------------------------------------------------------------------------------


def _format_half(half: str) -> str:
    return "-".join(half[at : at + GROUP] for at in range(0, len(half), GROUP))


def _hash_half(half: str) -> str:
    """Keyed, and without regard to case, spaces, dashes and what looks alike."""
    plain = "".join(sign for sign in half.upper().translate(str.maketrans("OIL", "011")) if sign in ALPHABET)
    return salted_hmac("analysts.accounts.actions.code", plain, algorithm="sha256").hexdigest()
