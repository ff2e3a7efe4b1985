"""What is kept of a report: the rows of the public privacy page, each with the model fields it speaks for.

A test fails for a field of any model that no row names, so nothing can be kept that this page does not tell. Fields of
`analysts` stand here by name only: the public surface does not install that app.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, why and until when, in words a reporter understands; and in which fields."""

    what: str | Promise
    why: str | Promise
    until: str | Promise
    fields: tuple[str, ...]


# A key seals what comes in during one month.
LONGEST_MONTH = 31


def _until(words: str | Promise, not_actioned: str, actioned: str) -> str:
    return str(words) % {
        "not_actioned": getattr(settings, not_actioned),
        "actioned": getattr(settings, actioned),
        "longer": LONGEST_MONTH + settings.KEY_GRACE_DAYS + settings.KEY_REST_DAYS,
    }


_until_lazily = lazy(_until, str)


def until(words: str | Promise, *, not_actioned: str, actioned: str) -> str | Promise:
    """`words` with the days of the two settings named, and with those a key may outlive them."""
    return _until_lazily(words, not_actioned, actioned)


KEPT: tuple[Kept, ...] = (
    Kept(
        _("What you write: addresses, details and answers, sealed"),
        _("So that an analyst can look at it."),
        until(
            _(
                "%(not_actioned)d days after the decision where there was nothing to act on, %(actioned)d days where "
                "the content was taken down. The key it is sealed to is destroyed at most %(longer)d days later. It "
                "stays as long as it waits or is worked on, or the law or the police ask for it to be kept."
            ),
            not_actioned="WORDS_DAYS_NOT_ACTIONED",
            actioned="WORDS_DAYS_ACTIONED",
        ),
        (
            "reports.submission.id",
            "reports.submission.receipt",
            "reports.submission.kind",
            "reports.submission.key",
            "reports.submission.digest",
            "reports.submission.sealed",
            "reports.arrival.submission",
            "reports.sealingkey.id",
            "reports.sealingkey.key_class",
            "reports.sealingkey.month",
            "reports.sealingkey.state",
            "reports.sealingkey.emptied_on",
            "reports.sealingkey.destroyed_on",
            "reports.sealingkey.resealed",
        ),
    ),
    Kept(
        _("The portal and language you used, and the hour"),
        _("So that an analyst who reads the language takes it, and for statistics."),
        _("As long as the statistics: they tell nothing about you."),
        (
            "reports.submission.portal",
            "reports.submission.language",
            "reports.submission.received_hour",
            "analysts.report.receipt",
            "analysts.report.portal",
            "analysts.report.language",
            "analysts.report.received_hour",
            "analysts.report.unpublished",
            "analysts.portalhour.id",
            "analysts.portalhour.portal",
            "analysts.portalhour.hour",
            "analysts.portalhour.reports",
            "analysts.portalhour.mailed",
        ),
    ),
    Kept(
        _("What you ticked, such as “a child is in danger now”"),
        _("So that the most urgent reports are looked at first."),
        _("As long as the statistics: they tell nothing about you."),
        ("analysts.report.facts",),
    ),
    Kept(
        _("A number made from your receipt, and the state it shows"),
        _("So that your receipt shows what came of the report. The receipt itself is not kept."),
        _("As long as receipts are answered."),
        (
            "reports.receipt.id",
            "reports.receipt.outcomes",
            "reports.receipt.changed_on",
            "reports.receipt.mailbox_key",
        ),
    ),
    Kept(
        _("Questions an analyst asks you, sealed"),
        _("Only your receipt opens them, and staff can see what was asked."),
        _("As long as what you write."),
        (
            "reports.message.id",
            "reports.message.receipt",
            "reports.message.asked_on",
            "reports.message.key",
            "reports.message.sealed_for_reporter",
            "reports.message.sealed_for_staff",
            "analysts.question.message",
            "analysts.question.incident",
            "analysts.question.report",
            "analysts.question.by",
            "analysts.question.answered",
            "analysts.question.read",
        ),
    ),
    Kept(
        _("The reported address, sealed, and what was decided about it"),
        _("So that it is taken down, recognised when it is reported again, and counted."),
        until(
            _(
                "The address: %(not_actioned)d days after the decision where there was nothing to act on, %(actioned)d "
                "days where the content was taken down. Its key is destroyed at most %(longer)d days later, unless the "
                "law or the police ask for it to be kept. The decision: for the statistics."
            ),
            not_actioned="ADDRESSES_DAYS_NOT_ACTIONED",
            actioned="ADDRESSES_DAYS_ACTIONED",
        ),
        (
            "analysts.incident.id",
            "analysts.incident.kind",
            "analysts.incident.address_kind",
            "analysts.incident.fingerprint",
            "analysts.incident.site_fingerprint",
            "analysts.incident.host_fingerprint",
            "analysts.incident.shape",
            "analysts.incident.flood",
            "analysts.incident.key",
            "analysts.incident.sealed_address",
            "analysts.incident.portals",
            "analysts.incident.state",
            "analysts.incident.priority",
            "analysts.incident.priority_reasons",
            "analysts.incident.child_in_danger",
            "analysts.incident.first_sighted",
            "analysts.incident.last_sighted",
            "analysts.incident.waiting_since",
            "analysts.incident.claimed_by",
            "analysts.incident.claimed_until",
            "analysts.incident.fence",
            "analysts.incident.round",
            "analysts.incident.look",
            "analysts.incident.severity",
            "analysts.incident.notices",
            "analysts.incident.merged_into",
            "analysts.incident.unpublished",
            "analysts.incident.closing",
            "analysts.incident.closed_on",
            "analysts.sighting.id",
            "analysts.sighting.incident",
            "analysts.sighting.report",
            "analysts.sighting.portal",
            "analysts.sighting.referrer_fingerprint",
            "analysts.sighting.merged_from",
            "analysts.assessment.id",
            "analysts.assessment.incident",
            "analysts.assessment.by",
            "analysts.assessment.at",
            "analysts.assessment.round",
            "analysts.assessment.look",
            "analysts.assessment.verdict",
            "analysts.assessment.severity",
            "analysts.assessment.age_band",
            "analysts.assessment.sex",
            "analysts.assessment.site_type",
            "analysts.assessment.commerciality",
            "analysts.assessment.payment",
            "analysts.assessment.content_kind",
            "analysts.assessment.found_on",
            "analysts.assessment.flags",
            "analysts.assessment.notices",
            "analysts.assessment.reason",
            "analysts.assessment.bulk",
            "analysts.assessment.undone_at",
            "analysts.assessment.undone_by",
            "analysts.assessment.undo_reason",
            "analysts.bulkclosing.id",
            "analysts.bulkclosing.flood",
            "analysts.bulkclosing.by",
            "analysts.bulkclosing.at",
            "analysts.bulkclosing.verdict",
            "analysts.bulkclosing.reason",
            "analysts.bulkclosing.number",
            "analysts.bulkclosing.undone_at",
            "analysts.bulkclosing.undone_by",
            "analysts.note.id",
            "analysts.note.incident",
            "analysts.note.by",
            "analysts.note.at",
            "analysts.note.claim",
            "analysts.note.key",
            "analysts.note.sealed",
            "analysts.referral.id",
            "analysts.referral.incident",
            "analysts.referral.assessment",
            "analysts.referral.kind",
            "analysts.referral.addressee",
            "analysts.referral.by",
            "analysts.referral.at",
            "analysts.hold.id",
            "analysts.hold.incident",
            "analysts.hold.reason",
            "analysts.hold.note",
            "analysts.hold.review_on",
            "analysts.hold.by",
            "analysts.hold.at",
            "analysts.hold.released_by",
            "analysts.hold.released_at",
        ),
    ),
)
