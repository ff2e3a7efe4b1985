"""The exact time of a report must not be readable: not in a row, not in the order of ids, not in a log."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

# Times of staff's actions and machinery; every other time in any table is a whole hour. By table or table and column.
NOT_A_REPORTERS = {
    "analysts_assessment.at",
    "analysts_assessment.undone_at",
    "analysts_availabilitycheck.at",
    "analysts_availabilitycheck.recorded_at",
    "analysts_availabilitycheck.stated_at",
    "analysts_bulkclosing.at",
    "analysts_bulkclosing.undone_at",
    "analysts_chase.check_asked_at",
    "analysts_chase.checked_at",
    "analysts_chase.due_at",
    "analysts_chase.ended_at",
    "analysts_chase.escalated_at",
    "analysts_chase.removal_reported_at",
    "analysts_chase.removed_at",
    "analysts_chase.noticed_at",
    "analysts_chase.since",
    "analysts_chase.traced_at",
    "analysts_chase.unseen_since",
    "analysts_childalert.at",
    "analysts_childalert.corrected_at",
    "analysts_childalert.seen_at",
    "analysts_codecorrection.at",
    "analysts_coveragegap.since",
    "analysts_delay.until",
    "analysts_addressallowance.at",
    "analysts_addressallowance.decided_at",
    # Times of recipients and site owners, by the minute: the hour protects reporters alone.
    "analysts_appeal.received_hour",
    "analysts_reply.received_hour",
    "reports_noticeanswer.received_hour",
    "analysts_appeal.reviewed_at",
    "analysts_batch.at",
    "analysts_batch.ended_at",
    "analysts_batch.until",
    "analysts_batchitem.answered_at",
    "analysts_draft.at",
    "analysts_entrycode.until",
    "analysts_export.active_at",
    "analysts_export.at",
    "analysts_export.ended_at",
    "analysts_export.until",
    "analysts_exposure.alarmed_at",
    "analysts_exposure.break_until",
    "analysts_exposure.open_since",
    "analysts_exposure.continued_until",
    # When the worker last counted: every few minutes.
    "analysts_figureprogress.counted_until",
    "analysts_floodfolding.at",
    "analysts_floodsample.asked_at",
    "analysts_floodsample.at",
    "analysts_floodsample.declined_at",
    "analysts_floodsample.ended_at",
    "analysts_floodsampleitem.opened_at",
    *(f"analysts_historyimport.{verb}_at" for verb in ("approved", "imported", "prepared", "requested")),
    "analysts_hold.at",
    "analysts_hold.released_at",
    "analysts_systemiccase.sent_at",
    "analysts_systemiccase.answered_at",
    # When the worker or the machine looked at something: each minute.
    "analysts_hostreading.moment",
    "analysts_hostreading.read_at",
    "analysts_jobfailure.at",
    "analysts_hostingtrace.at",
    "analysts_hostingtrace.recorded_at",
    "analysts_incident.claimed_until",
    "analysts_memberkey.at",
    "analysts_memberkey.hour",
    "analysts_nextstep.review_at",
    "analysts_nextstep.since",
    "analysts_note.at",
    "analysts_notice.scheduled_at",
    "analysts_notice.link_read_at",
    "analysts_notice.made_at",
    "analysts_notice.next_try_at",
    "analysts_notice.sent_at",
    "analysts_notice.tried_at",
    "analysts_noticetemplate.at",
    "analysts_senderidentity.at",
    "analysts_redaction.at",
    "analysts_periodclose.closed_at",
    "analysts_periodclose.confirmed_at",
    "analysts_policehold.at",
    "analysts_policehold.recorded_at",
    "analysts_policehold.sent_at",
    "analysts_recipient.changed_at",
    "analysts_recipientaccess.suspended_at",
    "analysts_referral.at",
    "analysts_referral.denied_at",
    "analysts_referral.ended_at",
    "analysts_referral.removed_at",
    "analysts_referral.retraced_at",
    "analysts_referral.not_before",
    "analysts_referral.noticed_at",
    "analysts_providersheet.released_at",
    "analysts_providersheet.withdrawn_at",
    "analysts_reply.confirmed_at",
    "analysts_reply.read_at",
    "analysts_report",
    "analysts_route.at",
    "analysts_sighting",
    "analysts_skip.at",
    "analysts_user.date_joined",
    "analysts_user.last_login",
    "analysts_user.seen_at",
    "analysts_user.unchanged_since",
    "analysts_maskedterm.at",
    "analysts_wordsrelease.at",
    "analysts_wordsrelease.decided_at",
    "analysts_workstation.at",
    "audit_auditevent.at",
    "countries_approvalrequest.decided_at",
    "countries_approvalrequest.requested_at",
    "countries_interfacetranslation.reviewed_at",
    "countries_interfacetranslation.translated_at",
    "countries_languagereview.recorded_at",
    "django_migrations.applied",
    "django_session.expire_date",
    "mfa_authenticator.created_at",
    "mfa_authenticator.last_used_at",
    # Granted by a run every ten minutes, never at the minute of a report.
    "analysts_portalgrant.at",
    "analysts_portalgrant.until",
    # When a job began, not its subject: each runs by the clock, or processes a batch.
    "procrastinate_events.at",
    "procrastinate_jobs.scheduled_at",
    "procrastinate_workers.last_heartbeat",
    "analysts_workerheartbeat.at",
}
# A receipt and all rows that belong to it.
REPORTERS_TABLES = ("reports_", "analysts_report", "analysts_sighting", "analysts_incident")
# Version 1, 6 and 7 of a UUID carry a time.
TIMED_VERSIONS = (1, 6, 7)


def fine_times(owner: psycopg.Connection) -> tuple[list[str], int]:
    """(columns that hold a time finer than the hour, how many columns with how many rows were looked at)."""
    found, looked = [], 0
    for table, column in _columns_of_type(owner, "timestamp%"):
        if f"{table}.{column}" in NOT_A_REPORTERS:
            continue
        fine = sql.SQL(
            "SELECT count({column}), count(*) FILTER (WHERE mod(extract(epoch FROM {column})::numeric, 3600) <> 0)"
            " FROM {table}"
        )
        row = owner.execute(fine.format(column=sql.Identifier(column), table=sql.Identifier(table))).fetchone()
        rows, finer = row or (0, 0)
        looked += rows
        if finer:
            found.append(f"{table}.{column}")
    found += [
        f"{table}.{column}"
        for table, column in _columns_of_type(owner, "time without%")
        if table.startswith(REPORTERS_TABLES)
    ]
    return found, looked


def find_ordered_ids(owner: psycopg.Connection) -> list[str]:
    """Columns of reporters' tables whose values tell when, or in which order, their rows came."""
    found = []
    for table, column in _columns_of_type(owner, "uuid"):
        version = sql.SQL("SELECT DISTINCT get_byte(uuid_send({column}), 6) >> 4 FROM {table}")
        rows = owner.execute(version.format(column=sql.Identifier(column), table=sql.Identifier(table))).fetchall()
        if any(row[0] in TIMED_VERSIONS for row in rows):
            found.append(f"{table}.{column}")
    counted = owner.execute(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND (is_identity = 'YES' OR column_default LIKE 'nextval%')
        """
    ).fetchall()
    found += [f"{table}.{column}" for table, column in counted if table.startswith(REPORTERS_TABLES)]
    [stamps] = owner.execute("SHOW track_commit_timestamp").fetchall()
    return found + (["track_commit_timestamp"] if stamps[0] != "off" else [])


def _columns_of_type(owner: psycopg.Connection, type_: str) -> Iterator[tuple[str, str]]:
    yield from owner.execute(
        """
        SELECT table_name, column_name
        FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type LIKE %s
        """,
        [type_],
    )


# Times that commands print to the administrator: times of staff's actions, never of a report.
FOR_PEOPLE = ("manage",)
CLOCK = re.compile(rb"\d\d:(?!00)\d\d(?::\d\d)?|\d\d:00:(?!00)\d\d|\b1[6-9]\d{8}\b")
# When the database itself was started or stopped.
ITS_OWN_LIFE = re.compile(
    rb"database system was (shut down|interrupted)|last completed transaction was at|redo|checkpoint"
)


def lines_with_times(folder: Path) -> list[str]:
    """Log lines with a time finer than the hour, by file and number."""
    logs = [path for path in (folder / "logs").glob("*.log") if path.stem not in FOR_PEOPLE]
    found = []
    for log in [*sorted(logs), folder / "postgres" / "log"]:
        for number, line in enumerate(log.read_bytes().splitlines(), 1):
            if CLOCK.search(line) and not ITS_OWN_LIFE.search(line):
                found.append(f"{log.relative_to(folder)}:{number}")
    return found
