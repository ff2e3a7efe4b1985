"""Failed sign-ins slow the next attempt on the same account, and a stranger's failures do not slow its owner.

Attempts are counted by lane. A browser that signed in to the account before carries a signed cookie and has a lane of
its own ("device cookies", OWASP); all others share one lane an account, known or not. What a lane is called is hashed
under SECRET_KEY into one of BUCKETS rows: no row names anybody, strangers cannot make the table grow without end, and
unknown names cost what known ones cost. Two lanes may share a row; that slows at most an unfamiliar browser.

An attempt is charged before the password is looked at, in a transaction of its own, so that of many at once only as
many get through as the lane had left. It waits, and is not locked: the wait ends, and passkeys never wait.
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
from analysts.models.delay import BUCKETS
from audit.actions import record_event

# So many attempts wait for nothing: people mistype.
FREE = 3
# Seconds after the attempt that used the last free one up; doubled by each further one, up to LONGEST.
FIRST_WAIT = 2
LONGEST_WAIT = 15 * 60 - 1
MOST_COUNTED = 1000
# After so long without an attempt a lane is as good as new.
FORGET = timedelta(days=1)

SALT = "analysts.accounts.delays"
# How many accounts one browser is remembered for: colleagues share workstations.
MOST_KNOWN = 8
KNOWN_DAYS = 180
SEPARATOR = "~"


class Slowed(ValidationError):
    """Not even tried: an attempt on this lane has to wait `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        if seconds < 120:
            wait = ngettext_lazy(
                "Too many failed attempts: nothing was checked. Try again in %(number)d second.",
                "Too many failed attempts: nothing was checked. Try again in %(number)d seconds.",
                "number",
            )
            super().__init__(wait, code="slowed", params={"number": seconds})
        else:
            super().__init__(
                _("Too many failed attempts: nothing was checked. Try again in %(number)d minutes."),
                code="slowed",
                params={"number": math.ceil(seconds / 60)},
            )


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """One that was let through, and counts as failed until somebody says otherwise."""

    bucket: int

    def take_back(self) -> None:
        """It succeeded. What failed before stays counted until the sign-in is complete: see `clear_failures`."""
        Delay.objects.filter(pk=self.bucket).update(
            failures=Greatest(F("failures") - 1, 0),
            unrecorded=Greatest(F("unrecorded") - 1, 0),
            until=_whole_second(timezone.now()),
        )


def begin_attempt(request: HttpRequest, username: str, *, now: datetime | None = None) -> SignInAttempt:
    """Charge an attempt on the account to its lane. Raises Slowed where that has to wait."""
    now = now or timezone.now()
    bucket = _lane_bucket(request, username)
    with transaction.atomic(durable=True):
        Delay.objects.bulk_create([Delay(bucket=bucket, until=now)], ignore_conflicts=True)
        # Gone again where it was so old that it has just been deleted.
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
    """How many seconds an attempt waits after so many failures."""
    if failures < FREE:
        return 0
    return min(FIRST_WAIT << min(failures - FREE, 20), LONGEST_WAIT)


def clear_failures(request: HttpRequest, username: str) -> None:
    """The sign-in is complete: this lane's failures were the owner's. What is to be recorded stays."""
    Delay.objects.filter(pk=_lane_bucket(request, username)).update(failures=0, until=_whole_second(timezone.now()))


def count_failures_elsewhere(request: HttpRequest, username: str, *, now: datetime | None = None) -> int:
    """How many attempts failed of late in browsers the account does not know, asked by one that it knows."""
    if not _mark_text(request, username):
        return 0
    since = (now or timezone.now()) - FORGET
    others = Delay.objects.filter(pk=_bucket_number("account", username), until__gte=since).first()
    return others.failures if others else 0


def _lane_bucket(request: HttpRequest, username: str) -> int:
    known = _mark_text(request, username)
    return _bucket_number("browser", username, known) if known else _bucket_number("account", username)


def _bucket_number(*name: str) -> int:
    kind, username, *rest = name
    digest = salted_hmac(SALT, "\0".join([kind, _fold_username(username), *rest]), algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def _fold_username(username: str) -> str:
    """One spelling for all that the sign-in takes for the same name: it compares them in lower case."""
    return unicodedata.normalize("NFKC", username.strip().lower()).casefold()


def _whole_second(time: datetime) -> datetime:
    return time.replace(microsecond=0)


# --- Browsers that signed in before ---------------------------------------------------------------


def remember_browser(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Mark this browser as one that signed in to the account; the last MOST_KNOWN accounts are remembered.

    Each mark is a random text signed for one account. It opens nothing and names nobody.
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
    """The random text of this browser's mark for the account; empty where it has none."""
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


# --- What goes on record --------------------------------------------------------------------------


@transaction.atomic
def record_failed_attempts() -> int:
    """One audit event for each account that attempts failed on, and one for all others together: counts, no names
    that strangers typed. Returns how many failures they tell of. Lanes that are as good as new are deleted.
    """
    names = {_bucket_number("account", name): name for name in User.objects.values_list("username", flat=True)}
    failed = list(Delay.objects.select_for_update().filter(unrecorded__gt=0).order_by("pk"))
    Delay.objects.filter(pk__in=[delay.pk for delay in failed]).update(unrecorded=0)
    Delay.objects.filter(until__lt=timezone.now() - FORGET, unrecorded=0).delete()
    of_accounts = {names[delay.pk]: delay.unrecorded for delay in failed if delay.pk in names}
    others = sum(delay.unrecorded for delay in failed if delay.pk not in names)
    users = {user.username: user for user in User.objects.filter(username__in=of_accounts)}
    for name, count in of_accounts.items():
        record_event(by=None, action="user.sign_in_fail", on=users[name], details={"account": name, "failed": count})
    if others:
        record_event(by=None, action="user.sign_in_fail", details={"failed": others})
    return others + sum(of_accounts.values())
