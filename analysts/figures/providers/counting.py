"""The statements that count notices to providers, their replies and actions, and the type of content."""

from analysts.codes.content_types import ContentType
from analysts.codes.recipient_kinds import kinds_that_are
from analysts.figures.subject_queries import SubjectQuery, fill_sql
from analysts.models.figures.rollup import NOT_SAID, FigureDimension, FigureSubject
from analysts.models.notice import NO_STEPS
from analysts.models.notice_template import Purpose

NO_TAKEDOWN = (Purpose.CLEARANCE, *NO_STEPS)
PROVIDER_KINDS = kinds_that_are(lambda kind: kind.is_provider)

# The type of content that the referral `f` was about, from the assessment on which it was made.
TYPE_OF_REFERRAL = fill_sql(
    "(SELECT CASE :types: END FROM analysts_assessment a WHERE a.id = f.assessment_id)",
    types=" ".join(
        f"WHEN a.flags && ARRAY{[flag.value for flag in kind.row.flags]}::varchar[]"
        f" OR a.severity = ANY(ARRAY{[severity.value for severity in kind.row.severities]}::varchar[])"
        f" THEN '{kind.value}'"
        if kind.row.flags or kind.row.severities
        else f"ELSE '{kind.value}'"
        for kind in ContentType
    ),
)
# Letters and replies have no content that could be erased, so that their days are never final.
_LETTER = """
    0 AS key, NULL::bigint[] AS portals, CASE WHEN t.kind = ANY(%(providers)s) THEN t.id::text END AS provider
"""
_TAKEDOWN_NOTICE = f"""
    JOIN analysts_recipient t ON t.id = n.recipient_id
        AND n.purpose NOT IN ({", ".join(f"'{purpose}'" for purpose in NO_TAKEDOWN)})
"""
LETTERS = SubjectQuery(
    FigureSubject.LETTERS,
    fill_sql(
        """
        SELECT n.sent_at AS at, :letter: FROM analysts_notice n :recipient:
        WHERE n.state = 'sent' AND n.sent_at >= %(first)s AND n.sent_at < %(end)s AND n.sent_at <= %(as_of)s
        """,
        letter=_LETTER,
        recipient=_TAKEDOWN_NOTICE,
    ),
    ((FigureDimension.PROVIDER, "provider"),),
)
REPLIES = SubjectQuery(
    FigureSubject.REPLIES,
    fill_sql(
        """
        SELECT p.received_hour AS at, :letter:, p.kind
        FROM analysts_reply p JOIN analysts_notice n ON n.id = p.notice_id :recipient:
        WHERE p.received_hour >= %(first)s AND p.received_hour < %(end)s
        """,
        letter=_LETTER,
        recipient=_TAKEDOWN_NOTICE,
    ),
    ((FigureDimension.PROVIDER_KIND, "provider || ' ' || kind"),),
)


def _yes_or_no(column: str) -> str:
    return f"CASE {column} WHEN true THEN 'yes' WHEN false THEN 'no' ELSE '{NOT_SAID}' END"


ANSWERED = SubjectQuery(
    FigureSubject.ANSWERED,
    fill_sql(
        """
        SELECT p.received_hour AS at, i.record_key AS key, NULL::bigint[] AS portals,
            CASE WHEN t.kind = ANY(%(providers)s) THEN concat_ws(
                ' ', t.id, :type:, p.action, coalesce(nullif(p.ground, ''), ':not_said:'), :automated:, :redress:
            ) END AS provider_action
        FROM analysts_reply p JOIN analysts_notice n ON n.id = p.notice_id :recipient:
        JOIN analysts_noticeitem m ON m.notice_id = n.id AND m.dropped = ''
            AND (p.numbers = '{}' OR m.number = ANY(p.numbers))
        JOIN analysts_referral f ON f.id = m.referral_id JOIN analysts_incident i ON i.id = m.incident_id
        WHERE p.received_hour >= %(first)s AND p.received_hour < %(end)s AND p.action <> '' AND NOT EXISTS (
            SELECT FROM analysts_noticeitem same JOIN analysts_notice other ON other.id = same.notice_id
            JOIN analysts_reply later ON later.notice_id = other.id
            WHERE same.incident_id = m.incident_id AND same.dropped = '' AND other.recipient_id = n.recipient_id
                AND (later.numbers = '{}' OR same.number = ANY(later.numbers))
                AND later.action <> '' AND later.received_hour < %(as_of)s
                AND (later.received_hour, later.answer_id) > (p.received_hour, p.answer_id))
        """,
        type=TYPE_OF_REFERRAL,
        recipient=_TAKEDOWN_NOTICE,
        automated=_yes_or_no("p.is_automated"),
        redress=_yes_or_no("p.redress_told"),
        not_said=NOT_SAID,
    ),
    ((FigureDimension.PROVIDER_ACTION, "provider_action"),),
)
