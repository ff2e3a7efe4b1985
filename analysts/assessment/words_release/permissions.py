"""Who may release a reporter's words, of which reports, and to whom."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from analysts.incidents.permissions import check_sees_content
from analysts.models import (
    ChildAlert,
    Incident,
    Recipient,
    RecipientAccess,
    Referral,
    ReleaseGround,
    Report,
    User,
    WordsRelease,
)
from audit.permissions import Denied
from countries.staff.requests.approvals import check_is_second_person

# No further than the sentence about it on the privacy page (countries/public/published_portal.py).
READERS = [RecipientKind.POLICE]


def check_can_release(user: User, incident: Incident, report: Report, ground: str) -> None:
    """Check the person, and that the portal announced the release before the report came, or a life is in danger.

    `ground`: a `ReleaseGround`.
    """
    check_sees_content(user)
    if not report.sightings.filter(incident=incident, portal__in=user.portal_ids).exists():
        raise Denied(_("This report does not belong to the incident."))
    if ground == ReleaseGround.PORTAL and not is_announced(report):
        raise Denied(
            _("Its portal did not announce this before the report came. Only imminent danger to life is a ground.")
        )


def check_can_agree(user: User, incident: Incident, release: WordsRelease) -> None:
    """Check a second person, and that the ground still holds."""
    check_can_release(user, incident, release.report, release.ground)
    check_is_second_person(user, release.by_id, release.at, refusal=_("Another person has to release it."))


def is_announced(report: Report) -> bool:
    """Whether the portal said, before the report came and until today, that words may be released."""
    starts_on = report.portal.words_release_from
    return starts_on is not None and report.received_hour.date() >= starts_on


def recipients_of_words(incident: Incident, today: date) -> QuerySet[Recipient]:
    """The recipients that may read them, those that have the case (`has_case`) first.

    They can read them in an inbox that is open (`has_inbox`), and nowhere else.
    """
    rows = [
        model.objects.filter(incident=incident, to=OuterRef("pk"), withdrawn_reason="")
        for model in (Referral, ChildAlert)
    ]
    has_inbox = Exists(RecipientAccess.objects.open(today).filter(recipient=OuterRef("pk")))
    has_case = Q(Exists(rows[0])) | Q(Exists(rows[1]))
    readers = Recipient.objects.usable().filter(kind__in=READERS)
    return readers.annotate(has_case=has_case, has_inbox=has_inbox).order_by("-has_case", "kind", "name")
