"""Millions of incidents, made in the database: with reports, sightings, assessments, referrals and the audit log.

Realistic: the shares of states, verdicts and priorities; portals of very different size; a few sites and hosts
that hold a great part of everything (the k-th of them 1/k of the first); some incidents reported by many and a few
floods; second reviews that wait; an audit chain that verifies.

Not realistic:
* Addresses are not sealed, which would take hours. In their place stand bytes as wide as the pointer that a sealed
  address leaves in its row; pages say "no longer readable". `shown.seal_addresses` seals what the measured pages show.
* Receipts have no mailbox key and reports no envelopes, but those `shown.seal_addresses` makes.
* Rows lie in the order of their random ids, in life in that of arrival: what is read in the queue's order lies further
  apart here than there.
* Neither triggers nor foreign keys are checked while the rows are made. A test checks them for a small fill.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from time import perf_counter

from django.db import connection

from analysts.models import Assessment, Incident, IncidentFacet, PortalHour, Referral, Report, Sighting, User
from audit import chain
from audit.models import AuditEvent
from countries.models import Portal
from reports.models import Receipt, SealingKey, the_hour

TABLES = tuple(
    model._meta.db_table
    for model in (Receipt, Report, Incident, IncidentFacet, Sighting, Assessment, Referral, PortalHour, AuditEvent)
)

# A number from 0 to 1 for the n-th row; `kind` keeps independent choices apart. The same in every run.
CHANCE = """
    CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, kind bigint) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT (hashint8extended(n, kind) & 4503599627370495)::float8 / 4503599627370496'
"""

# Values decided once for each incident and used by several tables. `site` 0: words without an address.
MADE = """
    CREATE TEMP TABLE made AS
    SELECT n, md5('incident ' || n)::uuid AS id, md5('report ' || n)::uuid AS report, state, flood, verdict, hour,
        -- Floods are of sites without a verdict.
        CASE WHEN state = 'waiting' AND flood > 0 THEN 1000000000 + flood ELSE site END AS site,
        (%(portals)s::bigint[])[1 + width_bucket(pg_temp.chance(n, 1), %(shares)s::float8[])] AS portal,
        (n %% 3)::int AS host,
        CASE WHEN state = 'waiting' AND pg_temp.chance(n, 2) < 0.05 THEN 'second' ELSE 'first' END AS look,
        state = 'waiting' AND flood = 0 AND pg_temp.chance(n, 2) > 0.98 AS reopened,
        CASE WHEN state = 'waiting' AND flood > 0 THEN 0
             WHEN n %% greatest(2, least(10000, %(incidents)s / 3)) = 1 THEN 10
             ELSE 1 + width_bucket(pg_temp.chance(n, 3), ARRAY[.5, .65, .77, .87, .93, .96, .98, .995]) END AS priority,
        (ARRAY['A', 'B', 'C'])[1 + width_bucket(pg_temp.chance(n, 4), ARRAY[.2, .4])] AS severity,
        (%(people)s::bigint[])[1 + (n %% %(number_of_people)s)] AS person,
        (%(people)s::bigint[])[1 + ((n + 1) %% %(number_of_people)s)] AS other_person
    FROM (
        SELECT n, state,
            CASE WHEN pg_temp.chance(n, 5) < 0.08 THEN 0
                 ELSE floor(exp(pg_temp.chance(n, 6) * ln(%(incidents)s / 5 + 2)))::int END AS site,
            CASE WHEN pg_temp.chance(n, 7) < 0.01 THEN 1 + floor(pg_temp.chance(n, 8) * 12)::int ELSE 0 END AS flood,
            CASE WHEN state IN ('assessed', 'acting') THEN 'illegal'
                 ELSE (ARRAY['illegal', 'not_illegal', 'not_assessed', 'outside_remit'])
                      [1 + width_bucket(pg_temp.chance(n, 9), ARRAY[.45, .75, .95])] END AS verdict,
            -- What waits is of the last sixty days, all else of the five years before.
            %(hour)s::timestamptz - CASE WHEN state IN ('waiting', 'claimed')
                THEN floor(pg_temp.chance(n, 10) * 24 * 60) ELSE floor(24 * (60 + pg_temp.chance(n, 10) * 365 * 5))
                END * interval '1 hour' AS hour
        FROM (
            SELECT n, CASE
                WHEN n %% greatest(10, %(incidents)s / 20) = 0 THEN 'claimed'
                WHEN pg_temp.chance(n, 11) < %(waiting)s THEN 'waiting'
                ELSE (ARRAY['assessed', 'acting', 'closed'])[1 + width_bucket(pg_temp.chance(n, 12), ARRAY[.03, .1])]
                END AS state
            FROM generate_series(1, %(incidents)s::bigint) AS numbers (n)
        ) AS states
    ) AS more
