"""Who may draw batches for the isolated workstation, import their results, and register workstations."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import AddressAllowance, AllowanceState, Batch, BatchState, User, Workstation
from analysts.welfare.exposure import exposure_status
from audit.permissions import Denied, Late
from countries.staff.requests.approvals import check_is_second_person

# Administrators cannot import results, so that a false workstation needs two people.
WORKSTATION_KEEPERS, check_keeps_workstations = restrict_to(
    {Role.ADMINISTRATOR}, _("Only administrators can register isolated workstations.")
)


def check_can_close_workstation(user: User, workstation: Workstation) -> None:
    check_keeps_workstations(user)
    if workstation.closed_on is not None:
        raise Denied(_("This workstation is already closed."))


# --- Batches ---------------------------------------------------------------------------------------


def check_can_draw(user: User, *, now: datetime) -> None:
    """A person whose exposure has reached a limit draws nothing, as on the incident page."""
    check_sees_content(user)
    if limit := exposure_status(user, now=now).limit:
        raise Denied(_("Nothing can be drawn now: %(limit)s.") % {"limit": limit.label})


def check_takes_batches(workstation: Workstation) -> None:
    if workstation.closed_on is not None:
        raise Denied(_("This workstation is closed."))
    if not workstation.sealing_key:
        raise Denied(_("This workstation has no sealing key. An administrator must register it again with one."))


def check_is_drawn(batch: Batch, *, now: datetime) -> None:
    """The state of the batch, and its lease even before the worker has ended it."""
    if batch.state == BatchState.REVOKED:
        raise Late(_("This batch was revoked. Its incidents are back in the queue."))
    if batch.state == BatchState.RETURNED:
        raise Late(_("This batch was returned. Its other incidents are back in the queue."))
    if batch.state == BatchState.LATE or batch.until <= now:
        raise Late(_("This batch came too late. Its incidents are back in the queue."))


def check_can_download(user: User, batch: Batch, *, now: datetime) -> None:
    check_sees_content(user)
    if batch.by_id != user.pk:
        raise Denied(_("Another analyst drew this batch."))
    check_takes_batches(batch.workstation)
    check_is_drawn(batch, now=now)


def check_can_import(user: User, batch: Batch) -> None:
    """The person who drew it, or a senior analyst in their place: the verdicts stay those of the first."""
    check_sees_content(user)
    if batch.by_id != user.pk and user.role != Role.SENIOR:
        raise Denied(_("Another analyst drew this batch. If they are absent, a senior analyst imports its results."))


def check_can_end_batch(user: User, batch: Batch) -> None:
    check_sees_content(user)
    if batch.by_id != user.pk and user.role != Role.SENIOR:
        raise Denied(_("Only the analyst who drew the batch or a senior analyst can do this."))
    if not batch.is_open:
        raise Late(_("This batch has already ended."))


# --- More addresses than the limit of a day --------------------------------------------------------


def check_can_grant_allowance(user: User, allowance: AddressAllowance) -> None:
    """A senior analyst who is another person than the one who asked."""
    check_sees_content(user)
    if user.role != Role.SENIOR:
        raise Denied(_("Only a senior analyst can approve this."))
    refusal = _("Another person must approve your request.")
    check_is_second_person(user, allowance.by_id, allowance.at, refusal=refusal)
    if allowance.state != AllowanceState.REQUESTED:
        raise Late(_("This request has already been decided."))


def check_can_decline_allowance(user: User, allowance: AddressAllowance) -> None:
    """A senior analyst, or the person who asked, who withdraws the request."""
    check_sees_content(user)
    if allowance.by_id != user.pk and user.role != Role.SENIOR:
        raise Denied(_("Only a senior analyst can decline this."))
    if allowance.state != AllowanceState.REQUESTED:
        raise Late(_("This request has already been decided."))
