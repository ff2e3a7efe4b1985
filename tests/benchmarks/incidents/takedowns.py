"""The takedowns after the illegal verdicts of `fill`: recipients, traces, routes, notices, checks, the URL list, words.

Closed incidents have an ended chase and everything that led there. Each fortieth of the others has an open chase, so
that lists of what is due today stay short. Each report has an envelope, each tenth a question that was answered and
read. Some incidents were merged into another. Nothing sealed opens, and neither triggers nor foreign keys are asked.
"""

import re
from datetime import datetime

from django.db import connection

from analysts.models import Referral, User
from reports.models import SealingKey
from tests.benchmarks.incidents.fill import without_checks, without_indexes

# The first trace of each illegal address; `office`: the host, a few of which have most.
FOUND = """
    INSERT INTO analysts_recipient (id, kind, name, country, channel, email, form_address, defang, languages, time_zone,
        workdays, blocked_days, source, verified_on, verified_by_id, verified_digest)
    SELECT md5('recipient ' || n)::uuid, 'host', 'Filled host ' || n, 'NL', 'email', 'abuse@example.org', '', true,
        '{en}', 'UTC', '{}', '{}', '', %(now)s::date, %(by)s, encode(sha256(convert_to(jsonb_build_array(
            'host', 'Filled host ' || n, 'email', 'abuse@example.org', '')::text, 'UTF8')), 'hex')
    FROM generate_series(1, 200) AS numbers (n);

    CREATE TEMP TABLE found AS
    SELECT n, incident, key_id, round, closing, assessment, by, at, is_over,
        md5('recipient ' || ceil(exp(((hashint8extended(n, 1) & 1048575) + 1)::float8 / 1048576 * ln(200))))::uuid
        AS office
    FROM (
        SELECT row_number() OVER (ORDER BY incident.id) AS n, incident.id AS incident, key_id, incident.round, closing,
            assessment.id AS assessment, by_id AS by, at, state = 'closed' AS is_over
        FROM analysts_incident AS incident JOIN analysts_assessment AS assessment ON incident_id = incident.id
        WHERE state IN ('assessed', 'acting', 'closed') AND kind = 'address' AND verdict = 'illegal'
            AND assessment.stage = 'first'
    ) AS all_of_them
    WHERE is_over OR n %% 40 = 0;

    UPDATE analysts_referral SET to_id = office, noticed_at = found.at + interval '2 hours',
        removed_at = CASE closing WHEN 'gone' THEN found.at + interval '5 days' END,
        ended_at = CASE WHEN is_over THEN found.at + interval '9 days' END
    FROM found WHERE incident_id = incident
"""

HOSTING = """
    INSERT INTO analysts_chase (id, incident_id, round, since, country, provider_id, network, traced_at, trace,
        routed_trace, noticed_at, interval, removed_in_a_row, removed_at, checked_at, due_at, ended_at)
    SELECT md5('chase ' || n)::uuid, incident, round, at, 'NL', office, '', at + interval '1 hour', 1, 1,
        at + interval '2 hours', 3, CASE WHEN is_over THEN 3 ELSE 0 END,
        CASE WHEN is_over THEN at + interval '5 days' END, %(now)s::timestamptz - (n %% 40) * interval '1 hour',
        CASE WHEN NOT is_over THEN %(now)s::timestamptz + (n %% 24) * interval '1 hour' END,
        CASE WHEN is_over THEN at + interval '9 days' END
    FROM found;

    INSERT INTO analysts_hostingtrace (id, incident_id, method, country, provider_id, network, note, at, recorded_at,
        by_id)
    SELECT md5('trace ' || n || ' ' || method)::uuid, incident, method, 'NL', office, '', '', at + interval '1 hour',
        at + interval '1 hour', by
    FROM found, unnest(ARRAY['dns', 'whois_address', 'bgp']) AS methods (method);

    INSERT INTO analysts_availabilitycheck (id, incident_id, outcome, at, recorded_at, by_id)
    SELECT md5('check ' || n || ' ' || day)::uuid, incident,
        CASE WHEN is_over AND day > 2 THEN 'gone' ELSE 'online' END, at + day * interval '1 day',
        at + day * interval '1 day', by
    FROM found, generate_series(1, 5) AS days (day);

    INSERT INTO analysts_workstation (id, name, public_key, by_id, at)
    VALUES (md5('workstation')::uuid, 'Filled workstation', '1', %(by)s, %(now)s);

    INSERT INTO analysts_batch (id, by_id, workstation_id, state, at, until, ended_at, ended_by_id)
    SELECT md5('batch ' || n)::uuid, %(by)s, md5('workstation')::uuid, 'returned', at,
        at + interval '8 hours', at + interval '4 hours', %(by)s
    FROM (
        SELECT n, %(now)s::timestamptz - (n + 3) * interval '12 hours' AS at FROM generate_series(0, 999) AS numbers (n)
    ) AS times;

    INSERT INTO analysts_batchitem (
        id, batch_id, incident_id, number, kind, round, fence, answered_at, answer, seconds, refusal
    )
    SELECT md5('batch item ' || n || ' ' || file)::uuid, md5('batch ' || (n + file * 31) %% 1000)::uuid, incident,
        n %% 50 + 1, 'checks', round, 1, at + interval '1 day', '1', 60, ''
    FROM found, generate_series(1, 2) AS files (file)
"""

