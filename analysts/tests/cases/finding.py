"""Cases for searches, saved views, entered addresses, appeals, systemic cases, and readings of the machine."""

from operator import attrgetter

from analysts.models import Appeal, EnteredAddress, HostReading, SavedView, SearchCount, SystemicCase
from analysts.tests.cases.there import ANA, HALF_PAST, HOUR, INCIDENT, SENA, Refused, Rows

DECIDED = {"outcome": "upheld", "reason": "illegal", "reviewed_by": SENA, "reviewed_at": HALF_PAST}
ANSWERED_CASE = {"answer": "raised", "answered_by": SENA, "answered_at": HALF_PAST}

POSSIBLE: Rows = {
    SystemicCase: {"incident": INCIDENT, "reason": "law", "sent_by": ANA, "sent_at": HOUR},
    Appeal: {"incident": INCIDENT, "appellant": "owner", "received_at": HOUR, "entered_by": ANA},
    EnteredAddress: {
        "incident": INCIDENT,
        "portal": attrgetter("belize"),
        "origin": "police",
        "by": ANA,
        "entered_hour": HOUR,
    },
    SearchCount: {"user": ANA, "hour": HOUR, "searches": 1},
    SavedView: {"owner": ANA, "name": "Mine", "query": "state=closed", "at": HALF_PAST},
    HostReading: {"kind": "disk", "name": "database"},
}

IMPOSSIBLE: Refused = [
    (SystemicCase, "systemic_case_reason_known", [{"reason": "x"}]),
    *(
        (SystemicCase, "systemic_case_answered_in_full", [ANSWERED_CASE | {field: value}])
        for field, value in (("answered_by", None), ("answered_at", None), ("answer", ""), ("answer", "x"))
    ),
    (SystemicCase, "systemic_case_answered_in_full", [{"answer_note": "placeholder"}]),
    (Appeal, "appeal_appellant_known", [{"appellant": "x"}]),
    (Appeal, "appeal_whole_minute", [{"received_at": HALF_PAST.replace(second=1)}]),
    (Appeal, "appeal_unseen_reason_known", [{"unseen_reason": "x"}]),
    (Appeal, "appeal_by_reply_or_hand", [{"entered_by": None}]),
    (Appeal, "appeal_letter_of_holder", [{"appellant": "owner", "letter": attrgetter("notice")}]),
    *((Appeal, "appeal_decided_by_person", [DECIDED | {field: None}]) for field in ("reviewed_by", "reviewed_at")),
    (Appeal, "appeal_decided_by_person", [DECIDED | {"outcome": ""}]),
    (Appeal, "appeal_decided_by_person", [DECIDED | {"reason": "x"}]),
    (EnteredAddress, "entered_origin_known", [{"origin": "x"}]),
    (EnteredAddress, "entered_whole_hour", [{"entered_hour": HALF_PAST}]),
    (EnteredAddress, "entered_once", [{}, {}]),
    (EnteredAddress, "entered_once", [{"portal": None}, {"portal": None}]),
    (SearchCount, "search_count_whole_hours", [{"hour": HALF_PAST}]),
    (SavedView, "saved_view_once", [{}, {}]),
    (SavedView, "saved_view_named", [{"name": ""}]),
    (SavedView, "saved_view_named", [{"query": ""}]),
    (HostReading, "host_reading_kind_known", [{"kind": "x"}]),
    (SearchCount, "search_count_whole_hours", [{"refused_hour": HALF_PAST}]),
]
