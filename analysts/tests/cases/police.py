"""Cases for the police and other recipients: alerts before a verdict, released words, and access to an inbox."""

from datetime import date
from operator import attrgetter

from analysts.models import ChildAlert, RecipientAccess, WordsRelease
from analysts.tests.cases.there import ANA, HALF_PAST, HOUR, INCIDENT, KEY, SENA, Refused, Rows

HOST = attrgetter("host")
WITHDRAWN = {"withdrawn_reason": "facts", "withdrawn_by": SENA, "withdrawn_at": HALF_PAST}
RELEASED = {"decided_by": SENA, "decided_at": HALF_PAST, "is_released": True}

POSSIBLE: Rows = {
    ChildAlert: {
        "incident": INCIDENT,
        "kind": "police",
        "name": "Example Police",
        "phone": "116",
        "reason": "now",
        "by": ANA,
        "at": HALF_PAST,
    },
    RecipientAccess: {"user": ANA, "recipient": HOST, "confirmed_on": date(2026, 3, 3), "confirmed_by": SENA},
    WordsRelease: {
        "incident": INCIDENT,
        "report": attrgetter("report"),
        "to": HOST,
        "ground": "threat",
        "by": ANA,
        "at": HALF_PAST,
        "key": KEY,
    },
}

IMPOSSIBLE: Refused = [
    (ChildAlert, "child_alert_once", [{}, {"reason": "life"}]),
    (ChildAlert, "child_alert_once", [{"to": HOST}, {"to": HOST, "reason": "life"}]),
    (ChildAlert, "child_alert_codes_known", [{"kind": "x"}]),
    (ChildAlert, "child_alert_codes_known", [{"reason": "x"}]),
    (ChildAlert, "child_alert_seen_by_person", [{"seen_at": HALF_PAST}]),
    (ChildAlert, "child_alert_seen_by_person", [{"seen_by": SENA}]),
    (ChildAlert, "child_alert_corrected_by_person", [{"corrected_at": HALF_PAST}]),
    (ChildAlert, "child_alert_corrected_by_person", [{"corrected_by": SENA}]),
    (ChildAlert, "child_alert_corrected_by_person", [{"corrected_at": HOUR, "corrected_by": SENA}]),
    (ChildAlert, "child_alert_withdrawn_by_person", [{"withdrawn_reason": "facts"}]),
    (ChildAlert, "child_alert_withdrawn_by_person", [{"withdrawn_by": SENA}]),
    (ChildAlert, "child_alert_withdrawn_by_person", [WITHDRAWN | {"withdrawn_reason": "x"}]),
    (ChildAlert, "child_alert_withdrawn_by_person", [WITHDRAWN | {"withdrawn_by": None}]),
    (ChildAlert, "child_alert_withdrawn_by_person", [WITHDRAWN | {"withdrawn_at": None}]),
    (ChildAlert, "child_alert_withdrawn_by_person", [WITHDRAWN | {"withdrawn_at": HOUR}]),
    (RecipientAccess, "recipient_access_suspended_by_somebody", [{"suspended_at": HOUR}]),
    (RecipientAccess, "recipient_access_suspended_by_somebody", [{"suspended_by": SENA}]),
    (WordsRelease, "words_release_ground_known", [{"ground": "x"}]),
    (WordsRelease, "words_release_decided_by_person", [RELEASED | {"decided_by": None}]),
    (WordsRelease, "words_release_decided_by_person", [RELEASED | {"decided_at": None}]),
    (WordsRelease, "words_release_decided_by_person", [{"is_released": True}]),
    (WordsRelease, "words_release_by_two_people", [RELEASED | {"decided_by": ANA}]),
]
