"""Effects that leave the installation without a signed-in person, and which parts of a lockdown hold it.

Each held effect asks `is_held` in the one function that all ways to it share. Files that staff fetch need no row for
each kind: a lockdown ends their sessions.
"""

from dataclasses import dataclass

from django.db import connection

from countries.table_marks import LOCKDOWN_MARKS, LockdownPart


@dataclass(frozen=True, slots=True)
class OutgoingEffect:
    """`stopped_by`: the parts of a lockdown that hold it; empty if it goes on in every lockdown."""

    name: str
    stopped_by: tuple[LockdownPart, ...]
    reason: str


LETTERS = OutgoingEffect(
    "letters to recipients, police and hotlines included",
    (LockdownPart.SIGN_IN, LockdownPart.SENDING),
    "An attacker may have written them, and no one can cancel them. They stay due and leave once it is lifted.",
)
MEMBERS_FEED = OutgoingEffect(
    "the URL list that members fetch",
    (LockdownPart.SIGN_IN, LockdownPart.MEMBERS),
    "Entries may be false, and no one can close a stolen key. Members keep blocking what they have.",
)
PORTAL_OPENINGS = OutgoingEffect(
    "scheduled openings of portals",
    (LockdownPart.SIGN_IN, LockdownPart.PUBLISHING),
    "Its texts and contacts may be false, and no one can suspend it.",
)
RECEIPT_STATES = OutgoingEffect(
    "states of receipts",
    (LockdownPart.SIGN_IN, LockdownPart.PUBLISHING),
    "A verdict may be false. The next daily batch after it publishes what waited.",
)
PUBLIC_STATISTICS = OutgoingEffect(
    "statistics and open data of closed periods",
    (LockdownPart.SIGN_IN, LockdownPart.PUBLISHING),
    "What is published once is not taken back.",
)
PUBLIC_PAGES = OutgoingEffect(
    "public pages, intake of reports, replies of recipients",
    (LockdownPart.PUBLIC,),
    "A stolen staff account is no reason to keep reporters out.",
)
STAFF_FILES = OutgoingEffect(
    "pages and files that staff fetch: exports, batches, portals, interface texts, launch kits",
    (LockdownPart.SIGN_IN,),
    "The fetching person may be the attacker.",
)
ALARMS = OutgoingEffect(
    "alarms and mails to staff", (), "A child in danger needs a person, and staff need to learn of faults."
)
TEST_MESSAGE = OutgoingEffect(
    "test message of the mail server", (), "Its text is the product's, its address that of the account."
)
AUDIT_STREAM = OutgoingEffect(
    "audit events to the SIEM and anchors outside the database", (), "They are evidence of the incident."
)
HEALTH = OutgoingEffect(
    "health answers and metrics", (), "They report the lockdown. They contain counts and times only."
)

OUTGOING_EFFECTS = (
    LETTERS,
    MEMBERS_FEED,
    PORTAL_OPENINGS,
    RECEIPT_STATES,
    PUBLIC_STATISTICS,
    PUBLIC_PAGES,
    STAFF_FILES,
    ALARMS,
    TEST_MESSAGE,
    AUDIT_STREAM,
    HEALTH,
)


def is_held(effect: OutgoingEffect) -> bool:
    """Whether a lockdown holds the effect now. One query."""
    marks = [LOCKDOWN_MARKS[part] for part in effect.stopped_by]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(obj_description(to_regclass(name)::oid, 'pg_class') ORDER BY place)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS marked (name, place)",
            [[mark.table for mark in marks]],
        )
        (comments,) = cursor.fetchone()
    return any(mark.text_in(comment) is not None for mark, comment in zip(marks, comments, strict=True))
