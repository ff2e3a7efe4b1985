"""May I? One function a verb; the verb and its button ask the same one, and its reason is the button's tooltip.

Content is granted by role alone. Whether an incident exists for somebody at all is decided before, by `visible_to`.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Closing, RevealReason, ReviewStage, Role
from analysts.models import Assessment, Incident, User
from analysts.states import State, sources
from audit.permissions import Denied


def check_sees_content(user: User) -> None:
    if not user.is_active or user.role not in CONTENT_ROLES:
        raise Denied(_("Reports are open to analysts only."))


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


def check_may_look(user: User, incident: Incident, reason: str) -> None:
    """Whether `reason` is enough to reveal it: whoever holds it needs none."""
    check_can_reveal(user, incident)
    if not incident.is_held_by(user) and reason not in RevealReason.values:
        raise Denied(_("Say why you look at an incident that you do not hold."))


def _check_state(verb: str, incident: Incident) -> None:
    if incident.state not in sources(verb):
        raise Denied(_("Not possible while the incident is %(state)s.") % {"state": State(incident.state).label})


def _check_holder(user: User, incident: Incident) -> None:
    if incident.claimed_by_id != user.pk:
        raise Denied(_("Somebody else is working on this incident."))


def check_can_claim(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.state == State.CLAIMED and incident.claimed_by_id == user.pk:
        raise Denied(_("You are already working on this incident."))
    if incident.state == State.CLAIMED:
        raise Denied(_("Somebody else is working on this incident."))
    _check_state("claim", incident)
    _check_may_look(user, incident)


def _check_may_look(user: User, incident: Incident) -> None:
    """Two looks are of two people; where they disagree, a senior who is a third decides."""
    if incident.look == ReviewStage.FIRST:
        return
    # What somebody took back they have seen as well.
    if incident.assessments.filter(round=incident.round, by=user).exists():
        raise Denied(_("You have assessed this incident. The next look is somebody else’s."))
    if incident.look == ReviewStage.SENIOR and user.role != Role.SENIOR:
        raise Denied(_("Two looks disagree. A senior analyst decides."))


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


def check_can_undo(user: User, assessment: Assessment, *, now: datetime) -> None:
    """Whoever decided may take it back within UNDO_MINUTES, as long as nothing was built on it."""
    check_sees_content(user)
    incident = assessment.incident
    if assessment.by_id != user.pk:
        raise Denied(_("Only whoever decided can take a decision back."))
    if assessment.undone_at is not None:
        raise Denied(_("This decision was taken back already."))
    if assessment.look == ReviewStage.SECOND:
        # Its author has seen the first look since: a second one made after that would not be blind.
        raise Denied(_("Both looks are open by now. Reopen the incident instead."))
    if assessment.bulk_id is not None:
        raise Denied(_("This was closed together with others, and is taken back together with them."))
    if now - assessment.at > timedelta(minutes=settings.UNDO_MINUTES):
        raise Denied(_("The time to take it back is over. Reopen the incident instead."))
    if incident.state == State.CLAIMED:
        raise Denied(_("Somebody has begun the next look."))
    _check_state("undo", incident)
    if incident.assessments.standing().latest("at") != assessment or incident.round != assessment.round:
        raise Denied(_("Something newer was decided about this incident."))
    if incident.closing not in ("", Closing.NOT_ACTIONED):
        raise Denied(_("Something newer was decided about this incident."))


def check_can_hand_over(user: User, incident: Incident) -> None:
    check_sees_content(user)
    _check_state("hand_over", incident)
    if user.role != Role.SENIOR:
        _check_holder(user, incident)


def check_can_receive(user: User, incident: Incident) -> None:
    """Whether an incident may be handed over to `user`."""
    if not user.is_active or user.role not in CONTENT_ROLES:
        raise Denied(_("Only an analyst can take an incident over."))
    if not Incident.objects.visible_to(user).filter(pk=incident.pk).exists():
        raise Denied(_("This colleague does not work for any portal of the incident."))
    _check_may_look(user, incident)


def check_can_assess(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.state == State.WAITING:
        raise Denied(_("Claim the incident first."))
    _check_state("assess", incident)
    _check_holder(user, incident)
    _check_may_look(user, incident)


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
        raise Denied(_("Its reports are those of another incident. Split them off there."))


def check_can_merge_away(user: User, incident: Incident) -> None:
    """Whether it may be merged into another at all. What is acted on, held or looked at twice stays what it is."""
    check_sees_content(user)
    _check_state("merge", incident)
    if incident.state == State.CLAIMED:
        _check_holder(user, incident)
    if incident.look != ReviewStage.FIRST:
        raise Denied(_("Another look at it is due. Merge the other incident into this one."))
    # Before the first verdict there is none.
    if incident.round > 1 and incident.chases.filter(ended_at=None).exists():
        raise Denied(_("It was found illegal and is not gone yet. Merge the other incident into this one."))
    if incident.open_hold is not None:
        raise Denied(_("The incident is under legal hold. Merge the other one into it, or have the hold released."))


def check_can_merge(user: User, incident: Incident, into: Incident) -> None:
    check_can_merge_away(user, incident)
    if incident.pk == into.pk:
        raise Denied(_("An incident cannot be merged into itself."))
    if into.closing == Closing.MERGED:
        raise Denied(_("That incident was merged into another one itself."))


def check_can_split(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.closing == Closing.MERGED:
        raise Denied(_("The incident was merged into another one."))
    if incident.state == State.CLAIMED:
        _check_holder(user, incident)
    if incident.open_hold is not None:
        raise Denied(_("The incident is under legal hold: what it holds stays together."))
    if incident.sightings.all()[:2].count() < 2:
        raise Denied(_("No other report names it."))


def check_can_ask(user: User, incident: Incident) -> None:
    check_sees_content(user)


def check_can_note(user: User, incident: Incident) -> None:
    check_sees_content(user)


ANALYSTS = Who(CONTENT_ROLES, check_sees_content)