# Each with an open chase has one; about half of them are due for review.
NEXT_STEPS = """
    INSERT INTO analysts_nextstep (incident_id, kind, since, review_at, is_assigned)
    SELECT incident, (ARRAY['recipient', 'police', 'trace', 'workstation'])[1 + n %% 4],
        %(now)s::timestamptz - interval '5 days', %(now)s::timestamptz + (n %% 144 - 72) * interval '1 hour', false
    FROM found WHERE NOT is_over
"""

ROUTES = """
    INSERT INTO analysts_route (id, incident_id, assessment_id, trace, country, proposed, steps, reason, by_id, at)
    SELECT md5('route ' || n)::uuid, incident, assessment, 1, 'NL', '{notice_host}', '{notice_host}', '', by, at
    FROM found;

    INSERT INTO analysts_policehold (id, incident_id, police_id, by_id, at, answer, answered_on, reference,
        recorded_by_id, recorded_at)
    SELECT md5('clearance ' || n)::uuid, incident, office, by, at, 'granted', at::date, 'R ' || n, by, at
    FROM found WHERE n %% 5 = 0;

    INSERT INTO analysts_urllistentry (id, incident_id, assessment_id, version, added_on, removed_on, review_on, key_id,
        sealed)
    SELECT md5('entry ' || n)::uuid, incident, assessment, n, at::date, CASE WHEN is_over THEN at::date + 9 END,
        %(now)s::date + 30, key_id, '1'
    FROM found;

    INSERT INTO analysts_urlliststate (id, version) SELECT 1, max(version) FROM analysts_urllistentry
"""

# One notice to a host for all of its addresses among fifty; a fifth of them were answered.
NOTICES = """
    CREATE TEMP TABLE letters AS
    SELECT row_number() OVER (ORDER BY office, batch) AS letter, office, batch, by, at
    FROM (SELECT office, n / 50 AS batch, min(by) AS by, min(at) AS at FROM found GROUP BY 1, 2) AS batches;

    INSERT INTO analysts_noticetemplate (id, kind, purpose, language, version, subject, body, at)
    VALUES (md5('text')::uuid, 'host', 'first', 'xx', 1, '{reference}', '{reference}', %(now)s);

    INSERT INTO reports_noticelink (id, expires_on, sealed)
    SELECT md5('link ' || letter)::uuid, %(now)s::date + 90, '1' FROM letters;

    INSERT INTO analysts_notice (id, reference, recipient_id, purpose, state, template_id, message_id, link_id, by_id,
        made_at, scheduled_at, attempts, tried_at, sent_at, dead_reason)
    SELECT md5('notice ' || letter)::uuid, 'R' || letter, office, 'first', 'sent', md5('text')::uuid,
        'filled-' || letter, md5('link ' || letter)::uuid, by, at, at, 1, at, at, ''
    FROM letters;

    INSERT INTO analysts_noticeitem (id, notice_id, incident_id, referral_id, interval, trace, dropped, key_id, sealed)
    SELECT md5('item ' || n)::uuid, md5('notice ' || letter)::uuid, incident, referral.id, 0, 1, '', found.key_id, '1'
    FROM found JOIN letters ON letters.office = found.office AND batch = n / 50
    JOIN analysts_referral AS referral ON incident_id = incident;

    INSERT INTO analysts_redaction (incident_id, found, is_shortened, key_id, sealed, by_id, at)
    SELECT incident, '{}', false, key_id, '1', by, at FROM found;

    INSERT INTO reports_noticeanswer (id, link_id, received_hour, key_id, digest, sealed, taken_in)
    SELECT md5('answer ' || letter)::uuid, md5('link ' || letter)::uuid, date_trunc('hour', at), %(words)s,
        sha256(int8send(letter)), '1', true
    FROM letters WHERE letter %% 5 = 0;

    INSERT INTO analysts_reply
        (answer_id, notice_id, kind, action, ground, received_hour, read_by_id, read_at)
    SELECT md5('answer ' || letter)::uuid, md5('notice ' || letter)::uuid, 'removed', 'removed', '',
        date_trunc('hour', at), by, at
    FROM letters WHERE letter %% 5 = 0
"""

