"""The allow-lists of the privacy proof, as data: what each process may write. Everything else is a finding; so it is
with `allowed_calls`.

A row is added here only with its reason: what is allowed is where the search for markers alone has to look.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from portal_site.database import roles
from tests.proofs.stack import ROOT


def find_tasks() -> list[str]:
    """The functions of the worker's module of jobs."""
    return re.findall(r"^def (\w+)\(", (ROOT / "analysts" / "pages" / "tasks.py").read_text(), re.MULTILINE)


# --- Files below the installation's folder --------------------------------------------------------

_POSTGRES = (
    r"postgres(?:|/log|/postmaster\.(?:pid|opts)|/\.s\.PGSQL\.5432(?:\.lock)?|/current_logfiles"
    r"|/(?:base/\d+|global)(?:/(?:t\d+_)?\d+(?:_fsm|_vm|_init)?(?:\.\d+)?|/pg_(?:internal\.init|filenode\.map|control)"
    r"(?:\.\w+)?)?|/base/pgsql_tmp(?:/pgsql_tmp[\d.]+(?:\.fileset.*)?)?"
    r"|/pg_wal(?:/[0-9A-F]{24}(?:\.[0-9A-F]{8}\.backup)?|/xlogtemp\.\d+|/summaries|/archive_status(?:/[0-9A-F]{24}\.\w+)?)?"
    r"|/pg_(?:xact|subtrans|commit_ts|notify|serial|multixact/\w+)(?:/[0-9A-F]{4}|/[0-9A-F]{15})?|/(?:global|base)"
    r"|/pg_(?:stat|stat_tmp|dynshmem|replslot|logical|snapshots|twophase)(?:/pgstat\.\w+|/replorigin_checkpoint|/\w+)?)"
)
# May appear and disappear.
NEW = re.compile(
    rf"{_POSTGRES}|logs/(?:public|staff|sources|intake|worker|nginx|manage)\.log|mail/\d{{4}}\.eml|run/(?:public|staff|sources)\.sock"
    r"|run/nginx\.pid|run/nginx(?:/(?:body|proxy|fastcgi|uwsgi|scgi))?|nginx(?:/[\w.-]+)*|backup(?:/(?:plain\.sql|custom\.dump"
    r"|base(?:/[\w.]+)?))?|postgres\.(?:users|lock)"
)
# May change; also the times of a folder in which something may appear.
GROWING = re.compile(rf"{NEW.pattern}|logs|mail|run|public-server(?:/public)?")
# Files that are renamed or given a mode, which changes one of their two times.
STILL = re.compile(rf"{_POSTGRES}|nginx/.*|backup/.*")

# --- Logs -----------------------------------------------------------------------------------------

# Words in a line of `portal_site.logging`, beside level, logger, status, type of an error and place in the code.
FACTS = (
    "(?:a submission|an answer to a notice) was (?:not stored|refused: the keyring here is out of date)",
    "a (?:receipt|notice) was not looked up(?: for an answer)?",
    "more reports arrive than usual, and reporters are asked to wait",
    "an (?:envelope|answer to a notice) waits for a key (?:that is )?not in the keyring",
    "an (?:envelope|answer to a notice) could not be taken in and (?:stays waiting|waits)",
    "an alarm mail could not be sent and is tried again",
    "files of destroyed keys were there and are removed",
    "audit log at fault: run verify_audit",
    "anchor not signed: run create_keys",
    "long transactions of the public surface's role were ended",
    "the staff's database role may not end them: manage.py grant_roles",
    "the mail server takes no connection or no sign-in",
    "not ready: (?:closed key|database|keys|disk full|\\{reason\\})",
    "(?:the worker|intake) ended",
    "reports of a source were not stored",
    "the database does not answer the surface of sources",
    "intake had an error of the database and tries again",
    "not caught",
)
# Lines that each log holds beside such ones, as regular expressions; the last log is the planted one.
LINES: Final[Mapping[str, Sequence[str]]] = {
    "public": (),
    "sources": (),
    "staff": (),
    "intake": (),
    "worker": ("Launching a worker on (?:default, builtin|files)",),
    "nginx": (),
    "planted": (),
}

