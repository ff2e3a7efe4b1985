"""The statements that count the rows of days into `DailyFigure`.

For each subject one query of its records with their day, record key, portals and values. Each names only what cannot
change once it has happened (the reports received before a verdict, not those of today), so that counting a day again
gives the same figures. Days are in UTC.
"""

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.figures.providers.counting import ANSWERED, LETTERS, REPLIES, TYPE_OF_REFERRAL
from analysts.figures.subject_queries import SubjectQuery, fill_sql
from analysts.models.figures.rollup import OF_NO_PORTAL, FigureDimension, FigureSubject

RANKED_KINDS = kinds_that_are(lambda kind: kind.is_ranked)

# Sightings of the incident `i`, also after it was merged; merges never chain.
_SIGHTINGS = """
    analysts_sighting s JOIN analysts_report r ON r.receipt_id = s.report_id
    WHERE s.incident_id = coalesce(i.merged_into_id, i.id) AND coalesce(s.merged_from_id, s.incident_id) = i.id
"""
_FIRST_PORTAL = fill_sql(
    "ARRAY(SELECT s.portal_id FROM :sightings: AND NOT s.is_repeat ORDER BY r.received_hour, s.id LIMIT 1)",
    sightings=_SIGHTINGS,
)


def _portals_until(moment: str) -> str:
    until = "ARRAY(SELECT DISTINCT s.portal_id FROM :sightings: AND r.received_hour <= :moment:)"
    return fill_sql(until, sightings=_SIGHTINGS, moment=moment)


def _interval_of(duration: str) -> str:
    """The upper bound of the interval (`%(bounds)s`) that contains the duration, as text."""
    hours = "greatest(extract(epoch FROM :duration:) / 3600, 0)::float8 - 0.000001"
    bound = f"(%(bounds)s::int[])[1 + width_bucket({hours}, %(bounds)s::float8[])]::text"
    return fill_sql(bound, duration=duration)


# The wide interval that contains the one in the column `hours`.
_WIDE_INTERVAL = """
    CASE WHEN hours ~ '^[0-9]+$'
        THEN (SELECT min(bound)::text FROM unnest(%(wide)s::int[]) AS bound WHERE bound >= hours::int)
        ELSE hours END
"""


def _with_wide_interval(value: str) -> str:
    """The value and the wide interval, separated by a space."""
    return fill_sql(":value: || ' ' || :interval:", value=value, interval=_WIDE_INTERVAL)


