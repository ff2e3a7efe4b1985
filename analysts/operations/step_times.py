"""How long the steps of the work take, in bands: from claim to decision, and from decision to first notice.

Counted for the decisions of seven days until this hour began, without portals, so that nothing moves within an hour.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection

from reports.models import the_hour

DAYS = timedelta(days=7)
# Upper bounds in hours; what took longer is "more".
STEP_BANDS = (1, 4, 24, 72)
# The last claim before the decision. A decision without one, such as of a flood, is left out.
CLAIM_TO_DECISION = """
    SELECT extract(epoch FROM decided.at - claimed.at) / 3600
    FROM analysts_assessment AS decided
    CROSS JOIN LATERAL (
        SELECT max(event.at) AS at FROM audit_auditevent AS event
        WHERE event.object_id = decided.incident_id::text AND event.action = 'incident.claim'
            AND event.at <= decided.at
    ) AS claimed
    WHERE decided.at >= %(first)s AND decided.at < %(hour)s AND claimed.at IS NOT NULL
"""
# A takedown that ended without a notice needed none.
DECISION_TO_NOTICE = """
    SELECT extract(epoch FROM least(chase.noticed_at, %(hour)s) - chase.since) / 3600
    FROM analysts_chase AS chase
    WHERE EXISTS (
        SELECT FROM analysts_assessment AS decided
        WHERE decided.incident_id = chase.incident_id AND decided.round = chase.round
            AND decided.at >= %(first)s AND decided.at < %(hour)s
    ) AND chase.since < %(hour)s AND (chase.noticed_at IS NOT NULL OR chase.ended_at IS NULL)
"""
COUNT = "SELECT width_bucket(hours::float8, %(bands)s::float8[]), count(*) FROM (:step:) AS step (hours) GROUP BY 1"
STEPS = {"claim to decision": CLAIM_TO_DECISION, "decision to first notice": DECISION_TO_NOTICE}


def count_steps(now: datetime) -> Mapping[str, Mapping[str, int]]:
    """By step and band, how many took less than so many hours and no less than the band before. A query each."""
    hour = the_hour(now)
    counts = {step: dict.fromkeys([*map(str, STEP_BANDS), "more"], 0) for step in STEPS}
    with connection.cursor() as cursor:
        for step, statement in STEPS.items():
            values: dict[str, datetime | list[int]] = {"first": hour - DAYS, "hour": hour, "bands": list(STEP_BANDS)}
            cursor.execute(COUNT.replace(":step:", statement), values)
            bands = list(counts[step])
            counts[step].update({bands[bucket]: number for bucket, number in cursor.fetchall()})
    return counts
