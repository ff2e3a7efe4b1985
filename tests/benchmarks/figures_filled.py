"""Millions of daily figures with the spread of real ones, written by PostgreSQL itself."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from string import ascii_lowercase

from django.db import connection

from analysts.codes import AgeBand, Flag, Reason, Severity, Sex, SiteType, Verdict
from analysts.codes.content_types import ContentType
from analysts.figures import rollups
from analysts.figures.intervals import BOUNDS, WIDE_BOUNDS
from analysts.models import DailyFigure, FigureProgress, FigureTarget, GaugeKind, Recipient, RecipientKind, WorkGauge
from analysts.models.figures.rollup import AGAIN, BEFORE_NOTICE, NEW, NOT_SAID
from countries.models import Portal
from countries.tests.factories import open_portal
from reports.notices import AnswerKind, RecipientAction

PROVIDERS = 60
# ISO 3166 leaves these to its users.
CODES = [f"x{letter}" for letter in ascii_lowercase] + [f"q{letter}" for letter in "mnopqrstuvwxyz"]
LANGUAGES = ("en", "fr", "es", "pt", "sw")
COUNTRIES = ("NL", "US", "FR", "DE", "RO", "BG", "LU", "CA")
HOURS = [str(bound) for bound in BOUNDS[:40:4]]
WIDE = [str(bound) for bound in WIDE_BOUNDS]
SEVERITIES = Severity.values[:3]


def _pairs(firsts: tuple[str, ...] | list[str], seconds: list[str]) -> list[str]:
    return [f"{first} {second}" for first in firsts for second in seconds]


type Values = Mapping[str, Mapping[str, list[str]]]
# By subject and dimension. The first dimension adds up to all.
OF_PORTALS: Values = {
    "reports": {"language": [*LANGUAGES]},
    "addresses": {"newness": [NEW, AGAIN]},
    "assessed": {
        "verdict": [*Verdict.values],
        "language": [*LANGUAGES],
        "severity": SEVERITIES,
        "age": [*AgeBand.values],
        "sex": [*Sex.values],
        "site_type": [*SiteType.values],
        "flag": [*Flag.values],
        "reason": [*Reason.values][:6],
        "hours": HOURS,
        "wide_hours": WIDE,
        "lang_hours": _pairs(LANGUAGES, WIDE[:6]),
        "sev_hours": _pairs(SEVERITIES, WIDE[:6]),
    },
    "notified": {"recipient": [*RecipientKind.values][:5]},
    "removed": {
        "wide_hours": [*WIDE, BEFORE_NOTICE],
        "country": [*COUNTRIES],
        "severity": SEVERITIES,
        "hours": [*HOURS, BEFORE_NOTICE],
        "land_hours": _pairs(COUNTRIES, WIDE[:6]),
        "sev_hours": _pairs(SEVERITIES, WIDE[:6]),
    },
}

_OF_PORTALS = """
    INSERT INTO analysts_dailyfigure (day, is_month, subject, dimension, value, portal_id, number, key)
    SELECT day::date, false, subject, dimension, value, portal, number, floor(random() * 255 * number)
    FROM unnest(%(subjects)s::text[], %(dimensions)s::text[], %(values)s::text[]) AS kind (subject, dimension, value)
    CROSS JOIN unnest(%(portals)s::bigint[]) WITH ORDINALITY AS place (portal, rank)
    CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') AS day
    CROSS JOIN LATERAL (
        SELECT 1 + floor(random() * (1 + 40 / rank)) AS number
        WHERE value IS NOT NULL AND random() < least(1, %(share)s * 2 / sqrt(rank))
    ) AS drawn
"""
_OF_NETWORK = """
    INSERT INTO analysts_dailyfigure (day, is_month, subject, dimension, value, portal_id, number, key)
    SELECT day, false, subject, dimension, value, NULL, sum(number), sum(key)
    FROM analysts_dailyfigure GROUP BY day, subject, dimension, value
"""
_OF_ALL = """
    INSERT INTO analysts_dailyfigure (day, is_month, subject, dimension, value, portal_id, number, key)
    SELECT day, false, subject, 'all', '', portal_id, sum(number), sum(key)
    FROM analysts_dailyfigure WHERE subject = %(subject)s AND dimension = %(dimension)s GROUP BY day, subject, portal_id