REPORTS = SubjectQuery(
    FigureSubject.REPORTS,
    """
    SELECT r.received_hour AS at, r.record_key AS key, ARRAY[r.portal_id] AS portals, r.language
    FROM analysts_report r WHERE r.received_hour >= %(first)s AND r.received_hour < %(end)s AND r.source_id IS NULL
    """,
    ((FigureDimension.LANGUAGE, "language"),),
)
FROM_SOURCES = SubjectQuery(
    FigureSubject.FROM_SOURCES,
    """
    SELECT r.received_hour AS at, r.record_key AS key, ARRAY[r.portal_id] AS portals, o.kind
    FROM analysts_report r JOIN countries_source o ON o.id = r.source_id
    WHERE r.received_hour >= %(first)s AND r.received_hour < %(end)s
    """,
    ((FigureDimension.SOURCE_KIND, "kind"),),
)
ADDRESSES = SubjectQuery(
    FigureSubject.ADDRESSES,
    """
    SELECT r.received_hour AS at, i.record_key AS key, ARRAY[s.portal_id] AS portals,
        CASE WHEN s.is_repeat THEN 'again' ELSE 'new' END AS newness
    FROM analysts_report r JOIN analysts_sighting s ON s.report_id = r.receipt_id
    JOIN analysts_incident i ON i.id = coalesce(s.merged_from_id, s.incident_id)
    WHERE r.received_hour >= %(first)s AND r.received_hour < %(end)s
    """,
    ((FigureDimension.NEWNESS, "newness"),),
)
_TO_VERDICT = fill_sql(
    """(
        (SELECT min(same.at) FROM analysts_assessment same WHERE same.incident_id = a.incident_id
            AND same.round = a.round AND same.verdict = a.verdict AND :same_stood:)
        - (SELECT min(r.received_hour) FROM :sightings: AND s.round = a.round AND r.received_hour <= a.at)
    )""",
    sightings=_SIGHTINGS,
)
ASSESSED = SubjectQuery(
    FigureSubject.ASSESSED,
    fill_sql(
        """
        SELECT a.at, i.record_key AS key, :portals: AS portals,
            ARRAY(SELECT DISTINCT r.language FROM :sightings: AND r.received_hour <= a.at) AS languages,
            a.verdict, a.severity, a.age_band, a.sex, a.site_type, a.reason, a.flags, :hours: AS hours
        FROM analysts_assessment a JOIN analysts_incident i ON i.id = a.incident_id
        WHERE a.at >= %(first)s AND a.at < %(end)s AND :stood: AND NOT EXISTS (
            SELECT FROM analysts_assessment later WHERE later.incident_id = a.incident_id AND later.round = a.round
                AND :later_stood: AND (later.at, later.id) > (a.at, a.id))
        """,
        portals=_portals_until("a.at"),
        sightings=_SIGHTINGS,
        hours=_interval_of(_TO_VERDICT),
    ),
    (
        (FigureDimension.LANGUAGE, "unnest(languages)"),
        (FigureDimension.VERDICT, "verdict"),
        (FigureDimension.SEVERITY, "nullif(severity, '')"),
        (FigureDimension.AGE, "nullif(age_band, '')"),
        (FigureDimension.SEX, "nullif(sex, '')"),
        (FigureDimension.SITE_TYPE, "site_type"),
        (FigureDimension.REASON, "nullif(reason, '')"),
        (FigureDimension.FLAG, "unnest(flags)"),
        (FigureDimension.HOURS, "hours"),
        (FigureDimension.WIDE_HOURS, _WIDE_INTERVAL),
        (FigureDimension.LANGUAGE_HOURS, _with_wide_interval("unnest(languages)")),
        (FigureDimension.SEVERITY_HOURS, _with_wide_interval("nullif(severity, '')")),
    ),
)
# Without incidents that no report brought, but staff or an import: ADDRESSES does not count them as arrived.
DECIDED = SubjectQuery(
    FigureSubject.DECIDED,
    fill_sql(
        """
        SELECT at, key, portals FROM (
            SELECT a.at, i.record_key AS key, :first_portal: AS portals
            FROM analysts_assessment a JOIN analysts_incident i ON i.id = a.incident_id
            WHERE a.at >= %(first)s AND a.at < %(end)s AND :stood: AND NOT EXISTS (
                SELECT FROM analysts_assessment earlier WHERE earlier.incident_id = a.incident_id
                    AND :earlier_stood: AND (earlier.at, earlier.id) < (a.at, a.id))
            UNION ALL
            SELECT i.closed_on::timestamp AT TIME ZONE 'UTC', i.record_key, :first_portal:
            FROM analysts_incident i
            WHERE i.merged_into_id IS NOT NULL AND i.closed_on >= %(first_day)s AND i.closed_on < %(end_day)s
                AND NOT EXISTS (SELECT FROM analysts_assessment a WHERE a.incident_id = i.id AND :stood:)
        ) AS decided WHERE portals <> '{}'
        """,
        first_portal=_FIRST_PORTAL,
    ),
)
NOTIFIED = SubjectQuery(
    FigureSubject.NOTIFIED,
    fill_sql(
        """
        SELECT f.noticed_at AS at, i.record_key AS key, :portals: AS portals, t.kind,
            CASE WHEN t.kind = ANY(%(hosts)s) THEN t.id::text END AS provider,
            CASE WHEN t.kind = ANY(%(providers)s) THEN concat_ws(' ', t.id, :type:) END AS provider_type,
            CASE WHEN EXISTS (
                SELECT FROM analysts_noticeitem m JOIN analysts_notice n ON n.id = m.notice_id
                WHERE m.referral_id = f.id AND m.dropped = '' AND n.sent_at = f.noticed_at AND n.sender_id IS NOT NULL
            ) THEN 'trusted_flagger' END AS status
        FROM analysts_referral f JOIN analysts_incident i ON i.id = f.incident_id
        JOIN analysts_recipient t ON t.id = f.to_id
        WHERE f.noticed_at >= %(first)s AND f.noticed_at < %(end)s AND f.noticed_at <= %(as_of)s
        """,
        portals=_portals_until("f.noticed_at"),
        type=TYPE_OF_REFERRAL,
    ),
    (
        (FigureDimension.RECIPIENT_KIND, "kind"),
        (FigureDimension.PROVIDER, "provider"),
        (FigureDimension.PROVIDER_TYPE, "provider_type"),
        # The notice's state, not the content's.
        (FigureDimension.FLAG, "status"),
    ),
)
REMOVED = SubjectQuery(
    FigureSubject.REMOVED,
    fill_sql(
        """
        SELECT c.ended_at AS at, i.record_key AS key, :portals: AS portals,
            c.country, c.provider_id::text AS provider,
            (SELECT a.severity FROM analysts_assessment a WHERE a.incident_id = c.incident_id AND a.severity <> ''
                AND :stood: AND a.at <= c.ended_at ORDER BY a.at DESC LIMIT 1) AS severity,
            CASE WHEN c.noticed_at IS NULL OR c.removed_at < c.noticed_at THEN 'before' ELSE :hours: END AS hours
        FROM analysts_chase c JOIN analysts_incident i ON i.id = c.incident_id
        WHERE c.ended_at >= %(first)s AND c.ended_at < %(end)s AND c.ended_at <= %(as_of)s
            AND c.removed_in_a_row >= %(checks)s
        """,
        portals=_portals_until("c.ended_at"),
        hours=_interval_of("(c.removed_at - c.noticed_at)"),
    ),
    (
        (FigureDimension.COUNTRY, "nullif(country, '')"),
        (FigureDimension.PROVIDER, "provider"),
        (FigureDimension.SEVERITY, "severity"),
        (FigureDimension.HOURS, "hours"),
        (FigureDimension.WIDE_HOURS, _WIDE_INTERVAL),
        (FigureDimension.COUNTRY_HOURS, _with_wide_interval("nullif(country, '')")),
        (FigureDimension.SEVERITY_HOURS, _with_wide_interval("severity")),
        (FigureDimension.PROVIDER_HOURS, _with_wide_interval("provider")),
    ),
)
SUBJECTS = (REPORTS, FROM_SOURCES, ADDRESSES, ASSESSED, DECIDED, NOTIFIED, LETTERS, REPLIES, ANSWERED, REMOVED)

