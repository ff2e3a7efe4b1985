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


def _of(model: str, fields: str) -> tuple[str, ...]:
    """`app.model.field` for each of the fields."""
    return tuple(f"{model}.{field}" for field in fields.split())


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
            *_of("reports.submission", "id receipt kind key digest sealed"),
            *_of("reports.arrival", "submission"),
            *_of("reports.sealingkey", "id key_class month state emptied_on destroyed_on resealed"),
        ),
    ),
    Kept(
        _("The portal and language you used, and the hour"),
        _("So that an analyst who reads the language takes it, and for statistics."),
        _("As long as the statistics: they tell nothing about you."),
        (
            *_of("reports.submission", "portal language received_hour"),
            *_of("analysts.report", "receipt portal language received_hour unpublished"),
            *_of("analysts.portalhour", "id portal hour reports mailed"),
        ),
    ),
    Kept(
        _("What you ticked, such as “a child is in danger now”"),
        _("So that the most urgent reports are looked at first."),
        _("As long as the statistics: they tell nothing about you."),
        _of("analysts.report", "facts"),
    ),
    Kept(
        _("A number made from your receipt, and the state it shows"),
        _("So that your receipt shows what came of the report. The receipt itself is not kept."),
        _("As long as receipts are answered."),
        (*_of("reports.receipt", "id outcomes changed_on mailbox_key"),),
    ),
    Kept(
        _("Questions an analyst asks you, sealed"),
        _("Only your receipt opens them, and staff can see what was asked."),
        _("As long as what you write."),
        (
            *_of("reports.message", "id receipt asked_on key sealed_for_reporter sealed_for_staff"),
            *_of("analysts.question", "message incident report by answered read"),
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
            *_of("analysts.incident", "id kind address_kind fingerprint site_fingerprint host_fingerprint shape flood"),
            *_of("analysts.incident", "key sealed_address portals state priority priority_reasons child_in_danger"),
            *_of("analysts.incident", "first_sighted last_sighted waiting_since claimed_by claimed_until fence round"),
            *_of("analysts.incident", "look severity notices merged_into unpublished closing closed_on"),
            *_of("analysts.sighting", "id incident report portal referrer_fingerprint merged_from"),
            *_of("analysts.assessment", "id incident by at round look verdict severity age_band sex site_type"),
            *_of("analysts.assessment", "commerciality payment content_kind found_on flags notices reason bulk"),
            *_of("analysts.assessment", "undone_at undone_by undo_reason"),
            *_of("analysts.bulkclosing", "id flood by at verdict reason number undone_at undone_by"),
            *_of("analysts.note", "id incident by at claim key sealed"),
            *_of("analysts.referral", "id incident assessment kind addressee by at to not_before reason noticed_at"),
            *_of("analysts.referral", "gone_at ended_at"),
            *_of("analysts.outgoing", "incident found is_shortened key sealed by at"),
            *_of("analysts.noticeitem", "id notice incident referral interval trace dropped key sealed"),
            *_of("analysts.urllistentry", "id incident assessment version added_on removed_on review_on key sealed"),
            *_of("analysts.hostingtrace", "id incident method country provider network note at recorded_at by source"),
            *_of("analysts.availabilitycheck", "id incident outcome at recorded_at by source"),
            *_of("analysts.chase", "id incident round since country provider network traced_at trace routed_trace"),
            *_of("analysts.chase", "noticed_at interval gone_in_a_row gone_at checked_at escalated_at due_at ended_at"),
            *_of("analysts.route", "id incident assessment trace country proposed steps reason by at"),
            *_of("analysts.policehold", "id incident police by at answer answered_on reference recorded_by"),
            *_of("analysts.policehold", "recorded_at"),
            *_of("analysts.handoffitem", "id handoff incident round asked answered_at workstation answer"),
            *_of("analysts.hold", "id incident reason note review_on by at released_by released_at"),
        ),
    ),
)
