"""Settings that administrators tightened beyond their sane range: all staff see which, by whom and until when."""

from dataclasses import dataclass
from datetime import datetime

from analysts.operations.editable_settings import EDITABLE, value_with_unit
from countries.decided_settings import decided_value
from countries.models import SettingChange


@dataclass(frozen=True, slots=True)
class TightenedSetting:
    """`until`: when another value replaces it, as two administrators decided; None until one of them changes it."""

    name: str
    label: str
    value: str
    by: str
    approved_by: str
    until: datetime | None


def find_tightened_settings(now: datetime) -> tuple[TightenedSetting, ...]:
    """The settings in force, in the order of the page. No query while there is none, one otherwise."""
    values = {row.name: decided_value(row.name) for row in EDITABLE.values()}
    names = [name for name, value in values.items() if value and EDITABLE[name].is_too_strict(value)]
    if not names:
        return ()
    changes = SettingChange.objects.filter(setting__in=names, effective_at__lte=now).select_related(
        "setting", "changed_by", "approved_by"
    )
    latest = {change.setting_id: change for change in changes.order_by("setting", "-pk").distinct("setting")}
    return tuple(
        TightenedSetting(
            name,
            str(EDITABLE[name].label),
            value_with_unit(EDITABLE[name], change.value),
            str(change.changed_by),
            str(change.approved_by) if change.approved_by else "",
            change.setting.effective_at if change.setting.effective_at > now else change.setting.ends_at,
        )
        for name in names
        if (change := latest.get(name))
    )
