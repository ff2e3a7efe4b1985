"""The places in which two runs with equal reporters may differ, each with its kind and its reason, as data; in other
places nothing may.

Names are those of tables and columns, or of the parts of a record (`difference.read_run`).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tests.proofs.privacy.times import NOT_A_REPORTERS


class Noise(StrEnum):
    """The kinds of noise."""

    SEALED = "sealed"
    KEYED = "keyed digest"
    RANDOM = "random"
    TIME = "time of staff or machinery"
    STATE = "state of staff or machinery"


# Kinds whose values differ even for the same reporters, each with the same length.
COMPARED = (Noise.SEALED, Noise.KEYED, Noise.RANDOM)
# By pattern of names, the first that fits.
NOISE: Final[Mapping[str, tuple[Noise, str]]] = {
    **dict.fromkeys(NOT_A_REPORTERS, (Noise.TIME, "of staff or machinery, by the list of times")),
    "reports_*.sealed*": (Noise.SEALED, "envelope, padded to a class of sizes"),
    "analysts_*.sealed_address": (Noise.SEALED, "envelope, padded to a class of sizes"),
    "analysts_incident.sealed_mask": (Noise.SEALED, "under the key of masks, padded to a class of sizes"),
    "reports_*.digest": (Noise.KEYED, "under the key of a receipt, of a notice's link or of a partner's system"),
    "reports_source*.*_digest": (Noise.KEYED, "under the key of a partner's system"),
    "reports_sourceitem.reference": (Noise.KEYED, "over the random id of the partner"),
    "countries_source*.id": (Noise.RANDOM, "drawn at random"),
    "countries_source*.source_id": (Noise.RANDOM, "refers to such an id"),
    "countries_sourcekey.digest": (Noise.RANDOM, "of a random key"),
    "countries_sourcekey.prefix": (Noise.RANDOM, "of a random key"),
    "analysts_report.source_id": (Noise.RANDOM, "refers to a partner's id"),
    "analysts_incident.*fingerprint": (Noise.KEYED, "under the key of fingerprints"),
    "analysts_incidentfacet.value": (Noise.KEYED, "half of the fingerprint of a host or site, where it is long"),
    "analysts_incident.shape": (Noise.KEYED, "under the key of fingerprints"),
    "analysts_historyimport.digest": (Noise.STATE, "of the file that staff chose"),
    "audit_auditevent.details.digest": (Noise.STATE, "of a file that staff chose"),
    "analysts_historyrow.fingerprint": (Noise.KEYED, "under the key of fingerprints"),
    "analysts_historyrow.sealed": (Noise.SEALED, "envelope, padded to a class of sizes"),
    "analysts_historyrow.id": (Noise.RANDOM, "drawn at random"),
    "analysts_delay.bucket": (Noise.KEYED, "under the staff surface's secret, of a name typed at the sign-in"),
    "audit_auditevent.hash": (Noise.KEYED, "over the event's time and the hash before it"),
    "audit_auditevent.previous_hash": (Noise.KEYED, "over the event's time and the hash before it"),
    "reports_*.id": (Noise.RANDOM, "drawn at random, or derived from a receipt's code, which is"),
    "reports_*.*_id": (Noise.RANDOM, "refers to such an id"),
    # Gone at intake.
    "reports_arrival.is_expedited": (Noise.RANDOM, "set for danger, and for one in eight of all others at random"),
    "reports_receipt.mailbox_key": (Noise.RANDOM, "public key derived from a receipt's code"),
    "analysts_report.receipt_id": (Noise.RANDOM, "refers to the id of a receipt"),
    "analysts_incident.id": (Noise.RANDOM, "drawn at random"),
    "analysts_sighting.id": (Noise.RANDOM, "drawn at random"),
    "analysts_*.incident_id": (Noise.RANDOM, "refers to an incident's id"),
    "analysts_*.report_id": (Noise.RANDOM, "refers to the id of a receipt"),
    "analysts_*.message_id": (Noise.RANDOM, "refers to a question's id"),
    "analysts_*.record_key": (Noise.RANDOM, "a number below 256, drawn at random"),
    "analysts_dailyfigure.key": (Noise.RANDOM, "sum of such numbers"),
    "audit_auditevent.number": (Noise.STATE, "counted on, also by what the worker's minute records"),
    "audit_auditevent.object_id": (Noise.RANDOM, "id of an incident or of a question, where it is long"),
    **dict.fromkeys(
        (
            *("audit_logid.value", "audit_auditevent.actor"),
            *(f"audit_auditevent.details.{name}" for name in ("account", "holder", "owner", "requested_by", "to")),
        ),
        (Noise.RANDOM, "id of an account in the log"),
    ),
    "audit_auditevent.details.related_to": (Noise.RANDOM, "id of an incident"),
    "audit_auditevent.details.like": (Noise.RANDOM, "id of an incident"),
    "audit_auditevent.details.report": (Noise.RANDOM, "id of a receipt"),
    "analysts_coveragegap.id": (Noise.STATE, "counted on with each portal or language that loses its last analyst"),
    "analysts_dailyfigure.id": (Noise.STATE, "counted on in the order of counting"),
    "analysts_portalhour.id": (Noise.STATE, "counted on in the order of intake, which is random"),
    "analysts_queuereturn.id": (Noise.RANDOM, "drawn at random"),
    "analysts_workgauge.hours": (Noise.STATE, "how long work is open at the moment"),
    "analysts_workgauge.*id": (Noise.STATE, "counted on with each look at open work"),
    "analysts_hostreading.id": (Noise.STATE, "counted on with each minute's look"),
    "analysts_exposure.addresses_read": (Noise.STATE, "of incidents beside another, which come in random order"),
    "analysts_exposure.characters_read": (Noise.STATE, "of addresses beside another, and of letters"),
    "analysts_exposure.seconds": (Noise.STATE, "how long a page was open"),
    "analysts_exposure.since_break": (Noise.STATE, "how long pages were open"),
    "analysts_delay.unrecorded": (Noise.STATE, "failed attempts that the worker has yet to count"),
    "django_session.session_*": (Noise.STATE, "of staff, drawn at random, with a challenge in it"),
    "procrastinate_*.id": (Noise.STATE, "counted on with each job"),
    "procrastinate_periodic_defers.job_id": (Noise.STATE, "counted on with each job, until it is done"),
    "procrastinate_jobs.args.timestamp": (Noise.TIME, "when the schedule started the job"),
    "procrastinate_periodic_defers.defer_timestamp": (Noise.TIME, "when the schedule last started a job"),
}
# Rows of which only the different ones are compared, and not how many there are of each: by their reasons.
BY_THE_CLOCK: Final[Mapping[str, str]] = {
    "analysts_hostreading": "one with each look of the worker's minute",
    "procrastinate_workers": "one for each start of the worker",
    "calls of *": "processes start, and connect again, when the clock or the database makes them",
    "intake.log": "intake complains once each time that the database goes away",
    "worker.log": "the worker complains as often as it looks while the database is away",
    "database's log": "it says as often as processes connect that it is away",
    "mails": "open dangers are counted again each minute",
    "files": "a file for each mail",
}
# Rows that are there or not by the moment at which a minute's job runs, or a kind stops the database; as JSON of a
# record's row.
BY_CHANCE: Final[Mapping[str, re.Pattern[str]]] = {
    # Jobs that wait, run or failed at the moment, with nothing in their arguments.
    "procrastinate_jobs": re.compile(rf'.*"args": "{{\\"timestamp\\": \\"<{Noise.TIME}>\\"}}".*'),
    "procrastinate_events": re.compile(".*"),
    "procrastinate_periodic_defers": re.compile(r'.*"periodic_id": "", "task_name": "[\w.]+"}'),
    "analysts_jobfailure": re.compile(".*"),
    # An alarm whose mail is on its way.
    "analysts_alarm": re.compile(r'{"attempts": "\d+", "failed_at": "", "kind": "danger", .*'),
    # Analysts are switched off for a moment, which the worker's minute sees or not.
    "mails": re.compile(r".*Subject: Reporting portals: a portal has no analysts.*"),
    "numbers of mails": re.compile(r".*portals? (?:have|has) no analysts: .*"),
    "writes": re.compile(
        r'{"act": "worker portals_staff \w+ (?:procrastinate_|analysts_(?:jobfailure|hostreading|delay|coveragegap)).*'
        r'"detail": "(?:[\w.]+ by the clock)?"}'
        r'|{"act": "worker portals_staff INSERT audit_auditevent", "column": "\w+", "detail": "coverage\.\w+"}'
        # Written where a page was open for a second or more.
        r'|{"act": "staff portals_staff UPDATE analysts_exposure", "column": "(?:seconds|since_break)", "detail": ""}'
    ),
    # Incidents beside another, which come in random order, each at its own portal.
    "audit_auditevent": re.compile(
        rf'{{"action": "incident\.reveal".*"details": "{{\\"related_to\\": \\"<{Noise.RANDOM} 36>\\"}}".*'
        r'|{"action": "coverage\.\w+".*'
    ),
    # The database is away, or no key is open, while intake looks or the worker's minute begins.
    "intake.log": re.compile(
        r".* (?:OperationalError|ProgrammingError|AdminShutdown|InterfaceError) .*"
        r"|.* stays waiting \w+(?: [\w./-]+:\d+)+\"}"
    ),
    "worker.log": re.compile(
        r".* (?:OperationalError|AdminShutdown|InterfaceError|ConnectorException|WARNING psycopg\.pool) .*"
        r'|.*"Launching a worker on (?:default, builtin|files)".*|.* stays waiting IntegrityError(?: [\w./-]+:\d+)+"}'
    ),
    "database's log": re.compile(
        r".*(?:database system|redo|checkpoint|record length|connection|client|shutting down|startup|listening on"
        # It starts again; and no key is open, while intake or a partner's system tries.
        r"|unexpected pageaddr|the sealing key is not open"
        # The worker's minute finds the job of the one before.
        r'|lock timeout|terminating autovacuum|"procrastinate_jobs_queueing_lock_idx_vN").*'
    ),
    # Sessions of the database, which the proof itself prints.
    "manage.log": re.compile(r'{"line": "\(.*'),
}