"""

# One report an incident, and a tenth more, most of them about those with small numbers.
REPORTS = """
    CREATE TEMP TABLE reported AS
    SELECT report, id AS incident, portal, hour FROM made
    UNION ALL
    SELECT md5('report ' || extra)::uuid, id,
        (%(portals)s::bigint[])[1 + width_bucket(pg_temp.chance(extra, 1), %(shares)s::float8[])], hour
    FROM generate_series(%(incidents)s::bigint + 1, %(incidents)s::bigint * 11 / 10) AS numbers (extra)
    JOIN made ON n = 1 + floor(pg_temp.chance(extra, 15) ^ 3 * %(incidents)s);

    INSERT INTO reports_receipt (id, outcomes, changed_on, mailbox_key)
    SELECT report, '[]', hour::date, '' FROM reported ORDER BY report;

    INSERT INTO analysts_report (receipt_id, portal_id, language, received_hour, facts, unpublished)
    SELECT report, portal, 'en', hour, '{}', false FROM reported ORDER BY report
"""

# Each thirtieth report names the incident before its own as well.
SIGHTINGS = """
    INSERT INTO analysts_sighting (id, incident_id, report_id, portal_id, round, sealed_address, referrer_fingerprint)
    SELECT md5('sighting ' || report)::uuid, incident, report, portal, 1, '',
        CASE WHEN chance < 0.05 THEN sha256(int8send(floor(exp(chance * 20 * ln(%(incidents)s / 10 + 2)))::bigint))
            ELSE '' END
    FROM (SELECT *, pg_temp.chance(('x' || left(report::text, 8))::bit(32)::bigint, 16) AS chance FROM reported) AS sent
    ORDER BY incident;

    INSERT INTO analysts_sighting (id, incident_id, report_id, portal_id, round, sealed_address, referrer_fingerprint)
    SELECT md5('also ' || made.n)::uuid, before.id, made.report, made.portal, 1, '', ''
    FROM made JOIN made AS before ON before.n = made.n - 1 WHERE made.n %% 30 = 0
"""

INCIDENTS = """
    INSERT INTO analysts_incident (
        id, kind, address_kind, fingerprint, site_fingerprint, host_fingerprint, shape, flood, key_id, sealed_address,
        portals, portal_languages, state, priority, priority_reasons, child_in_danger,
        first_sighted, last_sighted, waiting_since,
        claimed_by_id, claimed_until, fence, round, stage, severity, notices, unpublished, closing, closed_on,
        answers_from
    )
    SELECT made.id, CASE site WHEN 0 THEN 'words' ELSE 'address' END,
        CASE WHEN site = 0 THEN '' WHEN pg_temp.chance(n, 13) < 0.06 THEN 'onion' ELSE 'web' END,
        uuid_send(id) || uuid_send(id),
        CASE site WHEN 0 THEN ''::bytea ELSE sha256(int4send(site)) END,
        CASE site WHEN 0 THEN ''::bytea ELSE sha256(int4send(site) || int4send(host)) END,
        CASE flood WHEN 0 THEN sha256(int8send(portal) || int4send(site) || int8send(n %% 7))
            ELSE sha256(int8send(flood)) END,
        CASE WHEN priority = 0 THEN sha256(int8send(flood)) ELSE '' END,
        CASE site WHEN 0 THEN NULL ELSE %(key)s END,
        CASE site WHEN 0 THEN ''::bytea ELSE uuid_send(id) END,
        seen.portals, seen.portal_languages, state, priority,
        CASE priority WHEN 0 THEN '{alike}' WHEN 1 THEN '{open_web}' WHEN 10 THEN '{child_in_danger,open_web}'
            ELSE '{known_site,several_reports,open_web}' END::varchar[],
        priority = 10 AND state IN ('waiting', 'claimed'), hour, hour, hour,
        CASE state WHEN 'claimed' THEN person END,
        CASE state WHEN 'claimed' THEN %(hour)s::timestamptz + interval '1 day' END,
        CASE state WHEN 'waiting' THEN 0 ELSE 1 END, 1 + reopened::int, look,
        CASE WHEN verdict = 'illegal' AND state NOT IN ('waiting', 'claimed') THEN severity ELSE '' END,
        CASE WHEN verdict = 'illegal' AND severity = 'A' AND (state NOT IN ('waiting', 'claimed') OR look = 'second')
            THEN '{severe}' ELSE '{}' END::varchar[],
        false,
        CASE WHEN state <> 'closed' THEN '' WHEN verdict <> 'illegal' THEN 'not_actioned'
            WHEN pg_temp.chance(n, 14) < 0.9 THEN 'gone' ELSE 'exhausted' END,
        CASE state WHEN 'closed' THEN (hour + interval '9 days')::date END,
        1
    FROM made JOIN (
        SELECT incident_id, array_agg(DISTINCT portal_id ORDER BY portal_id) AS portals,
            array_agg(DISTINCT portal_id || ':en' ORDER BY portal_id || ':en') AS portal_languages
        FROM analysts_sighting GROUP BY incident_id
    ) AS seen ON incident_id = id
    ORDER BY id
