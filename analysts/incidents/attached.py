"""Which rows there are about an incident, so that its page asks only for those: most incidents have next to none."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import Incident, User
from analysts.models.notice import UNSENT
from audit.models import ON_INCIDENT_TIMELINE


class Attached(NamedTuple):
    """Each is true if there is such a row; `drafts` and `own_assessments` are those of the user."""

    drafts: bool
    own_assessments: bool
    assessments: bool
    referrals: bool
    open_referrals: bool
    # Requests to the police for clearance; those without an answer.
    police_holds: bool
    waiting_police: bool
    # Calls to the police or child protection before a verdict.
    alerts: bool
    holds: bool
    notes: bool
    merged: bool
    # Unread answers about any of its reports, of any analyst.
    unread_answers: bool
    # Notices about it, with those that it was left out of; replies of recipients to the others.
    notices: bool
    # Notices that can still be sent, and those that it was left out of.
    unsent_notices: bool
    left_out: bool
    replies: bool
    unread_replies: bool
    appeals: bool
    # On the URL list, or taken off it; and referrals that ask for it.
    listings: bool
    listings_requested: bool
    # Messages to any of its reporters.
    messages: bool
    # Entered by staff, for one of the user's portals or for the hotline.
    entries: bool
    # Sentences of its reports that were proposed for release.
    words_releases: bool
    # Systemic cases, answered or not.
    systemic_cases: bool
    # Cases of a former system with its address, or that of an incident merged into it.
    imported: bool
    # Actions that only the audit log records, for the timeline.
    recorded: bool


# The columns are the fields of `Attached`, in their order. As SQL, because Django needs longer to write twenty
# subqueries for every page than PostgreSQL needs to answer them.
READ_ATTACHED = """
    SELECT
        EXISTS (SELECT FROM analysts_draft WHERE incident_id = %(incident)s AND by_id = %(user)s),
        EXISTS (SELECT FROM analysts_assessment
            WHERE incident_id = %(incident)s AND by_id = %(user)s AND round = %(round)s),
        EXISTS (SELECT FROM analysts_assessment WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_referral WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_referral WHERE incident_id = %(incident)s AND ended_at IS NULL),
        EXISTS (SELECT FROM analysts_policehold WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_policehold WHERE incident_id = %(incident)s AND answer = ''),
        EXISTS (SELECT FROM analysts_childalert WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_hold WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_note WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_incident WHERE merged_into_id = %(incident)s),
        EXISTS (SELECT FROM analysts_question JOIN analysts_sighting AS sighting USING (report_id)
            WHERE answered AND NOT read AND sighting.incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_noticeitem WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_noticeitem AS item JOIN analysts_notice AS notice ON notice.id = item.notice_id
            WHERE item.incident_id = %(incident)s AND notice.state = ANY(%(unsent)s)),
        EXISTS (SELECT FROM analysts_noticeitem WHERE incident_id = %(incident)s AND dropped <> ''),
        EXISTS (SELECT FROM analysts_noticeitem AS item JOIN analysts_reply USING (notice_id)
            WHERE item.incident_id = %(incident)s AND dropped = ''),
        EXISTS (SELECT FROM analysts_noticeitem AS item JOIN analysts_reply AS reply USING (notice_id)
            WHERE item.incident_id = %(incident)s AND dropped = '' AND reply.read_at IS NULL),
        EXISTS (SELECT FROM analysts_appeal WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_urllistentry WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_referral
            WHERE incident_id = %(incident)s AND kind = %(listing)s AND ended_at IS NULL),
        EXISTS (SELECT FROM reports_message JOIN analysts_sighting AS sighting ON report_id = receipt_id
            WHERE sighting.incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_enteredaddress
            WHERE incident_id = %(incident)s AND (portal_id = ANY(%(portals)s) OR portal_id IS NULL)),
        EXISTS (SELECT FROM analysts_wordsrelease WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_systemiccase WHERE incident_id = %(incident)s),
        EXISTS (SELECT FROM analysts_historyrow WHERE fingerprint = %(fingerprint)s AND fingerprint <> '')
            OR EXISTS (SELECT FROM analysts_incident AS merged JOIN analysts_historyrow AS row USING (fingerprint)
                WHERE merged.merged_into_id = %(incident)s AND row.fingerprint <> ''),
        EXISTS (SELECT FROM audit_auditevent WHERE object_id = %(incident)s::text AND action = ANY(%(recorded)s))
"""


def find_visible(incident_id: UUID, user: User) -> tuple[Incident, Attached] | None:
    """The incident, if one of the user's portals sighted it, and what is attached to it; two queries.

    Its key and holder are selected with it.
    """
    visible = Incident.objects.visible_to(user).select_related("claimed_by", "key")
    incident = visible.filter(pk=incident_id).first()
    if incident is None:
        return None
    attached = _read_attached(incident, user)
    # Spare the incident its own queries for the same.
    if not attached.holds:
        incident.open_hold = None
    if not attached.systemic_cases:
        incident.has_systemic_case = False
    return incident, attached


def _read_attached(incident: Incident, user: User) -> Attached:
    values: dict[str, Any] = {
        "incident": incident.pk,
        "round": incident.round,
        "fingerprint": bytes(incident.fingerprint),
        "user": user.pk,
        "portals": list(user.portal_ids),
        "listing": ReferralKind.URL_LIST.value,
        "unsent": [state.value for state in UNSENT],
        "recorded": list(ON_INCIDENT_TIMELINE),
    }
    with connection.cursor() as cursor:
        cursor.execute(READ_ATTACHED, values)
        return Attached(*cursor.fetchone())
