"""Open work as it is now, counted by the worker every few minutes: pages read the counts, not the queue."""

from datetime import datetime

from django.db import connection, transaction

from analysts.figures.intervals import BOUNDS
from analysts.figures.subject_queries import fill_sql
from analysts.models import GaugeKind, WorkGauge
from analysts.states import State

_RECORDS = {
    GaugeKind.WAITING: """
        SELECT waiting_since AS since, portals FROM analysts_incident WHERE state = ANY(%(states)s)
    """,
    # Illegal and not yet closed, as the queue lists it: traced or not, notified or not.
    GaugeKind.TAKEDOWN: """
        SELECT waiting_since AS since, portals FROM analysts_incident WHERE state = ANY(%(takedown_states)s)
    """,
    GaugeKind.NOTIFIED: """
        SELECT c.noticed_at AS since, i.portals FROM analysts_chase c JOIN analysts_incident i ON i.id = c.incident_id
        WHERE c.ended_at IS NULL AND c.noticed_at IS NOT NULL
    """,
    GaugeKind.OVERDUE: """
        SELECT n.review_at AS since, i.portals FROM analysts_nextstep n JOIN analysts_incident i ON i.id = n.incident_id
        WHERE n.review_at <= %(now)s
    """,
}
_COUNT = """
    INSERT INTO analysts_workgauge (kind, portal_id, hours, number)
    SELECT ':kind:', portal, (%(bounds)s::int[])[1 + width_bucket(hours - 0.000001, %(bounds)s::float8[])], count(*)
    FROM (
        SELECT greatest(extract(epoch FROM %(now)s - since) / 3600, 0)::float8 AS hours, portals
        FROM (:records:) AS found
    ) AS aged
    CROSS JOIN LATERAL unnest(NULL::bigint || portals) AS portal
    GROUP BY 2, 3
"""


def count_open_work(*, now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE analysts_workgauge IN SHARE ROW EXCLUSIVE MODE")
        WorkGauge.objects.all().delete()
        params: dict[str, datetime | list[int] | list[str]] = {
            "now": now,
            "bounds": [*BOUNDS],
            "states": [State.WAITING.value, State.CLAIMED.value],
            "takedown_states": [State.ASSESSED.value, State.ACTING.value],
        }
        for kind, records in _RECORDS.items():
            cursor.execute(fill_sql(_COUNT, kind=kind, records=records), params)