# --- Mails ----------------------------------------------------------------------------------------

# Subjects and lines of text that mails of this installation may have, as regular expressions.
MAIL_LINES = (
    "",
    "Reporting portals: please check the queue",
    r"Child in danger now, according to (?:a report: 1 incident|reports: \d{1,3} incidents)\.",
    r"Among similar reports: \d{1,3} says? that a child is in danger now\.",
    r"\d{1,3} portals? gets? far more reports than usual\.",
    # Once a minute's job finds it.
    "Reporting portals: a portal has no analysts",
    r"\d{1,3} portals? (?:has no analyst: its|have no analysts: their) reports are not seen\.",
    "Reporting portals: a language has no analysts",
    r"\d{1,3} languages? of (?:a portal has no analyst: reports in it|portals have no analysts: reports in them) are "
    r"not read\.",
)

# --- The database ---------------------------------------------------------------------------------

ALL = ("*",)
type Columns = Mapping[str, Mapping[str, Sequence[str]]]

QUEUE: Columns = {
    f"procrastinate_{name}": {"INSERT": ALL, "UPDATE": ALL, "DELETE": ALL}
    for name in ("jobs", "events", "periodic_defers", "workers")
}
# An account gets its id in the log with its first event.
RECORD: Columns = {name: {"INSERT": ALL} for name in ("audit_auditevent", "audit_logid")}
# Columns of an incident that a background process changes, with what triggers set.
INCIDENT_CHANGES = (
    *("state", "round", "closing", "flood", "fence", "portals", "unpublished", "child_in_danger", "severity"),
    *("priority", "priority_reasons", "last_sighted", "waiting_since", "claimed_by_id", "claimed_until"),
)
# For the public surface and the workers each column is listed; for staff, who sign what they do, only tables.
COLUMNS: Final[Mapping[str, Columns]] = {
    "public": {
        "reports_receipt": {"INSERT": ("id", "outcomes", "changed_on", "mailbox_key")},
        "reports_submission": {
            "INSERT": (
                *("id", "receipt_id", "kind", "portal_id", "language", "received_hour", "key_id", "digest", "sealed"),
                "message_id",
            )
        },
        # By a trigger.
        "reports_arrival": {"INSERT": ("submission_id", "received_hour", "is_expedited")},
        "reports_noticeanswer": {
            "INSERT": ("id", "link_id", "received_hour", "key_id", "digest", "sealed", "taken_in"),
        },
    },
    # Partners' systems, by one function of the database.
    "sources": {
        "reports_receipt": {"INSERT": ("id", "outcomes", "changed_on", "mailbox_key")},
        "reports_submission": {
            "INSERT": (
                *("id", "receipt_id", "kind", "portal_id", "language", "received_hour", "key_id", "digest", "sealed"),
                "message_id",
            )
        },
        "reports_arrival": {"INSERT": ("submission_id", "received_hour", "is_expedited")},
        "reports_sourceitem": {
            "INSERT": ("receipt_id", "source_id", "key_id", "reference", "digest", "received_on", "is_closed")
        },
        "reports_sourcerequest": {
            "INSERT": ("id", "source_id", "key_digest", "body_digest", "answer", "received_on"),
            "UPDATE": ("answer",),
        },
        "reports_sourceday": {"INSERT": ("id", "source_id", "day", "addresses"), "UPDATE": ("addresses",)},
        "countries_sourcekey": {"UPDATE": ("used_on",)},
    },
    # No job, no event of the audit log, and no time but hours and its heartbeat's.
    "intake": {
        "analysts_alarm": {
            "INSERT": ("kind", "attempts", "next_try_at", "raised", "raised_at"),
            "UPDATE": ("next_try_at", "raised"),
        },
        "analysts_incident": {
            "INSERT": (
                *("id", "kind", "state", "stage", "round", "closing", "flood", "fence", "portals", "unpublished"),
                # The languages of the portals that sighted it, for a list of one language.
                "portal_languages",
                # Drawn by the database; erased with the address.
                "record_key",
                *("fingerprint", "host_fingerprint", "site_fingerprint", "shape", "key_id", "sealed_address"),
                # Beside the sealed address, from it alone.
                "sealed_mask",
                *("address_kind", "answers_from", "child_in_danger", "severity", "priority", "priority_reasons"),
                *("first_sighted", "last_sighted", "waiting_since", "notices", "is_on_free_host"),
            ),
            "UPDATE": INCIDENT_CHANGES,
        },
        "analysts_nextstep": {"INSERT": ALL, "UPDATE": ALL, "DELETE": ()},
        "analysts_portalhour": {
            "INSERT": ("id", "portal_id", "hour", "reports", "mailed"),
            "UPDATE": ("reports", "mailed"),
        },
        "analysts_question": {"UPDATE": ("answered", "read")},
        # Where the search for the next incident begins.
        "analysts_queuehead": {"INSERT": ("priority", "since"), "UPDATE": ("since",)},
        "analysts_queuereturn": {"INSERT": ("id", "priority", "since"), "DELETE": ()},
        "analysts_report": {
            "INSERT": (
                *("receipt_id", "portal_id", "language", "received_hour", "facts", "unpublished", "record_key"),
                # Empty for a reporter's.
                "source_id",
            ),
            "UPDATE": ("facts", "unpublished"),
        },
        "analysts_sighting": {
            "INSERT": (
                *("id", "incident_id", "report_id", "portal_id", "round", "key_id", "sealed_address"),
                *("referrer_fingerprint", "is_repeat", "shares_verdict", "asked_again", "has_incident_spelling"),
            ),
        },
        # Facets of the list of all incidents, written by triggers.
        "analysts_incidentfacet": {
            "INSERT": ("incident_id", "portal_id", "name", "value", "received"),
            "DELETE": (),
        },
        "analysts_workerheartbeat": {"INSERT": ("id", "at"), "UPDATE": ("at",)},
        "reports_arrival": {"DELETE": ()},
    },
    "worker": {
        **QUEUE,
        **RECORD,
        "analysts_alarm": {
            "INSERT": ("kind", "attempts", "next_try_at", "raised", "raised_at"),
            "UPDATE": ("attempts", "next_try_at", "raised", "raised_at"),
            "DELETE": (),
        },
        "analysts_coveragegap": {"INSERT": ("id", "portal_id", "language", "since"), "UPDATE": (), "DELETE": ()},
        "analysts_delay": {"UPDATE": ("unrecorded",), "DELETE": ()},
        "analysts_incident": {"UPDATE": INCIDENT_CHANGES},
        "analysts_nextstep": {"INSERT": ALL, "UPDATE": ALL, "DELETE": ()},
        "analysts_portalgrant": {"INSERT": ALL, "UPDATE": ALL, "DELETE": ()},
        "analysts_portalhour": {"DELETE": ()},
        # Where the search for the next incident begins.
        "analysts_queuehead": {"INSERT": ("priority", "since"), "UPDATE": ("since",)},
        "analysts_queuereturn": {"INSERT": ("id", "priority", "since"), "DELETE": ()},
        "analysts_report": {"UPDATE": ("unpublished",)},
        # The share of each partner's system, and what only its repeated requests need.
        "countries_source": {"UPDATE": ("decided", "actionable", "is_late")},
        "reports_sourceitem": {"UPDATE": ("digest", "is_closed")},
        "reports_sourcerequest": {"DELETE": ()},
        "reports_sourceday": {"DELETE": ()},
        # Each minute, whether the mail server takes a connection, and which keys the keyring lacks.
        "analysts_hostreading": {"INSERT": ALL, "DELETE": ()},
        # Tables that staff ordered, sealed; and what the addresses in them count for their person.
        "analysts_export": {"UPDATE": ALL, "DELETE": ()},
        "analysts_exportpart": {"INSERT": ALL, "DELETE": ()},
        "analysts_exposure": {"INSERT": ALL, "UPDATE": ALL},
        # The history of a former system, sealed.
        "analysts_historyimport": {"UPDATE": ALL},
        "analysts_historypart": {"INSERT": ALL, "DELETE": ()},
        "analysts_historyrow": {"INSERT": ALL},
        # Only where a SIEM is configured.
        "audit_streamposition": {"INSERT": ALL, "UPDATE": ALL},
        # Facets of the list of all incidents, written by triggers.
        "analysts_incidentfacet": {
            "INSERT": ("incident_id", "portal_id", "name", "value", "received"),
            "DELETE": (),
        },
        "analysts_jobfailure": {"INSERT": ALL, "UPDATE": ALL, "DELETE": ()},
        # Counts by day, and of open work.
        "analysts_dailyfigure": {"INSERT": ALL, "UPDATE": ("number", "key"), "DELETE": ()},
        "analysts_figureprogress": {
            "INSERT": ("id", "counted_until", "counted_from", "first_count_at"),
            "UPDATE": ("counted_until", "first_count_at"),
        },
        # Protected counts of closed periods.
        "countries_publishedstatistics": {"INSERT": ALL},
        "analysts_workgauge": {"INSERT": ALL, "DELETE": ()},
        "analysts_workerheartbeat": {"INSERT": ("id", "at"), "UPDATE": ("at",)},
        "django_session": {"DELETE": ()},
        "reports_receipt": {"UPDATE": ("outcomes", "changed_on")},
    },
    "staff": {
        **QUEUE,
        **RECORD,
        **{
            name: {"INSERT": ALL, "UPDATE": ALL, "DELETE": ()}
            for name in (
                *("analysts_delay", "analysts_exposure", "analysts_incident", "analysts_question", "analysts_user"),
                *("analysts_skip", "analysts_draft", "django_session", "mfa_authenticator", "reports_message"),
                *("analysts_historyimport", "analysts_historypart"),
            )
        },
    },
    # Commands of administrators.
    "command": {
        **QUEUE,
        **RECORD,
        **{
            name: {"INSERT": ALL, "UPDATE": ALL, "DELETE": ()}
            for name in ("analysts_user", "django_session", "reports_sealingkey")
        },
    },
}

# Names of connections (PGAPPNAME) by role: those of the outer surfaces have only their own.
SESSIONS: Final[Mapping[str, Sequence[str]]] = {
    roles.PUBLIC: ("public",),
    roles.SOURCES: ("sources",),
    roles.STAFF: ("staff", "intake", "worker", "command"),
}
# Actions of audit events without an actor. None is of a single report: their moments are those of the clock.
EVENTS: Final[Mapping[str, Sequence[str]]] = {
    # Counts of an hour; portals, and languages of them, that lost or regained their last analyst; files of staff.
    "worker": (
        *("user.sign_in_fail", "coverage.lost", "coverage.restored", "history.import"),
        *("coverage.language_lost", "coverage.language_restored"),
    ),
}
# Jobs and their arguments.
JOBS = (
    *(rf"analysts\.pages\.tasks\.{name} by (?:the clock|hand)" for name in find_tasks()),
    r"analysts\.send_alarms by (?:the clock|hand)",
)

# Channels of notifications and their payloads. Triggers of the queue send one with each job; no process listens.
NOTIFICATIONS = (
    r'procrastinate_(?:any_queue_v1|queue_v1#(?:default|files)) \{"type" : "job_inserted", "job_id" : \d+\}',
)
