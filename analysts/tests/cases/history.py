"""Cases for history imports."""

from datetime import date

from analysts.models import HistoryImport, HistoryRow
from analysts.tests.cases.there import ANA, HALF_PAST, HISTORY, INCIDENT, KEY, SENA, Refused, Rows

REQUESTED = {"state": "requested", "requested_by": ANA, "requested_at": HALF_PAST}
RUNNING = REQUESTED | {"state": "running", "approved_by": SENA, "approved_at": HALF_PAST}
UNDONE = RUNNING | {"state": "undone", "undone_by": ANA}

POSSIBLE: Rows = {
    HistoryImport: {"source": "old", "format": "csv", "rows": 1, "prepared_at": HALF_PAST},
    HistoryRow: {
        "source_import": HISTORY,
        "source": "old",
        "reference": "1",
        "fingerprint": b"1",
        "decided_on": date(2026, 3, 2),
    },
}

IMPOSSIBLE: Refused = [
    (HistoryImport, "history_import_state_known", [{"state": "x"}]),
    (HistoryImport, "history_import_format_known", [{"format": "x"}]),
    (HistoryImport, "history_import_requested_with_time", [REQUESTED | {"requested_at": None}]),
    (HistoryImport, "history_import_approved_with_time", [RUNNING | {"approved_at": None}]),
    (HistoryImport, "history_import_approved_with_time", [RUNNING | {"state": "counted"}]),
    (HistoryImport, "history_import_approved_with_time", [REQUESTED | {"state": "running"}]),
    (HistoryImport, "history_import_approved_by_another", [RUNNING | {"approved_by": ANA}]),
    (HistoryImport, "history_import_undone_by_somebody", [UNDONE | {"undone_by": None}]),
    (HistoryImport, "history_import_undone_by_somebody", [RUNNING | {"undone_by": ANA}]),
    (HistoryImport, "history_import_one_running", [RUNNING, RUNNING]),
    (HistoryRow, "history_row_once", [{}, {"fingerprint": b"2"}]),
    (HistoryRow, "history_row_sealed_has_key", [{"sealed": b"x"}]),
    (HistoryRow, "history_row_sealed_has_key", [{"sealed": b"x", "key": KEY, "incident": INCIDENT}]),
    (HistoryRow, "history_row_address_has_fingerprint", [{"fingerprint": b"", "incident": INCIDENT}]),
    (HistoryRow, "history_row_address_has_fingerprint", [{"fingerprint": b"", "sealed": b"x", "key": KEY}]),
    (HistoryRow, "history_row_classified_is_illegal", [{"verdict": "not_illegal", "severity": "A"}]),
    (HistoryRow, "history_row_classified_is_illegal", [{"age_band": "7-10"}]),
    (HistoryRow, "history_row_codes_known", [{"verdict": "x"}]),
    (HistoryRow, "history_row_codes_known", [{"site_type": "x"}]),
]
