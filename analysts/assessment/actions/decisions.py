"""Assessments: recording a verdict, choosing the next review of the round, and undoing a decision."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment import agreement
from analysts.assessment.actions.claims import start_claim
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake import reopening
from analysts.assessment.permissions import check_can_confirm_unchanged
from analysts.codes import (
    AgeBand,
    Closing,
    Commerciality,
    ContentKind,
    ContentWarning,
    FoundOn,
    IncidentKind,
    PaymentKind,
    Reason,
    ReviewStage,
    Severity,
    SiteType,
    UndoReason,
    Verdict,
    VerdictBasis,
)
from analysts.incidents import permissions
from analysts.incidents.locking import check_fence, end_claim, lock_incident, record_act, save_incident, set_closed
from analysts.incidents.priority import PriorityReason, is_reported_in_danger
from analysts.models import Assessment, DropReason, Incident, User
from analysts.states import target
from analysts.takedown import chase_lifecycle as chases
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices.corrections import cancel_corrections, update_corrections
from analysts.takedown.routing import referrals
from analysts.takedown.url_list.entries import end_listing
from analysts.welfare import exposure
from analysts.welfare.meter import is_revealed_to
from audit.actions import JSON
from audit.permissions import Denied
from countries.decided_settings import number_in_force

YOUNG = (AgeBand.AGE_0_2, AgeBand.AGE_3_6)


@transaction.atomic
def assess(
    *,
    by: User,
    incident: Incident,
    fence: int,
    verdict: Verdict,
    basis: VerdictBasis | str = "",
    severity: str = "",
    age_band: str = "",
    sex: str = "",
    site_type: SiteType = SiteType.NOT_DETERMINED,
    commerciality: Commerciality = Commerciality.NOT_DETERMINED,
    payment: str = "",
    content_kind: ContentKind = ContentKind.NOT_DETERMINED,
    found_on: FoundOn = FoundOn.NOT_DETERMINED,
    flags: Sequence[str] = (),
    notices: Sequence[str] = (),
    reason: Reason | str = "",
    now: datetime | None = None,
) -> Assessment:
    """Record the assessment and return it.

    If another review is due, the incident returns to the queue for another analyst. Otherwise a verdict other than
    illegal also closes the incident, since no takedown follows. Severity and age band add content warnings to those
    given in `notices`. `basis`: of an illegal verdict; one about an incident without an address rests on words.

    Raises Denied for an illegal verdict without a basis on an incident that was not revealed to `by` in this round.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_assess(by, incident)
    check_fence(incident, fence)
    assessment = Assessment.objects.create(
        incident=incident,
        by=by,
        at=now,
        round=incident.round,
        stage=incident.stage,
        verdict=verdict,
        basis=_basis_of(verdict, basis, incident, by),
        severity=severity,
        age_band=age_band,
        sex=sex,
        site_type=site_type,
        commerciality=commerciality,
        payment=payment or (PaymentKind.NOT_DETERMINED if commerciality == Commerciality.COMMERCIAL else ""),
        content_kind=content_kind,
        found_on=found_on,
        flags=list(flags),
        notices=_assessment_warnings(severity, age_band, notices),
        reason=reason,
    )
    _carry_out(assessment, incident, now=now)
    exposure.count_decision(by, now=now)
    details: dict[str, JSON] = {"verdict": str(verdict), "severity": str(severity), "reason": str(reason)}
    record_act("assess", incident, by=by, now=now, details={**details, "stage": assessment.stage})
    return assessment


def _basis_of(verdict: Verdict, basis: str, incident: Incident, by: User) -> str:
    if verdict != Verdict.ILLEGAL:
        return ""
    if incident.kind == IncidentKind.WORDS:
        return VerdictBasis.WORDS
    if basis:
        return basis
    decided_at = None
    if incident.round > 1:
        decided_at = incident.assessments.filter(round__lt=incident.round).aggregate(at=Max("at"))["at"]
    if not is_revealed_to(by, incident, since=decided_at):
        raise Denied(_("You have not revealed this incident. Choose what the illegal verdict rests on."))
    return VerdictBasis.SEEN


def _carry_out(assessment: Assessment, incident: Incident, *, now: datetime) -> None:
    """Move the incident on to its next review, its takedown or its end."""
    is_illegal = assessment.verdict == Verdict.ILLEGAL
    before = _review_before(assessment)
    if assessment.stage == ReviewStage.SECOND and before:
        agreement.count_pair(first=before.category, second=assessment.category, at=now)
    incident.state = target("assess")
    # The assessment has taken the danger into account; a later report of danger sets the flag again.
    incident.child_in_danger = False
    changed = [*end_claim(incident), "child_in_danger", "stage", "severity"]
    changed += reopening.answer_waiting_reports(incident)
    next_stage = _review_after(assessment, before)
    if next_stage:
        incident.state, incident.stage = target("review_again"), next_stage
    else:
        incident.severity = assessment.severity
        if is_illegal:
            chase = chases.begin_chase(incident, now=now)
            if chase is not None and chase.routed_trace is not None and chase.noticed_at is None:
                # The takedown continues, and its first notices may have waited for this look.
                referrals.plan_first_notices(incident, by=assessment.by, now=now)
        else:
            if incident.round > 1:
                # No takedown can be open in the first round.
                chases.end_chase(incident, reason=DropReason.ENDED, now=now)
            changed += set_closed(incident, Closing.NOT_ACTIONED, now)
    changed += _set_warnings(incident)
    save_incident(incident, *changed)
    # No letter can have left in the first round, except an alert. A later review no longer knows of the danger.
    may_be_alerted = assessment.stage != ReviewStage.FIRST or is_reported_in_danger(incident)
    if not next_stage and (incident.round > 1 or (may_be_alerted and incident.alerts.exists())):
        update_corrections(incident, by=assessment.by, now=now)
    if is_illegal or incident.round > 1:
        # Otherwise no takedown can be open.
        refresh_next_step(incident, now=now)
    if incident.severity:
        floods.unfold_illegal_sites(bytes(incident.site_fingerprint))
        if not Severity(incident.severity).row.is_listed:
            # Listed by an earlier verdict. Last: this locks the list.
            end_listing(incident, now=now)


