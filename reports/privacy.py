"""Data kept of a report: the rows of the public privacy page, each with the model fields it describes.

A test fails for a field of any model that no row names, so every stored field is on this page. Fields of
`analysts` are listed here by name only: the public surface does not install that app.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from countries.decided_settings import number_in_force


@dataclass(frozen=True, slots=True)
class PrivacyEntry:
    """Data kept, why and until when, in words a reporter understands; and in which fields."""

    what: str | Promise
    why: str | Promise
    until: str | Promise
    fields: tuple[str, ...]


# One key seals all data of a month.
LONGEST_MONTH = 31


def _format_until(words: str | Promise, not_actioned: str, actioned: str) -> str:
    return str(words) % {
        "not_actioned": number_in_force(not_actioned),
        "actioned": number_in_force(actioned),
        "longer": LONGEST_MONTH + settings.KEY_GRACE_DAYS + settings.KEY_REST_DAYS,
    }


_until_lazily = lazy(_format_until, str)


def until_text(words: str | Promise, *, not_actioned: str, actioned: str) -> str | Promise:
    """`words` with the days of the two settings filled in, and with the days that a key may outlive them."""
    return _until_lazily(words, not_actioned, actioned)


def _field_paths(model: str, fields: str) -> tuple[str, ...]:
    """`app.model.field` for each of the fields."""
    return tuple(f"{model}.{field}" for field in fields.split())


KEPT: tuple[PrivacyEntry, ...] = (
    PrivacyEntry(
        _("What you write: addresses, details and answers, sealed"),
        _("To let an analyst look at it."),
        until_text(
            _(
                "%(not_actioned)d days after the decision if there was nothing to act on, %(actioned)d days if the "
                "content was taken down. The key that opens it is destroyed at most %(longer)d days later. We keep it "
                "while it is waiting or being worked on, and while the law or the police ask us to."
            ),
            not_actioned="WORDS_DAYS_NOT_ACTIONED",
            actioned="WORDS_DAYS_ACTIONED",
        ),
        (
            *_field_paths("reports.submission", "id receipt kind key digest sealed message"),
            *_field_paths("reports.arrival", "submission"),
            *_field_paths("analysts.wordsrelease", "id incident report to ground by at decided_by decided_at"),
            *_field_paths("analysts.wordsrelease", "is_released key sealed"),
            *_field_paths("reports.sealingkey", "id key_class month state emptied_on destroyed_on resealed"),
        ),
    ),
    PrivacyEntry(
        _("The portal and language you used, and the hour"),
        _("To give it to an analyst who reads the language, and for statistics."),
        _("As long as the statistics. They say nothing about you."),
        (
            *_field_paths("reports.submission", "portal language received_hour"),
            *_field_paths("reports.arrival", "received_hour"),
            *_field_paths("analysts.report", "receipt portal language received_hour unpublished"),
            *_field_paths("analysts.portalhour", "id portal hour reports mailed"),
            *_field_paths("analysts.queuehead", "priority since"),
            *_field_paths("analysts.queuereturn", "id priority since"),
        ),
    ),
    PrivacyEntry(
        _("If another organisation’s system sent the report: which one, and a code made from its reference"),
        _(
            "To tell that organisation when its report is closed, and to count its reports separately. Your own "
            "reports have no such entry."
        ),
        _("As long as the statistics. They say nothing about you."),
        (
            *_field_paths("reports.sourceitem", "receipt source key reference digest received_on is_closed"),
            *_field_paths("analysts.report", "source"),
        ),
    ),
    PrivacyEntry(
        _("What you ticked, such as “a child is in danger now”"),
        _("To look at the most urgent reports first."),
        _(
            "As long as the statistics. They say nothing about you. “It is about me” and “Someone is writing to a "
            "child” are sealed and erased with what you write: we keep only that the report was urgent, not why."
        ),
        (*_field_paths("reports.arrival", "is_expedited"), *_field_paths("analysts.report", "facts")),
    ),
    PrivacyEntry(
        _("A number made from your receipt, and the state it shows"),
        _("To show on your receipt what happened to the report. The receipt itself is not kept."),
        _("As long as receipts work."),
        (
            *_field_paths("reports.receipt", "id outcomes changed_on mailbox_key"),
            *_field_paths("analysts.sighting", "asked_again"),
        ),
    ),
    PrivacyEntry(
        _("Questions an analyst asks you, sealed"),
        _("Only your receipt opens them, and staff can see what was asked."),
        _("As long as what you write."),
        (
            *_field_paths("reports.message", "id receipt asked_on key sealed_for_reporter sealed_for_staff"),
            *_field_paths("analysts.question", "message incident report by answered read"),
        ),
    ),
    PrivacyEntry(
        _("The reported address, sealed, and what was decided about it"),
        _("To have it taken down, to recognise it if it is reported again, and to count it."),
        until_text(
            _(
                "The address: %(not_actioned)d days after the decision if there was nothing to act on, %(actioned)d "
                "days if the content was taken down. Its key is destroyed at most %(longer)d days later, unless the "
                "law or the police ask us to keep it. The decision: as long as the statistics."
            ),
            not_actioned="ADDRESSES_DAYS_NOT_ACTIONED",
            actioned="ADDRESSES_DAYS_ACTIONED",
        ),
        (
            *_field_paths("analysts.incident", "id kind address_kind"),
            *_field_paths(
                "analysts.incident",
                "key sealed_address sealed_mask portals portal_languages state priority priority_reasons",
            ),
            *_field_paths(
                "analysts.incident",
                "child_in_danger first_sighted last_sighted waiting_since claimed_by claimed_until fence round",
            ),
            *_field_paths("analysts.incident", "stage severity notices merged_into unpublished closing closed_on"),
            *_field_paths("analysts.incident", "answers_from reopens_at batch"),
            *_field_paths("analysts.incidentfacet", "pk portal name value received incident"),
            *_field_paths("analysts.incident", "is_compared is_on_free_host"),
            *_field_paths("analysts.sighting", "id incident report portal round is_repeat merged_from shares_verdict"),
            *_field_paths("analysts.sighting", "key has_incident_spelling sealed_address"),
            *_field_paths(
                "analysts.assessment", "id incident by at round stage verdict basis severity age_band sex site_type"
            ),
            *_field_paths(
                "analysts.assessment", "commerciality payment content_kind found_on flags notices reason bulk"
            ),
            *_field_paths("analysts.assessment", "undone_at undone_by undo_reason"),
            *_field_paths(
                "analysts.bulkclosing", "id flood by at verdict reason number sample approved_by undone_at undone_by"
            ),
            *_field_paths("analysts.floodfolding", "id flood by at reason number"),
            *_field_paths("analysts.floodsample", "id flood by at seed population asked_at verdict reason ended_at"),
            *_field_paths("analysts.floodsample", "declined_at declined_by decline_reason"),
            *_field_paths("analysts.floodsampleitem", "id sample incident opened_at"),
            *_field_paths("analysts.note", "id incident by at claim key sealed"),
            *_field_paths(
                "analysts.referral", "id incident assessment kind recipient by at to not_before reason noticed_at"
            ),
            *_field_paths("analysts.referral", "denied_at retraced_at removed_at ended_at"),
            *_field_paths("analysts.referral", "withdrawn_reason withdrawn_by"),
            *_field_paths("analysts.redaction", "incident found is_shortened key sealed by at"),
            *_field_paths(
                "analysts.noticeitem",
                "id notice incident referral alert interval number corrects category trace dropped key sealed",
            ),
            *_field_paths(
                "analysts.urllistentry", "id incident assessment version added_on removed_on review_on key sealed"
            ),
            *_field_paths(
                "analysts.hostingtrace", "id incident method country provider network note at recorded_at by source"
            ),
            *_field_paths("analysts.availabilitycheck", "id incident outcome at recorded_at stated_at by source"),
            *_field_paths(
                "analysts.chase",
                "id incident round since unseen_since country provider network traced_at trace routed_trace",
            ),
            *_field_paths(
                "analysts.chase",
                "noticed_at interval removed_in_a_row removed_at checked_at removal_reported_at escalated_at due_at",
            ),
            *_field_paths("analysts.chase", "check_asked_at ended_at"),
            *_field_paths("analysts.route", "id incident assessment trace country proposed steps reason by at"),
            *_field_paths("analysts.policehold", "id incident police by at answer answered_on reference recorded_by"),
            *_field_paths("analysts.policehold", "recorded_at sent_at is_called_back"),
            *_field_paths("analysts.childalert", "id incident kind name phone to reason by at seen_by seen_at"),
            *_field_paths("analysts.childalert", "corrected_by corrected_at"),
            *_field_paths("analysts.childalert", "withdrawn_reason withdrawn_by withdrawn_at"),
            *_field_paths("analysts.nextstep", "incident kind since review_at owner is_assigned set_by"),
            *_field_paths("analysts.batchitem", "id batch incident number kind round fence answered_at answer seconds"),
            *_field_paths("analysts.batchitem", "refusal"),
            *_field_paths(
                "analysts.historyrow",
                "id source_import source reference key sealed verdict severity age_band sex site_type decided_on",
            ),
            *_field_paths("analysts.historyrow", "old_state host notified_on incident"),
            *_field_paths("analysts.hold", "id incident reason note review_on by at released_by released_at"),
            *_field_paths(
                "analysts.systemiccase",
                "id incident reason note sent_by sent_at answer answer_note answered_by answered_at",
            ),
        ),
    ),
    PrivacyEntry(
        _("The network address (IP address) of the server that had the reported content, sealed"),
        _("To help the server’s provider and the police find it. It is the server’s address, never yours."),
        _("As long as the reported address."),
        _field_paths("analysts.hostingtrace", "key sealed"),
    ),
    PrivacyEntry(
        _("A random number for each report and each web address"),
        _("To hide small numbers in statistics."),
        _("As long as what you write."),
        (*_field_paths("analysts.report", "record_key"), *_field_paths("analysts.incident", "record_key")),
    ),
    # The exception to erasure: SECURITY.md and docs/guides/keys-and-erasure.md state the same (a test compares them).
    PrivacyEntry(
        _(
            "Fingerprints: codes computed with a secret key. They come from the reported address, its web site, the "
            "page where it was found, and words that similar reports have in common"
        ),
        _("To recognise an address that is reported again, and to notice floods of similar reports."),
        _(
            "As long as the statistics, even after the address and the words are erased. The code of an account on an "
            "app is erased with the words about it. Nothing can be read from these codes. But anyone who has both the "
            "database and the secret key can test whether an address or a text they already know was reported. It "
            "does not show who reported it."
        ),
        (
            *_field_paths("analysts.incident", "fingerprint site_fingerprint host_fingerprint shape flood"),
            *_field_paths("analysts.sighting", "referrer_fingerprint"),
            *_field_paths("analysts.historyrow", "fingerprint"),
        ),
    ),
)