WORDS = """
    INSERT INTO reports_submission (id, receipt_id, kind, portal_id, language, received_hour, key_id, digest, sealed)
    SELECT md5('envelope ' || receipt_id)::uuid, receipt_id, 'report', portal_id, language, received_hour, %(words)s,
        uuid_send(receipt_id) || uuid_send(receipt_id), '1'
    FROM analysts_report;

    INSERT INTO reports_message (id, receipt_id, asked_on, key_id, sealed_for_reporter, sealed_for_staff)
    SELECT md5('question ' || receipt_id)::uuid, receipt_id, received_hour::date, %(words)s, '1', '1'
    FROM analysts_report WHERE hashtext(receipt_id::text) %% 10 = 0;

    INSERT INTO analysts_question (message_id, incident_id, report_id, by_id, answered, read)
    SELECT DISTINCT ON (report_id) md5('question ' || report_id)::uuid, incident_id, report_id, %(by)s,
        hashtext(report_id::text) %% 3 = 0, hashtext(report_id::text) %% 3 = 0
    FROM analysts_sighting WHERE hashtext(report_id::text) %% 10 = 0;

    INSERT INTO analysts_note (id, incident_id, by_id, at, key_id, sealed)
    SELECT md5('note ' || n)::uuid, incident, by, at, key_id, '1' FROM found;

    INSERT INTO analysts_hold (id, incident_id, reason, note, review_on, by_id, at, released_by_id, released_at)
    SELECT md5('hold ' || n)::uuid, incident, 'police', '', at::date + 365, by, at, by, at + interval '99 days'
    FROM found WHERE n %% 20 = 0
"""

DAYS = """
    INSERT INTO analysts_exposure (user_id, day, seconds, since_break, reveals, decisions, skips, breaks, continued,
        avoids)
    SELECT id, %(now)s::date - day, 60, 0, 1, 1, 0, 0, 0, '{}'
    FROM generate_series(1, 1000) AS days (day), analysts_user ORDER BY day;

    CREATE TEMP TABLE sampled AS
    SELECT n, md5('sample ' || n)::uuid AS sample, sha256(int8send(n)) AS flood,
        %(now)s::timestamptz - n * interval '1 day' AS at, incident.id AS incident
    FROM generate_series(1, 500) AS numbers (n), (SELECT id FROM analysts_incident LIMIT 1) AS incident;

    INSERT INTO analysts_floodsample (id, flood, by_id, at, seed, population, verdict, reason, decline_reason)
    SELECT sample, flood, %(by)s, at, flood, ARRAY[incident], '', '', '' FROM sampled;

    INSERT INTO analysts_floodsampleitem (id, sample_id, incident_id, opened_at)
    SELECT md5('item ' || n)::uuid, sample, incident, at FROM sampled;

    INSERT INTO analysts_bulkclosing (id, flood, by_id, at, verdict, reason, number, sample_id)
    SELECT md5('closing ' || n)::uuid, flood, %(by)s, at, 'outside_remit', 'adult', 1, sample FROM sampled;

    UPDATE analysts_floodsample SET ended_at = at
"""

MERGED = """
    CREATE TEMP TABLE merging AS
    SELECT id, lag(id) OVER (ORDER BY id) AS target, row_number() OVER (ORDER BY id) AS n
    FROM analysts_incident WHERE state = 'closed' AND closing = 'not_actioned';

    UPDATE analysts_incident SET closing = 'merged', merged_into_id = target
    FROM merging WHERE merging.id = analysts_incident.id AND n %% 10 = 0;

    UPDATE analysts_sighting SET incident_id = target, merged_from_id = merging.id
    FROM merging WHERE merging.id = incident_id AND n %% 10 = 0;

    UPDATE analysts_incident SET portals = analysts_portals_of(id), portal_languages = analysts_portal_languages_of(id)
    WHERE id IN (SELECT id FROM merging WHERE n %% 10 = 0 UNION SELECT target FROM merging WHERE n %% 10 = 0)
"""

STEPS = (FOUND, HOSTING, NEXT_STEPS, ROUTES, NOTICES, WORDS, DAYS)
FILLED = [Referral._meta.db_table, *re.findall(r"INSERT INTO (\w+)", ";".join(STEPS))]


def fill_takedowns(*, by: User, words: SealingKey, now: datetime) -> None:
    """Make what followed the verdicts that are there. `by`: who asked and carried; `words`: the key of envelopes.

    The tables are empty before, and have no statistics to speak of after.
    """
    given: dict[str, int | str | datetime] = {"by": by.pk, "words": words.pk, "now": now}
    with connection.cursor() as cursor, without_checks():
        with without_indexes(FILLED) as build:
            for statements in STEPS:
                for statement in statements.split(";\n"):
                    cursor.execute(statement, given)
            build()
        for statement in MERGED.split(";\n"):
            cursor.execute(statement, given)
        cursor.execute("DROP TABLE found, letters, merging")