"""

ASSESSMENTS = """
    CREATE TEMP TABLE assessed AS
    SELECT *, (state = 'waiting' AND reopened) AS came_to_nothing FROM made
    WHERE state NOT IN ('waiting', 'claimed') OR look = 'second' OR reopened;

    INSERT INTO analysts_assessment (
        id, incident_id, by_id, at, round, stage, verdict, severity, age_band, sex, site_type, commerciality, payment,
        content_kind, found_on, flags, notices, reason, undo_reason
    )
    SELECT assessment, id, by, hour + interval '8 days', 1, their_look, verdict,
        CASE verdict WHEN 'illegal' THEN severity ELSE '' END, CASE verdict WHEN 'illegal' THEN '11-13' ELSE '' END,
        CASE verdict WHEN 'illegal' THEN 'girls' ELSE '' END, 'image_host', 'not_determined', '', 'image', 'web_page',
        '{}', CASE WHEN verdict = 'illegal' AND severity = 'A' THEN '{severe}' ELSE '{}' END::varchar[],
        CASE verdict WHEN 'illegal' THEN '' WHEN 'not_assessed' THEN 'content_not_found' ELSE 'adult' END, ''
    FROM (
        SELECT md5('first look ' || n)::uuid AS assessment, id, person AS by, hour, 'first' AS their_look, severity,
            CASE WHEN came_to_nothing THEN 'not_assessed' ELSE verdict END AS verdict
        FROM assessed
        UNION ALL
        SELECT md5('second look ' || n)::uuid, id, other_person, hour, 'second', severity, verdict
        FROM assessed WHERE state <> 'waiting' AND n %% 10 = 0
    ) AS looks ORDER BY id;

    INSERT INTO analysts_referral (id, incident_id, assessment_id, kind, recipient, reason, by_id, at)
    SELECT md5('referral ' || n)::uuid, id, md5('first look ' || n)::uuid, 'takedown', 'Example Hosting', '', person,
        hour + interval '8 days'
    FROM assessed WHERE verdict = 'illegal' AND state IN ('acting', 'closed')
"""

PORTAL_HOURS = """
    INSERT INTO analysts_portalhour (portal_id, hour, reports, mailed)
    SELECT portal, hour, count(*), true FROM reported GROUP BY portal, hour
    ON CONFLICT (portal_id, hour) DO UPDATE SET reports = analysts_portalhour.reports + EXCLUDED.reports