@transaction.atomic
def confirm_unchanged(*, by: User, incident: Incident, fence: int, now: datetime | None = None) -> Assessment:
    """Record the verdict of the last round once more: the analyst has looked and found the content unchanged.

    It is an assessment like any other, with its own second review where one is due.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_confirm_unchanged(by, incident)
    earlier = reopening.earlier_verdict(incident)
    if earlier is None:
        # Unreachable: the check refuses it.
        raise Denied(_("There is no earlier verdict to confirm."))
    assessment = assess(
        by=by,
        incident=incident,
        fence=fence,
        verdict=Verdict(earlier.verdict),
        site_type=SiteType(earlier.site_type),
        commerciality=Commerciality(earlier.commerciality),
        payment=earlier.payment,
        content_kind=ContentKind(earlier.content_kind),
        found_on=FoundOn(earlier.found_on),
        flags=earlier.flags,
        notices=earlier.notices,
        reason=Reason(earlier.reason),
        now=now,
    )
    record_act("unchanged", incident, by=by, now=now, details={"as_on": str(earlier.at.date())})
    return assessment


def _assessment_warnings(severity: str, age_band: str, notices: Sequence[str]) -> list[str]:
    warnings = {str(notice) for notice in notices}
    if severity == Severity.A:
        warnings.add(ContentWarning.SEVERE.value)
    if age_band in YOUNG:
        warnings.add(ContentWarning.YOUNG.value)
    return sorted(warnings)


def _set_warnings(incident: Incident) -> list[str]:
    """Set the content warnings of all assessments in force, including those of incidents merged into this one, and
    whether one says that it is on a free host; returns the names of the fields to save.

    Category A is left out for an undecided round: it would reveal the first review to the second reviewer.
    """
    in_force = Assessment.objects.in_force().values_list("incident", "round", "notices", "site_type")
    direct, merged = in_force.filter(incident=incident), in_force.filter(incident__merged_into=incident)
    warned: set[str] = set()
    # A union of two queries: with an OR across the join, PostgreSQL reads every assessment.
    incident.is_on_free_host = False
    for of, made_in, notices, site_type in direct.union(merged, all=True).order_by():
        is_blind = incident.is_open_to_review and (of, made_in) == (incident.pk, incident.round)
        warned |= set(notices) - ({ContentWarning.SEVERE.value} if is_blind else set())
        incident.is_on_free_host |= of == incident.pk and SiteType(site_type).is_free_host
    incident.notices = sorted(warned)
    return ["notices", "is_on_free_host"]


def _review_before(assessment: Assessment) -> Assessment | None:
    """The first review of the round; None if `assessment` is the first review."""
    if assessment.stage == ReviewStage.FIRST:
        return None
    return Assessment.objects.in_force().get(
        incident=assessment.incident_id, round=assessment.round, stage=ReviewStage.FIRST
    )


def _review_after(assessment: Assessment, before: Assessment | None) -> ReviewStage | None:
    """The next review of the round; None if the round is decided."""
    match ReviewStage(assessment.stage):
        case ReviewStage.FIRST:
            return ReviewStage.SECOND if _needs_second_review(assessment.verdict) else None
        case ReviewStage.SECOND:
            return ReviewStage.SENIOR if before and before.category != assessment.category else None
        case ReviewStage.SENIOR:
            return None


def _needs_second_review(verdict: str) -> bool:
    if verdict in settings.SECOND_REVIEW_VERDICTS:
        return True
    return secrets.randbelow(100) < number_in_force("SECOND_REVIEW_PERCENT")


@transaction.atomic
def undo(
    *, by: User, incident: Incident, assessment: Assessment, reason: UndoReason, now: datetime | None = None
) -> Incident:
    """Undo an assessment within the grace time: `by` holds the claim again, as before the decision.

    The assessment stays on record, marked as undone.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    assessment = incident.assessments.select_related("incident").get(pk=assessment.pk)
    permissions.check_can_undo(by, assessment, now=now)
    assessment.undone_at, assessment.undone_by, assessment.undo_reason = now, by, reason
    assessment.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    chases.take_back(incident, begun_at=assessment.at, now=now)
    cancel_corrections(incident)
    incident.stage, incident.severity = ReviewStage(assessment.stage), ""
    incident.child_in_danger = PriorityReason.CHILD_IN_DANGER in incident.priority_reasons
    incident.closing, incident.closed_on = "", None
    fields = ["stage", "severity", "child_in_danger", "closing", "closed_on", *_set_warnings(incident)]
    save_incident(incident, *start_claim(incident, verb="undo", holder=by, now=now), *fields)
    refresh_next_step(incident, now=now)
    record_act("undo", incident, by=by, now=now, details={"verdict": assessment.verdict, "reason": str(reason)})
    return incident
