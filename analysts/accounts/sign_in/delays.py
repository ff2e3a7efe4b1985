"""Delays after failed sign-ins on an account, which do not slow its owner after a stranger's failures.

Attempts are counted per lane. A browser that has signed in to the account before carries a signed cookie and has its
own lane ("device cookies", OWASP); all others share one lane per account name, whether or not the account exists.
The lane's name is hashed under SECRET_KEY into one of BUCKETS rows: no row identifies an account, strangers cannot grow
the table without limit, and unknown names cost the same as known ones. Two lanes may share a row; that slows at most an
unfamiliar browser.

An attempt is counted before the password is checked, in its own transaction, so that concurrent attempts cannot exceed
what the lane allows. Accounts are delayed, never locked: every wait ends, and passkeys never wait.
"""

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from analysts.models import Delay, User
from analysts.models.staff.delay import BUCKETS
from audit.actions import record_event

# Attempts without a delay: people mistype.
FREE = 3
# Seconds to wait after the last free attempt; doubled by each further attempt, up to LONGEST_WAIT.
FIRST_WAIT = 2
LONGEST_WAIT = 15 * 60 - 1
MOST_COUNTED = 1000
# A lane without an attempt for this long starts again at zero.
FORGET = timedelta(days=1)

SALT = "analysts.accounts.sign_in.delays"
# Accounts remembered per browser: colleagues share workstations.
MOST_KNOWN = 8
KNOWN_DAYS = 180
SEPARATOR = "~"


class Slowed(ValidationError):
    """The attempt was not checked because its lane is delayed for another `seconds` seconds."""

    status = 429

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        if seconds < 120:
            wait = ngettext_lazy(
                "Too many failed attempts, so this one was not checked. Try again in %(number)d second.",
                "Too many failed attempts, so this one was not checked. Try again in %(number)d seconds.",
                "number",
            )
            super().__init__(wait, code="slowed", params={"number": seconds})
        else:
            super().__init__(
                _("Too many failed attempts, so this one was not checked. Try again in %(number)d minutes."),
                code="slowed",
                params={"number": math.ceil(seconds / 60)},
            )


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """An attempt that may proceed; it counts as failed until `take_back` is called."""

    bucket: int

    def take_back(self) -> None:
        """Uncount the attempt after success. Earlier failures stay counted until `clear_failures`."""
        Delay.objects.filter(pk=self.bucket).update(
            failures=Greatest(F("failures") - 1, 0),
            unrecorded=Greatest(F("unrecorded") - 1, 0),
            until=_whole_second(timezone.now()),
        )


def begin_attempt(request: HttpRequest, username: str, *, now: datetime | None = None) -> SignInAttempt:
    """Count an attempt on the account in its lane. Raises Slowed if the lane is delayed."""
    now = now or timezone.now()
    bucket = _lane_bucket(request, username)
    with transaction.atomic(durable=True):
        Delay.objects.bulk_create([Delay(bucket=bucket, until=now)], ignore_conflicts=True)
        # `record_failed_attempts` may have deleted an old row in between.
        delay = Delay.objects.select_for_update().filter(pk=bucket).first() or Delay(bucket=bucket, until=now)
        if delay.until > now:
            raise Slowed(math.ceil((delay.until - now).total_seconds()))
        if delay.until < now - FORGET:
            delay.failures = 0
        delay.failures = min(delay.failures + 1, MOST_COUNTED)
        delay.unrecorded += 1
        seconds = wait_seconds(delay.failures)
        delay.until = _whole_second(now) + timedelta(seconds=seconds + 1 if seconds else 0)
        delay.save()
    return SignInAttempt(bucket)


def wait_seconds(failures: int) -> int:
    """Seconds to wait before the next attempt after this number of failures."""
    if failures < FREE:
        return 0
    return min(FIRST_WAIT << min(failures - FREE, 20), LONGEST_WAIT)


def clear_failures(request: HttpRequest, username: str) -> None:
    """Reset the lane's failures, which were the owner's, after a complete sign-in. They are still recorded."""
    Delay.objects.filter(pk=_lane_bucket(request, username)).update(failures=0, until=_whole_second(timezone.now()))


