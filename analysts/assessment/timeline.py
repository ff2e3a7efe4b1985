"""Assessments and referrals in an incident's timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date

from django.db.models import OuterRef, Q, Subquery, TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.assessment.mappings import (
    Mapping,
    current_mapping,
    translate_assessment,
    translate_referral,
)
from analysts.codes import (
    AgeBand,
    Commerciality,
    ContentKind,
    Flag,
    FoundOn,
    PaymentKind,
    Reason,
    ReviewStage,
    Severity,
    Sex,
    SiteType,
    UndoReason,
    Verdict,
    VerdictBasis,
)
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Assessment, AssessmentQuerySet, Incident, Referral, UrlListEntry, User
from analysts.models.desk import is_disputed


def assessments_known_to(user: User, incident: Incident) -> AssessmentQuerySet:
    """The incident's assessments that `user` may see with their authors.

    While the round is open, excludes reviews by others in the round, even undone ones, so that reviews stay blind. Who
    decides a disagreement reads both reviews without their authors (`find_disagreement`).
    """
    assessments = Assessment.objects.filter(incident=incident)
    if incident.is_open_to_review:
        return assessments.exclude(Q(round=incident.round) & ~Q(by=user))
    return assessments


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two reviews without their authors and times: the labels of the codes that both have, and those of each alone."""

    shared: list[str]
    reviews: list[tuple[Verdict, list[str]]]


def find_disagreement(incident: Incident) -> Disagreement | None:
    """The disagreement that a senior analyst has to decide; None if there is none."""
    if not is_disputed(incident):
        return None
    # Their order says nothing of who was first.
    reviews = sorted(incident.assessments.in_force().filter(round=incident.round), key=lambda review: review.category)
    labels = [
        {(type(code), code): str(code.label) for code in assessment_codes(review) if not isinstance(code, ReviewStage)}
        for review in reviews
    ]
    in_all = set.intersection(*map(set, labels)) if labels else set()
    return Disagreement(
        shared=[label for code, label in labels[0].items() if code in in_all] if labels else [],
        reviews=[
            (Verdict(review.verdict), [label for code, label in codes.items() if code not in in_all])
            for review, codes in zip(reviews, labels, strict=True)
        ],
    )


def assessment_entry(assessment: Assessment, mapping: Mapping) -> TimelineEntry:
    return TimelineEntry(
        at=assessment.at,
        by=assessment.by,
        title=str(Verdict(assessment.verdict).label),
        details=[in_words(code) for code in assessment_codes(assessment)],
        undo_reason=str(UndoReason(assessment.undo_reason).label) if assessment.undone_at else "",
        elsewhere={} if assessment.undone_at else translate_assessment(assessment, mapping),
    )


# The fields with one code, in order, and the code that says nothing.
CODES: tuple[tuple[str, type[TextChoices], str], ...] = (
    ("basis", VerdictBasis, VerdictBasis.SEEN),
    ("severity", Severity, ""),
    ("age_band", AgeBand, ""),
    ("sex", Sex, ""),
    ("reason", Reason, ""),
    ("site_type", SiteType, SiteType.NOT_DETERMINED),
    ("commerciality", Commerciality, Commerciality.NOT_DETERMINED),
    ("payment", PaymentKind, PaymentKind.NOT_DETERMINED),
    ("content_kind", ContentKind, ContentKind.NOT_DETERMINED),
    ("found_on", FoundOn, FoundOn.NOT_DETERMINED),
)


def assessment_codes(assessment: Assessment) -> Iterator[TextChoices]:
    """The codes of the assessment other than its verdict, without undetermined ones."""
    for field, codes, silent in CODES:
        if (code := getattr(assessment, field)) not in ("", silent):
            yield codes(code)
    yield from map(Flag, assessment.flags)
    if assessment.stage != ReviewStage.FIRST:
        yield ReviewStage(assessment.stage)


def in_words(code: TextChoices) -> str:
    """The label within a line; an age band keeps its order in right-to-left text (not 15–14)."""
    return f"\N{LEFT-TO-RIGHT MARK}{code.label}" if isinstance(code, AgeBand) else str(code.label)


def referral_entry(referral: Referral, mapping: Mapping, listed_on: date | None) -> TimelineEntry:
    """A referral, shown as done only once it is: before, it may wait for clearance, verification or redaction.

    `listed_on`: the date on which the address was added to the URL list.
    """
    is_list = referral.kind == ReferralKind.URL_LIST
    # A referral without `to` was recorded by name only: its progress is unknown, so it counts as done.
    is_done = listed_on is not None if is_list else referral.to is None or referral.noticed_at is not None
    if is_done:
        label = referral.get_kind_display()
    elif is_list:
        label = _("to be added to the URL list")
    else:
        label = _("was to be notified") if referral.ended_at else _("to be notified")
    details = [] if is_list else [defang_text(referral.recipient)]
    if listed_on and listed_on != referral.at.astimezone(UTC).date():
        details.append(_("on %(date)s") % {"date": date_format(listed_on, "j M Y")})
    return TimelineEntry(
        at=referral.at,
        by=referral.by,
        title=label,
        details=details,
        elsewhere=translate_referral(referral, mapping) if is_done else {},
    )


def assessment_entries(incident: Incident, user: User) -> Iterator[TimelineEntry]:
    """The assessments that `user` may know, then the referrals."""
    mapping = current_mapping()
    for assessment in assessments_known_to(user, incident).select_related("by").order_by("-at")[:MOST_OF_A_KIND]:
        yield assessment_entry(assessment, mapping)
    listed = UrlListEntry.objects.filter(incident=OuterRef("incident"), added_on__gte=OuterRef("at__date"))
    first = Subquery(listed.order_by("added_on").values("added_on")[:1])
    referrals = Referral.objects.filter(incident=incident).select_related("by", "to", "withdrawn_by")
    for referral in referrals.annotate(listed_on=first).order_by("-at")[:MOST_OF_A_KIND]:
        if referral.withdrawn_by and referral.ended_at:
            details = [defang_text(referral.recipient), referral.get_withdrawn_reason_display()]
            title = _("referral withdrawn")
            yield TimelineEntry(at=referral.ended_at, by=referral.withdrawn_by, title=title, details=details)
        yield referral_entry(referral, mapping, referral.listed_on)  # type: ignore[attr-defined] # annotated
