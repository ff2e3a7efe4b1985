"""The pages of settings: all in force with their source, and those that administrators change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts import recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.operations.editable_settings import EDITABLE, SETTING_GROUPS, value_with_unit
from analysts.operations.permissions import check_can_operate
from analysts.operations.setting_changes import change_setting, list_changes, stored_value, waiting_requests
from analysts.operations.setting_forms import SettingForm
from analysts.operations.setting_rows import EditableSetting
from audit.permissions import Denied
from countries.models import ApprovalRequest, DecidedSetting
from countries.staff.requests.staff_pages import staff_page

SOURCE_LABELS: Mapping[str, Promise] = {
    "environment": gettext_lazy("set in the environment"),
    "file": gettext_lazy("read from a file"),
    "default": gettext_lazy("default"),
}


@dataclass(frozen=True, slots=True)
class EditableRow:
    """A setting that administrators change. `upcoming_value`: the value from `since` on, if that is still to come.

    `later_value`: the value from `ends_at` on, where the decision has an end.
    """

    row: EditableSetting
    value: str
    is_decided: bool
    upcoming_value: str
    since: datetime | None
    later_value: str
    ends_at: datetime | None
    request: ApprovalRequest | None


@require_safe
def settings_page(request: StaffRequest) -> HttpResponse:
    """The settings of this process; the worker and the public surface may have others."""
    check_can_operate(request.user)
    decided = {setting.name: setting for setting in DecidedSetting.objects.all()}
    waiting, now = waiting_requests(), timezone.now()
    groups = [
        (group.label, [_editable_row(row, decided.get(row.name), waiting.get(row.name), now) for row in group.rows])
        for group in SETTING_GROUPS
    ]
    rows = [
        (setting, SOURCE_LABELS[setting.source])
        for setting in sorted(settings.SETTINGS_IN_FORCE.values(), key=lambda setting: setting.name)
    ]
    context = {"title": _("Settings"), "groups": groups, "rows": rows}
    return staff_page(request, "analysts/operations/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def setting_page(request: StaffRequest, setting_name: str) -> HttpResponse:
    """One setting: its value, the form that changes it, and its history."""
    check_can_operate(request.user)
    row = EDITABLE.get(setting_name)
    if row is None:
        raise Http404
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    if request.method != "POST":
        return _render_setting(request, row, SettingForm(row))
    form = SettingForm(row, request.POST)
    if form.is_valid():
        try:
            change = change_setting(by=request.user, row=row, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            message = _("A second administrator must approve this change. Until then nothing changes.")
            messages.success(request, message if isinstance(change, ApprovalRequest) else _("The setting is changed."))
            return redirect("admin:settings_in_force")
    return _render_setting(request, row, form, status=422)


def _render_setting(request: StaffRequest, row: EditableSetting, form: SettingForm, status: int = 200) -> HttpResponse:
    setting, waiting = DecidedSetting.objects.filter(pk=row.name).first(), waiting_requests()
    context = {
        "title": row.label,
        "setting": _editable_row(row, setting, waiting.get(row.name), timezone.now()),
        "server_value": value_with_unit(row, row.server_value or _("none")),
        "form": form,
        "changes": [
            (change, value_with_unit(row, change.value), value_with_unit(row, change.previous))
            for change in list_changes(row)
        ],
    }
    return staff_page(request, "analysts/operations/setting.html", context, status=status)


def _editable_row(
    row: EditableSetting, setting: DecidedSetting | None, request: ApprovalRequest | None, now: datetime
) -> EditableRow:
    is_coming = setting is not None and setting.effective_at > now
    decided = stored_value(setting).at(now) if setting else ""
    return EditableRow(
        row=row,
        value=value_with_unit(row, decided or row.server_value or _("none")),
        is_decided=bool(decided),
        upcoming_value=value_with_unit(row, setting.value or row.server_value) if setting and is_coming else "",
        since=setting.effective_at if setting and is_coming else None,
        later_value=value_with_unit(row, setting.returns_to or row.server_value) if setting and setting.ends_at else "",
        ends_at=setting.ends_at if setting else None,
        request=request,
    )
