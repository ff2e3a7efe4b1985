"""The alarm about hosting providers and platforms that refuse many notices as not illegal.

A platform reports a trusted flagger whose notices are imprecise to its coordinator, who can take the status away
(Digital Services Act, Art. 22(6) and (7)). Senior analysts and operators learn which providers, once a quarter, from
the counted figures: no incident, portal or person is named.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.operator_mails import sign_in_line
from analysts.codes import Role
from analysts.figures.providers.figures import read_providers
from analysts.figures.reading import FigurePeriod, read_values
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import AlarmKind, FigureDimension, FigureSubject, Recipient, User
from countries.decided_settings import number_in_force

WARNED_ROLES = (Role.SENIOR, Role.OPERATOR)
# The decisions of these last days count, as many as a quarter has: the sheets of providers show the same numbers.
DAYS = 90
# With fewer decisions, one or two refusals would raise the alarm, and these may be the provider's error.
LEAST_DECIDED = 20


def imprecise_providers(today: date) -> list[UUID]:
    """The providers that accept less than PRECISION_PERCENT of the addresses they decided about in the last DAYS days.

    One statement over the figures of these days, however long the history.
    """
    period = FigurePeriod(today - timedelta(days=DAYS), today, is_open=True)
    actions = read_values(period, FigureSubject.ANSWERED, FigureDimension.PROVIDER_ACTION)
    prefix = f"{FigureSubject.ANSWERED.value} {FigureDimension.PROVIDER_ACTION.value}"
    providers = read_providers({f"{prefix} {value}": number for value, number in actions.items()})
    most_refused = 100 - number_in_force("PRECISION_PERCENT")
    return [
        UUID(provider)
        for provider, numbers in providers.items()
        if numbers.decided >= LEAST_DECIDED and 100 * numbers.refused.total() > most_refused * numbers.decided
    ]


@transaction.atomic
def note_imprecise_providers(*, now: datetime | None = None) -> int:
    """Raise the alarm about those that had none in this quarter; returns their number. Safe to repeat."""
    now = now or timezone.now()
    is_due = Q(refusals_alarmed_on=None) | Q(refusals_alarmed_on__lt=quarter_begin(now.date()))
    providers = Recipient.objects.filter(is_due, pk__in=imprecise_providers(now.date()))
    number = providers.update(refusals_alarmed_on=now.date())
    if number:
        raise_alarm(AlarmKind.REFUSALS, to=User.objects.mail_addresses(*WARNED_ROLES), now=now)
    return number


def quarter_begin(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def alarmed_providers(today: date) -> list[Recipient]:
    """Recipients of this quarter's alarms that still refuse too many, by name. Usually one statement, without a row."""
    alarmed = list(_alarmed_in_quarter(today).order_by("name", "pk"))
    imprecise = set(imprecise_providers(today)) if alarmed else set()
    return [provider for provider in alarmed if provider.pk in imprecise]


def _alarmed_in_quarter(today: date) -> QuerySet[Recipient]:
    return Recipient.objects.filter(refusals_alarmed_on__gte=quarter_begin(today))


def write_refusals_mail() -> AlarmMail | None:
    """The mail, with the number of providers only; None if none refuses too many any more."""
    number, to = len(alarmed_providers(timezone.now().date())), User.objects.mail_addresses(*WARNED_ROLES)
    if not number or not to:
        return None
    message = ngettext(
        "%(number)d provider refuses many of our notices as not illegal: sign in, the dashboard names it.",
        "%(number)d providers refuse many of our notices as not illegal: sign in, the dashboard names them.",
        number,
    ) % {"number": number}
    return AlarmMail(message + sign_in_line(), subject=_("Reporting portals: notices refused as not illegal"), to=to)


def count_alarmed(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    return {"imprecise_providers": _alarmed_in_quarter(now.date())} if user.role in WARNED_ROLES else {}


def show_alarmed(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The notice of the dashboard that names them."""
    providers = alarmed_providers(now.date()) if counts.get("imprecise_providers") else []
    if not providers:
        return None
    part = {"providers": providers, "percent": number_in_force("PRECISION_PERCENT"), "days": DAYS}
    return PageSection("analysts/figures/_dashboard_refusals.html", part)