def count_failures_elsewhere(request: HttpRequest, username: str, *, now: datetime | None = None) -> int:
    """Failures of the last day in browsers unknown to the account; 0 if this browser is itself unknown."""
    if not _mark_text(request, username):
        return 0
    since = (now or timezone.now()) - FORGET
    others = Delay.objects.filter(pk=_bucket_number("account", username), until__gte=since).first()
    return others.failures if others else 0


def is_known_browser(request: HttpRequest, username: str) -> bool:
    """Whether this browser has signed in to the account before, or is signed in now."""
    user = getattr(request, "user", None)
    is_signed_in = user is not None and _fold_username(user.get_username()) == _fold_username(username)
    return is_signed_in or bool(_mark_text(request, username))


def _lane_bucket(request: HttpRequest, username: str) -> int:
    mark = _mark_text(request, username)
    return _bucket_number("browser", username, mark) if mark else _bucket_number("account", username)


def _bucket_number(*name: str) -> int:
    kind, username, *rest = name
    digest = salted_hmac(SALT, "\0".join([kind, _fold_username(username), *rest]), algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def _fold_username(username: str) -> str:
    """The user name as sign-in compares it: normalised and in lower case."""
    return unicodedata.normalize("NFKC", username.strip().lower()).casefold()


def _whole_second(time: datetime) -> datetime:
    return time.replace(microsecond=0)


# --- Browsers that signed in before ---------------------------------------------------------------


def remember_browser(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Mark this browser as one that signed in to the account; the last MOST_KNOWN accounts are remembered.

    Each mark is a random text signed for one account. It grants no access and identifies no one.
    """
    others = [mark for mark in _browser_marks(request) if not _read_mark(mark, username)]
    mark = signing.TimestampSigner(salt=_mark_salt(username)).sign(get_random_string(22))
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        SEPARATOR.join([mark, *others][:MOST_KNOWN]),
        max_age=timedelta(days=KNOWN_DAYS),
        path="/",
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )


def _mark_text(request: HttpRequest, username: str) -> str:
    """The random text of this browser's mark for the account; "" if it has none."""
    return next((text for mark in _browser_marks(request) if (text := _read_mark(mark, username))), "")


def _browser_marks(request: HttpRequest) -> list[str]:
    cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    return cookie.split(SEPARATOR)[:MOST_KNOWN] if cookie else []


def _read_mark(mark: str, username: str) -> str:
    try:
        return signing.TimestampSigner(salt=_mark_salt(username)).unsign(mark, max_age=timedelta(days=KNOWN_DAYS))
    except signing.BadSignature:
        return ""


def _mark_salt(username: str) -> str:
    return f"{SALT}.known:{_fold_username(username)}"


# --- Audit events ---------------------------------------------------------------------------------


@transaction.atomic
def record_failed_attempts() -> int:
    """Record failed attempts: one audit event per account, and one for all unknown names together (counts only, never
    typed names). Deletes expired lanes. Returns the number of failures recorded.
    """
    names = {_bucket_number("account", name): name for name in User.objects.values_list("username", flat=True)}
    failed = list(Delay.objects.select_for_update().filter(unrecorded__gt=0).order_by("pk"))
    Delay.objects.filter(pk__in=[delay.pk for delay in failed]).update(unrecorded=0)
    Delay.objects.filter(until__lt=timezone.now() - FORGET, unrecorded=0).delete()
    of_accounts = {names[delay.pk]: delay.unrecorded for delay in failed if delay.pk in names}
    others = sum(delay.unrecorded for delay in failed if delay.pk not in names)
    users = {user.username: user for user in User.objects.filter(username__in=of_accounts)}
    for name, count in of_accounts.items():
        record_event(by=None, action="user.sign_in_fail", on=users[name], details={"failed": count})
    if others:
        record_event(by=None, action="user.sign_in_fail", details={"failed": others})
    return others + sum(of_accounts.values())