_RECOUNT = """
    WITH record AS MATERIALIZED (SELECT (at AT TIME ZONE 'UTC')::date AS day, found.* FROM (:records:) AS found),
    final AS (
        SELECT DISTINCT day FROM record WHERE key IS NULL
            AND EXISTS (SELECT FROM analysts_dailyfigure d WHERE d.day = record.day AND d.subject = ':subject:'
                AND NOT d.is_month)
    ),
    fresh AS MATERIALIZED (
        SELECT day, dimension, value, portal, count(*) AS number, sum(coalesce(record.key, 0)) AS key
        FROM record
        CROSS JOIN LATERAL (:values:) AS divided (dimension, value)
        CROSS JOIN LATERAL unnest(NULL::bigint || portals) AS portal
        WHERE value IS NOT NULL AND (portal IS NULL OR dimension NOT IN (:no_portal:))
            AND day NOT IN (SELECT day FROM final)
        GROUP BY day, dimension, value, portal
    ),
    gone AS (
        DELETE FROM analysts_dailyfigure old
        WHERE NOT old.is_month AND old.subject = ':subject:' AND old.day >= %(first_day)s AND old.day < %(end_day)s
            AND old.day NOT IN (SELECT day FROM final) AND NOT EXISTS (
                SELECT FROM fresh WHERE fresh.day = old.day AND fresh.dimension = old.dimension
                    AND fresh.value = old.value AND fresh.portal IS NOT DISTINCT FROM old.portal_id)
        RETURNING old.day
    ),
    written AS (
        INSERT INTO analysts_dailyfigure AS old (day, is_month, subject, dimension, value, portal_id, number, key)
        SELECT day, false, ':subject:', dimension, value, portal, number, key FROM fresh
        ON CONFLICT (subject, dimension, portal_id, is_month, day, value)
        DO UPDATE SET number = excluded.number, key = excluded.key
        WHERE (old.number, old.key) <> (excluded.number, excluded.key)
        RETURNING old.day
    )
    SELECT day FROM gone UNION ALL SELECT day FROM written
"""


def recount_statement(query: SubjectQuery) -> str:
    """Write the figures of the days from `first` to `end` (excluded); returns one row for each figure that changed.

    A day that is counted and of which a record key was erased is left as it is.
    """
    values = [(FigureDimension.ALL, "''"), *query.values]
    divided = " UNION ALL ".join(f"SELECT '{dimension}'::text, {value}" for dimension, value in values)
    no_portal = ", ".join(f"'{dimension}'" for dimension in OF_NO_PORTAL)
    return fill_sql(_RECOUNT, records=query.records, subject=query.subject, values=divided, no_portal=no_portal)


# Write the sums of the month from `first_day` to `end_day` (excluded).
FOLD_MONTH = """
    WITH fresh AS MATERIALIZED (
        SELECT subject, dimension, value, portal_id, sum(number) AS number, sum(key) AS key
        FROM analysts_dailyfigure WHERE NOT is_month AND day >= %(first_day)s AND day < %(end_day)s
        GROUP BY subject, dimension, value, portal_id
    ),
    gone AS (
        DELETE FROM analysts_dailyfigure old WHERE old.is_month AND old.day = %(first_day)s AND NOT EXISTS (
            SELECT FROM fresh WHERE fresh.subject = old.subject AND fresh.dimension = old.dimension
                AND fresh.value = old.value AND fresh.portal_id IS NOT DISTINCT FROM old.portal_id)
    )
    INSERT INTO analysts_dailyfigure AS old (day, is_month, subject, dimension, value, portal_id, number, key)
    SELECT %(first_day)s, true, subject, dimension, value, portal_id, number, key FROM fresh
    ON CONFLICT (subject, dimension, portal_id, is_month, day, value)
    DO UPDATE SET number = excluded.number, key = excluded.key
    WHERE (old.number, old.key) <> (excluded.number, excluded.key)
"""