"""

# One event for each fifth incident, each hash over the previous one, of the same text as `chain.event_digest`.
AUDIT = """
    INSERT INTO audit_auditevent
        (number, at, actor, role, action, object_type, object_id, portal, details, previous_hash, hash)
    WITH RECURSIVE link (number, at, actor, action, object_id, portal, previous_hash, hash) AS (
        SELECT %(last_number)s::bigint, %(hour)s::timestamptz, '', '', '', '', '', %(last_hash)s
        UNION ALL
        SELECT next.number, next.at, next.actor, next.action, next.object_id, next.portal, before,
            encode(sha256(convert_to(
                '{"action":"' || next.action || '","actor":"' || next.actor || '","at":"'
                || to_char(next.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","details":{},"number":'
                || next.number || ',"object_id":"' || next.object_id || '","object_type":"analysts.incident","portal":"'
                || next.portal || '","previous_hash":"' || before || '","role":"analyst"}', 'UTF8')), 'hex')
        FROM (
            SELECT link.number + 1 AS number, link.hash AS before,
                %(hour)s::timestamptz - interval '365 days' + (link.number + 1) * interval '1 second' AS at,
                (%(names)s::text[])[1 + (link.number %% %(number_of_people)s)] AS actor,
                (ARRAY['incident.view', 'incident.view', 'incident.claim', 'incident.reveal', 'incident.assess'])
                    [1 + (link.number %% 5)] AS action,
                md5('incident ' || (link.number * 5))::uuid::text AS object_id,
                (%(slugs)s::text[])[1 + width_bucket(pg_temp.chance(link.number, 1), %(shares)s::float8[])] AS portal
            FROM link WHERE link.number < %(last_number)s + %(incidents)s / 5
        ) AS next
    )
    SELECT number, at, actor, 'analyst', action, 'analysts.incident', object_id, portal, '{}', previous_hash, hash
    FROM link WHERE number > %(last_number)s
"""

STEPS = {
    "made": MADE,
    "reports": REPORTS,
    "sightings": SIGHTINGS,
    "incidents": INCIDENTS,
    "assessments": ASSESSMENTS,
    "hours of portals": PORTAL_HOURS,
    "audit events": AUDIT,
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The row counts by table, and the seconds each step took."""

    rows: dict[str, int]
    seconds: dict[str, float]


def fill_tables(
    incidents: int,
    *,
    waiting: float,
    portals: Sequence[Portal],
    people: Sequence[User],
    key: SealingKey,
    now: datetime,
) -> Filled:
    """Make `number` incidents in empty tables; `waiting` is the share of them that waits, from 0 to 1.

    `portals` from the busiest on: the k-th gets 1/k² of the first one's reports. `people`: who looked at what is
    decided. The caller runs `vacuum_tables` next: until then the tables have no indexes and no statistics.
    """
    shares = [1 / rank**2 for rank in range(1, len(portals) + 1)]
    head = chain.newest_anchor()
    given: dict[str, float | str | bytes | datetime | list[int] | list[str] | list[float]] = {
        "incidents": incidents,
        "waiting": waiting,
        "hour": the_hour(now),
        "portals": [portal.pk for portal in portals],
        "slugs": [portal.slug for portal in portals],
        "shares": [up_to / sum(shares) for up_to in accumulate(shares[:-1])],
        "people": [person.pk for person in people],
        "names": [person.get_username() for person in people],
        "number_of_people": len(people),
        "key": key.pk,
        "last_number": head.number,
        "last_hash": head.hash,
    }
    seconds = {}
    with connection.cursor() as cursor:
        with without_checks(), without_indexes(TABLES) as build:
            cursor.execute(CHANCE)
            for name, statements in STEPS.items():
                began = perf_counter()
                for statement in statements.split(";\n"):
                    cursor.execute(statement, given)
                seconds[name] = perf_counter() - began
            began = perf_counter()
            build()
            seconds["indexes"] = perf_counter() - began
        cursor.execute("DROP TABLE made, reported, assessed")
    return Filled(rows={table: _count_rows(table) for table in TABLES}, seconds=seconds)


def vacuum_tables() -> float:
    """Vacuum and analyse as autovacuum would have done; returns the seconds. Not possible inside a transaction."""
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")
        cursor.execute("CHECKPOINT")
    return perf_counter() - began


def vacuum_all() -> None:
    """As `vacuum_tables`, of all tables: those of takedowns too."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


@contextmanager
def without_checks() -> Iterator[None]:
    """Switch triggers and foreign keys off; check constraints still apply."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("RESET session_replication_role")


@contextmanager
def without_indexes(tables: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Drop the indexes of these tables that no constraint needs; what it yields builds each in one go."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = (schemaname || '.' || indexname)::regclass)
            """,
            [list(tables)],
        )
        found = dict(cursor.fetchall())
        for name in found:
            cursor.execute(f"DROP INDEX {name}")

        def build() -> None:
            cursor.execute("SET maintenance_work_mem = '1GB'")
            while found:
                cursor.execute(found.popitem()[1])
            cursor.execute("RESET maintenance_work_mem")

        yield build


def _count_rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
