"""What was decided about an incident."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from itertools import accumulate

from django.db.models import OuterRef, Q, Subquery, TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.assessment.mappings import Mapping, current, translated, translated_referral
from analysts.assessment.timeline_entries import Entry
from analysts.codes import (
    AgeBand,
    Commerciality,
    ContentKind,
    Flag,
    FoundOn,
    Look,
    PaymentKind,
    Reason,
    ReferralKind,
    Severity,
    Sex,
    SiteType,
    UndoReason,
    Verdict,
)
from analysts.incidents.display_safe import harmless
from analysts.models import Assessment, AssessmentQuerySet, Hold, Incident, Referral, UrlListEntry, User
from analysts.pages.timeline import after_verdict

# Of each noun, and of what comes day after day.
MOST_LISTED, MOST_REPEATED = 50, 20


@dataclass(frozen=True, slots=True)
class History:
    """`entries`: newest first. `is_cut`: older reminders and looks are left out, and nothing else is."""

    entries: list[Entry]
    is_cut: bool


def history(incident: Incident, user: User) -> History:
    """Assessments, legal holds and all that was done after a verdict, as far as `user` may know of it."""
    assessments = known_to(user, incident).select_related("by").order_by("-at")[:MOST_LISTED]
    listed = UrlListEntry.objects.filter(incident=OuterRef("incident"), added_on__gte=OuterRef("at__date"))
    referrals = (
        incident.referrals.select_related("by", "to")
        .annotate(listed_on=Subquery(listed.order_by("added_on").values("added_on")[:1]))
        .order_by("-at")[:MOST_LISTED]
    )
    holds = incident.holds.select_related("by", "released_by").order_by("-at")[:MOST_LISTED]
    mapping = current()
    entries = [
        *(assessed(assessment, mapping) for assessment in assessments),
        *(referred(referral, mapping, referral.listed_on) for referral in referrals),
        *(entry for hold in holds for entry in held(hold)),
        *after_verdict(incident),
    ]
    entries.sort(key=lambda entry: entry.order, reverse=True)
    number = accumulate(entry.repeats for entry in entries)
    shown = [
        entry for entry, so_far in zip(entries, number, strict=True) if not entry.repeats or so_far <= MOST_REPEATED
    ]
    return History(shown, is_cut=len(shown) < len(entries))


def known_to(user: User, incident: Incident) -> AssessmentQuerySet:
    """The incident's assessments without those that would tell a look of the round what an earlier one found, even one
    that was taken back.
    """
    made = Assessment.objects.filter(incident=incident)
    if incident.look != Look.SENIOR and incident.is_open_to_looks:
        return made.exclude(Q(round=incident.round) & ~Q(by=user))
    return made


def dispute(incident: Incident) -> list[tuple[Assessment, list[str]]]:
    """The two looks that disagree, with what each says; empty where nothing is in dispute."""
    if incident.look != Look.SENIOR or not incident.is_open_to_looks:
        return []
    looks = incident.assessments.standing().filter(round=incident.round).select_related("by").order_by("at")
    return [(look, [str(code.label) for code in codes(look)]) for look in looks]


def assessed(assessment: Assessment, mapping: Mapping) -> Entry:
    return Entry(
        at=assessment.at,
        by=assessment.by,
        what=str(Verdict(assessment.verdict).label),
        details=[in_words(code) for code in codes(assessment)],
        taken_back=str(UndoReason(assessment.undo_reason).label) if assessment.undone_at else "",
        elsewhere={} if assessment.undone_at else translated(assessment, mapping),
    )


def codes(assessment: Assessment) -> Iterator[TextChoices]:
    """What the assessment says beyond its verdict; what was left open is left out."""
    if assessment.severity:
        yield Severity(assessment.severity)
        yield AgeBand(assessment.age_band)
        yield Sex(assessment.sex)
    if assessment.reason:
        yield Reason(assessment.reason)
    if assessment.site_type != SiteType.NOT_DETERMINED:
        yield SiteType(assessment.site_type)
    if assessment.commerciality != Commerciality.NOT_DETERMINED:
        yield Commerciality(assessment.commerciality)
    if assessment.payment not in ("", PaymentKind.NOT_DETERMINED):
        yield PaymentKind(assessment.payment)
    if assessment.content_kind != ContentKind.NOT_DETERMINED:
        yield ContentKind(assessment.content_kind)
    if assessment.found_on != FoundOn.NOT_DETERMINED:
        yield FoundOn(assessment.found_on)
    yield from map(Flag, assessment.flags)
    if assessment.look != Look.FIRST:
        yield Look(assessment.look)


def in_words(code: TextChoices) -> str:
    """The label in a line with others; among words from right to left an age keeps its order (not 15–14)."""
    return f"\N{LEFT-TO-RIGHT MARK}{code.label}" if isinstance(code, AgeBand) else str(code.label)


def referred(referral: Referral, mapping: Mapping, listed_on: date | None) -> Entry:
    """What was decided, and as done only once it is: it may wait for the police, for somebody to verify the addressee,
    or for what may leave of the address. `listed_on`: when the address came on the URL list.
    """
    is_list = referral.kind == ReferralKind.URL_LIST
    # Of what was recorded by name alone nobody knows more than that it was.
    is_done = listed_on is not None if is_list else referral.to is None or referral.noticed_at is not None
    if is_done:
        what = referral.get_kind_display()
    elif is_list:
        what = _("meant for the URL list")
    else:
        what = _("was to be told") if referral.ended_at else _("to be told")
    details = [] if is_list else [harmless(referral.addressee)]
    if listed_on and listed_on != referral.at.astimezone(UTC).date():
        details.append(_("on %(date)s") % {"date": date_format(listed_on, "j M Y")})
    return Entry(
        at=referral.at,
        by=referral.by,
        what=what,
        details=details,
        elsewhere=translated_referral(referral, mapping) if is_done else {},
    )


def held(hold: Hold) -> Iterator[Entry]:
    yield Entry(at=hold.at, by=hold.by, what=_("put under legal hold"), details=[hold.get_reason_display()])
    if hold.released_at and hold.released_by:
        yield Entry(at=hold.released_at, by=hold.released_by, what=_("legal hold released"), details=[])
