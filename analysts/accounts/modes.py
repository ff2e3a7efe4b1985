"""Modes of the whole installation: administrators start and end them, or their time comes.

Read-only binds staff alone (`analysts.accounts.read_only`); a banner with own words needs two administrators; sending
stopped holds letters to recipients, not mails to staff (`analysts.takedown.notices.sending`).
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role
from analysts.models import User
from audit.actions import JSON, record_event
from audit.changes import describe_text
from audit.log_ids import AccountId
from audit.permissions import Denied, Late
from countries.models import Banner, InstallationMode, ModeKind
from countries.public import published
from countries.staff.requests.approvals import StaffMember, check_is_second_person

# The meaning of each mode, for the bar of staff pages and the page of modes.
MODE_MEANINGS: Mapping[ModeKind, Promise] = {
    ModeKind.READ_ONLY: _(
        "Staff read and change nothing. Reporting, receipts, intake and alarms about children in danger go on."
    ),
    ModeKind.BANNER: _("Every public page shows one sentence, in its language."),
    ModeKind.SENDING_STOPPED: _(
        "No notice leaves: those that are due wait and show as overdue. Alarms and mails to staff go on."
    ),
}


MODE_SETTERS, check_can_set_modes = restrict_to({Role.ADMINISTRATOR}, _("Only administrators may start and end modes."))


def running_mode(kind: ModeKind, now: datetime) -> InstallationMode | None:
    """The mode in force now, with the account that started it. One query."""
    return InstallationMode.objects.running(now).filter(kind=kind).select_related("started_by").first()


def is_sending_stopped(now: datetime) -> bool:
    """Whether letters are held. One query."""
    return InstallationMode.objects.running(now).filter(kind=ModeKind.SENDING_STOPPED).exists()


def check_can_approve_banner(user: StaffMember, mode: InstallationMode, now: datetime) -> None:
    """Raises Denied, Late."""
    check_can_set_modes(user)
    if not mode.is_waiting:
        raise Late(_("This banner is not waiting for a second administrator any more."))
    if mode.ends_at is not None and mode.ends_at <= now:
        raise Late(_("The time of this banner is over."))
    refusal = _("Another administrator must approve your banner.")
    check_is_second_person(user, mode.started_by_id, mode.started_at, refusal=refusal)


@transaction.atomic
def start_mode(
    *,
    by: User,
    kind: ModeKind,
    reason: str,
    ends_at: datetime | None,
    ready_text: str = "",
    words: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> InstallationMode:
    """Start a mode; a banner with own words waits until another administrator approves it.

    `ends_at` None: until a person ends it. `ready_text` or `words` (by interface language): of a banner. Raises Denied.
    """
    now = now or timezone.now()
    check_can_set_modes(by)
    if not reason.strip():
        raise Denied(_("Give a reason."))
    if ends_at is not None and ends_at <= now:
        raise Denied(_("Choose a time to come."))
    end_expired_modes(now=now)
    values = {"ready_text": ready_text, "words": dict(words or {}), "started_by": by, "started_at": now}
    try:
        with transaction.atomic():
            mode = InstallationMode.objects.create(kind=kind, reason=reason.strip(), ends_at=ends_at, **values)
    except IntegrityError:
        # `mode_once_at_a_time`: decided by the database, so that the loser of a race is informed.
        raise Denied(_("This mode is on or waiting already. End it first.")) from None
    details = {**_mode_details(mode), "reason": mode.reason}
    if mode.is_waiting:
        record_event(by=by, action="mode.request", on=mode, details=details, at=now)
        return mode
    if kind == ModeKind.BANNER:
        _publish_banner(mode)
    record_event(by=by, action="mode.start", on=mode, details=details, at=now)
    return mode


@transaction.atomic
def approve_banner(*, by: User, mode: InstallationMode, now: datetime | None = None) -> InstallationMode:
    """Publish a banner that another administrator requested. Raises Denied, Late."""
    now = now or timezone.now()
    mode = _lock_mode(mode)
    check_can_approve_banner(by, mode, now)
    mode.approved_by, mode.approved_at = by, now
    mode.save(update_fields=["approved_by", "approved_at"])
    _publish_banner(mode)
    details: dict[str, JSON] = {
        "requested_by": AccountId(mode.started_by_id),
        **_mode_details(mode),
    }
    record_event(by=by, action="mode.approve", on=mode, details=details, at=now)
    return mode


@transaction.atomic
def end_mode(*, by: User, mode: InstallationMode, now: datetime | None = None) -> InstallationMode:
    """End a mode, or decline or withdraw a banner that waits. Raises Denied, Late if it has ended."""
    now = now or timezone.now()
    check_can_set_modes(by)
    mode = _lock_mode(mode)
    if mode.ended_at is not None:
        raise Late(_("This mode has ended already."))
    was_waiting = mode.is_waiting
    mode.ended_by, mode.ended_at = by, now
    mode.save(update_fields=["ended_by", "ended_at"])
    if was_waiting:
        record_event(by=by, action="mode.decline", on=mode, details=_mode_details(mode), at=now)
        return mode
    _withdraw_banner(mode)
    record_event(by=by, action="mode.end", on=mode, details=_mode_details(mode), at=now)
    return mode


@transaction.atomic
def end_expired_modes(*, now: datetime | None = None) -> int:
    """Record the end of expired modes, which are no longer in force; returns their number."""
    expired = InstallationMode.objects.expired(now or timezone.now())
    ended = list(expired.select_for_update(of=("self",), skip_locked=True).order_by("pk"))
    for mode in ended:
        mode.ended_at = mode.ends_at
        mode.save(update_fields=["ended_at"])
        _withdraw_banner(mode)
    for mode in ended:
        record_event(by=None, action="mode.expire", on=mode, details=_mode_details(mode), at=now)
    return len(ended)


def _lock_mode(mode: InstallationMode) -> InstallationMode:
    return InstallationMode.objects.select_for_update(of=("self",)).select_related("started_by").get(pk=mode.pk)


def _publish_banner(mode: InstallationMode) -> None:
    values = {"ready_text": mode.ready_text, "words": mode.words, "shown_until": mode.ends_at}
    Banner.objects.update_or_create(pk=1, defaults=values)
    # This process shows it at once, the others within seconds.
    transaction.on_commit(published.clear_cache)


def _withdraw_banner(mode: InstallationMode) -> None:
    """Remove what the mode published. One that waited has published nothing, and no other runs beside it."""
    if mode.kind == ModeKind.BANNER:
        Banner.objects.all().delete()
        transaction.on_commit(published.clear_cache)


def _mode_details(mode: InstallationMode) -> dict[str, JSON]:
    """The mode for an event: own words by length and digest."""
    details: dict[str, JSON] = {
        "kind": str(mode.kind),
        "until": mode.ends_at.isoformat() if mode.ends_at else "",
    }
    if mode.ready_text:
        details["ready_text"] = str(mode.ready_text)
    if mode.words:
        details["words"] = {language: describe_text(text) for language, text in sorted(mode.words.items())}
    return details
