"""Changing a setting: at once by one administrator, or by two where it weakens a promise or concerns retention."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.models import User
from analysts.operations.editable_settings import EDITABLE, value_with_unit
from analysts.operations.permissions import check_can_operate
from analysts.operations.setting_rows import EditableSetting
from audit.actions import JSON, record_event
from audit.changes import describe_changes
from audit.permissions import Denied
from countries.decided_settings import DecidedValue, forget_settings
from countries.models import ApprovalRequest, DecidedSetting, SettingChange
from countries.public import published
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval

# Changes on the page of a setting; the audit log has all.
MOST_LISTED = 20
LONGEST_TIGHTENED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class SettingReview:
    """For the second administrator. `before`: in force now; both with their units."""

    row: EditableSetting
    before: str
    after: str
    until: date | None


@transaction.atomic
def change_setting(
    *,
    by: User,
    row: EditableSetting,
    value: str,
    reason: str,
    until: date | None = None,
    now: datetime | None = None,
) -> SettingChange | ApprovalRequest:
    """Change a setting to `value`, or to the server's own where that is ""; request it where two must agree.

    `until`: the day (UTC) on which the earlier value comes back, for a value that tightens work beyond its sane range.

    Raises Denied, also if another request about it waits; ValidationError for a value that is not allowed or is in
    force, and without a reason.
    """
    now = now or timezone.now()
    check_can_operate(by)
    value, reason = row.clean(value) if value.strip() else "", reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Give a reason.")})
    setting = _lock_setting(row, now)
    before = stored_value(setting).at(now)
    if setting.value == value:
        raise ValidationError({"value": _("This is the value already.")})
    if row.needs_second(before or row.server_value, value or row.server_value):
        payload: dict[str, JSON] = {"before": before, "value": value}
        if until and value and row.is_too_strict(value):
            _check_until(until, now)
            payload["until"] = until.isoformat()
        return request_approval(SETTING_CHANGE, by=by, about=setting, payload=payload, reason=reason, now=now)
    # Alone, an administrator loosens a value that two had tightened: it ends when theirs would have.
    ends_at = setting.ends_at if value and row.is_too_strict(value) else None
    change = save_change(
        setting, value, reason=reason, by=by.pk, approved_by=None, now=now, effective_at=now, ends_at=ends_at
    )
    record_event(by=by, action="setting.change", on=setting, details=describe_change(row, before, value), at=now)
    return change


def list_changes(row: EditableSetting) -> Iterator[SettingChange]:
    """The newest changes of the setting, newest first. One query."""
    changes = SettingChange.objects.filter(setting=row.name).select_related("changed_by", "approved_by")
    yield from changes[:MOST_LISTED]


def waiting_requests() -> dict[str, ApprovalRequest]:
    """Waiting requests by the name of their setting. One query."""
    requests = ApprovalRequest.objects.waiting().filter(kind=SETTING_CHANGE.code).select_related("requested_by")
    return {str(request.setting_id): request for request in requests}


def _lock_setting(row: EditableSetting, now: datetime) -> DecidedSetting:
    """The row of the setting, made when it is first decided."""
    DecidedSetting.objects.bulk_create([DecidedSetting(name=row.name, effective_at=now)], ignore_conflicts=True)
    return DecidedSetting.objects.select_for_update(no_key=True).get(pk=row.name)


def stored_value(setting: DecidedSetting) -> DecidedValue:
    """The row as processes hold it, with the value at a moment."""
    return DecidedValue(setting.value, setting.effective_at, setting.previous)


def save_change(
    setting: DecidedSetting,
    value: str,
    *,
    reason: str,
    by: int,
    approved_by: int | None,
    now: datetime,
    effective_at: datetime,
    ends_at: datetime | None,
) -> SettingChange:
    """Store the value and its end, and the change. Locked by the caller."""
    # A value that replaces one with an end goes back to the value from before both.
    base = setting.returns_to if setting.ends_at else stored_value(setting).at(now)
    setting.ends_at, setting.returns_to = ends_at, base if ends_at else ""
    setting.previous = stored_value(setting).at(now)
    setting.value, setting.effective_at = value, effective_at
    setting.save(update_fields=["value", "previous", "effective_at", "ends_at", "returns_to"])
    # This process has the value at once, the others within seconds.
    transaction.on_commit(forget_settings)
    transaction.on_commit(published.clear_cache)
    return SettingChange.objects.create(
        setting=setting,
        value=value,
        previous=setting.previous,
        reason=reason,
        changed_by_id=by,
        approved_by_id=approved_by,
        changed_at=now,
        effective_at=effective_at,
    )


def describe_change(row: EditableSetting, before: str, after: str) -> dict[str, JSON]:
    """For an event, with the server's own value where that is in force."""
    pair = {row.name: before or row.server_value}, {row.name: after or row.server_value}
    return {"setting": row.name, "changes": describe_changes(*pair)}


def next_day(now: datetime) -> datetime:
    """The first moment of the next day in UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def start_of_day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _check_until(until: date, now: datetime) -> None:
    first = next_day(now)
    if not first < start_of_day(until) <= first + LONGEST_TIGHTENED:
        raise ValidationError({"until": _("Choose a day after tomorrow, and within a year.")})


def _until_of(request: ApprovalRequest) -> date | None:
    """Requests of before have none."""
    until = request.payload.get("until")
    return date.fromisoformat(str(until)) if until else None


def _check_unchanged(user: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if str(request.setting_id) not in EDITABLE:
        raise Denied(gettext_lazy("This version has no such setting. Decline the request."))
    if stored_value(request.about_row(DecidedSetting)).at(now) != request.payload["before"]:
        raise Denied(gettext_lazy("The setting has changed since the request. Decline it and make a new one."))
    until = _until_of(request)
    if until and start_of_day(until) <= next_day(now):
        raise Denied(gettext_lazy("The day until which it was to hold has come. Decline it and make a new one."))


def _apply_change(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    setting = DecidedSetting.objects.select_for_update(no_key=True).get(pk=request.setting_id)
    value = str(request.payload["value"])
    # An update of the software may have changed what is allowed since.
    value = EDITABLE[str(request.setting_id)].clean(value) if value else ""
    until = _until_of(request)
    save_change(
        setting,
        value,
        reason=request.reason,
        by=request.requested_by_id,
        approved_by=by.pk,
        now=now,
        effective_at=next_day(now),
        ends_at=start_of_day(until) if until else None,
    )
    return ""


def _build_review(request: ApprovalRequest) -> SettingReview | None:
    """None for a setting that this version does not have."""
    row = EDITABLE.get(str(request.setting_id))
    if row is None:
        return None
    before, after = request.payload["before"], request.payload["value"]
    return SettingReview(
        row,
        value_with_unit(row, before or row.server_value),
        value_with_unit(row, after or row.server_value),
        _until_of(request),
    )


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    row = EDITABLE.get(str(request.setting_id))
    if row is None:
        return {"setting": str(request.setting_id)}
    details = describe_change(row, request.payload["before"], request.payload["value"])
    return {**details, "until": request.payload["until"]} if "until" in request.payload else details


SETTING_CHANGE = ApprovalKind(
    code="setting_change",
    check_may_decide=check_can_operate,
    check_is_current=_check_unchanged,
    apply=_apply_change,
    audit_details=_audit_details,
    title=lambda request: _("Setting %(name)s") % {"name": request.setting_id},
    template="analysts/operations/_setting_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. The new value holds from the next day on (UTC)."),
    needs_recent_sign_in=True,
)
