"""Deciding an appeal, which can overturn the verdict."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.actions.outcomes import doubt_verdicts, return_to_queue
from analysts.codes.appeals import AppealOutcome, AppealReason
from analysts.incidents.actions import write_note
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Appeal, Chase, DropReason, Incident, User
from analysts.states import sources
from analysts.takedown import chase_lifecycle as chases
from analysts.takedown.appeals.permissions import check_can_decide, check_has_read, check_is_waiting, has_read
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices.corrections import update_corrections
from analysts.takedown.notices.replies.answer_letters import open_outcome
from analysts.takedown.url_list.actions import list_waiting
from audit.actions import JSON
from audit.permissions import Denied


@transaction.atomic
def decide_appeal(
    *,
    by: User,
    incident: Incident,
    appeal: Appeal,
    reason: AppealReason,
    unseen_reason: str = "",
    note: str = "",
    now: datetime | None = None,
) -> Appeal:
    """Decide the appeal. If it overturns the verdict, the takedown ends and the incident is assessed once more.

    The recipient whose reply or letter it is about gets the outcome and its reason by letter.

    Args:
        unseen_reason: an `UnseenReason`, of a person who has not revealed the incident and read the grounds.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_decide(by, incident)
    appeals = Appeal.objects.select_related("reply__notice__recipient", "letter__recipient")
    locked = appeals.select_for_update(of=("self",)).filter(pk=appeal.pk, incident=incident).first()
    if locked is None:
        raise Denied(_("This appeal does not exist."))
    check_is_waiting(locked)
    check_has_read(by, locked, unseen_reason)
    locked.outcome, locked.reason = reason.row.outcome, reason
    locked.unseen_reason = "" if has_read(by, locked) else unseen_reason
    locked.reviewed_by, locked.reviewed_at = by, now
    locked.save(update_fields=["outcome", "reason", "unseen_reason", "reviewed_by", "reviewed_at"])
    if note:
        write_note(incident, by=by, text=note, now=now)
    if locked.outcome == AppealOutcome.OVERTURNED:
        _overturn(incident, by=by, now=now)
    elif settings.APPEALS_WAIT:
        Chase.objects.filter(incident=incident, ended_at=None).update(due_at=now)
        list_waiting(by=by, incident=incident, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"outcome": str(locked.outcome), "reason": str(reason), "characters": len(note)}
    details |= {"unseen": locked.unseen_reason} if locked.unseen_reason else {}
    if letter := open_outcome(locked, by=by, now=now):
        details["reference"] = letter.reference
    if locked.outcome == AppealOutcome.OVERTURNED:
        # After the outcome, which is the correction for the appellant.
        update_corrections(incident, by=by, now=now)
    record_act("decide_appeal", incident, by=by, now=now, details=details)
    return locked


def _overturn(incident: Incident, *, by: User, now: datetime) -> None:
    chases.end_chase(incident, reason=DropReason.ENDED, now=now)
    if incident.state in sources("reopen"):
        return_to_queue(incident, now=now)
        doubt_verdicts(incident)
