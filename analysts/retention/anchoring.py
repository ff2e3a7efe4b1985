"""The hourly check of the audit log against stored anchors; the newest event becomes the next anchor.

After a mismatch no anchor is added, so that the file stays unchanged for the investigation. Mails and events contain
counts and hashes only.
"""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.models import AlarmKind
from audit import anchors, chain
from audit.actions import JSON, record_event
from audit.anchors import ANCHORED, AT_FAULT, AnchorLine
from audit.models import AuditEvent
from reports import installation_keys, keys

logger = logging.getLogger(__name__)

# Missed checks are tolerated for a day; after that the dashboard shows a warning.
LATE = timedelta(days=1)
# The database's clock, which sets the time of an event, may be ahead of this machine's.
FAST_CLOCK = timedelta(minutes=10)


def run_check(*, now: datetime | None = None) -> None:
    """Run the check of the current UTC hour, if anchors are configured and it has not run yet. Safe to repeat.

    The first check of a day reads the whole log, the others what follows the last anchor. After a fault there is one
    check a day, of the whole log. Raises OSError if the anchor file cannot be written; nothing is recorded then, and
    the next run tries again.
    """
    now = now or timezone.now()
    last = anchors.last_check()
    if not is_wanted() or (last and not _is_due(last, now)):
        return
    try:
        lines = anchors.read_anchors(anchor_path()) if settings.ANCHOR_FILE else []
    except anchors.BadLine as bad:
        _raise_alarm({"line": bad.number}, now)
        return
    after = _verified_before(last, now)
    verdict = chain.verify_chain(anchors=[line.anchor for line in lines], after=after)
    if verdict.faults:
        first = verdict.faults[0]
        _raise_alarm({"faults": len(verdict.faults), "first": first.number, "kind": str(first.kind)}, now)
    else:
        # The last event that was checked, not one added meanwhile.
        anchor = chain.Anchor(verdict.last_number, verdict.last_hash)
        checked = sum(after is None or line.anchor.number >= after.number for line in lines)
        _add_anchor(anchor, checked=checked, is_full=after is None, now=now)


def _is_due(last: AuditEvent, now: datetime) -> bool:
    of_day = last.action == AT_FAULT
    if last.at > now + FAST_CLOCK:
        # No check took place in the future.
        return True
    return _begin_of_hour(last.at, of_day=of_day) < _begin_of_hour(now, of_day=of_day)


def _begin_of_hour(moment: datetime, *, of_day: bool) -> datetime:
    """The begin of the moment's UTC hour; `of_day`: of the first hour of its day."""
    moment = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return moment.replace(hour=0) if of_day else moment


def _verified_before(last: AuditEvent | None, now: datetime) -> chain.Anchor | None:
    """The anchor after which the log has not been checked today; None if all of it has to be."""
    if last is None or last.action == AT_FAULT or anchors.last_full_check_on(now.astimezone(UTC).date()) is None:
        return None
    return anchors.anchor_in(last)


def is_wanted() -> bool:
    return bool(settings.ANCHOR_FILE or settings.ANCHOR_EMAILS)


def anchor_path() -> Path:
    return Path(settings.ANCHOR_FILE)


def _add_anchor(anchor: chain.Anchor, *, checked: int, is_full: bool, now: datetime) -> None:
    line = sign_line(AnchorLine.at(now, anchor))
    if settings.ANCHOR_FILE:
        # If an earlier run ended between writing the line and recording its event, that line is used.
        line = anchors.append_anchor(anchor_path(), line)
    details: dict[str, JSON] = {"number": line.anchor.number, "hash": line.anchor.hash, "anchors": checked}
    with transaction.atomic():
        raise_alarm(AlarmKind.ANCHOR, to=settings.ANCHOR_EMAILS)
        record_event(by=None, action=ANCHORED, details={**details, "full": is_full}, at=now)


def sign_line(line: AnchorLine) -> AnchorLine:
    """The line signed with the installation's key of anchors; as it is if there is no such key."""
    try:
        return line.sign(installation_keys.anchor_key())
    except keys.KeyMissing:
        logger.warning("anchor not signed", extra={"fact": "anchor not signed: run create_keys"})
        return line


def _raise_alarm(details: dict[str, JSON], now: datetime) -> None:
    logger.critical("audit log at fault", extra={"fact": "audit log at fault: run verify_audit"})
    with transaction.atomic():
        raise_alarm(AlarmKind.ANCHOR, to=alarm_recipients())
        record_event(by=None, action=AT_FAULT, details=details, at=now)


def alarm_recipients() -> list[str]:
    """The addresses that receive a fault mail: ANCHOR_EMAILS and ALERT_EMAILS."""
    return list(dict.fromkeys([*settings.ANCHOR_EMAILS, *settings.ALERT_EMAILS]))


def write_anchor_mail() -> AlarmMail | None:
    """The mail with the result of the newest check; None if there is none."""
    last = anchors.last_check()
    if last is None:
        return None
    if last.action == AT_FAULT:
        return AlarmMail(
            _("The audit log does not match itself or an earlier anchor. Run verify_audit --anchors to investigate."),
            subject=_("Reporting portals: the audit log is at fault"),
            to=alarm_recipients(),
        )
    anchor = anchors.anchor_in(last)
    if anchor is None:
        return None
    line = sign_line(AnchorLine.at(last.at, anchor))
    return AlarmMail(
        _("Keep this line: verify_audit uses it to prove that the audit log was not rewritten.") + f"\n\n{line}\n",
        subject=_("Reporting portals: audit log anchor"),
        to=settings.ANCHOR_EMAILS,
    )


def find_trouble(now: datetime) -> str:
    """The warning about the audit log to show on the dashboard; "" if there is none or no anchors are configured."""
    if not is_wanted():
        return ""
    last = anchors.last_check()
    if last is None:
        return _("no anchor has been stored yet; the worker stores one each hour")
    if last.action == AT_FAULT:
        return _("does not match an earlier anchor: run verify_audit")
    if not now - LATE <= last.at <= now + FAST_CLOCK:
        return _("no anchor since %(day)s") % {"day": date_format(last.at.date(), "j M Y")}
    return ""
