"""Planted leaks in spellings that no search knows, where something of that kind may be written: the lists must find
them."""

import psycopg
from psycopg import sql

from portal_site.database import roles

# Bytes of a mailbox's public key.
MAILBOX_BYTES = 1216
# Submissions of two receipts with one digest.
SAME_DIGEST = """
INSERT INTO reports_submission
    (id, receipt_id, kind, portal_id, language, received_hour, key_id, digest, sealed, message_id)
SELECT gen_random_uuid(), receipt_id, kind, portal_id, language, received_hour, key_id, sha256(%s), sealed, message_id
FROM (SELECT DISTINCT ON (receipt_id) * FROM reports_submission WHERE kind = 'details' LIMIT 2) AS two
"""
RECEIPT = "INSERT INTO reports_receipt (id, changed_on, mailbox_key) VALUES (gen_random_uuid(), current_date, %s)"
JOB = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)
VALUES ('default', 'analysts.pages.tasks.take_in_replies', jsonb_build_object('timestamp', %s::text), 'succeeded')
RETURNING id
"""

# As if a refusal repeated what it refuses.
ANSWER_TO_PARTNER = """
UPDATE reports_sourcerequest
SET answer = answer || jsonb_build_object('item', 9, 'outcome', 'refused', 'detail', %s::text)
WHERE id = (SELECT id FROM reports_sourcerequest ORDER BY id LIMIT 1)
"""


def seed_encoded(session: psycopg.Connection, text: str) -> None:
    """Leaks of the worker and of the outer surfaces, in places where something of that kind may be written."""
    with psycopg.connect(session.info.dsn, user=roles.STAFF, application_name="worker") as worker:
        worker.execute("UPDATE countries_portal SET access_phrase = 'known to the worker' WHERE state = 'restricted'")
        job = worker.execute(JOB, [text]).fetchone()
        worker.execute("DELETE FROM procrastinate_jobs WHERE id = %s", job)
    with psycopg.connect(session.info.dsn, user=roles.PUBLIC, application_name=text) as public:
        public.execute(RECEIPT, [bytes(MAILBOX_BYTES)])
        # Its role may not call `pg_notify`; the statement needs no right.
        public.execute(sql.SQL("NOTIFY procrastinate_any_queue_v1, {}").format(sql.Literal(text)))
    session.execute(f"GRANT UPDATE (is_closed) ON reports_sourceitem TO {roles.SOURCES}".encode())
    with psycopg.connect(session.info.dsn, user=roles.SOURCES, application_name=text) as sources:
        sources.execute("UPDATE reports_sourceitem SET is_closed = true")
    session.execute(SAME_DIGEST, [text.encode()])
