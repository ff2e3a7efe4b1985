"""Cases for exports."""

from datetime import timedelta

from analysts.models import Export
from analysts.tests.cases.there import ANA, HALF_PAST, Refused, Rows

ENDED = {"state": "cancelled", "ended_at": HALF_PAST}

POSSIBLE: Rows = {
    Export: {
        "by": ANA,
        "subject": "incidents",
        "format": "csv",
        "at": HALF_PAST,
        "until": HALF_PAST + timedelta(hours=24),
    },
}

IMPOSSIBLE: Refused = [
    (Export, "export_one_unfinished_a_person", [{}, {"state": "running"}]),
    (Export, "export_subject_known", [{"subject": "x"}]),
    (Export, "export_format_known", [{"format": "x"}]),
    (Export, "export_kept_a_day_at_most", [{"until": HALF_PAST}]),
    (Export, "export_kept_a_day_at_most", [{"until": HALF_PAST + timedelta(hours=25)}]),
    (Export, "export_ended_with_time", [{"state": "ready", "ended_at": HALF_PAST}]),
    (Export, "export_ended_with_time", [ENDED | {"ended_at": None}]),
    (Export, "export_ended_with_time", [ENDED | {"state": "x"}]),
    (Export, "export_stopped_with_problem", [ENDED | {"state": "stopped"}]),
    (Export, "export_stopped_with_problem", [ENDED | {"problem": "limit"}]),
    (Export, "export_addresses_of_incidents", [{"addresses": 1}]),
    (Export, "export_addresses_of_incidents", [{"has_addresses": True, "subject": "events"}]),
]