"""
# Left the backlog a little later than it came.
_DECIDED = """
    INSERT INTO analysts_dailyfigure (day, is_month, subject, dimension, value, portal_id, number, key)
    SELECT day, false, 'decided', 'all', '', portal_id, number, key
    FROM analysts_dailyfigure WHERE subject = 'addresses' AND dimension = 'newness' AND value = 'new'
        AND day < %(last)s::date - 3
"""
_OF_PROVIDERS = """
    INSERT INTO analysts_dailyfigure (day, is_month, subject, dimension, value, portal_id, number, key)
    SELECT day::date, false, subject, dimension, value, NULL, number, floor(random() * 255 * number)
    FROM unnest(%(subjects)s::text[], %(dimensions)s::text[], %(values)s::text[]) AS kind (subject, dimension, value)
    CROSS JOIN generate_series(%(first)s::timestamp, %(last)s::timestamp, '1 day') AS day
    CROSS JOIN LATERAL (
        SELECT 1 + floor(random() * 6) AS number WHERE value IS NOT NULL AND random() < 0.25
    ) AS drawn
"""


def open_portals() -> list[Portal]:
    """The portals that are launched, by path."""
    return [portal for portal in Portal.objects.order_by("slug") if portal.launch_day]


def create_portals() -> None:
    """Portals with made-up names beside those of the catalogue, under codes that are no country's."""
    for slug in CODES:
        open_portal(slug, f"Example {slug.upper()}", "en", launched_on=date(2020, 1, 1))


def fill_figures(rows: int, *, now: datetime) -> None:
    """Write about so many figures of days: of all days from the first of the year before the last one to yesterday."""
    first, last = date(now.year - 2, 1, 1), now.date() - timedelta(days=1)
    kinds = [
        (subject, dim, value) for subject, of in OF_PORTALS.items() for dim, values in of.items() for value in values
    ]
    portals = [portal.pk for portal in open_portals()]
    reach = sum(2 / (rank**0.5) for rank in range(1, len(portals) + 1))
    share = rows / ((last - first).days * len(kinds) * reach)
    given: dict[str, date | float | list[int]] = {"first": first, "last": last, "portals": portals, "share": share}
    with connection.cursor() as cursor:
        cursor.execute(_OF_PORTALS, {**given, **_columns(kinds)})
        cursor.execute(_OF_NETWORK)
        for subject, dimensions in OF_PORTALS.items():
            cursor.execute(_OF_ALL, {"subject": subject, "dimension": next(iter(dimensions))})
        cursor.execute(_DECIDED, given)
        cursor.execute(_OF_PROVIDERS, {**given, **_columns([*_provider_kinds()])})
    month = first
    while month <= last:
        rollups.fold_month(month)
        month = rollups.next_month(month)
    _fill_gauges(portals)
    FigureTarget.objects.create(assess_hours=24, removal_hours=72)
    FigureProgress.objects.create(counted_until=now, counted_from=now.date())
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {DailyFigure._meta.db_table}")


def _columns(kinds: list[tuple[str, str, str]]) -> dict[str, list[str]]:
    names = ("subjects", "dimensions", "values")
    return {name: [*column] for name, column in zip(names, zip(*kinds, strict=True), strict=True)}


def _provider_kinds() -> Iterator[tuple[str, str, str]]:
    """The counts of each of PROVIDERS new hosting providers."""
    recipients = [Recipient(kind=RecipientKind.HOST, name=f"Example Hosting {number}") for number in range(PROVIDERS)]
    for provider in (str(each.pk) for each in Recipient.objects.bulk_create(recipients)):
        yield "letters", "provider", provider
        yield "notified", "provider", provider
        yield "removed", "provider", provider
        for content in ContentType:
            yield "notified", "prov_type", f"{provider} {content}"
        for answer in AnswerKind:
            yield "replies", "prov_kind", f"{provider} {answer}"
        for action in RecipientAction:
            yield "answered", "prov_act", f"{provider} {ContentType.MATERIAL} {action} {NOT_SAID} {NOT_SAID} {NOT_SAID}"
        for hours in WIDE:
            yield "removed", "prov_hours", f"{provider} {hours}"


def _fill_gauges(portals: list[int]) -> None:
    WorkGauge.objects.bulk_create(
        WorkGauge(kind=kind, portal_id=portal, hours=bound, number=3)
        for kind in GaugeKind
        for portal in (None, *portals)
        for bound in BOUNDS[::3]
    )
