"""Permission checks on incidents: one function per verb, called by both the verb and its button.

A refusal's reason is shown beside the button. Access to content depends on the role alone; which incidents a user can
see is decided earlier, by `visible_to`.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Closing, RevealReason, ReviewStage, Role
from analysts.incidents.priority import is_reported_in_danger
from analysts.models import Assessment, Incident, User
from analysts.states import State, sources
from audit.permissions import Denied
from countries.decided_settings import number_in_force

ANALYSTS, check_sees_content = restrict_to(CONTENT_ROLES, _("Only analysts can open reports."))


def check_can_see_queue(user: User) -> None:
    check_sees_content(user)


def check_can_see_incident(user: User) -> None:
    check_sees_content(user)


def check_can_reveal(user: User, incident: Incident) -> None:
    check_sees_content(user)


def check_can_copy(user: User, incident: Incident) -> None:
    check_can_reveal(user, incident)
    if not incident.sealed_address:
        raise Denied(_("There is no address to copy."))


def check_may_view(user: User, incident: Incident, reason: str) -> None:
    """Check the reason for revealing the incident. The holder of the claim needs none."""
    check_can_reveal(user, incident)
    if not incident.is_held_by(user) and reason not in RevealReason.values:
        raise Denied(_("Give a reason for viewing an incident that you have not claimed."))


def _check_state(verb: str, incident: Incident) -> None:
    if incident.state not in sources(verb):
        raise Denied(_("Not possible in the state “%(state)s”.") % {"state": State(incident.state).label})


def _check_holder(user: User, incident: Incident) -> None:
    if incident.claimed_by_id != user.pk:
        raise Denied(_("A colleague is working on this incident."))


def _check_not_in_batch(incident: Incident) -> None:
    if incident.batch_id is not None:
        raise Denied(_("The claim belongs to a batch on the isolated workstation and ends with it."))


def check_can_claim(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.state == State.CLAIMED and incident.claimed_by_id == user.pk:
        raise Denied(_("You are already working on this incident."))
    if incident.state == State.CLAIMED:
        raise Denied(_("A colleague is working on this incident."))
    _check_state("claim", incident)
    _check_may_view(user, incident)


def _check_may_view(user: User, incident: Incident) -> None:
    """Reviews of one round are by different people. A disagreement is decided by a third, who is a senior analyst."""
    if incident.stage == ReviewStage.FIRST:
        return
    # Undone assessments count: their author has seen the incident.
    if incident.assessments.filter(round=incident.round, by=user).exists():
        raise Denied(_("You have already assessed this incident. A different analyst must do the next review."))
    if incident.stage == ReviewStage.SENIOR and user.role != Role.SENIOR:
        raise Denied(_("The two reviews disagree. A senior analyst decides."))


def check_can_release(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("release", incident)
    if user.role != Role.SENIOR:
        _check_holder(user, incident)


def check_can_skip(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("skip", incident)
    _check_holder(user, incident)


def check_can_renew(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("renew", incident)
    _check_holder(user, incident)
    _check_not_in_batch(incident)


def check_can_undo(user: User, assessment: Assessment, *, now: datetime) -> None:
    """The author of a decision can undo it within UNDO_MINUTES, unless later decisions depend on it."""
    check_sees_content(user)
    if assessment.by_id != user.pk:
        raise Denied(_("Only the person who made a decision can undo it."))
    if assessment.undone_at is not None:
        raise Denied(_("This decision has already been undone."))
    if assessment.stage == ReviewStage.SECOND:
        # Its author has since seen the first review, so another second review by them would not be blind.
        raise Denied(_("Both reviews are complete. Reopen the incident instead."))
    if assessment.bulk_id is not None:
        raise Denied(_("This incident was closed together with others and can only be undone together with them."))
    if now - assessment.at > timedelta(minutes=number_in_force("UNDO_MINUTES")):
        raise Denied(_("The time limit for undoing this decision has passed. Reopen the incident instead."))
    incident = assessment.incident
    if incident.state == State.CLAIMED:
        raise Denied(_("The next review has already started."))
    _check_state("undo", incident)
    if incident.assessments.in_force().latest("at") != assessment or incident.round != assessment.round:
        raise Denied(_("There is a newer decision about this incident."))
    if incident.closing not in ("", Closing.NOT_ACTIONED):
        raise Denied(_("There is a newer decision about this incident."))


def check_can_hand_over(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("hand_over", incident)
    _check_not_in_batch(incident)
    if user.role != Role.SENIOR:
        _check_holder(user, incident)


def check_can_receive(user: User, incident: Incident) -> None:
    """Whether an incident may be handed over to `user`."""
    if not user.is_active or user.role not in CONTENT_ROLES:
        raise Denied(_("Incidents can only be handed over to an analyst."))
    if not Incident.objects.visible_to(user).filter(pk=incident.pk).exists():
        raise Denied(_("This colleague does not work for any portal of the incident."))
    _check_may_view(user, incident)


def check_can_assess(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.state == State.WAITING:
        raise Denied(_("Claim the incident first."))
    _check_state("assess", incident)
    _check_holder(user, incident)
    _check_may_view(user, incident)


def check_can_refer(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("refer", incident)


def check_can_close(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("close", incident)


def check_can_reopen(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("reopen", incident)
    if incident.closing == Closing.MERGED:
        raise Denied(_("This incident was merged into another one. Split its reports off there."))


def check_can_merge_away(user: User, incident: Incident) -> None:
    """Check whether the incident can be merged away: not during a takedown, a legal hold or a later review."""
    check_sees_content(user)
    _check_state("merge", incident)
    if incident.state == State.CLAIMED:
        _check_holder(user, incident)
    if incident.stage != ReviewStage.FIRST:
        raise Denied(_("This incident is due for another review. Merge the other incident into this one."))
    # Before the first verdict there is no chase.
    if incident.round > 1 and incident.chases.filter(ended_at=None).exists():
        raise Denied(_("The illegal content has not been removed yet. Merge the other incident into this one."))
    if is_reported_in_danger(incident) and incident.alerts.exists():
        raise Denied(_("Police or child protection were informed of this one. Merge the other incident into it."))
    if incident.open_hold is not None:
        raise Denied(_("The incident is under legal hold. Merge the other one into it, or have the hold released."))


def check_can_merge(user: User, incident: Incident, into: Incident) -> None:
    check_can_merge_away(user, incident)
    if incident.pk == into.pk:
        raise Denied(_("An incident cannot be merged into itself."))
    if into.closing == Closing.MERGED:
        raise Denied(_("That incident has itself been merged into another one."))


def check_can_compare(user: User, incident: Incident, merged: Incident) -> None:
    """Check whether the user can record that the address of `merged` was opened or compared with the incident's."""
    check_sees_content(user)
    if merged.merged_into_id != incident.pk:
        raise Denied(_("It is no longer part of this incident."))
    if merged.is_compared:
        raise Denied(_("This is on record already."))


def check_can_split(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.closing == Closing.MERGED:
        raise Denied(_("The incident was merged into another one."))
    if incident.state == State.CLAIMED:
        _check_holder(user, incident)
    if incident.open_hold is not None:
        raise Denied(_("The incident is under legal hold, so its reports cannot be split off."))
    if not incident.has_several_reports:
        raise Denied(_("This incident has only one report."))


def check_can_ask(user: User, incident: Incident) -> None:
    check_sees_content(user)


def check_can_note(user: User, incident: Incident) -> None:
    check_sees_content(user)
